/** Farther than this no real clock is off, and more would be heard. */
const mostDeviation = 0.005;
/** of it, what the integral may hold: crystals stay far below */
const mostDrift = 0.002;
/** per second: an error of 10 ms is worth 600 ppm */
const proportional = 0.06;
const integral = proportional ** 2 / 4;
/** the arrival of blocks trembles; the ratio shall not */
const smoothingSec = 2;

/**
 * How fast to read what another clock writes, so that what waits stays the same: a PI controller (critically damped)
 * behind two low passes. Its answer changes by less than 0.1 % a second: inaudible.
 */
export class ClockFollower {
  #once = 0;
  #twice = 0;
  #drift = 0;

  /** input frames per output frame at equal rates: 1 ± 0.005 */
  get ratio(): number {
    const deviation = proportional * this.#twice + this.#drift;
    return 1 + Math.min(mostDeviation, Math.max(-mostDeviation, deviation));
  }

  /** Another feed, perhaps with another clock. */
  reset(): void {
    this.settle();
    this.#drift = 0;
  }

  /** The error is gone (a leap); what is known of the clock is kept. */
  settle(): void {
    this.#once = 0;
    this.#twice = 0;
  }

  /** @param errorSec how much more waits than shall @param elapsedSec since the last call */
  follow(errorSec: number, elapsedSec: number): void {
    const share = 1 - Math.exp(-elapsedSec / smoothingSec);
    this.#once += (errorSec - this.#once) * share;
    this.#twice += (this.#once - this.#twice) * share;
    const drift = this.#drift + integral * this.#twice * elapsedSec;
    this.#drift = Math.min(mostDrift, Math.max(-mostDrift, drift));
  }
}
