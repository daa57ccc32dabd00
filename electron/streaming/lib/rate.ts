/** Events (or bytes) per second over a sliding window. Time is given by the caller. */
export class Rate {
  readonly #windowMs: number;
  readonly #samples: { atMs: number; amount: number }[] = [];
  #sum = 0;

  constructor(windowMs = 1000) {
    this.#windowMs = windowMs;
  }

  add(amount: number, nowMs: number): void {
    this.#samples.push({ atMs: nowMs, amount });
    this.#sum += amount;
    this.#forget(nowMs);
  }

  perSecond(nowMs: number): number {
    this.#forget(nowMs);
    return (this.#sum * 1000) / this.#windowMs;
  }

  #forget(nowMs: number): void {
    let old = 0;
    while (old < this.#samples.length && (this.#samples[old]?.atMs ?? nowMs) <= nowMs - this.#windowMs) {
      this.#sum -= this.#samples[old]?.amount ?? 0;
      old += 1;
    }
    if (old > 0) this.#samples.splice(0, old);
  }
}
