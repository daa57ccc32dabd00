/** A window as its server knows it, and the id it would have if it were the only one of its program and title. */
export interface NamedWindow {
  readonly window: number;
  readonly plainId: string;
}

export interface WindowIdentity {
  readonly id: string;
  /** a number that no other window ever has, though servers give theirs again */
  readonly instance: number;
}

interface Holder {
  readonly instance: number;
  /** the last listing in which its window was there */
  lastSeen: number;
}

interface Instance {
  readonly instance: number;
  /** the first listing in which it was there */
  readonly since: number;
}

const mostIds = 5000;

/**
 * Which window has which id. Ids are made of program and title, which change and are shared; whoever chose a window must
 * never be given another that was open beside it. So a window keeps its ids as long as it lives, and takes that of one
 * that has gone only when it came later.
 */
export class WindowIds {
  readonly #instances = new Map<number, Instance>();
  readonly #holders = new Map<string, Holder>();
  #listing = 0;
  #lastInstance = 0;

  /**
   * @param windows those to be named
   * @param existing all windows there are, also those that are not shown now
   */
  assign<Named extends NamedWindow>(
    windows: readonly Named[],
    existing: ReadonlySet<number>,
  ): (Named & WindowIdentity)[] {
    this.#listing += 1;
    for (const window of this.#instances.keys()) if (!existing.has(window)) this.#instances.delete(window);
    for (const { window } of windows) this.#instanceOf(window);
    const living = new Set([...this.#instances.values()].map(({ instance }) => instance));
    for (const holder of this.#holders.values())
      if (living.has(holder.instance)) holder.lastSeen = this.#listing;
    return windows.map((named) => {
      const { instance, since } = this.#instanceOf(named.window);
      const id = this.#idFor(named.plainId, instance, since);
      this.#holders.delete(id);
      this.#holders.set(id, { instance, lastSeen: this.#listing });
      const [oldest] = this.#holders.keys();
      if (this.#holders.size > mostIds && oldest !== undefined) this.#holders.delete(oldest);
      return { ...named, id, instance };
    });
  }

  #instanceOf(window: number): Instance {
    const known = this.#instances.get(window);
    if (known) return known;
    this.#lastInstance += 1;
    const instance = { instance: this.#lastInstance, since: this.#listing };
    this.#instances.set(window, instance);
    return instance;
  }

  /** One it had before, else the first that is nobody's any more. */
  #idFor(plainId: string, instance: number, since: number): string {
    let free: string | null = null;
    for (let count = 1; ; count += 1) {
      const id = count === 1 ? plainId : `${plainId}:${count}`;
      const holder = this.#holders.get(id);
      if (holder?.instance === instance) return id;
      if (!holder || holder.lastSeen < since) free ??= id;
      if (!holder) return free ?? id;
    }
  }
}
