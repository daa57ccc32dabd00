import { randomUUID } from 'node:crypto';
import type { WireError } from '../../shared/contract/errors';
import type { StudioState } from './state';

type Severity = 'info' | 'warning' | 'error';

/** What tells two notices with the same code apart, where details name it. */
const subjects = ['role', 'path', 'host', 'name', 'option'] as const;

/**
 * What the person should know until they dismiss it. Of the same trouble there is one notice, the latest: it keeps its
 * place and id when it is said again. Once dismissed it stays away for as long as the trouble is said again at least
 * every 30 s.
 */
export class Notices {
  static readonly #limit = 50;
  static readonly #spellMs = 30_000;
  readonly #state: StudioState;
  readonly #now: () => number;
  /** subject of a dismissed notice → when it was last said, unix milliseconds */
  readonly #dismissed = new Map<string, number>();

  /** @param now unix milliseconds */
  constructor(state: StudioState, now: () => number = Date.now) {
    this.#state = state;
    this.#now = now;
  }

  add(error: WireError, severity: Severity): void {
    const key = keyOf(error);
    const at = this.#now();
    this.#forgetOld(at);
    if (this.#dismissed.has(key)) {
      this.#dismissed.set(key, at);
      return;
    }
    this.#state.update('notices', (notices) => {
      const isSaid = notices.some((notice) => keyOf(notice.error) === key);
      return isSaid
        ? notices.map((notice) =>
            keyOf(notice.error) === key ? { id: notice.id, at, severity, error } : notice,
          )
        : [...notices.slice(1 - Notices.#limit), { id: randomUUID(), at, severity, error }];
    });
  }

  dismiss(id: string): void {
    const dismissed = this.#state.snapshot.notices.find((notice) => notice.id === id);
    if (!dismissed) return;
    this.#dismissed.set(keyOf(dismissed.error), this.#now());
    this.#state.update('notices', (notices) => notices.filter((notice) => notice !== dismissed));
  }

  /** the trouble is over; its next time is news */
  clear(code: WireError['code']): void {
    for (const key of this.#dismissed.keys()) if (codeOf(key) === code) this.#dismissed.delete(key);
    this.#state.update('notices', (notices) => notices.filter((notice) => notice.error.code !== code));
  }

  #forgetOld(now: number): void {
    for (const [key, saidAt] of this.#dismissed)
      if (now - saidAt > Notices.#spellMs) this.#dismissed.delete(key);
  }
}

function keyOf({ code, details }: WireError): string {
  const named: Readonly<Record<string, unknown>> = details;
  return JSON.stringify([code, ...subjects.map((subject) => named[subject] ?? null)]);
}

const codeOf = (key: string): string => (JSON.parse(key) as [string])[0];
