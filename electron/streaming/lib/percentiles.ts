/** Mean and quantiles of many durations in constant memory: bins of 0.1 ms up to 10 s; anything longer counts as 10 s. */
export class Percentiles {
  static readonly #binsPerMs = 10;
  static readonly #limitMs = 10_000;
  readonly #bins = new Uint32Array(Percentiles.#limitMs * Percentiles.#binsPerMs + 1);
  #count = 0;
  #sum = 0;

  get count(): number {
    return this.#count;
  }

  /** @param durationMs milliseconds; negative ones count as 0 */
  add(durationMs: number): void {
    const bin = Math.min(this.#bins.length - 1, Math.max(0, Math.round(durationMs * Percentiles.#binsPerMs)));
    this.#bins[bin] = (this.#bins[bin] ?? 0) + 1;
    this.#count += 1;
    this.#sum += Math.max(0, durationMs);
  }

  /** milliseconds, null before the first value */
  get mean(): number | null {
    return this.#count === 0 ? null : this.#sum / this.#count;
  }

  /** @param share 0…1; @returns milliseconds, null before the first value */
  quantile(share: number): number | null {
    if (this.#count === 0) return null;
    const rank = Math.max(1, Math.ceil(share * this.#count));
    let seen = 0;
    for (let bin = 0; bin < this.#bins.length; bin += 1) {
      seen += this.#bins[bin] ?? 0;
      if (seen >= rank) return bin / Percentiles.#binsPerMs;
    }
    return Percentiles.#limitMs;
  }
}
