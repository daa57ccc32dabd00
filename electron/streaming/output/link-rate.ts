/** What a destination's connection has done until now. */
export interface LinkSample {
  /** monotonic */
  readonly atMs: number;
  /** bytes that have arrived at the far end */
  readonly arrivedBytes: number;
  /** bytes that were sent and have not arrived */
  readonly outstandingBytes: number;
}

/** so far back: a path that has just become narrower must not be taken for what it was */
const windowMs = 750;
/** a shorter stretch says more of how bursts are counted than of the path */
const shortestMs = 450;

/**
 * How much a path carries, found out where something waits for it all the time: what arrives then is all it can. While
 * nothing waits it carries what is sent, which says nothing.
 */
export class LinkRate {
  readonly #samples: LinkSample[] = [];

  /** @param busyBytes with less than this on its way the path is not taken for full */
  add(sample: LinkSample, busyBytes: number): void {
    const last = this.#samples.at(-1);
    // Another connection, or a path with room: what came before says nothing any more.
    if (sample.outstandingBytes < busyBytes || (last && sample.arrivedBytes < last.arrivedBytes))
      this.#samples.length = 0;
    if (sample.outstandingBytes >= busyBytes) this.#samples.push(sample);
    while ((this.#samples[0]?.atMs ?? sample.atMs) < sample.atMs - windowMs) this.#samples.shift();
  }

  /** kbit/s; null while it is not known */
  get kbps(): number | null {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (!first || !last || last.atMs - first.atMs < shortestMs) return null;
    return ((last.arrivedBytes - first.arrivedBytes) * 8) / (last.atMs - first.atMs);
  }
}
