import type { FfmpegBuild } from '../interfaces/ffmpeg';
import { Child } from '../lib/child';
import type { ChildExit } from '../lib/child';

export interface CaptureEnd extends ChildExit {
  /** the last that FFmpeg said, in order */
  readonly lines: readonly string[];
  /** it gave sound before it ended */
  readonly hasDelivered: boolean;
  /** it was ended because it gave nothing any more */
  readonly hasStalled: boolean;
}

export interface SoundCaptureOptions {
  readonly ffmpeg: FfmpegBuild;
  /** @see soundCaptureArgs */
  readonly args: readonly string[];
  /** interleaved stereo at 48 kHz; valid during the call */
  readonly onSound: (samples: Float32Array) => void;
}

/** A device that runs gives something every few milliseconds, be it silence. */
const stallMs = 5000;
const frameBytes = 8;
const keptLines = 12;

/** One FFmpeg that captures one sound device until one of the two goes. */
export class SoundCapture {
  readonly ended: Promise<CaptureEnd>;
  readonly #child: Child;
  readonly #onSound: (samples: Float32Array) => void;
  readonly #watch: NodeJS.Timeout;
  #rest: Buffer = Buffer.alloc(0);
  readonly #lines: string[] = [];
  #hasDelivered = false;
  #hasStalled = false;
  #heardSinceLook = true;

  constructor({ ffmpeg, args, onSound }: SoundCaptureOptions) {
    this.#onSound = onSound;
    this.#child = new Child({
      command: ffmpeg.path,
      args,
      stdio: ['ignore', 'pipe', 'pipe'],
      niceness: 5,
      onStderrLine: (line) => {
        this.#lines.push(line.slice(0, 500));
        if (this.#lines.length > keptLines) this.#lines.shift();
      },
    });
    this.#child.process.stdout?.on('error', () => undefined); // the exit tells
    this.#child.process.stdout?.on('data', (bytes: Buffer) => this.#take(bytes));
    this.#watch = setInterval(() => this.#look(), stallMs);
    this.ended = this.#child.exited.then((exit) => {
      clearInterval(this.#watch);
      return {
        ...exit,
        lines: this.#lines,
        hasDelivered: this.#hasDelivered,
        hasStalled: this.#hasStalled,
      };
    });
  }

  get pid(): number | undefined {
    return this.#child.hasExited ? undefined : this.#child.process.pid;
  }

  /** Resolves when the process is gone. */
  async stop(): Promise<void> {
    this.#child.process.stdout?.destroy();
    await this.#child.stop(300);
  }

  #take(bytes: Buffer): void {
    this.#hasDelivered = true;
    this.#heardSinceLook = true;
    const all = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes;
    const whole = all.length - (all.length % frameBytes);
    this.#rest = Buffer.from(all.subarray(whole));
    if (whole === 0) return;
    // Floats may only be read in place at multiples of four.
    const start = all.byteOffset % 4 === 0 ? all : Buffer.from(all);
    this.#onSound(
      start.byteOffset % 4 === 0
        ? new Float32Array(start.buffer, start.byteOffset, whole / 4)
        : new Float32Array(Uint8Array.from(start.subarray(0, whole)).buffer),
    );
  }

  #look(): void {
    if (!this.#heardSinceLook) {
      this.#hasStalled = true;
      void this.#child.stop(300);
    }
    this.#heardSinceLook = false;
  }
}
