/** What a path carried, kbit/s. */
export interface CarriedFigures {
  /** of all windows */
  readonly medianKbps: number;
  /** nine of ten windows carried more */
  readonly lowKbps: number;
}

/** long enough for single packets not to count, short enough for a bad moment to show */
const windowMs = 500;
/** fewer windows say nothing of a path */
const leastWindows = 3;

/** How much has arrived at the far end, looked at in windows of half a second. */
export class CarriedRate {
  readonly #samples: { readonly atMs: number; readonly bytes: number }[] = [];

  /** @param atMs monotonic, rising. @param bytes arrived since the beginning */
  add(atMs: number, bytes: number): void {
    this.#samples.push({ atMs, bytes });
  }

  /** of the last half second, kbit/s; null: nothing has been measured for so long */
  get newestKbps(): number | null {
    const last = this.#samples.at(-1);
    if (!last || last.atMs - this.#samples[0]!.atMs < windowMs) return null;
    return kbpsOf(last.bytes - this.#bytesAt(last.atMs - windowMs));
  }

  /** @returns null when less than three whole windows lie between these moments */
  figures(fromMs: number, toMs: number): CarriedFigures | null {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (!first || !last) return null;
    const startMs = Math.max(fromMs, first.atMs);
    const count = Math.floor((Math.min(toMs, last.atMs) - startMs) / windowMs);
    if (count < leastWindows) return null;
    const rates = Array.from({ length: count }, (_, index) => {
      const beginMs = startMs + index * windowMs;
      return kbpsOf(this.#bytesAt(beginMs + windowMs) - this.#bytesAt(beginMs));
    }).sort((one, other) => one - other);
    const median = (rates[(count - 1) >> 1]! + rates[count >> 1]!) / 2;
    return { medianKbps: Math.round(median), lowKbps: Math.round(rates[Math.floor(count / 10)]!) };
  }

  /** between two samples as if it had come evenly */
  #bytesAt(atMs: number): number {
    const after = this.#samples.findIndex((sample) => sample.atMs >= atMs);
    const next = this.#samples[after];
    const before = this.#samples[after - 1];
    if (!next) return this.#samples.at(-1)?.bytes ?? 0;
    if (!before) return next.bytes;
    return before.bytes + ((next.bytes - before.bytes) * (atMs - before.atMs)) / (next.atMs - before.atMs);
  }
}

const kbpsOf = (bytes: number): number => (bytes * 8) / windowMs;
