/** What a peer may say in a stretch of time. */
export class ByteWindow {
  readonly #mostBytes: number;
  readonly #windowMs: number;
  #startMs = 0;
  #bytes = 0;

  /** @param mostBytes in each stretch of `windowMs` milliseconds */
  constructor(mostBytes: number, windowMs: number) {
    this.#mostBytes = mostBytes;
    this.#windowMs = windowMs;
  }

  /** It said so much more. @param nowMs monotonic @returns whether that is within what it may */
  take(bytes: number, nowMs: number): boolean {
    if (nowMs - this.#startMs > this.#windowMs) {
      this.#startMs = nowMs;
      this.#bytes = 0;
    }
    this.#bytes += bytes;
    return this.#bytes <= this.#mostBytes;
  }
}
