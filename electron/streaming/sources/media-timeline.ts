/**
 * Which instant of a file belongs to which program frame, while the file is on screen in whatever sizes. A decoder that
 * starts later (another size, or after a crash) joins where the others are.
 */
export class MediaTimeline {
  readonly #fps: number;
  readonly #loop: boolean;
  #periodSec: number | null = null;
  #isPeriodExact = false;
  #anchor: { readonly frame: number; readonly positionSec: number } | null = null;

  constructor(programFps: number, loop: boolean) {
    this.#fps = programFps;
    this.#loop = loop;
  }

  get isRunning(): boolean {
    return this.#anchor !== null;
  }

  set(frame: number, positionSec: number): void {
    this.#anchor = { frame, positionSec };
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
  }

  /** seconds into the file at a program frame; null: not running. Beyond the end when the file does not loop. */
  positionAt(frame: number): number | null {
    if (!this.#anchor) return null;
    const position = this.#anchor.positionSec + (frame - this.#anchor.frame) / this.#fps;
    if (!this.#loop) return Math.max(0, position);
    // Where a file does not tell its length, it can only begin anew.
    if (this.#periodSec === null || this.#periodSec <= 0) return 0;
    const wrapped = position % this.#periodSec;
    return wrapped < 0 ? 0 : wrapped;
  }
}
