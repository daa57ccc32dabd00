/** more than this are not held back: the oldest goes out at once */
const mostHeld = 12;
const mostWaitMs = 500;
/** how much of each new reading of the sound's lag is believed: blocks come unevenly */
const trust = 0.05;

interface Held {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
  readonly dueMs: number;
}

/**
 * Holds pictures back until the sound that was captured with them is heard. The two carry stamps of one clock; sound
 * waits in a buffer that evens out its arrival, so pictures have to wait as long. Without sound none waits.
 */
export class PictureDelay {
  readonly #show: (width: number, height: number, data: Uint8Array) => void;
  readonly #soundLatencyMs: () => number;
  readonly #nowMs: () => number;
  readonly #held: Held[] = [];
  /** from a sample's stamp to the moment at which it is heard, on our clock; null: there is no sound */
  #lagMs: number | null = null;
  #timer: NodeJS.Timeout | undefined;

  /** @param soundLatencyMs from a sample's arrival until it is heard; it may change */
  constructor(
    show: (width: number, height: number, data: Uint8Array) => void,
    soundLatencyMs: () => number,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#show = show;
    this.#soundLatencyMs = soundLatencyMs;
    this.#nowMs = nowMs;
  }

  /** A block of sound arrived. @param timestampUs of its first sample */
  hear(timestampUs: number, durationSec: number): void {
    // A block's samples are taken to arrive one after the other, around the moment at which it came.
    const lagMs = this.#nowMs() - timestampUs / 1000 + this.#soundLatencyMs() - durationSec * 500;
    const isOtherClock = this.#lagMs === null || Math.abs(lagMs - this.#lagMs) > mostWaitMs;
    this.#lagMs = isOtherClock ? lagMs : (this.#lagMs ?? lagMs) * (1 - trust) + lagMs * trust;
  }

  /** No sound comes (any more). */
  forgetSound(): void {
    this.#lagMs = null;
  }

  /** @param data is kept until it is due */
  put(width: number, height: number, data: Uint8Array, timestampUs: number): void {
    const nowMs = this.#nowMs();
    const wantedMs = this.#lagMs === null ? nowMs : timestampUs / 1000 + this.#lagMs;
    // Never before its predecessor.
    const dueMs = Math.max(Math.min(wantedMs, nowMs + mostWaitMs), this.#held.at(-1)?.dueMs ?? 0);
    this.#held.push({ width, height, data, dueMs });
    this.#release();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#held.length = 0;
    this.#lagMs = null;
  }

  #release(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const nowMs = this.#nowMs();
    let due: Held | undefined;
    while (this.#held[0] && (this.#held[0].dueMs <= nowMs || this.#held.length > mostHeld))
      due = this.#held.shift();
    // Of those that are due only the newest would be seen.
    if (due) this.#show(due.width, due.height, due.data);
    const next = this.#held[0];
    if (next) this.#timer = setTimeout(() => this.#release(), Math.max(1, next.dueMs - nowMs));
  }
}
