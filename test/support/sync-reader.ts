import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import {
  isSyncFlash,
  readSyncCounter,
  syncCounterBits,
  syncLayout,
} from '../../electron/streaming/interfaces/sync-pattern';
import type { Rect } from '../../electron/streaming/interfaces/sync-pattern';
import { toolFfmpeg } from './media-fixtures';

const sampleRate = 48_000;

/** mean luma over the middle half of a field, where scaling and coding have not mixed it with its neighbours */
function meanLuma(luma: Uint8Array, stride: number, { x, y, width, height }: Rect): number {
  const insetX = Math.floor(width / 4);
  const insetY = Math.floor(height / 4);
  let sum = 0;
  let count = 0;
  for (let row = y + insetY; row < y + height - insetY; row += 1) {
    for (let column = x + insetX; column < x + width - insetX; column += 1) {
      sum += luma[row * stride + column] ?? 0;
      count += 1;
    }
  }
  return count > 0 ? sum / count : 0;
}

/** What one picture says: the burnt-in counter (null: unreadable) and whether its flash field is white. */
export function readSyncPicture(
  luma: Uint8Array,
  width: number,
  height: number,
): { counter: number | null; isFlash: boolean } {
  const layout = syncLayout(width, height);
  const cells = Array.from({ length: syncCounterBits }, (_, bit) => meanLuma(luma, width, layout.cell(bit)));
  return { counter: readSyncCounter(cells), isFlash: meanLuma(luma, width, layout.flash) > 126 };
}

/**
 * Finds where beeps begin in interleaved stereo sound: the first sample above a fifth of the loudest after at least
 * 100 ms of quiet. @returns sample numbers per channel, relative to the first one
 */
export function findBeeps(samples: Float32Array): number[] {
  let loudest = 0;
  for (const sample of samples) loudest = Math.max(loudest, Math.abs(sample));
  const threshold = Math.max(0.02, loudest / 5);
  const quiet = sampleRate / 10;
  const beeps: number[] = [];
  // What sounds at the very start began before it.
  let lastLoud = -1;
  for (let at = 0; at < samples.length / 2; at += 1) {
    if (Math.abs(samples[at * 2] ?? 0) < threshold) continue;
    if (at - lastLoud > quiet) beeps.push(at);
    lastLoud = at;
  }
  return beeps;
}

export interface DecodedFrame {
  readonly ptsSec: number;
  readonly counter: number | null;
  readonly isFlash: boolean;
}

export interface DecodedStream {
  readonly frames: readonly DecodedFrame[];
  /** when beeps begin, seconds on the same time line as the frames' pts */
  readonly beepsSec: readonly number[];
  /** seconds of sound decoded */
  readonly soundSec: number;
  /** what FFmpeg wrote besides frame reports */
  readonly messages: readonly string[];
}

export interface DecodeOptions {
  /** stop after this much video time; default: all of it */
  readonly seconds?: number;
  /** give up after this much real time, keeping what came; default 60 s */
  readonly deadlineMs?: number;
  readonly ffmpeg?: string;
  /** extra input options, e.g. `['-rw_timeout', '5000000']` */
  readonly inputArgs?: readonly string[];
  readonly hasSound?: boolean;
  /** called for each frame as it arrives (monotonic milliseconds) */
  readonly onFrame?: (frame: DecodedFrame, atMs: number) => void;
}

const width = 320;
const height = 180;

/** Sound pieces with their own timestamps, laid out on one line: gaps become silence, overlaps are overwritten. */
class SoundLine {
  readonly #pieces: { readonly start: number; readonly length: number }[] = [];
  readonly #chunks: Buffer[] = [];

  addPiece(ptsSec: number, length: number): void {
    this.#pieces.push({ start: Math.round(ptsSec * sampleRate), length });
  }

  addBytes(chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  get seconds(): number {
    return this.#pieces.reduce((sum, piece) => sum + piece.length, 0) / sampleRate;
  }

  beepsSec(): number[] {
    const bytes = Buffer.concat(this.#chunks);
    const sound = new Float32Array(
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~7)),
    );
    const first = this.#pieces[0]?.start ?? 0;
    const end = this.#pieces.reduce((most, piece) => Math.max(most, piece.start + piece.length), first);
    const line = new Float32Array((end - first) * 2);
    let read = 0;
    for (const { start, length } of this.#pieces) {
      const part = sound.subarray(read * 2, (read + length) * 2);
      if (start >= first) line.set(part, (start - first) * 2);
      read += length;
    }
    return findBeeps(line).map((sample) => (first + sample) / sampleRate);
  }
}

/**
 * Decodes a stream or file with FFmpeg and reads the sync pattern from it. Timestamps are the stream's own: every frame
 * and every piece of sound is reported by `showinfo`/`ashowinfo`, nothing is duplicated, dropped or shifted.
 */
