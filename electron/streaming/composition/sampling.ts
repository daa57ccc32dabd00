import type { Box, Placement } from '../interfaces/layer';
import type { Rect } from '../interfaces/sync-pattern';
import { intersection } from './regions';

/**
 * Where a canvas position lies in the content: u = u0 + ux·x + uy·y, v = v0 + vx·x + vy·y, both in pixels from the top
 * left corner, and how many pixels of the content fall on one of the canvas along each of its axes.
 */
export interface Sampling {
  readonly u0: number;
  readonly ux: number;
  readonly uy: number;
  readonly v0: number;
  readonly vx: number;
  readonly vy: number;
  readonly scaleU: number;
  readonly scaleV: number;
}

/** Beyond this nothing is drawn: numbers stay within what fixed point holds. */
const maxCoordinatePx = 1e6;

/** Exact where it matters: a quarter turn must land on pixels. */
function turn(degrees: number): { cos: number; sin: number } {
  const quarter = (degrees / 90) % 4;
  if (Number.isInteger(quarter)) {
    const index = (quarter + 4) % 4;
    return { cos: [1, 0, -1, 0][index] as number, sin: [0, 1, 0, -1][index] as number };
  }
  const radians = (degrees * Math.PI) / 180;
  return { cos: Math.cos(radians), sin: Math.sin(radians) };
}

const isUsable = (box: Box): boolean =>
  [box.x, box.y, box.width, box.height].every((value) => Math.abs(value) <= maxCoordinatePx) &&
  box.width > 0 &&
  box.height > 0;

/** Whether a placement can be drawn at all: finite, of some size, within bounds. */
export const isDrawable = ({ box, rotation, part }: Placement): boolean =>
  isUsable(box) && isUsable(part) && Number.isFinite(rotation);

export function samplingOf(placement: Placement): Sampling {
  const { box, rotation, part, isFlippedX, isFlippedY } = placement;
  const { cos, sin } = turn(rotation);
  const scaleU = part.width / box.width;
  const scaleV = part.height / box.height;
  const signU = isFlippedX ? -scaleU : scaleU;
  const signV = isFlippedY ? -scaleV : scaleV;
  const centerX = box.x + box.width / 2;
  const centerY = box.y + box.height / 2;
  // The canvas turned back about the centre, then from the box's size to the part's. (+ 0 keeps −0 out.)
  const ux = cos * signU + 0;
  const uy = sin * signU + 0;
  const vx = -sin * signV + 0;
  const vy = cos * signV + 0;
  return {
    ...{ ux, uy, vx, vy, scaleU, scaleV },
    u0: part.x + part.width / 2 - ux * centerX - uy * centerY,
    v0: part.y + part.height / 2 - vx * centerX - vy * centerY,
  };
}

/** The rectangle around a turned box, in canvas pixels. */
function bounds({ box, rotation }: Placement): { left: number; top: number; right: number; bottom: number } {
  const { cos, sin } = turn(rotation);
  const halfWidth = (Math.abs(cos) * box.width + Math.abs(sin) * box.height) / 2;
  const halfHeight = (Math.abs(sin) * box.width + Math.abs(cos) * box.height) / 2;
  const centerX = box.x + box.width / 2;
  const centerY = box.y + box.height / 2;
  return {
    left: centerX - halfWidth,
    top: centerY - halfHeight,
    right: centerX + halfWidth,
    bottom: centerY + halfHeight,
  };
}

const isUpright = (rotation: number): boolean => Number.isInteger(rotation / 90);
const evenDown = (value: number): number => Math.floor(value / 2) * 2;
const evenUp = (value: number): number => Math.ceil(value / 2) * 2;

/** What of the canvas a placement can touch, even on all sides; null: nothing. */
export function touchedRect(
  placement: Placement,
  canvas: { readonly width: number; readonly height: number },
): Rect | null {
  if (!isDrawable(placement)) return null;
  const { left, top, right, bottom } = bounds(placement);
  // A slanted edge reaches half a pixel of chroma further.
  const reach = isUpright(placement.rotation) ? 0 : 1;
  const x = evenDown(left - reach);
  const y = evenDown(top - reach);
  const whole = { x: 0, y: 0, width: canvas.width, height: canvas.height };
  return intersection({ x, y, width: evenUp(right + reach) - x, height: evenUp(bottom + reach) - y }, whole);
}

/** What of the canvas a placement covers completely, even on all sides; null: not worth knowing. */
export function coveredRect(placement: Placement): Rect | null {
  if (!isDrawable(placement) || !isUpright(placement.rotation)) return null;
  const { left, top, right, bottom } = bounds(placement);
  const x = evenUp(left);
  const y = evenUp(top);
  const width = evenDown(right) - x;
  const height = evenDown(bottom) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}

/** How often a picture is halved before it is sampled, so that no pixel of it is passed over. */
export function halvings(scale: number, size: number): number {
  let count = 0;
  for (let rest = scale; rest >= 2 && size >> (count + 1) >= 2; rest /= 2) count++;
  return count;
}
