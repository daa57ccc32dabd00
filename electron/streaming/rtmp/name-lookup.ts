import type { LookupAddress } from 'node:dns';
import { lookup as lookupName } from 'node:dns/promises';
import { isIP } from 'node:net';

/** each look-up holds one of libuv's four threads, which the files of recordings need too */
const maxPending = 2;
/** whoever waits longer is served from memory, or not at all */
const limitMs = 2000;
/** addresses of platforms change over weeks; an hour without a name server should not end a stream */
const keptMs = 24 * 3600 * 1000;
/** hosts that are remembered */
const maxKept = 64;

export interface NameLookupOptions {
  /** asks the system; may never settle */
  readonly lookup?: (host: string) => Promise<readonly LookupAddress[]>;
  readonly limitMs?: number;
  /** milliseconds */
  readonly now?: () => number;
}

/**
 * Names → addresses, by the system's resolver (so that its hosts file and its VPNs count). A resolver that hangs cannot be
 * called off: it keeps its thread until it answers, and no more than two are given to it.
 */
export class NameLookup {
  readonly #lookup: NonNullable<NameLookupOptions['lookup']>;
  readonly #limitMs: number;
  readonly #now: () => number;
  readonly #pending = new Map<string, Promise<readonly LookupAddress[]>>();
  readonly #waiting: (() => void)[] = [];
  readonly #kept = new Map<string, { addresses: readonly LookupAddress[]; at: number }>();
  #asking = 0;

  constructor(options: NameLookupOptions = {}) {
    this.#lookup = options.lookup ?? ((host) => lookupName(host, { all: true, verbatim: true }));
    this.#limitMs = options.limitMs ?? limitMs;
    this.#now = options.now ?? (() => performance.now());
  }

  /**
   * In the order that the system prefers; those of the last 24 hours where the name cannot be looked up in time.
   * @param host a name or an address, which is its own answer
   * @throws the system's error (ENOTFOUND …); ETIMEOUT when it does not answer; the signal's reason when aborted
   */
  async resolve(host: string, signal: AbortSignal): Promise<readonly LookupAddress[]> {
    signal.throwIfAborted();
    const family = isIP(host);
    if (family !== 0) return [{ address: host, family }];
    try {
      const addresses = await this.#inTime(this.#ask(host), signal);
      this.#keep(host, addresses);
      return addresses;
    } catch (error) {
      signal.throwIfAborted();
      const kept = this.#kept.get(host);
      if (kept && this.#now() - kept.at <= keptMs) return kept.addresses;
      throw error;
    }
  }

  /** One question a host, however many ask. */
  #ask(host: string): Promise<readonly LookupAddress[]> {
    let pending = this.#pending.get(host);
    if (!pending) {
      pending = this.#askInTurn(host).finally(() => this.#pending.delete(host));
      // Nobody may be left to hear it.
      pending.catch(() => undefined);
      this.#pending.set(host, pending);
    }
    return pending;
  }

  async #askInTurn(host: string): Promise<readonly LookupAddress[]> {
    if (this.#asking >= maxPending) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#asking++;
    try {
      const addresses = await this.#lookup(host);
      if (addresses.length > 0) return addresses;
      throw Object.assign(new Error('the name has no address'), { code: 'ENOTFOUND' });
    } finally {
      this.#asking--;
      this.#waiting.shift()?.();
    }
  }

  async #inTime<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
    const late = Object.assign(new Error('no answer from the name server'), { code: 'ETIMEOUT' });
    const { promise: end, reject } = promiseWithReject();
    const onAbort = (): void => reject(signal.reason as Error);
    const timer = setTimeout(() => reject(late), this.#limitMs);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([answer, end]);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }

  #keep(host: string, addresses: readonly LookupAddress[]): void {
    this.#kept.delete(host);
    this.#kept.set(host, { addresses, at: this.#now() });
    const oldest = this.#kept.keys().next();
    if (this.#kept.size > maxKept && !oldest.done) this.#kept.delete(oldest.value);
  }
}

function promiseWithReject(): { promise: Promise<never>; reject: (reason: Error) => void } {
  let reject: (reason: Error) => void = () => undefined;
  const promise = new Promise<never>((_, fail) => (reject = fail));
  return { promise, reject };
}
