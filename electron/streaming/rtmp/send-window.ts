/** What was sent and has not arrived, measured in media time: the part of congestion that no queue of ours shows. */
export class SendWindow {
  /** oldest first; `end` is the stream position after that message */
  readonly #entries: { readonly end: number; readonly timeMs: number }[] = [];
  #sentBytes = 0;
  #arrivedBytes = 0;
  #newestMs = 0;

  get sentBytes(): number {
    return this.#sentBytes;
  }
  get arrivedBytes(): number {
    return this.#arrivedBytes;
  }

  /** @param timeMs media time of the message; null when it carries no media */
  sent(bytes: number, timeMs: number | null): void {
    this.#sentBytes += bytes;
    if (timeMs === null) return;
    this.#entries.push({ end: this.#sentBytes, timeMs });
    this.#newestMs = Math.max(this.#newestMs, timeMs);
  }

  /** Everything up to this position has arrived. Positions never go back. */
  arrived(position: number): void {
    this.#arrivedBytes = Math.max(this.#arrivedBytes, Math.min(position, this.#sentBytes));
    while (this.#entries[0] && this.#entries[0].end <= this.#arrivedBytes) this.#entries.shift();
  }

  /** media time on its way, milliseconds */
  get inFlightMs(): number {
    const oldest = this.#entries[0];
    return oldest ? Math.max(0, this.#newestMs - oldest.timeMs) : 0;
  }
}
