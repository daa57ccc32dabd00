import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LanLimits, PasswordRecord } from '../../../shared/contract/lan-preview';
import { Lockout } from '../lib/lockout';
import { sourceOf } from './local-network';
import { isPassword } from './password';

/** `locked`: too many wrong ones from there; `busy`: too many at a time. Neither was looked at. */
export type Verdict = 'right' | 'wrong' | 'locked' | 'busy';

export interface DoorkeeperOptions {
  readonly password: PasswordRecord;
  readonly limits: LanLimits;
  readonly nowMs?: () => number;
  readonly random?: () => number;
  readonly verify?: (password: string, record: PasswordRecord) => Promise<boolean>;
}

const hashed = (token: string): string => createHash('sha256').update(token).digest('base64');

/**
 * Who may watch. Checking a password costs a fifth of a second of a core, on purpose: so few are checked at a time, one of
 * each address, an address that guesses is locked out, and a password that was right is known again for a while by a MAC
 * under a key of this process. Sessions are kept as hashes of their 256 random bits.
 */
export class Doorkeeper {
  readonly #options: Required<DoorkeeperOptions>;
  readonly #lockout: Lockout;
  readonly #macKey = randomBytes(32);
  #record: PasswordRecord;
  #remembered: { readonly mac: Buffer; readonly untilMs: number } | null = null;
  /** hash of the token → when it ends; oldest first */
  readonly #sessions = new Map<string, number>();
  /** sources with a check that runs or waits */
  readonly #checking = new Set<string>();
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(options: DoorkeeperOptions) {
    const random = Math.random;
    this.#options = { nowMs: () => performance.now(), random, verify: isPassword, ...options };
    this.#record = options.password;
    this.#lockout = new Lockout(options.limits, this.#options.nowMs);
  }

  /** Another password: whoever knew the former one has to log in again. */
  set password(record: PasswordRecord) {
    this.#record = record;
    this.#remembered = null;
    this.#sessions.clear();
  }

  /** @returns its token; the oldest session gives way when there are too many */
  openSession(): string {
    const { limits, nowMs } = this.#options;
    const token = randomBytes(32).toString('base64url');
    this.#sessions.set(hashed(token), nowMs() + limits.sessionMs);
    if (this.#sessions.size > limits.sessions) {
      const [oldest] = this.#sessions.keys();
      if (oldest !== undefined) this.#sessions.delete(oldest);
    }
    return token;
  }

  /** Nothing is held against a wrong token: 256 bits are not guessed, and a browser sends what has run out, too. */
  hasSession(token: string): boolean {
    const until = this.#sessions.get(hashed(token));
    if (until === undefined) return false;
    if (until > this.#options.nowMs()) return true;
    this.#sessions.delete(hashed(token));
    return false;
  }

  /** Wrong ones are held against the address, and answered after a random while. */
  async check(password: string, address: string): Promise<Verdict> {
    const source = sourceOf(address);
    // Before anything else: a locked-out guesser must not learn from the quick way below.
    if (this.#lockout.isLocked(source)) return 'locked';
    if (this.#isRemembered(password)) return 'right';
    const { limits, random } = this.#options;
    const isFull = this.#running >= limits.checksAtOnce && this.#waiting.length >= limits.checksWaiting;
    if (isFull || this.#checking.has(source)) return 'busy';
    this.#checking.add(source);
    try {
      if (await this.#verify(password)) return 'right';
      this.#lockout.fail(source);
      const { refusalDelayMinMs: min, refusalDelayMaxMs: max } = limits;
      await sleep(min + random() * Math.max(0, max - min));
      return 'wrong';
    } finally {
      this.#checking.delete(source);
    }
  }

  /** seconds until an address may try again, at least 1 */
  retryAfterSec(address: string): number {
    return Math.max(1, Math.ceil(this.#lockout.remainingMs(sourceOf(address)) / 1000));
  }

  async #verify(password: string): Promise<boolean> {
    const { limits, nowMs, verify } = this.#options;
    // Whoever has waited takes over the place of the one that leaves.
    if (this.#running < limits.checksAtOnce) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      const record = this.#record;
      const isRight = await verify(password, record);
      // It may have been changed while it was being compared.
      if (!isRight || record !== this.#record) return false;
      this.#remembered = { mac: this.#mac(password), untilMs: nowMs() + limits.rememberMs };
      return true;
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }

  #isRemembered(password: string): boolean {
    const remembered = this.#remembered;
    if (!remembered || remembered.untilMs <= this.#options.nowMs()) return false;
    return timingSafeEqual(this.#mac(password), remembered.mac);
  }

  #mac(password: string): Buffer {
    return createHmac('sha256', this.#macKey).update(password).digest();
  }
}
