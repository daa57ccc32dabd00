import sharp from 'sharp';
import type { TileJob } from '../interfaces/layer';
import { distancesToShape } from './distance-field';
import type { RawPicture } from './raw-picture';

type Effects = Pick<Extract<TileJob, { type: 'text' }>, 'rgba' | 'outline' | 'shadow'>;
type Rgba = readonly [number, number, number, number];

/** Float planes of distances and a blurred copy are needed besides the picture itself. */
const maxEffectPixels = 16_000_000;

/** How far effects reach beyond the text itself on each side, pixels. */
interface Margins {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A Gaussian is spent after three standard deviations; a blur of n pixels has one of n / 2, as in CSS. */
const reachOfBlur = (blurPx: number): number => Math.ceil(blurPx * 1.5);

function marginsOf({ outline, shadow }: Effects): Margins {
  const around = outline ? Math.ceil(outline.widthPx) + 1 : 0;
  if (!shadow) return { left: around, top: around, right: around, bottom: around };
  const reach = around + reachOfBlur(shadow.blurPx);
  return {
    left: Math.max(around, reach - Math.floor(shadow.offsetXPx)),
    top: Math.max(around, reach - Math.floor(shadow.offsetYPx)),
    right: Math.max(around, reach + Math.ceil(shadow.offsetXPx)),
    bottom: Math.max(around, reach + Math.ceil(shadow.offsetYPx)),
  };
}

/** Coverage 0…255 of the text widened by `widthPx` all round, with round corners. */
function widened(coverage: Uint8Array, width: number, height: number, widthPx: number): Uint8Array {
  const distances = distancesToShape(coverage, width, height);
  const result = new Uint8Array(coverage.length);
  for (let index = 0; index < result.length; index++) {
    const inside = widthPx + 0.5 - (distances[index] as number);
    result[index] = inside >= 1 ? 255 : inside <= 0 ? 0 : Math.round(inside * 255);
  }
  return result;
}

async function blurred(
  coverage: Uint8Array,
  width: number,
  height: number,
  blurPx: number,
): Promise<Uint8Array> {
  const sigma = blurPx / 2;
  if (sigma < 0.3) return coverage;
  return sharp(coverage, { raw: { width, height, channels: 1 } })
    .blur(sigma)
    .toColourspace('b-w')
    .raw()
    .toBuffer();
}

/** Colour values are weighted by how much each part covers; where nothing is, the colour does not matter. */
class Blend {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.data = Buffer.alloc(width * height * 4);
  }

  /** Puts a colour over what is there. `alpha`: 0…1 */
  over(index: number, red: number, green: number, blue: number, alpha: number): void {
    if (alpha <= 0) return;
    const at = index * 4;
    const { data } = this;
    const below = ((data[at + 3] as number) / 255) * (1 - alpha);
    const total = alpha + below;
    data[at] = Math.round((red * alpha + (data[at] as number) * below) / total);
    data[at + 1] = Math.round((green * alpha + (data[at + 1] as number) * below) / total);
    data[at + 2] = Math.round((blue * alpha + (data[at + 2] as number) * below) / total);
    data[at + 3] = Math.round(total * 255);
  }
}

/** The shadow lies under everything, and is that of the outline where there is one. */
async function drawShadow(
  target: Blend,
  shape: Uint8Array,
  shadow: NonNullable<Effects['shadow']>,
): Promise<void> {
  const { width, height } = target;
  const soft = await blurred(shape, width, height, shadow.blurPx);
  const [red, green, blue, alpha] = shadow.rgba;
  const moveX = Math.round(shadow.offsetXPx);
  const moveY = Math.round(shadow.offsetYPx);
  for (let y = Math.max(0, moveY); y < Math.min(height, height + moveY); y++)
    for (let x = Math.max(0, moveX); x < Math.min(width, width + moveX); x++) {
      const cover = soft[(y - moveY) * width + x - moveX] as number;
      target.over(y * width + x, red, green, blue, (cover * alpha) / 65_025);
    }
}

/** Outline outside, glyphs inside: at their common edge the two share each pixel, so that nothing shines through. */
function drawGlyphs(
  target: Blend,
  text: RawPicture,
  { left, top }: Margins,
  fillAlpha: number,
  outline: { shape: Uint8Array; rgba: Rgba } | null,
): void {
  const { width, height } = target;
  const [red, green, blue, alpha] = outline?.rgba ?? [0, 0, 0, 0];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const index = y * width + x;
      const isText = x >= left && x < left + text.width && y >= top && y < top + text.height;
      const from = isText ? ((y - top) * text.width + x - left) * 4 : -1;
      const glyph = isText ? (text.data[from + 3] as number) / 255 : 0;
      const around = outline ? ((outline.shape[index] as number) / 255) * (1 - glyph) * (alpha / 255) : 0;
      const inside = glyph * (fillAlpha / 255);
      const total = around + inside;
      if (total <= 0) continue;
      const mix = (outlineValue: number, offset: number): number =>
        (outlineValue * around + (isText ? (text.data[from + offset] as number) : 0) * inside) / total;
      target.over(index, mix(red, 0), mix(green, 1), mix(blue, 2), total);
    }
}

/**
 * The text with its outline and shadow, in a picture that is larger by as much as they reach beyond it.
 * @param text drawn opaque: its alpha is the glyphs' coverage
 * @throws Error when the picture would be too large
 */
export async function addTextEffects(text: RawPicture, effects: Effects): Promise<RawPicture> {
  const { outline, shadow } = effects;
  const margins = marginsOf(effects);
  const width = text.width + margins.left + margins.right;
  const height = text.height + margins.top + margins.bottom;
  if (width * height > maxEffectPixels)
    throw new Error(`${width}×${height} pixels are too many for a text with outline or shadow`);
  const coverage = new Uint8Array(width * height);
  for (let y = 0; y < text.height; y++)
    for (let x = 0; x < text.width; x++)
      coverage[(y + margins.top) * width + x + margins.left] = text.data[
        (y * text.width + x) * 4 + 3
      ] as number;
  const shape = outline ? widened(coverage, width, height, outline.widthPx) : coverage;
  const target = new Blend(width, height);
  if (shadow) await drawShadow(target, shape, shadow);
  drawGlyphs(target, text, margins, effects.rgba[3], outline && { shape, rgba: outline.rgba });
  return { data: target.data, width, height };
}
