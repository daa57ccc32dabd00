import type { ArenaBlock, KeyColor, Placement, Planes } from '../interfaces/layer';
import type { BlockList } from './block-list';
import { layPlanes, planesBytes } from './frame-arena';
import type { Kernels } from './kernels-module';
import { halvings } from './sampling';

/** No wider or higher picture is sampled than this: fixed point ends there. */
const maxSampledPx = 16_384;

/** What is made of a picture before it is drawn. */
export interface Derivation {
  /** how often it is halved in each direction */
  readonly halvingsX: number;
  readonly halvingsY: number;
  readonly key: KeyColor | null;
}

/** What a layer needs to have made of its picture; null: it is drawn as it is. */
export function derivationOf(
  size: { readonly width: number; readonly height: number },
  placement: Placement | undefined,
  key: KeyColor | undefined,
): Derivation | null {
  const count = (length: number, scale: number): number => {
    const least = Math.max(0, Math.ceil(Math.log2(length / maxSampledPx)));
    return Math.max(least, halvings(scale, length / 2));
  };
  const halvingsX = placement ? count(size.width, placement.part.width / placement.box.width) : 0;
  const halvingsY = placement ? count(size.height, placement.part.height / placement.box.height) : 0;
  return halvingsX > 0 || halvingsY > 0 || key ? { halvingsX, halvingsY, key: key ?? null } : null;
}

/** Planes to draw from, and how many pixels of the picture one of theirs stands for in each direction. */
export interface DrawnPicture {
  readonly planes: Planes;
  readonly shrinkX: number;
  readonly shrinkY: number;
}

const isSame = (a: Derivation, b: Derivation): boolean =>
  a.halvingsX === b.halvingsX &&
  a.halvingsY === b.halvingsY &&
  a.key?.u === b.key?.u &&
  a.key?.v === b.key?.v &&
  a.key?.from === b.key?.from &&
  a.key?.to === b.key?.to;

const half = (length: number): number => Math.ceil(length / 4) * 2;

/**
 * A picture made smaller and keyed, once for each picture however often it is drawn. It lives in memory of the
 * compositor's own; when there is none left, the picture is drawn as it is.
 */
export class DerivedPicture {
  readonly #kernels: Kernels;
  readonly #room: BlockList;
  #block: ArenaBlock | null = null;
  #made: { derivation: Derivation; from: number; shown: number; picture: DrawnPicture } | null = null;

  constructor(kernels: Kernels, room: BlockList) {
    this.#kernels = kernels;
    this.#room = room;
  }

  /** @param shown another number (or another place) is another picture */
  draw(source: Planes, shown: number, derivation: Derivation): DrawnPicture {
    const made = this.#made;
    if (made?.from === source.y && made.shown === shown && isSame(made.derivation, derivation))
      return made.picture;
    const planes = this.#make(source, derivation);
    const shrinkX = planes ? 2 ** derivation.halvingsX : 1;
    const shrinkY = planes ? 2 ** derivation.halvingsY : 1;
    const picture = { planes: planes ?? source, shrinkX, shrinkY };
    this.#made = { derivation, from: source.y, shown, picture };
    return picture;
  }

  free(): void {
    if (this.#block) this.#room.free(this.#block);
    this.#block = null;
    this.#made = null;
  }

  #make(source: Planes, derivation: Derivation): Planes | null {
    const steps = Math.max(derivation.halvingsX, derivation.halvingsY);
    const sizes: { width: number; height: number }[] = [];
    let { width, height } = source;
    for (let step = 0; step < steps; step++) {
      if (step < derivation.halvingsX) width = half(width);
      if (step < derivation.halvingsY) height = half(height);
      sizes.push({ width, height });
    }
    const hasAlpha = source.alpha !== 0;
    const halvedBytes = sizes.reduce((sum, size) => sum + planesBytes(size.width, size.height, hasAlpha), 0);
    // The kernel writes in groups of eight.
    const keyedBytes = derivation.key ? (width * height * 5) / 4 + 8 : 0;
    const offset = this.#reserve(halvedBytes + keyedBytes);
    if (offset === null) return null;
    let planes = source;
    let next = offset;
    for (const size of sizes) {
      const smaller = layPlanes(next, size.width, size.height, hasAlpha);
      this.#halve(planes, smaller);
      next += planesBytes(size.width, size.height, hasAlpha);
      planes = smaller;
    }
    return derivation.key ? this.#keyed(planes, derivation.key, next) : planes;
  }

  /** The block is kept from picture to picture. */
  #reserve(byteLength: number): number | null {
    if (this.#block && this.#block.byteLength >= byteLength) return this.#block.offset;
    this.free();
    try {
      this.#block = this.#room.allocate(byteLength);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
    return this.#block?.offset ?? null;
  }

  #halve(from: Planes, to: Planes): void {
    const { halvePlane, halveWeighted } = this.#kernels;
    for (const [plane, shift] of [
      ['y', 0],
      ['u', 1],
      ['v', 1],
    ] as const) {
      const size = [from.width >> shift, from.height >> shift] as const;
      const smaller = [to[plane], to.width >> shift, to.height >> shift] as const;
      const alpha = shift ? from.chromaAlpha : from.alpha;
      if (alpha) halveWeighted(...smaller, from[plane], alpha, ...size);
      else halvePlane(...smaller, from[plane], ...size);
    }
    if (!from.alpha) return;
    halvePlane(to.alpha, to.width, to.height, from.alpha, from.width, from.height);
    halvePlane(
      ...([to.chromaAlpha, to.width / 2, to.height / 2] as const),
      ...([from.chromaAlpha, from.width / 2, from.height / 2] as const),
    );
  }

  /** The same colours with alpha planes of their own. */
  #keyed(planes: Planes, key: KeyColor, offset: number): Planes {
    const { width, height, u, v } = planes;
    const chromaAlpha = offset + width * height;
    const count = (width * height) / 4;
    this.#kernels.keyChroma(chromaAlpha, u, v, planes.chromaAlpha, count, key.u, key.v, key.from, key.to);
    this.#kernels.keyLuma(offset, chromaAlpha, planes.alpha, width, height);
    return { ...planes, alpha: offset, chromaAlpha };
  }
}
