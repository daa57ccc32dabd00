import type { ArenaBlock, FrameArena, Planes } from '../interfaces/layer';
import { BlockList } from './block-list';

const pageBytes = 65_536;
/** The kernels' data segments are rewritten at each instantiation, so the first page belongs to them. */
const reservedBytes = pageBytes;
/** Small blocks hold control words that count from zero; pictures are overwritten whole. */
const zeroedUpTo = 4096;
/** Kernels read (but never write) a few bytes beyond the last row of a picture. */
const readAheadBytes = 64;

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
 * The one shared memory and its allocator. Only the main thread allocates. The memory never grows (growing it strands
 * the views of other threads); untouched pages cost nothing. Blocks of up to 4 KiB (control words) come zeroed, larger
 * ones with whatever they held.
 */
export class SharedFrameArena implements FrameArena {
  readonly memory: WebAssembly.Memory;
  readonly #bytes: Uint8Array;
  readonly #blocks: BlockList;

  constructor(byteLength: number) {
    const pages = Math.ceil((byteLength + readAheadBytes) / pageBytes) + 1;
    if (!(pages <= 65_536)) throw new RangeError(`arena: expected at most 4 GiB, found ${byteLength} bytes`);
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    this.#bytes = new Uint8Array(this.memory.buffer);
    this.#blocks = new BlockList({
      offset: reservedBytes,
      byteLength: Math.ceil(byteLength / pageBytes) * pageBytes,
    });
  }

  get usedBytes(): number {
    return this.#blocks.usedBytes;
  }

  allocate(byteLength: number): ArenaBlock {
    const block = this.#blocks.allocate(byteLength);
    if (byteLength <= zeroedUpTo) this.#bytes.fill(0, block.offset, block.offset + byteLength);
    return block;
  }

  /** @throws RangeError when the block is not (or no longer) allocated */
  free(block: ArenaBlock): void {
    this.#blocks.free(block);
  }
}
