/** For work that must not overlap, as writing one file: each begins when the former has ended, however that ended. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** @throws what the work throws */
  take<T>(work: () => T | Promise<T>): Promise<T> {
    const next = this.#last.then(work);
    this.#last = next.catch(() => undefined);
    return next;
  }

  /** Resolves when all that has been asked for until now is done. */
  async over(): Promise<void> {
    await this.#last;
  }
}