export async function decodeStream(url: string, options: DecodeOptions = {}): Promise<DecodedStream> {
  const { hasSound = true, seconds = Infinity } = options;
  const args = [
    '-hide_banner',
    '-nostdin',
    '-v',
    'info',
    '-nostats',
    '-copyts',
    ...(options.inputArgs ?? []),
    '-i',
    url,
  ];
  args.push('-map', '0:v:0', '-vf', `scale=${width}:${height}:flags=area,format=gray,showinfo`);
  args.push('-vsync', '0', '-f', 'rawvideo', 'pipe:1');
  if (hasSound) {
    args.push(
      '-map',
      '0:a:0',
      '-af',
      `aresample=${sampleRate},aformat=sample_fmts=flt:channel_layouts=stereo,ashowinfo`,
    );
    args.push('-f', 'f32le', 'pipe:3');
  }
  const child = spawn(options.ffmpeg ?? toolFfmpeg(), args, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const frames: DecodedFrame[] = [];
  const messages: string[] = [];
  const times: number[] = [];
  const pictures: { counter: number | null; isFlash: boolean }[] = [];
  const sound = new SoundLine();

  const pair = (): void => {
    // A report comes before or after its picture: they are matched by order.
    while (frames.length < Math.min(times.length, pictures.length)) {
      const frame = {
        ptsSec: times[frames.length] ?? 0,
        ...(pictures[frames.length] ?? { counter: null, isFlash: false }),
      };
      frames.push(frame);
      options.onFrame?.(frame, performance.now());
      if (frame.ptsSec - (frames[0]?.ptsSec ?? 0) >= seconds) child.kill('SIGTERM');
    }
  };

  const hear = (line: string): void => {
    const pts = /pts_time:\s*(-?[\d.]+)/.exec(line)?.[1];
    if (/showinfo.*\] n:/.test(line) && pts !== undefined) {
      const samples = /nb_samples:(\d+)/.exec(line)?.[1];
      if (samples !== undefined) sound.addPiece(Number(pts), Number(samples));
      else times.push(Number(pts));
    } else if (!/showinfo/.test(line)) messages.push(line);
  };

  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (text + chunk).split(/[\r\n]+/);
    text = lines.pop() ?? '';
    for (const line of lines) hear(line);
    pair();
  });
  const frameBytes = width * height;
  const picture = new Uint8Array(frameBytes);
  let fill = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + frameBytes - fill);
      picture.set(part, fill);
      at += part.length;
      fill += part.length;
      if (fill === frameBytes) {
        fill = 0;
        pictures.push(readSyncPicture(picture, width, height));
      }
    }
    pair();
  });
  (child.stdio[3] as Readable | undefined)?.on('data', (chunk: Buffer) => sound.addBytes(chunk));
  const deadline = setTimeout(() => child.kill('SIGKILL'), options.deadlineMs ?? 60_000);
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  }).finally(() => clearTimeout(deadline));
  return { frames, beepsSec: hasSound ? sound.beepsSec() : [], soundSec: sound.seconds, messages };
}

export interface SyncReport {
  /** one a flash: beep minus flash, milliseconds; positive: the sound is late */
  readonly offsetsMs: readonly number[];
  readonly maxOffsetMs: number;
  /** frames whose counter could not be read */
  readonly unreadable: number;
  /** counter values left out between neighbouring frames */
  readonly missing: number;
  /** neighbouring frames with the same counter */
  readonly repeated: number;
  readonly isRising: boolean;
  /** the longest time between neighbouring frames, milliseconds */
  readonly longestGapMs: number;
}

/** Judges a decoded sync pattern of a program at `fps`. */
export function reportSync(stream: DecodedStream, fps: number): SyncReport {
  const offsetsMs: number[] = [];
  let missing = 0;
  let repeated = 0;
  let isRising = true;
  let longestGapMs = 0;
  stream.frames.forEach((frame, index) => {
    const before = stream.frames[index - 1];
    if (!before) return;
    longestGapMs = Math.max(longestGapMs, (frame.ptsSec - before.ptsSec) * 1000);
    if (frame.counter !== null && before.counter !== null) {
      const step = frame.counter - before.counter;
      if (step === 0) repeated += 1;
      else if (step < 0) isRising = false;
      else missing += step - 1;
    }
    // A flash counts only where its first frame was seen.
    const isOnset = frame.isFlash && !before.isFlash;
    if (!isOnset || (frame.counter !== null && isSyncFlash(Math.max(0, frame.counter - 1), fps))) return;
    const nearest = stream.beepsSec.reduce(
      (best, beep) => (Math.abs(beep - frame.ptsSec) < Math.abs(best - frame.ptsSec) ? beep : best),
      Infinity,
    );
    if (Math.abs(nearest - frame.ptsSec) < 0.5) offsetsMs.push((nearest - frame.ptsSec) * 1000);
  });
  return {
    offsetsMs,
    maxOffsetMs: offsetsMs.reduce((most, offset) => Math.max(most, Math.abs(offset)), 0),
    unreadable: stream.frames.filter((frame) => frame.counter === null).length,
    missing,
    repeated,
    isRising,
    longestGapMs,
  };
}

/**
 * How late the sound is against the pictures of a clip of the sync pattern, ms, one figure a picture: its counter says how
 * long after a beep it is to be seen.
 * @param fps the clip's own
 */
export function clipOffsetsMs({ frames, beepsSec }: DecodedStream, fps: number): number[] {
  return frames.flatMap(({ counter, ptsSec }, index) => {
    if (counter === null || counter === frames[index - 1]?.counter) return [];
    const dueSec = ptsSec - (counter % fps) / fps;
    const offsets = beepsSec.map((beepSec) => (beepSec - dueSec) * 1000);
    const [nearest] = offsets.sort((one, other) => Math.abs(one) - Math.abs(other));
    return nearest !== undefined && Math.abs(nearest) < 500 ? [nearest] : [];
  });
}

/** NaN of none. */
export function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[values.length >> 1] ?? Number.NaN;
}
