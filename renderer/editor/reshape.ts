import type { ItemPatch } from '../../shared/model/edit';
import { croppedPart } from '../../shared/model/placement';
import type { ItemBox } from '../../shared/model/placement';
import type { Crop, SceneItem } from '../../shared/model/scene';
import { centreOf, intoBox, isQuarterTurn, normalDegrees, turned } from './geometry';
import type { Point, Rect, Size } from './geometry';

/** Compass names of the eight handles, before the box is turned. */
export const handleNames = ['nw', 'n', 'ne', 'e', 'se', 's', 'sw', 'w'] as const;
export type HandleName = (typeof handleNames)[number];

/** Which way a handle lies from the centre: −1, 0 or 1 on each axis. */
export const handleSide = (handle: HandleName): Point => ({
  x: handle.includes('e') ? 1 : handle.includes('w') ? -1 : 0,
  y: handle.includes('s') ? 1 : handle.includes('n') ? -1 : 0,
});
export const isCorner = (handle: HandleName): boolean => handle.length === 2;

export interface Scale {
  readonly x: number;
  readonly y: number;
}

const largestPx = 16_384;
const clamped = (value: number, least: number, most: number): number =>
  Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : least;
const wholeSize = (value: number): number => clamped(Math.round(value), 1, largestPx);
const wholePlace = (value: number): number =>
  // `+ 0`: no −0 on the wire
  Number.isFinite(value) ? clamped(Math.round(value), -largestPx, largestPx) + 0 : 0;

/** The nearest box that a scene item can have: whole pixels within the schema's bounds. */
export const fittingBox = ({ x, y, width, height, rotation }: ItemBox): ItemBox => ({
  x: wholePlace(x),
  y: wholePlace(y),
  width: wholeSize(width),
  height: wholeSize(height),
  rotation: Number.isFinite(rotation) ? normalDegrees(rotation) : 0,
});

/** Of another size, with the side opposite to the handle (or the centre) where it was, whatever the turn. */
export function anchoredBox(box: ItemBox, handle: HandleName, size: Size, isFromCentre = false): ItemBox {
  const side = isFromCentre ? { x: 0, y: 0 } : handleSide(handle);
  const { width, height } = { width: wholeSize(size.width), height: wholeSize(size.height) };
  const centre = centreOf(box);
  const grown = { x: (side.x * (width - box.width)) / 2, y: (side.y * (height - box.height)) / 2 };
  const shift = turned(grown, { x: 0, y: 0 }, box.rotation);
  return fittingBox({
    x: centre.x + shift.x - width / 2,
    y: centre.y + shift.y - height / 2,
    width,
    height,
    rotation: box.rotation,
  });
}

/**
 * How a box scales when one of its handles is pulled.
 * @param shift canvas pixels that the pointer went
 */
export function pulledScale(
  box: ItemBox,
  handle: HandleName,
  shift: Point,
  { keepsRatio, isFromCentre }: { keepsRatio: boolean; isFromCentre: boolean },
): Scale {
  const side = handleSide(handle);
  const local = intoBox(shift, box.rotation);
  const reach = isFromCentre ? 2 : 1;
  const width = box.width + side.x * local.x * reach;
  const height = box.height + side.y * local.y * reach;
  const least = { x: 1 / box.width, y: 1 / box.height };
  if (!keepsRatio)
    return { x: Math.max(least.x, width / box.width), y: Math.max(least.y, height / box.height) };
  const scale = isCorner(handle)
    ? // The point of the diagonal that is nearest to the pointer.
      (width * box.width + height * box.height) / (box.width ** 2 + box.height ** 2)
    : side.x === 0
      ? height / box.height
      : width / box.width;
  const one = Math.max(scale, least.x, least.y);
  return { x: one, y: one };
}

export const scaledBox = (box: ItemBox, handle: HandleName, scale: Scale, isFromCentre = false): ItemBox =>
  anchoredBox(box, handle, { width: box.width * scale.x, height: box.height * scale.y }, isFromCentre);

