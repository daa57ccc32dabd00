import { croppedPart, itemBox } from '../../../shared/model/placement';
import type { ItemBox } from '../../../shared/model/placement';
import type { ItemPatch } from '../../../shared/model/edit';
import type { Crop, SceneItem } from '../../../shared/model/scene';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export type Edge = 'left' | 'centre' | 'right' | 'top' | 'middle' | 'bottom';

/** The upright rectangle around a turned box. */
export function turnedBounds(box: ItemBox): { x: number; y: number; width: number; height: number } {
  const angle = (box.rotation * Math.PI) / 180;
  const cos = Math.abs(Math.cos(angle));
  const sin = Math.abs(Math.sin(angle));
  const width = box.width * cos + box.height * sin;
  const height = box.width * sin + box.height * cos;
  return {
    x: box.x + (box.width - width) / 2,
    y: box.y + (box.height - height) / 2,
    width,
    height,
  };
}

const place = (value: number): number => Math.min(16_384, Math.max(-16_384, Math.round(value)));
const side = (value: number): number => Math.min(16_384, Math.max(1, Math.round(value)));

/** Where the box must go for its outline to lie at an edge or in the middle of the canvas. */
export function aligned(box: ItemBox, canvas: Size, edge: Edge): Pick<ItemPatch, 'x' | 'y'> {
  const bounds = turnedBounds(box);
  const target = {
    left: { x: 0 },
    centre: { x: (canvas.width - bounds.width) / 2 },
    right: { x: canvas.width - bounds.width },
    top: { y: 0 },
    middle: { y: (canvas.height - bounds.height) / 2 },
    bottom: { y: canvas.height - bounds.height },
  }[edge];
  return 'x' in target
    ? { x: place(box.x + target.x - bounds.x) }
    : { y: place(box.y + target.y - bounds.y) };
}

/** Upright and centred: as large as fits with its proportions, or over the whole canvas without them. */
export function fitted(
  item: Pick<SceneItem, 'crop'>,
  size: Size,
  canvas: Size,
  how: 'contain' | 'stretch' | 'noLarger',
): { x: number; y: number; width: number; height: number; rotation: number } {
  const part = croppedPart(item, size);
  const scale = Math.min(canvas.width / part.width, canvas.height / part.height);
  const taken = how === 'noLarger' ? Math.min(1, scale) : scale;
  const width = how === 'stretch' ? canvas.width : side(part.width * taken);
  const height = how === 'stretch' ? canvas.height : side(part.height * taken);
  return {
    x: place((canvas.width - width) / 2),
    y: place((canvas.height - height) / 2),
    width,
    height,
    rotation: 0,
  };
}

/** A new size; linked sides keep their proportions. */
export function resized(
  box: ItemBox,
  change: { width: number } | { height: number },
  isLinked: boolean,
): { width: number; height: number } {
  if ('width' in change)
    return {
      width: side(change.width),
      height: isLinked ? side((change.width * box.height) / box.width) : box.height,
    };
  return {
    height: side(change.height),
    width: isLinked ? side((change.height * box.width) / box.height) : box.width,
  };
}

export const wholePicture: Crop = { left: 0, top: 0, right: 0, bottom: 0 };

/** An edge cut off further (or less): what stays is left where it is and as large as it was. */
export function cropped(item: SceneItem, size: Size | null, edge: keyof Crop, value: number): ItemPatch {
  const crop = { ...item.crop, [edge]: value };
  if (!size) return { crop };
  const before = croppedPart(item, size);
  const after = croppedPart({ crop }, size);
  const box = itemBox(item, size);
  const scaleX = box.width / before.width;
  const scaleY = box.height / before.height;
  const width = side(after.width * scaleX);
  const height = side(after.height * scaleY);
  const isFirstEdge = (first: keyof Crop, last: keyof Crop, isFlipped: boolean): boolean =>
    edge === (isFlipped ? last : first);
  // A turned box turns about its centre; keeping its middle is what can be told from the fields alone.
  const isTurned = item.rotation % 360 !== 0;
  const shiftX = isTurned ? 0.5 : isFirstEdge('left', 'right', item.isFlippedX) ? 1 : 0;
  const shiftY = isTurned ? 0.5 : isFirstEdge('top', 'bottom', item.isFlippedY) ? 1 : 0;
  return {
    crop,
    x: place(box.x + (box.width - width) * shiftX),
    y: place(box.y + (box.height - height) * shiftY),
    width,
    height,
  };
}

/** As it was when it came: at its source's own size, upright, whole. */
export const resetPatch: ItemPatch = {
  x: 0,
  y: 0,
  width: null,
  height: null,
  rotation: 0,
  isFlippedX: false,
  isFlippedY: false,
  crop: wholePicture,
};
