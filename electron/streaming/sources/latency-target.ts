/** what running dry once adds */
const growthSec = 0.02;
/** so long it is watched before it comes back by a little */
const windowSec = 10;
/** 200 ppm of a window: what comes back is resampled away unheard */
const returnSec = 0.002;
/** who came so near to running dry needs what there is */
const enoughSpareSec = 0.02;

/**
 * How long sound shall wait to be heard. Each time it runs dry it shall wait longer, up to a limit; once nothing comes
 * near to running dry any more, it comes back slowly to where it began.
 */
export class LatencyTarget {
  #leastSec: number;
  #mostSec: number;
  #sec: number;
  /** what running dry has added since sound last came: nothing, if its feed is found to be over */
  #doubtfulSec = 0;
  #leastSpareSec = Infinity;
  #watchedSec = 0;

  /** @param mostSec as `leastSec`: it stays as it is */
  constructor(leastSec: number, mostSec: number) {
    this.#leastSec = this.#sec = leastSec;
    this.#mostSec = Math.max(leastSec, mostSec);
  }

  get sec(): number {
    return this.#sec;
  }

  /** @returns whether that is another target than it was begun with */
  begin(leastSec: number): boolean {
    if (leastSec === this.#leastSec) return false;
    this.#leastSec = this.#sec = leastSec;
    this.#mostSec = Math.max(leastSec, this.#mostSec);
    this.#doubtfulSec = 0;
    this.#forget();
    return true;
  }

  ranDry(): void {
    const grownSec = Math.min(this.#mostSec, this.#sec + growthSec);
    this.#doubtfulSec = grownSec - this.#sec;
    this.#sec = grownSec;
    this.#forget();
  }

  /** It plays again: it had run dry because the sound came late. */
  wasLate(): void {
    this.#doubtfulSec = 0;
  }

  /** The feed is over: it ran dry because of that. */
  wasOver(): void {
    this.#sec -= this.#doubtfulSec;
    this.#doubtfulSec = 0;
    this.#forget();
  }

  /** A block was rendered, and so much more was there than it needed. */
  rendered(spareSec: number, blockSec: number): void {
    this.#leastSpareSec = Math.min(this.#leastSpareSec, spareSec);
    this.#watchedSec += blockSec;
    if (this.#watchedSec < windowSec) return;
    if (this.#leastSpareSec > enoughSpareSec) this.#sec = Math.max(this.#leastSec, this.#sec - returnSec);
    this.#forget();
  }

  #forget(): void {
    this.#leastSpareSec = Infinity;
    this.#watchedSec = 0;
  }
}
