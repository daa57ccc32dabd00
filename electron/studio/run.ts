import { systemClock } from '../streaming/lib/clock';

/** no tick for so long: no load explains that */
const standstillUs = 3_000_000;

/** One run of the engine, from its first tick to its last: how long, and whether it goes on. */
export class Run {
  /** resolves when the wanted duration is over */
  readonly finished: Promise<void>;
  /** rejects when the program cannot go on: the process must be started anew */
  readonly failed: Promise<never>;
  readonly #durationSec: number | undefined;
  #finish: () => void = () => undefined;
  #fail: (error: Error) => void = () => undefined;
  #startedUs = 0;
  #tickedUs = 0;
  #stoppedUs = 0;

  /** @param durationSec after which it is over; undefined: never by itself */
  constructor(durationSec: number | undefined) {
    this.#durationSec = durationSec;
    this.finished = new Promise((resolve) => (this.#finish = resolve));
    this.failed = new Promise((_, reject) => (this.#fail = reject));
    this.failed.catch(() => undefined);
  }

  begin(): void {
    this.#startedUs = this.#tickedUs = systemClock.nowUs();
  }

  /** The program has made a picture. @param isLast of the wanted duration */
  tick(isLast: boolean): void {
    this.#tickedUs = systemClock.nowUs();
    if (!isLast) return;
    this.end();
    this.#finish();
  }

  /** Another program begins: what it takes to come up is no standstill. */
  resume(): void {
    this.#tickedUs = systemClock.nowUs();
  }

  /** Counts no further. */
  end(): void {
    this.#stoppedUs ||= systemClock.nowUs();
  }

  fail(error: Error): void {
    this.#fail(error);
  }

  get hasBegun(): boolean {
    return this.#startedUs > 0;
  }
  get isRunning(): boolean {
    return this.hasBegun && this.#stoppedUs === 0;
  }
  get isStandingStill(): boolean {
    return this.isRunning && systemClock.nowUs() - this.#tickedUs > standstillUs;
  }
  /** from its begin to its end */
  get wallSec(): number {
    return (this.#stoppedUs - this.#startedUs) / 1e6;
  }

  ticks(fps: number): number {
    return this.#durationSec === undefined ? Infinity : Math.max(1, Math.round(this.#durationSec * fps));
  }
}