/** Where a box goes when the upright rectangle around it and others becomes another one. */
export function carriedBox(box: ItemBox, from: Rect, to: Rect): ItemBox {
  const scale = { x: to.width / Math.max(1, from.width), y: to.height / Math.max(1, from.height) };
  const centre = centreOf(box);
  const isOnItsSide = isQuarterTurn(box.rotation) && box.rotation % 180 !== 0;
  const size = {
    width: box.width * (isOnItsSide ? scale.y : scale.x),
    height: box.height * (isOnItsSide ? scale.x : scale.y),
  };
  return fittingBox({
    x: to.x + (centre.x - from.x) * scale.x - size.width / 2,
    y: to.y + (centre.y - from.y) * scale.y - size.height / 2,
    ...size,
    rotation: box.rotation,
  });
}

/** Turned about any point, its own centre or that of a group. */
export function turnedBox(box: ItemBox, pivot: Point, degrees: number): ItemBox {
  const centre = turned(centreOf(box), pivot, degrees);
  return fittingBox({
    x: centre.x - box.width / 2,
    y: centre.y - box.height / 2,
    width: box.width,
    height: box.height,
    rotation: box.rotation + degrees,
  });
}

/** The fields of an item that make its box this one. What an item does not say (its source's own size) it goes on not saying. */
export function boxPatch(before: ItemBox, after: ItemBox): ItemPatch {
  const isResized = before.width !== after.width || before.height !== after.height;
  return {
    x: after.x,
    y: after.y,
    ...(isResized && { width: after.width, height: after.height }),
    ...(before.rotation !== after.rotation && { rotation: after.rotation }),
  };
}

const cropEdges = { x: ['left', 'right'], y: ['top', 'bottom'] } as const;

/** Which edge of the source's picture lies at this end of an axis of the box, mirrored or not. */
const cropEdge = (axis: 'x' | 'y', end: number, isFlipped: boolean): keyof Crop =>
  cropEdges[axis][end > 0 === isFlipped ? 0 : 1];

/**
 * An item cut by pulling a handle of its box: the picture keeps its scale and place, only its edge moves.
 * @param size of the source's own picture
 * @param shift canvas pixels that the pointer went
 */
export function croppedItem(
  item: SceneItem,
  size: Size,
  box: ItemBox,
  handle: HandleName,
  shift: Point,
): { box: ItemBox; patch: ItemPatch } {
  const side = handleSide(handle);
  const local = intoBox(shift, box.rotation);
  const part = croppedPart(item, size);
  const scale = { x: box.width / part.width, y: box.height / part.height };
  const crop = { ...item.crop };
  const next = { width: part.width, height: part.height };
  for (const axis of ['x', 'y'] as const) {
    if (side[axis] === 0) continue;
    const edge = cropEdge(axis, side[axis], axis === 'x' ? item.isFlippedX : item.isFlippedY);
    const length = axis === 'x' ? 'width' : 'height';
    const cut = Math.round((-side[axis] * local[axis]) / scale[axis]);
    const allowed = clamped(cut, -crop[edge], part[length] - 1);
    crop[edge] = clamped(crop[edge] + allowed, 0, 8192);
    next[length] = part[length] - (crop[edge] - item.crop[edge]);
  }
  const after = anchoredBox(box, handle, { width: next.width * scale.x, height: next.height * scale.y });
  const isOwnSize = item.width === undefined && item.height === undefined;
  return {
    box: after,
    patch: {
      crop,
      x: after.x,
      y: after.y,
      ...(!isOwnSize && { width: after.width, height: after.height }),
    },
  };
}

/** The box that the whole picture would have, in the frame of the cropped box before it is turned. */
export function uncutRect(item: SceneItem, size: Size, box: ItemBox): Rect {
  const part = croppedPart(item, size);
  const scale = { x: box.width / part.width, y: box.height / part.height };
  const left = item.crop[cropEdge('x', -1, item.isFlippedX)];
  const top = item.crop[cropEdge('y', -1, item.isFlippedY)];
  return {
    x: box.x - left * scale.x,
    y: box.y - top * scale.y,
    width: size.width * scale.x,
    height: size.height * scale.y,
  };
}
