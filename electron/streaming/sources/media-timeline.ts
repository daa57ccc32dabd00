import type { Playback } from './source';

/**
 * Which instant of a file belongs to which program frame, while the file is on screen in whatever sizes. A decoder that
 * starts later (another size, or after a crash) joins where the others are.
 */
export class MediaTimeline {
  readonly #fps: number;
  readonly #isLooping: () => boolean;
  #periodSec: number | null = null;
  #isPeriodExact = false;
  #anchor: { readonly frame: number; readonly positionSec: number } | null = null;
  #pausedSec: number | null = null;
  #startSec = 0;

  constructor(programFps: number, isLooping: () => boolean) {
    this.#fps = programFps;
    this.#isLooping = isLooping;
  }

  get isRunning(): boolean {
    return this.#anchor !== null;
  }

  get isPaused(): boolean {
    return this.#pausedSec !== null;
  }

  /** where the next decoder begins when none is running, seconds into the file */
  get startSec(): number {
    return this.#startSec;
  }

  /** as far as it is known, seconds */
  get periodSec(): number | null {
    return this.#periodSec;
  }

  set(frame: number, positionSec: number): void {
    this.#anchor = { frame, positionSec };
  }

  /** It stands still from this program frame on. */
  pause(frame: number): void {
    this.#pausedSec ??= this.positionAt(frame);
  }

  /** It goes on at this program frame from where it stood. */
  resume(frame: number): void {
    if (this.#pausedSec === null) return;
    if (this.#anchor) this.#anchor = { frame, positionSec: this.#pausedSec };
    this.#pausedSec = null;
  }

  /** Another place; whoever plays begins anew there. It stays paused if it was. */
  seek(positionSec: number): void {
    this.#anchor = null;
    this.#startSec = positionSec;
    if (this.#pausedSec !== null) this.#pausedSec = positionSec;
  }

  /** The length that the file's header tells, until it is known exactly. */
  expectPeriod(seconds: number | null): void {
    if (!this.#isPeriodExact) this.#periodSec = seconds;
  }

  /** The length of a pass as it was played. */
  setPeriod(seconds: number): void {
    this.#periodSec = seconds;
    this.#isPeriodExact = true;
  }

  /** Nothing is shown any more: next time it begins at the beginning. */
  clear(): void {
    this.#anchor = null;
    this.#pausedSec = null;
    this.#startSec = 0;
  }

  /** seconds into the file at a program frame; null: not running. Beyond the end when the file does not loop. */
  positionAt(frame: number): number | null {
    if (this.#pausedSec !== null) return this.#pausedSec;
    if (!this.#anchor) return null;
    const position = this.#anchor.positionSec + (frame - this.#anchor.frame) / this.#fps;
    if (!this.#isLooping()) return Math.max(0, position);
    // Where a file does not tell its length, it can only begin anew.
    if (this.#periodSec === null || this.#periodSec <= 0) return 0;
    const wrapped = position % this.#periodSec;
    return wrapped < 0 ? 0 : wrapped;
  }
}

/** what a person does not see of a position in a file */
const unseenSec = 0.1;

/** Whether what was told of a position and the time since then say where it is now. */
export function foretells(told: Playback['position'], now: Playback['position']): boolean {
  if (told.isPaused !== now.isPaused || told.durationSec !== now.durationSec) return false;
  if (told.isPaused) return told.positionSec === now.positionSec;
  const offSec = Math.abs(told.positionSec + (now.at - told.at) / 1000 - now.positionSec);
  const { durationSec } = now;
  // One that loops is a whole number of rounds further.
  const rest = durationSec !== null && durationSec > 0 ? offSec % durationSec : offSec;
  return Math.min(rest, durationSec !== null && durationSec > 0 ? durationSec - rest : rest) < unseenSec;
}
