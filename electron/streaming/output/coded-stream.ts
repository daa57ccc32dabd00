import type { VideoCodec } from '../interfaces/packet';
import { FlvReader, readAvcTag } from '../media/flv-reader';
import type { FlvTag } from '../media/flv-reader';
import { IvfReader } from '../media/ivf-reader';
import type { IvfFrame, IvfHeader } from '../media/ivf-reader';
import { isDisposablePicture } from '../media/nal-units';
import { readVp8Picture, readVp9Packet, vp9Record } from '../media/vpx';

/** One picture as an encoder process gives it. */
export interface CodedPicture {
  /** on the process's own timeline, milliseconds, not rounded by more than half of one */
  readonly dtsMs: number;
  readonly ptsMs: number;
  readonly isKeyframe: boolean;
  /** no other picture refers to it */
  readonly isDisposable: boolean;
  /** as packets carry it, in memory of its own */
  readonly data: Uint8Array;
}

export interface CodedStreamListener {
  /** what a decoder must know, before the first picture; `VideoConfig.data` */
  readonly onConfig: (data: Uint8Array) => void;
  readonly onPicture: (picture: CodedPicture) => void;
}

/** Reads what one process writes to stdout. */
export interface CodedStream {
  /** @throws RangeError when it is not what the process was asked for */
  push(chunk: Uint8Array): void;
}

interface CodedForm {
  /** how FFmpeg is asked for it */
  readonly arguments: readonly string[];
  readonly open: (listener: CodedStreamListener, fps: number) => CodedStream;
}

const ivf = ['-f', 'ivf', '-flush_packets', '1'];

/** In what form pictures of a codec come from FFmpeg. */
export const codedForms: Readonly<Record<VideoCodec, CodedForm>> = {
  h264: {
    arguments: ['-f', 'flv', '-flvflags', 'no_duration_filesize+no_sequence_end'],
    open: (listener) => new AvcInFlv(listener),
  },
  vp8: { arguments: ivf, open: (listener) => new Vp8InIvf(listener) },
  vp9: { arguments: ivf, open: (listener, fps) => new Vp9InIvf(listener, fps) },
};

/** FLV has 31 bits of milliseconds */
const flvWrapMs = 2 ** 31;

class AvcInFlv implements CodedStream {
  readonly #listener: CodedStreamListener;
  readonly #reader = new FlvReader((tag) => this.#onTag(tag));
  #wraps = 0;
  #lastMs = 0;

  constructor(listener: CodedStreamListener) {
    this.#listener = listener;
  }

  push(chunk: Uint8Array): void {
    this.#reader.push(chunk);
  }

  #onTag({ type, timestampMs, data: tagData }: FlvTag): void {
    if (type !== 'video') return;
    const { kind, isKeyframe, compositionMs, data: view } = readAvcTag(tagData);
    if (kind === 'end') return;
    // A view would keep the whole read buffer (64 KiB) alive for as long as any output queues the packet.
    const data = view.slice();
    if (kind === 'config') return this.#listener.onConfig(data);
    if (timestampMs < this.#lastMs - flvWrapMs / 2) this.#wraps++;
    this.#lastMs = timestampMs;
    const dtsMs = timestampMs + this.#wraps * flvWrapMs;
    const isDisposable = isDisposablePicture(data);
    this.#listener.onPicture({ dtsMs, ptsMs: dtsMs + compositionMs, isKeyframe, isDisposable, data });
  }
}

/** libvpx without a lookahead gives pictures in the order they are shown. */
const ivfTimes = ({ pts }: IvfFrame, { timebase }: IvfHeader): { dtsMs: number; ptsMs: number } => {
  const ms = (pts * timebase.num * 1000) / timebase.den;
  return { dtsMs: ms, ptsMs: ms };
};

function expectFourCc({ fourCc }: IvfHeader, expected: string): void {
  if (fourCc !== expected) throw new RangeError(`IVF: expected ${expected}, found ${fourCc}`);
}

class Vp8InIvf implements CodedStream {
  readonly #reader: IvfReader;

  constructor({ onConfig, onPicture }: CodedStreamListener) {
    let hasBegun = false;
    this.#reader = new IvfReader((frame, header) => {
      expectFourCc(header, 'VP80');
      if (!hasBegun) onConfig(new Uint8Array(0));
      hasBegun = true;
      onPicture({ ...ivfTimes(frame, header), ...readVp8Picture(frame.data), data: frame.data });
    });
  }

  push(chunk: Uint8Array): void {
    this.#reader.push(chunk);
  }
}

class Vp9InIvf implements CodedStream {
  readonly #reader: IvfReader;

  constructor({ onConfig, onPicture }: CodedStreamListener, fps: number) {
    let hasBegun = false;
    this.#reader = new IvfReader((frame, header) => {
      expectFourCc(header, 'VP90');
      const { format, isKeyframe, isDisposable } = readVp9Packet(frame.data);
      if (!hasBegun && !format) throw new RangeError('VP9: expected a keyframe first');
      if (!hasBegun && format) onConfig(vp9Record(format, fps));
      hasBegun = true;
      onPicture({ ...ivfTimes(frame, header), isKeyframe, isDisposable, data: frame.data });
    });
  }

  push(chunk: Uint8Array): void {
    this.#reader.push(chunk);
  }
}
