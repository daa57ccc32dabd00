/** A list of unsigned 32-bit numbers in four bytes each, for tables that grow by thousands an hour. */
export class GrowingColumn {
  #values = new Uint32Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** memory that it takes, bytes */
  get heldBytes(): number {
    return this.#values.byteLength;
  }

  push(...values: readonly number[]): void {
    for (const value of values) {
      if (this.#length === this.#values.length) {
        const larger = new Uint32Array(this.#values.length * 2);
        larger.set(this.#values);
        this.#values = larger;
      }
      this.#values[this.#length++] = value;
    }
  }

  at(index: number): number {
    return this.#values[index < 0 ? this.#length + index : index]!;
  }

  set(index: number, value: number): void {
    this.#values[index < 0 ? this.#length + index : index] = value;
  }

  /** all of them, big-endian */
  bytes(): Buffer {
    const copy = this.#values.slice(0, this.#length);
    return Buffer.from(copy.buffer).swap32();
  }
}

/** Numbers of which many that follow one another are the same: pairs of count and value. */
export class GrowingRuns {
  readonly pairs = new GrowingColumn();

  /** number of pairs */
  get length(): number {
    return this.pairs.length / 2;
  }

  push(value: number): void {
    const unsigned = value >>> 0;
    if (this.pairs.length > 0 && this.pairs.at(-1) === unsigned) this.pairs.set(-2, this.pairs.at(-2) + 1);
    else this.pairs.push(1, unsigned);
  }
}
