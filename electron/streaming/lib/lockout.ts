const trackedSources = 10_000;

export interface LockoutLimits {
  /** so many failures within the window … */
  readonly lockoutFailures: number;
  readonly lockoutWindowMs: number;
  /** … lock their source out for so long */
  readonly lockoutMs: number;
}

interface Failures {
  /** ms, oldest first, at most `lockoutFailures` */
  times: number[];
  lockedUntil: number;
}

/** Remembers who guessed wrong too often. Of at most 10,000 sources: whoever failed longest ago is forgotten first. */
export class Lockout {
  readonly #limits: LockoutLimits;
  readonly #nowMs: () => number;
  readonly #failures = new Map<string, Failures>();

  constructor(limits: LockoutLimits, nowMs: () => number) {
    this.#limits = limits;
    this.#nowMs = nowMs;
  }

  isLocked(source: string): boolean {
    return this.remainingMs(source) > 0;
  }

  /** how long it stays locked out; 0: it is not */
  remainingMs(source: string): number {
    return Math.max(0, (this.#failures.get(source)?.lockedUntil ?? 0) - this.#nowMs());
  }

  fail(source: string): void {
    const now = this.#nowMs();
    const entry = this.#failures.get(source) ?? { times: [], lockedUntil: 0 };
    entry.times = entry.times.filter((at) => at > now - this.#limits.lockoutWindowMs);
    entry.times.push(now);
    if (entry.times.length >= this.#limits.lockoutFailures) {
      entry.times = [];
      entry.lockedUntil = now + this.#limits.lockoutMs;
    }
    // Newest last, so that the oldest is forgotten first when somebody comes from everywhere at once.
    this.#failures.delete(source);
    this.#failures.set(source, entry);
    if (this.#failures.size > trackedSources) {
      const [oldest] = this.#failures.keys();
      if (oldest !== undefined) this.#failures.delete(oldest);
    }
  }
}
