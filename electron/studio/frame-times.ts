/** When each of the last ticks fell due, by frame index; and which frame each RTMP timestamp stands for. */
export class FrameTimes {
  static readonly #capacity = 4096;
  readonly #tickUs = new Float64Array(FrameTimes.#capacity);
  readonly #index = new Float64Array(FrameTimes.#capacity).fill(-1);
  readonly #frameOfTimestamp = new Map<number, number>();

  ticked(frameIndex: number, tickUs: number): void {
    const slot = frameIndex % FrameTimes.#capacity;
    this.#tickUs[slot] = tickUs;
    this.#index[slot] = frameIndex;
  }

  /** A packet with this decode time (ms on the wire) carries this frame. */
  encoded(timestampMs: number, frameIndex: number): void {
    this.#frameOfTimestamp.set(timestampMs, frameIndex);
    if (this.#frameOfTimestamp.size <= FrameTimes.#capacity) return;
    const oldest = this.#frameOfTimestamp.keys().next().value;
    if (oldest !== undefined) this.#frameOfTimestamp.delete(oldest);
  }

  /** @returns microseconds of CLOCK_MONOTONIC, null when it is too long ago */
  tickUs(frameIndex: number): number | null {
    const slot = frameIndex % FrameTimes.#capacity;
    return this.#index[slot] === frameIndex ? (this.#tickUs[slot] ?? null) : null;
  }

  tickUsOfTimestamp(timestampMs: number): number | null {
    const frameIndex = this.#frameOfTimestamp.get(timestampMs);
    return frameIndex === undefined ? null : this.tickUs(frameIndex);
  }
}
