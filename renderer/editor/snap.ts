import type { ItemBox } from '../../shared/model/placement';
import { boundsOf, intoBox, isQuarterTurn, turned } from './geometry';
import type { Point, Rect, Size } from './geometry';
import { handleSide, isCorner, scaledBox } from './reshape';
import type { HandleName, Scale } from './reshape';

/** A line that edges and centres stick to; `from` … `to` is where the thing lies that it belongs to. */
interface SnapLine {
  readonly at: number;
  readonly from: number;
  readonly to: number;
}
export interface SnapLines {
  /** upright lines */
  readonly x: readonly SnapLine[];
  /** level lines */
  readonly y: readonly SnapLine[];
}
/** What is drawn while something sticks: an upright line at x = `at`, or a level one at y = `at`. */
export interface Guide {
  readonly axis: 'x' | 'y';
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

const lengthOf = { x: 'width', y: 'height' } as const;
const other = { x: 'y', y: 'x' } as const;
const axes = ['x', 'y'] as const;

function linesOf(rect: Rect, axis: 'x' | 'y'): SnapLine[] {
  const across = other[axis];
  const from = rect[across];
  const to = from + rect[lengthOf[across]];
  const start = rect[axis];
  const length = rect[lengthOf[axis]];
  return [start, start + length / 2, start + length].map((at) => ({ at, from, to }));
}

/** Edges and centres of the canvas and of the things that stand still. */
export function snapLines(canvas: Size, boxes: readonly ItemBox[]): SnapLines {
  const rects = [{ x: 0, y: 0, ...canvas }, ...boxes.flatMap((box) => boundsOf([box]) ?? [])];
  return {
    x: rects.flatMap((rect) => linesOf(rect, 'x')),
    y: rects.flatMap((rect) => linesOf(rect, 'y')),
  };
}

/** The nearest line within reach. */
function nearest(values: readonly number[], lines: readonly SnapLine[], reach: number): number | null {
  let best: number | null = null;
  for (const value of values)
    for (const { at } of lines) {
      const offset = at - value;
      if (Math.abs(offset) <= reach && (best === null || Math.abs(offset) < Math.abs(best))) best = offset;
    }
  return best;
}

/** Lines that go through an edge or the centre of the rectangle as it lies now. */
export function guidesOf(rect: Rect, lines: SnapLines, isFor: Readonly<Record<'x' | 'y', boolean>>): Guide[] {
  return axes.flatMap((axis) => {
    if (!isFor[axis]) return [];
    const own = linesOf(rect, axis);
    const guides = new Map<number, Guide>();
    for (const line of lines[axis])
      for (const { at, from, to } of own) {
        if (Math.abs(line.at - at) > 0.51) continue;
        const before = guides.get(line.at);
        guides.set(line.at, {
          axis,
          at: line.at,
          from: Math.min(from, line.from, before?.from ?? from),
          to: Math.max(to, line.to, before?.to ?? to),
        });
      }
    return [...guides.values()];
  });
}

/**
 * How far a rectangle that is being moved should go besides, so that it sticks to a line.
 * @param reach canvas pixels; no axis is ever moved further
 */
export function snapMove(
  rect: Rect,
  lines: SnapLines,
  reach: number,
): { shift: Point; guides: readonly Guide[] } {
  const offset = (axis: 'x' | 'y'): number | null =>
    nearest(
      linesOf(rect, axis).map(({ at }) => at),
      lines[axis],
      reach,
    );
  const [x, y] = [offset('x'), offset('y')];
  const shift = { x: x ?? 0, y: y ?? 0 };
  const moved = { ...rect, x: rect.x + shift.x, y: rect.y + shift.y };
  return { shift, guides: guidesOf(moved, lines, { x: x !== null, y: y !== null }) };
}

/** The scale at which the edges that are being pulled stick to a line. Boxes at an angle stick to nothing. */
export function snapScale(
  box: ItemBox,
  handle: HandleName,
  scale: Scale,
  lines: SnapLines,
  reach: number,
  { keepsRatio, isFromCentre }: { keepsRatio: boolean; isFromCentre: boolean },
): { scale: Scale; guides: readonly Guide[] } {
  const none = { scale, guides: [] };
  if (!isQuarterTurn(box.rotation)) return none;
  const bounds = boundsOf([scaledBox(box, handle, scale, isFromCentre)]);
  if (!bounds) return none;
  const side = handleSide(handle);
  const canvasSide = turned(side, { x: 0, y: 0 }, box.rotation);
  const offsetOf = (axis: 'x' | 'y'): number | null => {
    const end = Math.round(canvasSide[axis]);
    if (end === 0) return null;
    const edge = bounds[axis] + (end > 0 ? bounds[lengthOf[axis]] : 0);
    return nearest([edge], lines[axis], reach);
  };
  let offset = { x: offsetOf('x'), y: offsetOf('y') };
  if (keepsRatio && isCorner(handle) && offset.x !== null && offset.y !== null)
    offset = Math.abs(offset.x) <= Math.abs(offset.y) ? { x: offset.x, y: null } : { x: null, y: offset.y };
  if (offset.x === null && offset.y === null) return none;

  const local = intoBox({ x: offset.x ?? 0, y: offset.y ?? 0 }, box.rotation);
  const isOnItsSide = Math.round(box.rotation / 90) % 2 !== 0;
  const localOf = isOnItsSide ? { x: offset.y, y: offset.x } : offset;
  const grown = (axis: 'x' | 'y'): number =>
    scale[axis] + (side[axis] * local[axis] * (isFromCentre ? 2 : 1)) / box[lengthOf[axis]];
  let snapped = { x: grown('x'), y: grown('y') };
  if (keepsRatio) {
    const one = localOf.x === null ? snapped.y : snapped.x;
    snapped = { x: one, y: one };
  }
  const least = { x: 1 / box.width, y: 1 / box.height };
  if (snapped.x < least.x || snapped.y < least.y) return none;
  const after = boundsOf([scaledBox(box, handle, snapped, isFromCentre)]) ?? bounds;
  return {
    scale: snapped,
    guides: guidesOf(after, lines, { x: offset.x !== null, y: offset.y !== null }),
  };
}

/** Within this many degrees of upright or level, turning sticks. */
const turnReach = 2;
/** @param degrees the rotation as it would be */
export function snapTurn(
  degrees: number,
  { isStepped, isFree }: { isStepped: boolean; isFree: boolean },
): number {
  if (isStepped) return Math.round(degrees / 15) * 15;
  const quarter = Math.round(degrees / 90) * 90;
  return !isFree && Math.abs(degrees - quarter) <= turnReach ? quarter : degrees;
}
