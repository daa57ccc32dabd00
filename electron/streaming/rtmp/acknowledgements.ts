/** whoever has not acknowledged for so long, although enough was sent, has given it up */
const silentMs = 2000;

/**
 * What the far end itself says it has received (RTMP 1.0 §5.4.3). TCP's word may come from a proxy in between; this one
 * comes from the server, but only once in a while: at most two of its usual steps may be on their way unseen.
 */
export class Acknowledgements {
  #lastSequence: number | null = null;
  #position = 0;
  /** the shortest step between two; null until there were two */
  #stepBytes: number | null = null;
  #heardAtMs = 0;
  #disagreesSinceMs: number | null = null;

  /**
   * The peer says so. Only the steps between two are believed: servers count from different places, and some begin anew
   * (nginx-rtmp does at 0xf0000000).
   * @param sequence bytes received, modulo 2³². @param sentBytes what it can have received at most. @param nowMs monotonic
   */
  heard(sequence: number, sentBytes: number, nowMs: number): void {
    const last = this.#lastSequence;
    this.#lastSequence = sequence;
    if (last === null) this.#position = Math.min(sequence, sentBytes);
    else {
      const step = (sequence - last + 2 ** 32) % 2 ** 32;
      if (step === 0) return;
      if (this.#position + step <= sentBytes) {
        this.#position += step;
        this.#stepBytes = Math.min(this.#stepBytes ?? step, step);
      } else this.#position = Math.min(sentBytes, this.#position + (this.#stepBytes ?? 0));
    }
    this.#heardAtMs = nowMs;
  }

  /**
   * How much has arrived, of what TCP says has. A server that does not acknowledge, or no longer does, changes nothing
   * of that: if it has stopped reading, TCP will tell.
   */
  arrivedBytes(byTcp: number, nowMs: number): number {
    const atMost = this.#stepBytes === null ? Infinity : this.#position + 2 * this.#stepBytes;
    if (atMost >= byTcp) {
      this.#disagreesSinceMs = null;
      return byTcp;
    }
    this.#disagreesSinceMs ??= nowMs;
    return nowMs - Math.max(this.#disagreesSinceMs, this.#heardAtMs) > silentMs ? byTcp : atMost;
  }
}
