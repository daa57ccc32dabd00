/** Later than this and the schedule starts anew: a suspended machine or a debugger, not a slow frame. */
const reanchorUs = 500_000;

export type ClockStep =
  | { readonly type: 'wait'; readonly us: number }
  /** `isLate`: the following tick is due already, so this one may only repeat the last picture */
  | { readonly type: 'tick'; readonly index: number; readonly dueUs: number; readonly isLate: boolean };

/**
 * The absolute schedule origin + n / fps in microseconds of the monotonic clock. Every tick is computed from the
 * origin, so nothing adds up: no drift. Tick numbers rise by one without gaps whatever happens.
 */
export class FrameClock {
  readonly #fps: number;
  #originUs = 0;
  #originIndex = 0;
  #next = 0;

  constructor(fps: number, originUs: number) {
    this.#fps = fps;
    this.#originUs = originUs;
  }

  get nextIndex(): number {
    return this.#next;
  }

  /** Count the next tick as done whatever the time (offline, where time does not matter). */
  advance(): void {
    this.#next++;
  }

  #dueUs(index: number): number {
    return this.#originUs + ((index - this.#originIndex) * 1e6) / this.#fps;
  }

  /** What to do at this moment. A returned tick counts as done. */
  step(nowUs: number): ClockStep {
    let dueUs = this.#dueUs(this.#next);
    if (nowUs < dueUs) return { type: 'wait', us: dueUs - nowUs };
    if (nowUs - dueUs > reanchorUs) {
      this.#originUs = dueUs = nowUs;
      this.#originIndex = this.#next;
    }
    const index = this.#next++;
    return { type: 'tick', index, dueUs, isLate: nowUs >= this.#dueUs(index + 1) };
  }
}
