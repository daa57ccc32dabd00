import type { ChildExit } from '../lib/child';
import type { MonotonicClock } from '../lib/clock';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import { EncoderSession } from './encoder-session';
import type { EncodedPicture } from './encoder-session';
import type { VideoFormat, VideoProfile } from './profiles';

/** How pictures are encoded. */
export interface EncoderSetup {
  readonly profile: VideoProfile;
  /** goes on when the profile's encoder fails in use: hardware's is x264 */
  readonly fallback?: VideoProfile | undefined;
  readonly format: VideoFormat;
}

/** What comes out of one process: its parameter sets, then pictures with the time from tick to packet. */
export type LaneUnit =
  | { readonly kind: 'config'; readonly data: Uint8Array }
  | { readonly kind: 'picture'; readonly picture: EncodedPicture; readonly latencyMs: number };

export interface EncoderLaneOptions {
  readonly setup: EncoderSetup;
  /** the program frame it will begin with */
  readonly firstIndex: number;
  readonly build: FfmpegBuild;
  readonly clock: MonotonicClock;
  readonly onUnit: (lane: EncoderLane, unit: LaneUnit) => void;
  readonly onExit: (lane: EncoderLane, exit: ChildExit) => void;
  readonly onWarning: (line: string) => void;
}

/** a process that has just been started reads nothing yet */
const loadingUs = 3_000_000;

/**
 * One encoder process on its way: idle, taking pictures, delivering what it still holds, gone. What it delivers before
 * its predecessor is done is kept here.
 */
export class EncoderLane {
  readonly setup: EncoderSetup;
  /** `onExit` has been called */
  readonly ended: Promise<void>;
  readonly #session: EncoderSession;
  readonly #clock: MonotonicClock;
  /** frame index → tick, for what is inside FFmpeg */
  readonly #ticksUs = new Map<number, number>();
  /** early units */
  #kept: LaneUnit[] = [];
  #isFinishing = false;
  /** the process is gone; it may have left units that are not delivered yet */
  hasEnded = false;
  #progressUs: number;
  /** frames that the process has not read yet */
  #unread = 0;
  /** when it read one last; of one that waits for its first, as if it had when that came, or once it was to be loaded */
  #readUs: number;

  constructor(options: EncoderLaneOptions) {
    const { build, clock, setup, firstIndex, onWarning } = options;
    const { profile, format } = setup;
    this.setup = setup;
    this.#clock = clock;
    this.#progressUs = clock.nowUs();
    this.#readUs = clock.nowUs() + loadingUs;
    this.#session = new EncoderSession({
      ...{ build, profile, format, firstIndex, onWarning },
      onConfig: (data) => options.onUnit(this, { kind: 'config', data }),
      onPicture: (picture) => options.onUnit(this, this.#timed(picture)),
    });
    this.ended = this.#session.exited.then((exit) => {
      this.hasEnded = true;
      options.onExit(this, exit);
    });
  }

  get pid(): number | undefined {
    return this.#session.pid;
  }
  get lastLine(): string {
    return this.#session.lastLine;
  }
  get hasDelivered(): boolean {
    return this.#session.received > 0;
  }
  /** frames that went in and have not come out */
  get inside(): number {
    return this.#session.written - this.#session.received;
  }
  /** frames whose memory is still lent to it: it has not read them */
  get unread(): number {
    return this.#unread;
  }
  /** no more pictures go in */
  get isFinishing(): boolean {
    return this.#isFinishing;
  }
  /** how long pictures of this program lie inside beyond what the encoder needs, milliseconds */
  get behindMs(): number {
    const { profile, format } = this.setup;
    return ((this.inside - profile.delayFrames) * 1000) / format.fps;
  }
  /**
   * How long nothing has come out although pictures wait, or nothing was read of what lies ready, milliseconds; a program
   * that pauses leaves some inside.
   */
  get stuckMs(): number {
    const { profile, format } = this.setup;
    const nowUs = this.#clock.nowUs();
    const isFull = this.inside > profile.delayFrames + format.fps / 4;
    const sinceOutUs = isFull ? nowUs - this.#progressUs : 0;
    const sinceReadUs = this.#unread > 0 ? nowUs - this.#readUs : 0;
    return Math.max(0, sinceOutUs, sinceReadUs) / 1000;
  }

  /** @returns false when the process takes nothing any more; `onWritten` is called exactly once in any case */
  write(index: number, data: Uint8Array, tickUs: number, onWritten: () => void): boolean {
    const { profile, format } = this.setup;
    // Nothing need come out before it is full.
    const nowUs = this.#clock.nowUs();
    if (this.inside <= profile.delayFrames + format.fps / 4) this.#progressUs = nowUs;
    if (this.#unread === 0) this.#readUs = Math.max(this.#readUs, nowUs);
    this.#unread++;
    const onRead = (): void => {
      this.#unread--;
      this.#readUs = Math.max(this.#readUs, this.#clock.nowUs());
      onWritten();
    };
    if (!this.#session.write(index, data, onRead)) return false;
    this.#ticksUs.set(index, tickUs);
    return true;
  }

  /** For later: the one before is not done. */
  keep(unit: LaneUnit): void {
    this.#kept.push(unit);
  }

  takeKept(): LaneUnit[] {
    const kept = this.#kept;
    this.#kept = [];
    return kept;
  }

  /** No more pictures: it delivers what it holds, at most for so long. Resolves when it is gone. */
  async finish(graceMs: number): Promise<void> {
    this.#isFinishing = true;
    await this.#session.finish(graceMs);
    await this.ended;
  }

  kill(reason: string): void {
    this.#session.kill(reason);
  }

  #timed(picture: EncodedPicture): LaneUnit {
    const nowUs = this.#clock.nowUs();
    const tickUs = this.#ticksUs.get(picture.frameIndex) ?? nowUs;
    this.#ticksUs.delete(picture.frameIndex);
    this.#progressUs = nowUs;
    return { kind: 'picture', picture, latencyMs: (nowUs - tickUs) / 1000 };
  }
}
