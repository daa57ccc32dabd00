import type { ItemBox } from '../../shared/model/placement';

/** Canvas pixels, or CSS pixels of the stage where a name says so. */
export interface Point {
  readonly x: number;
  readonly y: number;
}
export interface Size {
  readonly width: number;
  readonly height: number;
}
export type Rect = Point & Size;

export const centreOf = (box: Rect): Point => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });

/** Degrees clockwise, as the eye sees it with y pointing down; quarter turns are exact. */
export function turned(point: Point, centre: Point, degrees: number): Point {
  const dx = point.x - centre.x;
  const dy = point.y - centre.y;
  const { cos, sin } = sineOf(degrees);
  return { x: centre.x + dx * cos - dy * sin, y: centre.y + dx * sin + dy * cos };
}

/** A shift in canvas pixels as a box that is turned so far sees it. */
export const intoBox = (shift: Point, degrees: number): Point => turned(shift, { x: 0, y: 0 }, -degrees);

/** −180 (excluded) … 180, in tenths. */
export function normalDegrees(degrees: number): number {
  const rest = ((degrees % 360) + 360) % 360;
  const tenths = Math.round((rest > 180 ? rest - 360 : rest) * 10) / 10;
  return tenths === -180 ? 180 : tenths + 0;
}

export const isQuarterTurn = (degrees: number): boolean => degrees % 90 === 0;

function sineOf(degrees: number): { cos: number; sin: number } {
  if (isQuarterTurn(degrees)) {
    const quarter = (((degrees / 90) % 4) + 4) % 4;
    return { cos: [1, 0, -1, 0][quarter] ?? 1, sin: [0, 1, 0, -1][quarter] ?? 0 };
  }
  const angle = (degrees * Math.PI) / 180;
  return { cos: Math.cos(angle), sin: Math.sin(angle) };
}

/** Top left, top right, bottom right, bottom left, of the box as it is turned. */
export function cornersOf(box: ItemBox): readonly [Point, Point, Point, Point] {
  const { x, y, width, height, rotation } = box;
  const centre = centreOf(box);
  const at = (px: number, py: number): Point => turned({ x: px, y: py }, centre, rotation);
  return [at(x, y), at(x + width, y), at(x + width, y + height), at(x, y + height)];
}

/** The upright rectangle around turned boxes; null without any. */
export function boundsOf(boxes: readonly ItemBox[]): Rect | null {
  const corners = boxes.flatMap(cornersOf);
  if (corners.length === 0) return null;
  const xs = corners.map(({ x }) => x);
  const ys = corners.map(({ y }) => y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

export function holds(box: ItemBox, point: Point): boolean {
  const { x, y } = turned(point, centreOf(box), -box.rotation);
  return x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;
}

export const rectBetween = (one: Point, other: Point): Rect => ({
  x: Math.min(one.x, other.x),
  y: Math.min(one.y, other.y),
  width: Math.abs(one.x - other.x),
  height: Math.abs(one.y - other.y),
});

/** An upright rectangle and a turned box have a point in common (separating axes: those of both). */
export function meets(rect: Rect, box: ItemBox): boolean {
  const rectCorners = cornersOf({ ...rect, rotation: 0 });
  const overlapsUpright = (turn: number): boolean => {
    const turnBack = (points: readonly Point[]): Point[] =>
      points.map((point) => turned(point, { x: 0, y: 0 }, -turn));
    const one = turnBack(rectCorners);
    const other = turnBack(cornersOf(box));
    return (['x', 'y'] as const).every(
      (axis) =>
        Math.min(...one.map((point) => point[axis])) <= Math.max(...other.map((point) => point[axis])) &&
        Math.min(...other.map((point) => point[axis])) <= Math.max(...one.map((point) => point[axis])),
    );
  };
  return overlapsUpright(0) && overlapsUpright(box.rotation);
}
