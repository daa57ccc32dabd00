import type { LumaPicture } from './watched-stream';

const at = ({ luma, width }: LumaPicture, x: number, y: number): number => luma[y * width + x] ?? 0;

/**
 * The edges of a bright area on darker ground, seen along a row and a column through a point inside it, to a part of a
 * pixel: where the luma passes the middle between inside and outside.
 */
export function edgesAround(
  picture: LumaPicture,
  inside: { readonly x: number; readonly y: number },
): { left: number; right: number; top: number; bottom: number } {
  const [x, y] = [Math.round(inside.x), Math.round(inside.y)];
  const middle = (at(picture, x, y) + 60) / 2;
  const edge = (read: (place: number) => number, from: number, step: 1 | -1, end: number): number => {
    for (let place = from; place !== end; place += step) {
      const [here, next] = [read(place), read(place + step)];
      if (here >= middle && next < middle)
        return place + 0.5 + step * ((here - middle) / Math.max(1, here - next));
    }
    return Number.NaN;
  };
  const [row, column] = [(px: number) => at(picture, px, y), (py: number) => at(picture, x, py)];
  return {
    left: edge(row, x, -1, 0),
    right: edge(row, x, 1, picture.width - 1),
    top: edge(column, y, -1, 0),
    bottom: edge(column, y, 1, picture.height - 1),
  };
}

/** Coverage of a drawing, 0…255, rows without padding. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly coverage: Uint8Array;
}

/**
 * Looks for a bright drawing around a place: the shift at which picture and drawing agree best, and how well
 * (normalised cross-correlation, 1: the same up to brightness and contrast).
 */
export function findDrawing(
  picture: LumaPicture,
  mask: Mask,
  place: { readonly x: number; readonly y: number },
  reach = 6,
): { dx: number; dy: number; likeness: number } {
  let best = { dx: 0, dy: 0, likeness: -1 };
  for (let dy = -reach; dy <= reach; dy += 1)
    for (let dx = -reach; dx <= reach; dx += 1) {
      const likeness = correlation(picture, mask, Math.round(place.x) + dx, Math.round(place.y) + dy);
      if (likeness > best.likeness) best = { dx, dy, likeness };
    }
  return best;
}

function correlation(picture: LumaPicture, mask: Mask, left: number, top: number): number {
  const sums = { a: 0, b: 0, aa: 0, bb: 0, ab: 0 };
  for (let y = 0; y < mask.height; y += 1)
    for (let x = 0; x < mask.width; x += 1) {
      const a = at(picture, left + x, top + y);
      const b = mask.coverage[y * mask.width + x] ?? 0;
      sums.a += a;
      sums.b += b;
      sums.aa += a * a;
      sums.bb += b * b;
      sums.ab += a * b;
    }
  const count = mask.width * mask.height;
  const spread = (square: number, sum: number): number => square - (sum * sum) / count;
  const both = Math.sqrt(spread(sums.aa, sums.a) * spread(sums.bb, sums.b));
  return both > 0 ? (sums.ab - (sums.a * sums.b) / count) / both : 0;
}
