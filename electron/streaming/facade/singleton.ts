import { StudioError } from '../lib/errors';

/** The original document's way of reaching a part: `initialize` once, then `getInstance` anywhere, until it is stopped. */
export class Singleton<Part> {
  readonly #name: string;
  #instance: Part | null = null;

  constructor(name: string) {
    this.#name = name;
  }

  /** @throws StudioError `already-initialized` */
  set(create: () => Part): Part {
    if (this.#instance !== null) throw new StudioError('already-initialized', { part: this.#name });
    return (this.#instance = create());
  }

  /** @throws StudioError `not-initialized` */
  get(): Part {
    if (this.#instance === null) throw new StudioError('not-initialized', { part: this.#name });
    return this.#instance;
  }

  /** null when there is none */
  peek(): Part | null {
    return this.#instance;
  }

  clear(part: Part): void {
    if (this.#instance === part) this.#instance = null;
  }
}
