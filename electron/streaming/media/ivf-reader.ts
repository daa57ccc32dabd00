/** Reads IVF, libvpx's container (its `ivfdec.c` and `ivfenc.c` are the specification), as it arrives. */
import { ByteQueue } from './byte-queue';

export interface IvfHeader {
  /** `VP80`, `VP90` */
  readonly fourCc: string;
  readonly width: number;
  readonly height: number;
  /** one tick of the times, seconds as a fraction */
  readonly timebase: { readonly num: number; readonly den: number };
}

export interface IvfFrame {
  /** in ticks of the header's time base */
  readonly pts: number;
  /** in memory of its own */
  readonly data: Uint8Array;
}

const fileHeaderBytes = 32;
const frameHeaderBytes = 12;

export class IvfReader {
  readonly #onFrame: (frame: IvfFrame, header: IvfHeader) => void;
  readonly #maxFrameBytes: number;
  readonly #bytes = new ByteQueue();
  #header: IvfHeader | undefined;

  constructor(onFrame: (frame: IvfFrame, header: IvfHeader) => void, maxFrameBytes = 8 * 1024 * 1024) {
    this.#onFrame = onFrame;
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** @throws RangeError when the bytes are not IVF, or a frame is larger than allowed */
  push(chunk: Uint8Array): void {
    this.#bytes.push(chunk);
    if (!this.#header) {
      const head = this.#bytes.peek(fileHeaderBytes);
      if (!head) return;
      const { header, length } = readHeader(head);
      if (!this.#bytes.take(length)) return;
      this.#header = header;
    }
    for (;;) {
      const head = this.#bytes.peek(frameHeaderBytes);
      if (!head) return;
      const view = viewOf(head);
      const size = view.getUint32(0, true);
      if (size > this.#maxFrameBytes)
        throw new RangeError(`IVF frame of ${size} bytes, at most ${this.#maxFrameBytes} allowed`);
      const pts = view.getBigInt64(4, true);
      if (pts < 0n || pts > BigInt(Number.MAX_SAFE_INTEGER))
        throw new RangeError(`IVF frame with the time ${pts}`);
      const frame = this.#bytes.take(frameHeaderBytes + size);
      if (!frame) return;
      this.#onFrame({ pts: Number(pts), data: frame.slice(frameHeaderBytes) }, this.#header);
    }
  }
}

/** 'DKIF', version 0, length of this header, codec, size, time base; then the number of frames, which nobody knows yet. */
function readHeader(head: Uint8Array): { header: IvfHeader; length: number } {
  const view = viewOf(head);
  const [signature, version, length] = [view.getUint32(0), view.getUint16(4, true), view.getUint16(6, true)];
  if (signature !== 0x444b4946 || version !== 0 || length < fileHeaderBytes)
    throw new RangeError('expected an IVF version 0 header');
  const [den, num] = [view.getUint32(16, true), view.getUint32(20, true)];
  if (num === 0 || den === 0) throw new RangeError(`IVF time base of ${num}/${den}`);
  const header = {
    fourCc: String.fromCharCode(...head.subarray(8, 12)),
    width: view.getUint16(12, true),
    height: view.getUint16(14, true),
    timebase: { num, den },
  };
  return { header, length };
}

const viewOf = ({ buffer, byteOffset, length }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, length);
