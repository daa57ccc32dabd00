import type { ArenaBlock, FrameArena, LiveRing, Planes } from '../interfaces/layer';

const align = (value: number): number => Math.ceil(value / 64) * 64;
const controlBytes = 64;
const writtenIndex = 0;
const freedIndex = 1;

/** Three are enough when the reader keeps up; the fourth covers a tick that comes late. */
const slotsOf = (slotBytes: number): number => (slotBytes > 8 * 2 ** 20 ? 3 : 4);

/**
 * The writing end of a `LiveRing` of mode `newest`: what a capture delivers, one picture after the other, opaque I420.
 * A picture for which there is no slot (the reader still needs them all) is left out and counted. One that equals the
 * last is not shown to the reader again: a still screen costs the compositor nothing.
 */
export class NewestRing {
  readonly width: number;
  readonly height: number;
  /** bytes of a picture: Y, U, V, tightly packed */
  readonly frameBytes: number;
  readonly view: LiveRing;
  readonly #arena: FrameArena;
  readonly #block: ArenaBlock;
  readonly #control: Int32Array;
  readonly #bytes: Buffer;
  readonly #slots: readonly Planes[];
  #written = 0;
  #dropped = 0;
  #repeated = 0;
  /** bytes of the picture under way, whether they are kept or not */
  #fill = 0;
  #isLeftOut = false;
  #isFreed = false;

  /**
   * @param width even @param height even
   * @throws RangeError when the arena is full, or a size is odd
   */
  constructor(arena: FrameArena, width: number, height: number) {
    if (width < 2 || height < 2 || width % 2 !== 0 || height % 2 !== 0)
      throw new RangeError(`expected even sizes of at least 2×2, found ${width}×${height}`);
    const luma = width * height;
    this.width = width;
    this.height = height;
    this.frameBytes = luma * 1.5;
    const slotBytes = align(this.frameBytes);
    const count = slotsOf(slotBytes);
    this.#arena = arena;
    this.#block = arena.allocate(controlBytes + count * slotBytes);
    const { buffer } = arena.memory;
    const { offset } = this.#block;
    this.#control = new Int32Array(buffer, offset, 3);
    this.#control.fill(0);
    this.#bytes = Buffer.from(buffer);
    this.#slots = Array.from({ length: count }, (_, index): Planes => {
      const y = offset + controlBytes + index * slotBytes;
      return { width, height, y, u: y + luma, v: y + luma * 1.25, alpha: 0, chromaAlpha: 0 };
    });
    this.view = { mode: 'newest', slots: this.#slots, control: offset, fps: 0, startFrame: 0 };
  }

  /** pictures shown to the reader */
  get written(): number {
    return this.#written;
  }

  /** pictures left out because no slot was free */
  get dropped(): number {
    return this.#dropped;
  }

  /** pictures that were the same as the one before */
  get repeated(): number {
    return this.#repeated;
  }

  /** Takes bytes of pictures that follow one another, cut at any boundary. @returns how many pictures they completed */
  write(chunk: Uint8Array): number {
    let completed = 0;
    for (let taken = 0; taken < chunk.length;) {
      if (this.#fill === 0) this.#isLeftOut = !this.#hasRoom();
      const length = Math.min(chunk.length - taken, this.frameBytes - this.#fill);
      if (!this.#isLeftOut)
        this.#bytes.set(chunk.subarray(taken, taken + length), this.#next().y + this.#fill);
      this.#fill += length;
      taken += length;
      if (this.#fill < this.frameBytes) break;
      this.#fill = 0;
      completed += 1;
      if (this.#isLeftOut) this.#dropped += 1;
      else this.#show();
    }
    return completed;
  }

  /** One whole picture. @returns false: left out @throws RangeError for a wrong length */
  put(picture: Uint8Array): boolean {
    if (picture.length !== this.frameBytes)
      throw new RangeError(`expected a picture of ${this.frameBytes} bytes, found ${picture.length}`);
    this.dropPartial();
    const before = this.#dropped;
    this.write(picture);
    return this.#dropped === before;
  }

  /** Forgets an incomplete picture: its writer is gone. */
  dropPartial(): void {
    this.#fill = 0;
  }

  /** Gives the memory back. Nobody may read or write any more. */
  free(): void {
    if (this.#isFreed) return;
    this.#isFreed = true;
    this.#arena.free(this.#block);
  }

  /** The reader may be at any picture from the one it gave as no longer needed on, at this very moment. */
  #hasRoom(): boolean {
    return this.#written - Atomics.load(this.#control, freedIndex) < this.#slots.length;
  }

  #next(): Planes {
    return this.#slots[this.#written % this.#slots.length] as Planes;
  }

  #show(): void {
    const { y } = this.#next();
    const last = this.#slots[(this.#written + this.#slots.length - 1) % this.#slots.length] as Planes;
    const isSame =
      this.#written > 0 &&
      this.#bytes.compare(this.#bytes, y, y + this.frameBytes, last.y, last.y + this.frameBytes) === 0;
    if (isSame) {
      this.#repeated += 1;
      return;
    }
    this.#written += 1;
    Atomics.store(this.#control, writtenIndex, this.#written);
    Atomics.notify(this.#control, writtenIndex);
  }
}
