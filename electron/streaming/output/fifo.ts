/** First in, first out, without moving what waits at every take. */
export class Fifo<Item> {
  /** what was taken leaves undefined behind: nothing shall live on in the dead front */
  #items: (Item | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  get first(): Item | undefined {
    return this.#items[this.#head];
  }

  get last(): Item | undefined {
    return this.length > 0 ? this.#items.at(-1) : undefined;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  shift(): Item | undefined {
    if (this.#head >= this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    // Amortised: the dead front is cut off when it is half of the array.
    if (++this.#head > 32 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Keeps what `isKept` says, in order. @returns how many were taken out */
  filter(isKept: (item: Item, index: number) => boolean): number {
    const before = this.length;
    this.#items = this.toArray().filter(isKept);
    this.#head = 0;
    return before - this.#items.length;
  }

  toArray(): Item[] {
    return this.#items.slice(this.#head) as Item[];
  }
}
