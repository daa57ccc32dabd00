import type { Rect } from '../interfaces/sync-pattern';

/** Beyond this many rectangles their bounding box is cheaper than the bookkeeping. */
const maxRects = 24;

export const contains = (outer: Rect, inner: Rect): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

/** The common part; null when there is none. Even rectangles have an even common part. */
export function intersection(a: Rect, b: Rect): Rect | null {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  const width = Math.min(a.x + a.width, b.x + b.width) - x;
  const height = Math.min(a.y + a.height, b.y + b.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}

export function boundingBox(a: Rect, b: Rect): Rect {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}

const area = (rect: Rect): number => rect.width * rect.height;

/**
 * What must be drawn anew. Rectangles may overlap: each is drawn from the background up, so drawing a pixel twice gives
 * the same pixel. Neighbours are joined when that does not cost more pixels than it saves.
 */
export class Region {
  #rects: Rect[] = [];

  get rects(): readonly Rect[] {
    return this.#rects;
  }

  get isEmpty(): boolean {
    return this.#rects.length === 0;
  }

  add(rect: Rect): void {
    if (rect.width <= 0 || rect.height <= 0) return;
    let merged = rect;
    for (let index = 0; index < this.#rects.length; index++) {
      const other = this.#rects[index] as Rect;
      const box = boundingBox(other, merged);
      if (area(box) > area(other) + area(merged)) continue;
      if (contains(other, merged)) return;
      merged = box;
      this.#rects.splice(index, 1);
      // A larger rectangle may now join with earlier ones.
      index = -1;
    }
    this.#rects.push(merged);
    if (this.#rects.length > maxRects) this.#rects = [this.#rects.reduce(boundingBox)];
  }

  addAll(rects: readonly Rect[]): void {
    for (const rect of rects) this.add(rect);
  }

  clear(): void {
    this.#rects = [];
  }

  /** Hand the rectangles over and start empty. */
  take(): readonly Rect[] {
    const rects = this.#rects;
    this.#rects = [];
    return rects;
  }
}
