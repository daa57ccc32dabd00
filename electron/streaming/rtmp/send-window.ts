/** a path that claims to hold more than this is not believed: what is on its way takes memory */
const maxRoundTripMs = 1000;

interface Sent {
  /** the stream position after that message */
  readonly end: number;
  /** media time */
  readonly timeMs: number;
  /** monotonic time */
  readonly atMs: number;
}

/**
 * What was sent and has not arrived, measured in media time: the part of congestion that no queue of ours shows. What the
 * path itself holds while nothing waits (its shortest round trip) is no congestion.
 */
export class SendWindow {
  /** oldest first */
  readonly #entries: Sent[] = [];
  #sentBytes = 0;
  #arrivedBytes = 0;
  #newestMs = 0;
  #roundTripMs: number | null = null;

  get sentBytes(): number {
    return this.#sentBytes;
  }
  get arrivedBytes(): number {
    return this.#arrivedBytes;
  }
  /** the shortest seen, at most 1 s; 0 until something has arrived */
  get roundTripMs(): number {
    return this.#roundTripMs ?? 0;
  }

  /** @param timeMs media time of the message; null when it carries no media. @param nowMs monotonic */
  sent(bytes: number, timeMs: number | null, nowMs: number): void {
    this.#sentBytes += bytes;
    if (timeMs === null) return;
    this.#entries.push({ end: this.#sentBytes, timeMs, atMs: nowMs });
    this.#newestMs = Math.max(this.#newestMs, timeMs);
  }

  /** Everything up to this position has arrived. Positions never go back. @param nowMs monotonic */
  arrived(position: number, nowMs: number): void {
    this.#arrivedBytes = Math.max(this.#arrivedBytes, Math.min(position, this.#sentBytes));
    let newest: Sent | undefined;
    while (this.#entries[0] && this.#entries[0].end <= this.#arrivedBytes) newest = this.#entries.shift();
    // Messages leave every few milliseconds: the youngest to have arrived is hardly older than the way there and back.
    if (newest)
      this.#roundTripMs = Math.min(this.#roundTripMs ?? maxRoundTripMs, Math.max(0, nowMs - newest.atMs));
  }

  /** media time on its way beyond one round trip, milliseconds */
  get inFlightMs(): number {
    const oldest = this.#entries[0];
    return oldest ? Math.max(0, this.#newestMs - oldest.timeMs - this.roundTripMs) : 0;
  }
}
