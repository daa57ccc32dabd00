import sharp from 'sharp';
import type { TileJob } from '../interfaces/layer';
import type { RawPicture } from './raw-picture';
import { addTextEffects } from './text-effects';

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

/** A picture of a text, and whether it is in the font that was asked for. */
export interface TextPicture extends RawPicture {
  readonly isFontMissing: boolean;
}

/** All letters that fonts differ in. */
const specimen = 'Handgloves 0123 &amp; iiil';
const families = new Map<string, Promise<boolean>>();

/**
 * Whether the system has a font family. fontconfig always answers with some font; one that is there is drawn the same
 * whatever stands behind it in the list, one that is not gives way to what stands there. Kept for good: fontconfig reads
 * the fonts once a process, so that one installed later is not found before the next start anyway.
 */
function hasFamily(family: string): Promise<boolean> {
  const draw = (list: string): Promise<{ data: Buffer; info: { width: number } }> =>
    sharp({
      text: { text: `<span font_family="${escapeMarkup(list)}">${specimen}</span>`, dpi: 72, rgba: true },
    })
      .raw()
      .toBuffer({ resolveWithObject: true });
  let known = families.get(family);
  if (!known) {
    known = Promise.all([draw(family), draw(`${family}, monospace`)]).then(
      ([alone, listed]) => alone.info.width === listed.info.width && alone.data.equals(listed.data),
      () => true, // the text itself will say what is wrong
    );
    families.set(family, known);
  }
  return known;
}

/** The lines as Pango will break them are only known when it has; this many at most. */
function mostLines(lines: readonly string[], { sizePx, wrapWidthPx }: TextJob): number {
  if (wrapWidthPx === null) return lines.length;
  return lines.reduce((sum, line) => sum + Math.ceil((line.length * sizePx) / wrapWidthPx) + 1, 0);
}

/** @throws Error when the picture would not fit into the memory for it */
function checkSize(lines: readonly string[], job: TextJob, pitch: number): void {
  const longest = Math.max(...lines.map((line) => line.length));
  const width = job.wrapWidthPx ?? longest * job.sizePx * 0.7;
  const count = mostLines(lines, job);
  // Text and reference are drawn in one picture, and Cairo ends at 32767 pixels a side.
  if (width * (2 * count + 2) * pitch > maxPixels || (2 * count + 2) * pitch > 32_000)
    throw new Error(`${longest}×${count} characters of ${job.sizePx} px are too large`);
}

/** A text that is to be broken takes the whole width it is given, so that its alignment has a meaning. */
function inWrapWidth(picture: RawPicture, { wrapWidthPx, align }: TextJob): RawPicture {
  if (wrapWidthPx === null || picture.width >= wrapWidthPx) return picture;
  const room = wrapWidthPx - picture.width;
  const left = align === 'left' ? 0 : align === 'right' ? room : Math.floor(room / 2);
  const data = Buffer.alloc(wrapWidthPx * picture.height * 4);
  const rowBytes = picture.width * 4;
  for (let row = 0; row < picture.height; row++)
    picture.data.copy(data, (row * wrapWidthPx + left) * 4, row * rowBytes, (row + 1) * rowBytes);
  return { data, width: wrapWidthPx, height: picture.height };
}

/**
 * Draw a text with Pango. libvips crops to the ink, so that a clock would jump with every digit and a line without
 * ascenders would sit higher. Therefore the text is drawn between markers, all lines of one fixed pitch, and once more
 * underlined, which makes the ink as wide as the text's advance; then only the text's own lines are cut out. The result
 * is as wide as the longest line (or `wrapWidthPx`) and `lineHeight` ems a line high, whatever letters are in it; outline
 * and shadow make it larger.
 * @throws Error with libvips' or Pango's reason
 */
export async function drawText(job: TextJob): Promise<TextPicture> {
  const text = job.text.replace(/\r\n?/g, '\n');
  const lines = text.split('\n');
  const pitch = Math.max(1, Math.round(job.sizePx * lineHeight));
  if (!text.replace(unprintable, '').trim())
    return { ...blank(job.wrapWidthPx ?? 2, pitch * lines.length), isFontMissing: false };
  checkSize(lines, job, pitch);
  const isFontMissing = job.fontFile === undefined && !(await hasFamily(job.font));
  const plain = inWrapWidth(await drawLines(text, lines.length, pitch, job), job);
  if (job.outline || job.shadow) return { ...(await addTextEffects(plain, job)), isFontMissing };
  const alpha = job.rgba[3];
  // A translucent colour is applied here: Pango's own alpha would also thin the reference lines.
  if (alpha < 255)
    for (let index = 3; index < plain.data.length; index += 4)
      plain.data[index] = Math.round(((plain.data[index] as number) * alpha) / 255);
  return { ...plain, isFontMissing };
}

/** The text's own lines, opaque. */
async function drawLines(text: string, lineCount: number, pitch: number, job: TextJob): Promise<RawPicture> {
  const [red, green, blue] = job.rgba;
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
      ...(job.wrapWidthPx !== null && { width: job.wrapWidthPx, wrap: 'word-char' as const }),
      ...(job.fontFile !== undefined && { fontfile: job.fontFile }),
    },
  })
    .raw()
    .toBuffer({ resolveWithObject: true });
  // From the first marker's top to the last underline: two pitches for each line of text, and less than two for the rest.
  const count =
    job.wrapWidthPx === null ? lineCount : Math.max(1, Math.round((drawn.info.height / pitch - 1.9) / 2));
  const height = Math.min(pitch * count, drawn.info.height - pitch);
  const rowBytes = drawn.info.width * 4;
  return {
    data: drawn.data.subarray(pitch * rowBytes, (pitch + height) * rowBytes),
    width: drawn.info.width,
    height,
  };
}

const blank = (width: number, height: number): RawPicture => ({
  data: Buffer.alloc(width * height * 4),
  width,
  height,
});
