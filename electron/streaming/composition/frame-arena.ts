import type { ArenaBlock, FrameArena, Planes } from '../interfaces/layer';

const pageBytes = 65_536;
const alignment = 64;
/** The kernels' data segments are rewritten at each instantiation, so the first page belongs to them. */
const reservedBytes = pageBytes;
/** Small blocks hold control words that count from zero; pictures are overwritten whole. */
const zeroedUpTo = 4096;

const alignUp = (value: number, step: number): number => Math.ceil(value / step) * step;

/** Bytes of an I420 picture. */
export const i420Bytes = (width: number, height: number): number => (width * height * 3) / 2;

/** Lay the planes of a picture into a block, tightly packed: Y, U, V and, if wanted, alpha and half size alpha. */
export function layPlanes(offset: number, width: number, height: number, hasAlpha: boolean): Planes {
  const luma = width * height;
  const chroma = luma / 4;
  return {
    width,
    height,
    y: offset,
    u: offset + luma,
    v: offset + luma + chroma,
    alpha: hasAlpha ? offset + luma + 2 * chroma : 0,
    chromaAlpha: hasAlpha ? offset + 2 * luma + 2 * chroma : 0,
  };
}

/** Bytes that `layPlanes` uses. */
export const planesBytes = (width: number, height: number, hasAlpha: boolean): number =>
  i420Bytes(width, height) + (hasAlpha ? (width * height * 5) / 4 : 0);

/**
 * The one shared memory and its allocator: first fit, 64-byte aligned, neighbours coalesced. Only the main thread
 * allocates. The memory never grows (growing strands the views of other threads); untouched pages cost nothing.
 * Blocks of up to 4 KiB (control words) come zeroed, larger ones with whatever they held.
 */
export class SharedFrameArena implements FrameArena {
  readonly memory: WebAssembly.Memory;
  readonly #bytes: Uint8Array;
  /** free ranges by rising offset, never touching each other */
  readonly #free: { offset: number; byteLength: number }[];
  readonly #used = new Map<number, number>();

  constructor(byteLength: number) {
    const pages = Math.ceil(byteLength / pageBytes) + 1;
    if (!(pages <= 65_536)) throw new RangeError(`arena: expected at most 4 GiB, found ${byteLength} bytes`);
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    this.#bytes = new Uint8Array(this.memory.buffer);
    this.#free = [{ offset: reservedBytes, byteLength: (pages - 1) * pageBytes }];
  }

  get usedBytes(): number {
    let sum = 0;
    for (const byteLength of this.#used.values()) sum += byteLength;
    return sum;
  }

  allocate(byteLength: number): ArenaBlock {
    if (!(byteLength > 0)) throw new RangeError(`arena: cannot allocate ${byteLength} bytes`);
    const size = alignUp(byteLength, alignment);
    const index = this.#free.findIndex((range) => range.byteLength >= size);
    const range = this.#free[index];
    if (!range) throw new RangeError(`arena: no room for ${byteLength} bytes (${this.usedBytes} in use)`);
    const offset = range.offset;
    range.offset += size;
    range.byteLength -= size;
    if (range.byteLength === 0) this.#free.splice(index, 1);
    this.#used.set(offset, size);
    if (size <= zeroedUpTo) this.#bytes.fill(0, offset, offset + size);
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
