import type { AnySource } from '../../../shared/model/source';
import type { SceneItem } from '../../../shared/model/scene';
import { fitted } from '../properties/arrange';
import type { Size } from '../properties/arrange';

type Place = Partial<Pick<SceneItem, 'x' | 'y' | 'width' | 'height'>>;

const whole = { left: 0, top: 0, right: 0, bottom: 0 };

/** Kinds that are the picture; the others lie in it and are never blown up. */
const fillsCanvas = new Set(['screen', 'browser-capture', 'media', 'ingest', 'camera']);
const isFilling = (source: AnySource): boolean => fillsCanvas.has(source.kind);
/** A face beside a game: the lower right corner, a quarter of the width. */
const isBeside = (source: AnySource): boolean =>
  source.kind === 'camera' ||
  (source.kind === 'browser-capture' && 'capture' in source && source.capture === 'camera');

/**
 * Where a new item lies: whole in the canvas and in its middle. A camera that joins other things goes to the corner. Of
 * a picture whose size is not known, what is filling takes the canvas's width until it is.
 */
export function firstPlace(
  source: AnySource,
  ownSize: Size | null,
  canvas: Size,
  isSceneEmpty: boolean,
): Place {
  const size = ownSize ?? guessedSize(source, canvas);
  if (!size) return isFilling(source) ? { x: 0, y: 0, width: canvas.width } : {};
  if (isBeside(source) && !isSceneEmpty) return inCorner(size, canvas);
  const { rotation: _rotation, ...place } = fitted(
    { crop: whole },
    size,
    canvas,
    isFilling(source) ? 'contain' : 'noLarger',
  );
  // At its own size an item needs no size of its own: it follows its source, as a text that grows.
  const isOwnSize = place.width === size.width && place.height === size.height;
  return isOwnSize ? { x: place.x, y: place.y } : place;
}

function inCorner(size: Size, canvas: Size): Place {
  const width = Math.round(canvas.width / 4);
  const height = Math.max(1, Math.round((width * size.height) / size.width));
  const margin = Math.round(canvas.width / 48);
  return { x: canvas.width - width - margin, y: canvas.height - height - margin, width, height };
}

/** A text is seen at once, roughly where it will stay. */
function guessedSize(source: AnySource, canvas: Size): Size | null {
  if (source.kind === 'color' && 'width' in source && 'height' in source)
    return { width: Number(source.width), height: Number(source.height) };
  if (source.kind !== 'text' && source.kind !== 'clock') return null;
  const sizePx = 'sizePx' in source ? Number(source.sizePx) : 64;
  const letters = 'text' in source ? String(source.text).length : 8;
  return {
    width: Math.min(canvas.width, Math.round(letters * sizePx * 0.55)),
    height: Math.round(sizePx * 1.25),
  };
}
