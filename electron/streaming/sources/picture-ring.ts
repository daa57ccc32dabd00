import type { ArenaBlock, FrameArena, LiveRing, Planes } from '../interfaces/layer';

const align = (value: number): number => Math.ceil(value / 64) * 64;
const controlBytes = 64;
const writtenIndex = 0;
const freedIndex = 1;
const endedIndex = 2;

/** most memory for one ring: half a second of 1080p60 */
const maxRingBytes = 96 * 2 ** 20;

export interface PictureFormat {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly hasAlpha: boolean;
}

/**
 * The writing end of a `LiveRing`: takes the bytes of raw I420 (or I420A) pictures as they come from a pipe and lays
 * them into slots of the shared memory, never into one that the reader still needs. Pictures are shown to the reader
 * only by `publish`.
 */
export class PictureRing {
  readonly format: PictureFormat;
  /** bytes of a picture in the pipe; a slot with alpha holds its half-size copy beyond them */
  readonly frameBytes: number;
  readonly #arena: FrameArena;
  readonly #block: ArenaBlock;
  readonly #control: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #slots: readonly Planes[];
  #complete = 0;
  #fill = 0;
  #published = 0;
  #isFreed = false;

  /** @throws RangeError when the arena is full */
  constructor(arena: FrameArena, format: PictureFormat, seconds = 0.75) {
    const luma = format.width * format.height;
    this.format = format;
    this.#arena = arena;
    this.frameBytes = luma * (format.hasAlpha ? 2.5 : 1.5);
    const slotBytes = align(this.frameBytes + (format.hasAlpha ? luma / 4 : 0));
    const wanted = Math.max(6, Math.round(format.fps * seconds));
    const count = Math.max(4, Math.min(wanted, Math.floor(maxRingBytes / slotBytes)));
    this.#block = arena.allocate(controlBytes + count * slotBytes);
    const { buffer } = arena.memory;
    this.#control = new Int32Array(buffer, this.#block.offset, 3);
    for (const index of [writtenIndex, freedIndex, endedIndex]) Atomics.store(this.#control, index, 0);
    this.#bytes = new Uint8Array(buffer);
    this.#slots = Array.from({ length: count }, (_, index): Planes => {
      const y = this.#block.offset + controlBytes + index * slotBytes;
      const alpha = format.hasAlpha ? y + luma * 1.5 : 0;
      return {
        width: format.width,
        height: format.height,
        y,
        u: y + luma,
        v: y + luma * 1.25,
        alpha,
        chromaAlpha: format.hasAlpha ? alpha + luma : 0,
      };
    });
  }

  get capacity(): number {
    return this.#slots.length;
  }

  /** whole pictures received */
  get complete(): number {
    return this.#complete;
  }

  get published(): number {
    return this.#published;
  }

  /** slots that may be written now, the one being filled included */
  get room(): number {
    return Atomics.load(this.#control, freedIndex) + this.#slots.length - this.#complete;
  }

  /** whether the reader is at the newest published picture and waits for more */
  get isStarving(): boolean {
    return this.#published - Atomics.load(this.#control, freedIndex) <= 1;
  }

  /** The ring as the compositor sees it. @param heldPicture it is paused there; undefined: it goes on */
  view(startFrame: number, heldPicture?: number): LiveRing {
    const { fps } = this.format;
    const ring = { slots: this.#slots, control: this.#block.offset, fps, startFrame };
    return heldPicture === undefined ? ring : { ...ring, heldPicture };
  }

  /** Takes as many of these bytes as there is room for. @returns how many were taken */
  write(chunk: Uint8Array): number {
    let taken = 0;
    while (taken < chunk.length && this.room > 0) {
      const slot = this.#slots[this.#complete % this.#slots.length];
      if (!slot) break;
      const length = Math.min(chunk.length - taken, this.frameBytes - this.#fill);
      this.#bytes.set(chunk.subarray(taken, taken + length), slot.y + this.#fill);
      taken += length;
      this.#fill += length;
      if (this.#fill === this.frameBytes) {
        if (slot.alpha) this.#halveAlpha(slot);
        this.#fill = 0;
        this.#complete += 1;
      }
    }
    return taken;
  }

  /** Forgets an incomplete picture at the end of a pass. */
  dropPartial(): void {
    this.#fill = 0;
  }

  /** The last picture once more. @returns false: there is none, or no room */
  repeatLast(): boolean {
    const count = this.#slots.length;
    const last = this.#slots[(this.#complete - 1) % count];
    if (!last || this.#complete === 0 || this.room <= 0) return false;
    return this.write(this.#bytes.subarray(last.y, last.y + this.frameBytes)) > 0;
  }

  /** Shows the reader the first `count` pictures (of those complete). */
  publish(count: number): void {
    const next = Math.min(count, this.#complete);
    if (next <= this.#published) return;
    this.#published = next;
    Atomics.store(this.#control, writtenIndex, next);
    Atomics.notify(this.#control, writtenIndex);
  }

  /** No more pictures will come; the last one stays. */
  end(): void {
    this.publish(this.#complete);
    Atomics.store(this.#control, endedIndex, 1);
    Atomics.notify(this.#control, writtenIndex);
  }

  /** Gives the memory back. Nobody may read or write any more. */
  free(): void {
    if (this.#isFreed) return;
    this.#isFreed = true;
    this.#arena.free(this.#block);
  }

  /** chroma alpha = mean of the four it covers */
  #halveAlpha({ width, height, alpha, chromaAlpha }: Planes): void {
    const bytes = this.#bytes;
    let target = chromaAlpha;
    for (let row = 0; row < height; row += 2) {
      let above = alpha + row * width;
      let below = above + width;
      for (let column = 0; column < width; column += 2, above += 2, below += 2, target += 1) {
        bytes[target] =
          ((bytes[above] ?? 0) +
            (bytes[above + 1] ?? 0) +
            (bytes[below] ?? 0) +
            (bytes[below + 1] ?? 0) +
            2) >>
          2;
      }
    }
  }
}
