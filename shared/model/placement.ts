import type { SceneItem } from './scene';

/** A rectangle in canvas pixels, turned by `rotation` degrees clockwise about its centre. */
export interface ItemBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly rotation: number;
}

/** What of a source's own picture (pixels) an item shows. */
export function croppedPart(
  item: Pick<SceneItem, 'crop'>,
  size: { readonly width: number; readonly height: number },
): { x: number; y: number; width: number; height: number } {
  const x = Math.min(item.crop.left, size.width - 1);
  const y = Math.min(item.crop.top, size.height - 1);
  return {
    x,
    y,
    width: Math.max(1, size.width - x - item.crop.right),
    height: Math.max(1, size.height - y - item.crop.bottom),
  };
}

/** Where an item lies on the canvas, given its source's own size. The engine draws by it and the editor shows it. */
export function itemBox(item: SceneItem, size: { readonly width: number; readonly height: number }): ItemBox {
  const part = croppedPart(item, size);
  const ratio = part.width / part.height;
  const { x, y, rotation } = item;
  const width = item.width ?? (item.height === undefined ? part.width : item.height * ratio);
  const height = item.height ?? (item.width === undefined ? part.height : item.width / ratio);
  return { x, y, width: Math.max(1, Math.round(width)), height: Math.max(1, Math.round(height)), rotation };
}
