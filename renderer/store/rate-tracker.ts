interface Reading {
  bytes: number;
  atMs: number;
}

/** Mean over the readings of about this time: shorter jumps with every keyframe, longer hides a stall. */
const windowMs = 3000;

/** Turns byte totals into kbit/s, per id. A total that falls (a new connection) begins anew. */
export class RateTracker {
  readonly #readings = new Map<string, Reading[]>();

  update(totals: readonly { id: string; bytes: number }[], atMs: number): Record<string, number | null> {
    const present = new Set(totals.map(({ id }) => id));
    for (const id of this.#readings.keys()) if (!present.has(id)) this.#readings.delete(id);

    const rates: Record<string, number | null> = {};
    for (const { id, bytes } of totals) {
      const known = this.#readings.get(id) ?? [];
      const last = known.at(-1);
      const kept = last && bytes < last.bytes ? [] : known;
      kept.push({ bytes, atMs });
      // One reading at or before the window's start stays, so that the mean spans the whole window.
      while (kept.length > 2 && atMs - (kept[1]?.atMs ?? atMs) >= windowMs) kept.shift();
      this.#readings.set(id, kept);
      const first = kept[0];
      const spanMs = first ? atMs - first.atMs : 0;
      rates[id] = first && spanMs >= 200 ? ((bytes - first.bytes) * 8) / spanMs : null;
    }
    return rates;
  }
}
