import type { ChromaKey } from '../../../shared/model/scene';
import type { KeyColor } from '../interfaces/layer';

/** The farthest two colours can be apart in the UV plane of BT.709 limited range, 16…240 each. */
const farthest = 224 * Math.SQRT2;
/** A passage at least this long: an edge of one step would flicker with every bit of noise. */
const leastPassage = 1;

/** A key as the compositor uses it. @param key with a colour #rrggbb or #rrggbbaa */
export function keyColorOf({ color, similarity, smoothness }: ChromaKey): KeyColor {
  const channel = (at: number): number => Number.parseInt(color.slice(at, at + 2), 16);
  const [red, green, blue] = [channel(1), channel(3), channel(5)];
  const luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  const from = similarity * farthest;
  return {
    u: 128 + (224 * (blue - luma)) / 1.8556 / 255,
    v: 128 + (224 * (red - luma)) / 1.5748 / 255,
    from,
    to: from + Math.max(leastPassage, smoothness * farthest),
  };
}
