import type { ArenaBlock } from '../interfaces/layer';

const alignment = 64;

/** Which parts of a range of memory are in use: first fit, 64-byte aligned, neighbours coalesced. */
export class BlockList {
  /** free ranges by rising offset, never touching each other */
  readonly #free: { offset: number; byteLength: number }[];
  readonly #used = new Map<number, number>();

  /** @param range with an aligned offset */
  constructor(range: ArenaBlock) {
    this.#free = range.byteLength > 0 ? [{ offset: range.offset, byteLength: range.byteLength }] : [];
  }

  get usedBytes(): number {
    let sum = 0;
    for (const byteLength of this.#used.values()) sum += byteLength;
    return sum;
  }

  /** @throws RangeError when no free range is as long */
  allocate(byteLength: number): ArenaBlock {
    if (!(byteLength > 0)) throw new RangeError(`arena: cannot allocate ${byteLength} bytes`);
    const size = Math.ceil(byteLength / alignment) * alignment;
    const index = this.#free.findIndex((range) => range.byteLength >= size);
    const range = this.#free[index];
    if (!range) throw new RangeError(`arena: no room for ${byteLength} bytes (${this.usedBytes} in use)`);
    const offset = range.offset;
    range.offset += size;
    range.byteLength -= size;
    if (range.byteLength === 0) this.#free.splice(index, 1);
    this.#used.set(offset, size);
    return { offset, byteLength };
  }

  /** @throws RangeError when the block is not (or no longer) allocated */
  free(block: ArenaBlock): void {
    const byteLength = this.#used.get(block.offset);
    if (byteLength === undefined) throw new RangeError(`arena: no block at ${block.offset}`);
    this.#used.delete(block.offset);
    let index = this.#free.findIndex((range) => range.offset > block.offset);
    if (index < 0) index = this.#free.length;
    this.#free.splice(index, 0, { offset: block.offset, byteLength });
    this.#joinWithNext(index);
    if (index > 0) this.#joinWithNext(index - 1);
  }

  #joinWithNext(index: number): void {
    const range = this.#free[index];
    const next = this.#free[index + 1];
    if (!range || !next || range.offset + range.byteLength !== next.offset) return;
    range.byteLength += next.byteLength;
    this.#free.splice(index + 1, 1);
  }
}
