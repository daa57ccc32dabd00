import sharp from 'sharp';
import type { TileJob } from '../interfaces/layer';
import type { RawPicture } from './raw-picture';

type TextJob = Extract<TileJob, { type: 'text' }>;

/** Height of a line in ems. */
const lineHeight = 1.2;
/** A narrow glyph as high as letters get: it marks the top of a line. */
const marker = 'Í';
/** About 256 MB of RGBA; Cairo ends at 32767 pixels a side anyway. */
const maxPixels = 64_000_000;
/** XML 1.0 2.2: these cannot be written in markup at all. */
const unprintable = /[^\t\n\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/** Pango markup shows these characters only when they are written as entities. */
export const escapeMarkup = (text: string): string =>
  text
    .replace(unprintable, '')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');

const hexByte = (value: number): string => Math.round(value).toString(16).padStart(2, '0');

/**
 * Draw a text with Pango. libvips crops to the ink, so that a clock would jump with every digit and a line without
 * ascenders would sit higher. Therefore the text is drawn between markers, all lines of one fixed pitch, and once more
 * underlined, which makes the ink as wide as the text's advance; then only the text's own lines are cut out. The result
 * is as wide as the longest line and `lineHeight` ems a line high, whatever letters are in it.
 * @throws Error with libvips' or Pango's reason
 */
export async function drawText(job: TextJob): Promise<RawPicture> {
  const text = job.text.replace(/\r\n?/g, '\n');
  const lines = text.split('\n');
  const pitch = Math.max(1, Math.round(job.sizePx * lineHeight));
  if (!text.replace(unprintable, '').trim()) return blank(2, pitch * lines.length);
  const longest = Math.max(...lines.map((line) => line.length));
  if (longest * job.sizePx * 0.7 * (2 * lines.length + 2) * pitch > maxPixels)
    throw new Error(`${longest}×${lines.length} characters of ${job.sizePx} px are too large`);

  const [red, green, blue, alpha] = job.rgba;
  const escaped = escapeMarkup(text);
  const span = [
    `font_family="${escapeMarkup(job.font)}"`,
    `weight="${job.weight === 'bold' ? 'bold' : 'normal'}"`,
    // 1024ths of a point; at 72 dpi a point is a pixel
    `size="${Math.round(job.sizePx * 1024)}"`,
    `line_height="${pitch * 1024}"`,
    ...(job.hasTabularDigits ? ['font_features="tnum=1"'] : []),
    `foreground="#${hexByte(red)}${hexByte(green)}${hexByte(blue)}"`,
  ].join(' ');
  const drawn = await sharp({
    text: {
      text: `<span ${span}>${marker}\n${escaped}\n${marker}\n<u>${escaped}</u></span>`,
      dpi: 72,
      rgba: true,
      align: job.align === 'center' ? 'centre' : job.align,
      ...(job.fontFile !== undefined && { fontfile: job.fontFile }),
    },
  })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const height = Math.min(pitch * lines.length, drawn.info.height - pitch);
  const rowBytes = drawn.info.width * 4;
  const data = drawn.data.subarray(pitch * rowBytes, (pitch + height) * rowBytes);
  // A translucent colour is applied here: Pango's own alpha would also thin the reference lines.
  if (alpha < 255)
    for (let index = 3; index < data.length; index += 4)
      data[index] = Math.round(((data[index] as number) * alpha) / 255);
  return { data, width: drawn.info.width, height };
}

const blank = (width: number, height: number): RawPicture => ({
  data: Buffer.alloc(width * height * 4),
  width,
  height,
});
