import type { Scene, SceneItem } from '../../../shared/model/scene';
import type { Layer, LayerContent, PictureRequest } from '../interfaces/layer';
import { clipLayer } from './layer-stack';

const odd = (value: number): 0 | 1 => ((value & 1) === 1 ? 1 : 0);

/** Whether an item can contribute anything to the picture. */
export const isDrawn = (item: SceneItem): boolean => item.visible && Math.round(item.opacity * 255) > 0;

/** What an item asks of its source: crop, final size, and the padding that lands it on even coordinates. */
export function requestFor(item: SceneItem): PictureRequest {
  const { left, top, right, bottom } = item.crop;
  return {
    crop: { left, top, right, bottom },
    width: item.width,
    height: item.height,
    padX: odd(item.x),
    padY: odd(item.y),
  };
}

/** A picture that was delivered for an item, with the padding it was made for. */
export interface DeliveredPicture {
  readonly content: LayerContent;
  readonly padX: 0 | 1;
  readonly padY: 0 | 1;
}

const evenFloor = (value: number): number => Math.floor(value / 2) * 2;

/**
 * The layers of a scene from bottom to top: visible items whose picture is there and which touch the canvas. A picture
 * made for another parity (the item has just been moved) is shown one pixel off until the right one arrives.
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
    if (!picture) continue;
    const layer: Layer = {
      itemId: item.id,
      x: evenFloor(item.x - picture.padX),
      y: evenFloor(item.y - picture.padY),
      opacity: Math.round(item.opacity * 255),
      content: picture.content,
    };
    if (clipLayer(layer, canvas)) layers.push(layer);
  }
  return layers;
}
