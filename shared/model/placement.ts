import type { SceneItem } from './scene';

/** A rectangle in canvas pixels, turned by `rotation` degrees clockwise about its centre. */
export interface ItemBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly rotation: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** What of a source's own picture (pixels) an item shows; at least one pixel of it, whatever the crop says. */
export function croppedPart(
  item: Pick<SceneItem, 'crop'>,
  size: Size,
): { x: number; y: number; width: number; height: number } {
  const x = Math.max(0, Math.min(item.crop.left, size.width - 1));
  const y = Math.max(0, Math.min(item.crop.top, size.height - 1));
  return {
    x,
    y,
    width: Math.max(1, size.width - x - item.crop.right),
    height: Math.max(1, size.height - y - item.crop.bottom),
  };
}

/** How large that part is shown, whole pixels: its own size, or as wanted; one side alone keeps the proportions. */
export function itemSize(
  wanted: { readonly width?: number | undefined; readonly height?: number | undefined },
  part: Size,
): Size {
  const ratio = part.width / part.height;
  const width = wanted.width ?? (wanted.height === undefined ? part.width : wanted.height * ratio);
  const height = wanted.height ?? (wanted.width === undefined ? part.height : wanted.width / ratio);
  return { width: Math.max(1, Math.round(width)), height: Math.max(1, Math.round(height)) };
}

/** Where an item lies on the canvas, given its source's own size. The engine draws by it and the editor shows it. */
export function itemBox(item: SceneItem, size: Size): ItemBox {
  return { x: item.x, y: item.y, ...itemSize(item, croppedPart(item, size)), rotation: item.rotation };
}
