import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { WireError } from '../../shared/contract/errors';
import type { StudioState } from './state';

type Severity = 'info' | 'warning' | 'error';

/** What the person should know until they dismiss it. The same thing said twice is one notice. */
export class Notices {
  static readonly #limit = 50;
  readonly #state: StudioState;

  constructor(state: StudioState) {
    this.#state = state;
  }

  add(error: WireError, severity: Severity): void {
    this.#state.update('notices', (notices) => [
      ...notices.filter((notice) => !isDeepStrictEqual(notice.error, error)).slice(1 - Notices.#limit),
      { id: randomUUID(), at: Date.now(), severity, error },
    ]);
  }

  dismiss(id: string): void {
    this.#state.update('notices', (notices) => notices.filter((notice) => notice.id !== id));
  }

  /** the trouble is over */
  clear(code: WireError['code']): void {
    this.#state.update('notices', (notices) => notices.filter((notice) => notice.error.code !== code));
  }
}
