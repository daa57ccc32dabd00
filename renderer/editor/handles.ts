import type { ItemBox } from '../../shared/model/placement';
import { centreOf, turned } from './geometry';
import type { Point, Size } from './geometry';
import { handleNames, handleSide, isCorner } from './reshape';
import type { HandleName } from './reshape';

/** What a pointer can take hold of besides the items themselves. */
export type Grip = HandleName | 'rotate';

/** CSS pixels. A finger needs more than is drawn. */
const reachPx = 9;
const rotateDistancePx = 26;
/** a side shorter than this has no handle in its middle: there would be nothing left to move the item by */
const shortestSidePx = 36;

export interface PlacedGrip {
  readonly grip: Grip;
  /** CSS pixels of the stage */
  readonly at: Point;
}

/**
 * Where the grips of a box are drawn.
 * @param box in CSS pixels of the stage
 * @param room the stage; a rotate handle that would lie outside of it goes into the box
 */
export function gripsOf(box: ItemBox, room: Size): PlacedGrip[] {
  const centre = centreOf(box);
  const at = (x: number, y: number): Point =>
    turned({ x: centre.x + x, y: centre.y + y }, centre, box.rotation);
  const handles = handleNames
    .filter((handle) => {
      if (isCorner(handle)) return true;
      return (handleSide(handle).x === 0 ? box.width : box.height) >= shortestSidePx;
    })
    .map((handle) => {
      const side = handleSide(handle);
      return { grip: handle, at: at((side.x * box.width) / 2, (side.y * box.height) / 2) };
    });
  const outside = at(0, -box.height / 2 - rotateDistancePx);
  const isInSight = ({ x, y }: Point): boolean => x > 8 && y > 8 && x < room.width - 8 && y < room.height - 8;
  const below = at(0, box.height / 2 + rotateDistancePx);
  const inside = at(0, -box.height / 2 + rotateDistancePx);
  const rotate = [outside, below].find(isInSight) ?? inside;
  return [...handles, { grip: 'rotate', at: rotate }];
}

/** The grip under a pointer; of two in reach the nearer, and corners before sides. */
export function gripAt(grips: readonly PlacedGrip[], point: Point): Grip | null {
  let best: { grip: Grip; distance: number } | null = null;
  for (const { grip, at } of grips) {
    const distance = Math.max(Math.abs(at.x - point.x), Math.abs(at.y - point.y));
    if (distance <= reachPx && (best === null || distance < best.distance)) best = { grip, distance };
  }
  return best?.grip ?? null;
}

const resizeCursors = ['ns-resize', 'nesw-resize', 'ew-resize', 'nwse-resize'] as const;

/** The arrow that shows which way a handle goes, as the box is turned. */
export function resizeCursor(handle: HandleName, rotation: number): string {
  const side = handleSide(handle);
  // clockwise from straight up
  const angle = (Math.atan2(side.x, -side.y) * 180) / Math.PI + rotation;
  const step = (((Math.round(angle / 45) % 4) + 4) % 4) as 0 | 1 | 2 | 3;
  return resizeCursors[step];
}
