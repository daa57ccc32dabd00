import type { FrameArena, LiveRing, Picture } from '../../electron/streaming/interfaces/layer';

export interface SeenPicture {
  readonly width: number;
  readonly height: number;
  /** Y, U, V at a pixel */
  at(x: number, y: number): readonly [number, number, number];
}

/** Reads a ring of mode `newest` as the compositor does: what was written last, the rest is given back. */
export class NewestReader {
  readonly ring: LiveRing;
  readonly #arena: FrameArena;
  readonly #control: Int32Array;

  constructor(picture: Picture, arena: FrameArena) {
    if (picture.content.type !== 'live')
      throw new Error(`expected a live picture, found a ${picture.content.type}`);
    this.ring = picture.content.ring;
    this.#arena = arena;
    this.#control = new Int32Array(arena.memory.buffer, this.ring.control, 3);
  }

  get written(): number {
    return Atomics.load(this.#control, 0);
  }

  look(): SeenPicture {
    const newest = this.written - 1;
    const planes = this.ring.slots[newest % this.ring.slots.length];
    if (newest < 0 || !planes) throw new Error('no picture yet');
    Atomics.store(this.#control, 1, newest);
    const bytes = new Uint8Array(this.#arena.memory.buffer);
    const { width, height, y: luma, u, v } = planes;
    return {
      width,
      height,
      at: (x, y) => {
        const chroma = (y >> 1) * (width / 2) + (x >> 1);
        return [bytes[luma + y * width + x] ?? 0, bytes[u + chroma] ?? 0, bytes[v + chroma] ?? 0];
      },
    };
  }
}
