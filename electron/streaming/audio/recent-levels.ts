import { silenceDb } from './meter';
import type { MeterReading } from './meter';

/** What each input reached in the last seconds, after its fader: whether anything is heard of it at all. */
export class RecentLevels {
  readonly #halfMs: number;
  readonly #now: () => number;
  #since = -Infinity;
  #present = new Map<string, number>();
  #before = new Map<string, number>();

  /** @param spanMs the answer covers at least half of this @param now monotonic, milliseconds */
  constructor(spanMs = 4000, now: () => number = () => performance.now()) {
    this.#halfMs = spanMs / 2;
    this.#now = now;
  }

  feed(inputs: readonly (MeterReading & { readonly sourceId: string })[]): void {
    if (this.#now() - this.#since > this.#halfMs) {
      this.#before = this.#present;
      this.#present = new Map();
      this.#since = this.#now();
    }
    for (const { sourceId, peakDb } of inputs)
      this.#present.set(sourceId, Math.max(this.#present.get(sourceId) ?? silenceDb, ...peakDb));
  }

  /** by source id; only those that are heard now or were a moment ago */
  read(): Map<string, { peakDb: number }> {
    const levels = new Map<string, { peakDb: number }>();
    for (const [sourceId, peakDb] of [...this.#before, ...this.#present])
      levels.set(sourceId, { peakDb: Math.max(peakDb, levels.get(sourceId)?.peakDb ?? silenceDb) });
    return levels;
  }
}
