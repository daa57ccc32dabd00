import { croppedPart, itemBox } from '../../../shared/model/placement';
import type { ItemBox } from '../../../shared/model/placement';
import type { Scene, SceneItem } from '../../../shared/model/scene';
import type { Box, Layer, LayerContent, Picture, PictureRequest, Placement } from '../interfaces/layer';
import { keyColorOf } from './key-color';
import { clipLayer, contentSize } from './layer-stack';

const odd = (value: number): 0 | 1 => ((value & 1) === 1 ? 1 : 0);

/** Whether an item can contribute anything to the picture. */
export const isDrawn = (item: SceneItem): boolean => item.visible && Math.round(item.opacity * 255) > 0;

/** Turned or mirrored pictures go through the sampler wherever they are. */
const isPlain = (item: SceneItem): boolean =>
  item.rotation % 360 === 0 && !item.isFlippedX && !item.isFlippedY;

/** What an item asks of its source: crop, final size, and the padding that lands it on even coordinates. */
export function requestFor(item: SceneItem): PictureRequest {
  const { left, top, right, bottom } = item.crop;
  return {
    crop: { left, top, right, bottom },
    width: item.width,
    height: item.height,
    padX: isPlain(item) ? odd(item.x) : 0,
    padY: isPlain(item) ? odd(item.y) : 0,
  };
}

/** A picture that was delivered for an item, perhaps for another request. */
export type DeliveredPicture = Omit<Picture, 'release'>;

/**
 * The layers of a scene from bottom to top: visible items whose picture is there and which touch the canvas. A picture
 * that was made for the item as it is goes onto the canvas pixel by pixel; any other (the item is being dragged, or its
 * source delivers one size only) is sampled.
 */
export function drawList(
  scene: Scene,
  canvas: { width: number; height: number },
  pictureOf: (item: SceneItem) => DeliveredPicture | undefined,
): Layer[] {
  const layers: Layer[] = [];
  for (const item of scene.items) {
    if (!isDrawn(item)) continue;
    const picture = pictureOf(item);
    const layer = picture && layerOf(item, picture);
    if (layer && clipLayer(layer, canvas)) layers.push(layer);
  }
  return layers;
}

function layerOf(item: SceneItem, picture: DeliveredPicture): Layer | null {
  const { content } = picture;
  const base = { itemId: item.id, opacity: Math.round(item.opacity * 255) };
  const key = item.chromaKey && content.type !== 'sync' ? { key: keyColorOf(item.chromaKey) } : {};
  const { width, height } = contentSize(content);
  const area = picture.area ?? { x: 0, y: 0, width, height };
  const part = picture.part ?? {
    x: 0,
    y: 0,
    ...(picture.size ?? { width: area.width, height: area.height }),
  };
  // Without a size of its own there is nothing to crop: whatever was delivered is all of it.
  const box = picture.size
    ? itemBox(item, picture.size)
    : itemBox({ ...item, crop: { left: 0, top: 0, right: 0, bottom: 0 } }, part);
  if (content.type === 'sync') return { ...base, ...syncAt(box) };
  const shown = picture.size ? croppedPart(item, picture.size) : part;
  const placement = placed(item, box, shown, part, area);
  if (!placement) return null;
  const plain = isPlain(item) ? plainPlace(placement, area, content) : null;
  return plain ? { ...base, ...plain, content, ...key } : { ...base, x: 0, y: 0, content, placement, ...key };
}

/** The pattern is drawn anew for each frame in any size, but always upright. */
function syncAt(box: ItemBox): Pick<Layer, 'x' | 'y' | 'content'> {
  const even = (value: number): number => Math.floor(value / 2) * 2;
  return {
    x: even(box.x),
    y: even(box.y),
    content: { type: 'sync', width: Math.max(2, even(box.width)), height: Math.max(2, even(box.height)) },
  };
}

/** Where a picture goes whose every pixel is one of the canvas, at even places; null: it must be sampled. */
function plainPlace(
  { box, part }: Placement,
  area: Box,
  content: LayerContent,
): { x: number; y: number } | null {
  const x = box.x - area.x;
  const y = box.y - area.y;
  const { width, height } = contentSize(content);
  const isAll = part === area;
  const isSameSize = box.width === area.width && box.height === area.height;
  // Padding is transparent, so that it may lie on the canvas; an opaque picture has none.
  const isWhole = width - area.width - area.x <= 1 && height - area.height - area.y <= 1;
  return isAll && isSameSize && isWhole && x % 2 === 0 && y % 2 === 0 ? { x, y } : null;
}

/**
 * How the content fills the item's box, when `shown` is what the item wants of its source's picture, `part` what was
 * delivered of it, and `area` where that lies in the content. What was wanted and not delivered stays empty.
 */
function placed(item: SceneItem, box: ItemBox, shown: Box, part: Box, area: Box): Placement | null {
  const { isFlippedX, isFlippedY, rotation } = item;
  const isAll =
    shown.x === part.x && shown.y === part.y && shown.width === part.width && shown.height === part.height;
  if (isAll) {
    const { x, y, width, height } = box;
    return { box: { x, y, width, height }, rotation, isFlippedX, isFlippedY, part: area };
  }
  const left = Math.max(shown.x, part.x);
  const top = Math.max(shown.y, part.y);
  const width = Math.min(shown.x + shown.width, part.x + part.width) - left;
  const height = Math.min(shown.y + shown.height, part.y + part.height) - top;
  if (!(width > 0 && height > 0)) return null;
  const scaleX = box.width / shown.width;
  const scaleY = box.height / shown.height;
  // Mirrored, what is at the left of the picture lies at the right of the box.
  const fromLeft = isFlippedX ? shown.x + shown.width - left - width : left - shown.x;
  const fromTop = isFlippedY ? shown.y + shown.height - top - height : top - shown.y;
  const inBox = {
    x: box.x + fromLeft * scaleX,
    y: box.y + fromTop * scaleY,
    width: width * scaleX,
    height: height * scaleY,
  };
  const zoomX = area.width / part.width;
  const zoomY = area.height / part.height;
  return {
    box: turnedAbout(inBox, box),
    ...{ rotation, isFlippedX, isFlippedY },
    part: {
      x: area.x + (left - part.x) * zoomX,
      y: area.y + (top - part.y) * zoomY,
      width: width * zoomX,
      height: height * zoomY,
    },
  };
}

/** A part of a turned box as a box of its own that is turned as much: its centre goes round that of the whole. */
function turnedAbout(inner: Box, whole: ItemBox): Box {
  const dx = inner.x + inner.width / 2 - (whole.x + whole.width / 2);
  const dy = inner.y + inner.height / 2 - (whole.y + whole.height / 2);
  if (whole.rotation % 360 === 0 || (dx === 0 && dy === 0)) return inner;
  const radians = (whole.rotation * Math.PI) / 180;
  const turnedX = dx * Math.cos(radians) - dy * Math.sin(radians);
  const turnedY = dx * Math.sin(radians) + dy * Math.cos(radians);
  return { ...inner, x: inner.x + turnedX - dx, y: inner.y + turnedY - dy };
}
