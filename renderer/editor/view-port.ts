import type { ItemBox } from '../../shared/model/placement';
import type { Point, Rect, Size } from './geometry';

/** How the canvas lies in the stage: `scale` CSS pixels for each canvas pixel, its top left corner at x, y. */
export interface ViewPort {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export const leastScale = 0.05;
export const mostScale = 8;
/** of the canvas, that stays in sight whatever is panned */
const keptInSightPx = 48;

export const toScreen = (view: ViewPort, point: Point): Point => ({
  x: view.x + point.x * view.scale,
  y: view.y + point.y * view.scale,
});
export const toCanvas = (view: ViewPort, point: Point): Point => ({
  x: (point.x - view.x) / view.scale,
  y: (point.y - view.y) / view.scale,
});
export const boxToScreen = (view: ViewPort, box: ItemBox): ItemBox => ({
  ...toScreen(view, box),
  width: box.width * view.scale,
  height: box.height * view.scale,
  rotation: box.rotation,
});
export const rectToScreen = (view: ViewPort, rect: Rect): Rect => ({
  ...toScreen(view, rect),
  width: rect.width * view.scale,
  height: rect.height * view.scale,
});

const commonDivisor = (one: number, other: number): number =>
  other === 0 ? one : commonDivisor(other, one % other);
/** so much smaller a picture may be to cover whole pixels */
const leastShare = 0.92;

/**
 * The whole canvas, centred, with a margin for handles. Where its proportions allow it, it covers whole and even numbers
 * of pixels: a preview of just that size is shown as it comes, which is sharper and costs a browser half as much.
 */
export function fittedView(room: Size, canvas: Size, marginPx: number): ViewPort {
  const most = Math.max(
    0.001,
    Math.min((room.width - 2 * marginPx) / canvas.width, (room.height - 2 * marginPx) / canvas.height),
  );
  // 1920×1080 are 120 times 16×9: the scales in question are the 120th parts.
  const parts = commonDivisor(canvas.width, canvas.height);
  const even = (Math.floor((most * parts) / 2) * 2) / parts;
  const scale = even >= most * leastShare ? even : most;
  return {
    scale,
    x: Math.round((room.width - canvas.width * scale) / 2),
    y: Math.round((room.height - canvas.height * scale) / 2),
  };
}

/** Some of the canvas always stays in sight. */
export function withinRoom(view: ViewPort, room: Size, canvas: Size): ViewPort {
  const kept = (place: number, length: number, available: number): number =>
    Math.min(available - keptInSightPx, Math.max(keptInSightPx - length, place));
  return {
    scale: view.scale,
    x: kept(view.x, canvas.width * view.scale, room.width),
    y: kept(view.y, canvas.height * view.scale, room.height),
  };
}

/** Larger or smaller, with the point under the pointer staying there. @param at CSS pixels of the stage */
export function zoomedView(view: ViewPort, at: Point, scale: number): ViewPort {
  const next = Math.min(mostScale, Math.max(leastScale, scale));
  const ratio = next / view.scale;
  return { scale: next, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio };
}

export const pannedView = (view: ViewPort, by: Point): ViewPort => ({
  ...view,
  x: view.x + by.x,
  y: view.y + by.y,
});
