import { describe, expect, it } from 'vitest';
import { drawText } from '../../electron/streaming/composition/text-picture';
import type { TextPicture } from '../../electron/streaming/composition/text-picture';
import type { TileJob } from '../../electron/streaming/interfaces/layer';

type TextJob = Extract<TileJob, { type: 'text' }>;
const job = (text: string, more: Partial<TextJob> = {}): TextJob => ({
  ...{ type: 'text', text, font: 'DejaVu Sans', fontFile: undefined, sizePx: 80, weight: 'regular' },
  ...{ rgba: [255, 255, 255, 255], align: 'left', outline: null, shadow: null, wrapWidthPx: null },
  request: {
    crop: { left: 0, top: 0, right: 0, bottom: 0 },
    ...{ width: undefined, height: undefined, padX: 0, padY: 0 },
  },
  ...more,
});
const red = [255, 0, 0, 255] as const;
const black = [0, 0, 0, 255] as const;

const pixelAt = ({ data, width }: TextPicture, x: number, y: number): number[] => [
  ...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4),
];

/** columns and rows whose pixels satisfy `isInk` */
function extent(picture: TextPicture, isInk: (pixel: number[]) => boolean) {
  const box = { left: Infinity, right: -1, top: Infinity, bottom: -1 };
  for (let y = 0; y < picture.height; y++)
    for (let x = 0; x < picture.width; x++)
      if (isInk(pixelAt(picture, x, y))) {
        box.left = Math.min(box.left, x);
        box.right = Math.max(box.right, x);
        box.top = Math.min(box.top, y);
        box.bottom = Math.max(box.bottom, y);
      }
  return box;
}
const isOpaque = ([, , , alpha = 0]: number[]): boolean => alpha > 127;
const isRed = ([r = 0, g = 0, b = 0, alpha = 0]: number[]): boolean =>
  alpha > 127 && r > 200 && g < 60 && b < 60;
const isWhite = ([r = 0, g = 0, b = 0, alpha = 0]: number[]): boolean =>
  alpha > 200 && Math.min(r, g, b) > 200;

describe('an outline', () => {
  it('lies outside the glyphs, as wide as asked, and leaves them as they are', async () => {
    const plain = extent(await drawText(job('H')), isOpaque);
    const drawn = await drawText(job('H', { outline: { rgba: red, widthPx: 6 } }));
    const outline = extent(drawn, isRed);
    const glyph = extent(drawn, isWhite);
    expect(glyph.right - glyph.left).toBeGreaterThanOrEqual(plain.right - plain.left - 1);
    expect(glyph.bottom - glyph.top).toBeGreaterThanOrEqual(plain.bottom - plain.top - 1);
    for (const [wide, narrow] of [
      [glyph.left - outline.left, 6],
      [outline.right - glyph.right, 6],
      [glyph.top - outline.top, 6],
      [outline.bottom - glyph.bottom, 6],
    ] as const)
      expect(Math.abs(wide - narrow)).toBeLessThanOrEqual(1);
  });

  it('has round corners', async () => {
    const drawn = await drawText(job('H', { outline: { rgba: red, widthPx: 20 } }));
    const { left, top } = extent(drawn, isOpaque);
    expect(pixelAt(drawn, left + 1, top + 1)[3]).toBe(0);
    expect(pixelAt(drawn, left + 8, top + 8)[3]).toBe(255);
  });

  it('does not shine through translucent letters, and leaves no gap at their edge', async () => {
    const drawn = await drawText(
      job('H', { rgba: [255, 255, 255, 128], outline: { rgba: [255, 0, 0, 128], widthPx: 5 } }),
    );
    const { left, right, top, bottom } = extent(drawn, isOpaque);
    const middle = (top + bottom) >> 1;
    let gaps = 0;
    for (let x = left; x <= right; x++) {
      const [r = 0, , , alpha = 0] = pixelAt(drawn, x, middle);
      if (x > left + 1 && x < right - 1 && (alpha < 126 || alpha > 130)) gaps++;
      expect(r).toBeGreaterThan(250);
    }
    expect(gaps).toBe(0);
  });
});

describe('a shadow', () => {
  it('lies where it was put, under the letters', async () => {
    const drawn = await drawText(
      job('H', { shadow: { rgba: black, blurPx: 0, offsetXPx: 12, offsetYPx: 9 } }),
    );
    const letters = extent(drawn, isWhite);
    const shadow = extent(drawn, ([r = 0, , , alpha = 0]) => alpha > 127 && r < 60);
    expect(shadow.right - letters.right).toBe(12);
    expect(shadow.bottom - letters.bottom).toBe(9);
  });

  it('is soft when blurred, keeps its strength in sum, and is not cut off', async () => {
    const shadow = { rgba: black, offsetXPx: 0, offsetYPx: 0 };
    const sumOf = ({ data }: TextPicture): number => {
      let sum = 0;
      for (let at = 3; at < data.length; at += 4) sum += data[at] ?? 0;
      return sum;
    };
    const invisible = { rgba: [255, 255, 255, 0] as const };
    const hard = await drawText(job('H', { ...invisible, shadow: { ...shadow, blurPx: 0 } }));
    const soft = await drawText(job('H', { ...invisible, shadow: { ...shadow, blurPx: 16 } }));
    expect(Math.abs(sumOf(soft) / sumOf(hard) - 1)).toBeLessThan(0.02);
    const edge = Math.max(
      ...Array.from({ length: soft.width }, (_, x) => pixelAt(soft, x, 0)[3] ?? 0),
      ...Array.from({ length: soft.height }, (_, y) => pixelAt(soft, soft.width - 1, y)[3] ?? 0),
    );
    expect(edge).toBeLessThanOrEqual(3);
  });

  it('of an outlined text is that of the outline, and far away it still fits in', async () => {
    const drawn = await drawText(
      job('H', {
        outline: { rgba: red, widthPx: 8 },
        shadow: { rgba: [0, 0, 255, 255], blurPx: 0, offsetXPx: -150, offsetYPx: 120 },
      }),
    );
    const shadow = extent(drawn, ([r = 0, , b = 0, alpha = 0]) => alpha > 127 && b > 200 && r < 60);
    const outline = extent(drawn, isRed);
    expect(outline.left - shadow.left).toBe(150);
    expect(shadow.right - shadow.left).toBe(outline.right - outline.left);
  });
});

describe('wrapping', () => {
  const words = 'the quick brown fox jumps over the lazy dog';

  it('breaks between words and takes just the width it is given', async () => {
    const one = await drawText(job(words, { sizePx: 40 }));
    const wrapped = await drawText(job(words, { sizePx: 40, wrapWidthPx: 400 }));
    expect(wrapped.width).toBe(400);
    expect(wrapped.height % one.height).toBe(0);
    const lines = wrapped.height / one.height;
    expect(lines).toBeGreaterThanOrEqual(3);
    expect(lines).toBeLessThanOrEqual(4);
    for (let line = 0; line < lines; line++) {
      const ink = extent(wrapped, isOpaque);
      expect(ink.right).toBeLessThan(400);
    }
    // Nothing of the reference lines is left at the bottom.
    const { bottom } = extent(wrapped, isOpaque);
    expect(bottom).toBeLessThan(wrapped.height - 1);
  });

  it('is the same for any number of lines', async () => {
    for (const wrapWidthPx of [120, 150, 200, 260, 330, 420, 600, 900, 1500]) {
      const wrapped = await drawText(job(words, { sizePx: 40, wrapWidthPx }));
      // The last line has letters in it: neither one too many was kept nor one cut off.
      const { bottom } = extent(wrapped, isOpaque);
      expect(wrapped.height - bottom).toBeGreaterThan(1);
      expect(wrapped.height - bottom).toBeLessThan(30);
    }
  });

  it('puts short lines where the alignment says', async () => {
    const at = async (align: TextJob['align']) =>
      extent(await drawText(job('Hi', { align, wrapWidthPx: 600 })), isOpaque);
    const [left, center, right] = [await at('left'), await at('center'), await at('right')];
    expect(left.left).toBeLessThan(20);
    expect(right.right).toBeGreaterThan(580);
    expect(Math.abs((center.left + center.right) / 2 - 300)).toBeLessThan(12);
  });

  it('breaks a word that is too long for any line', async () => {
    const wrapped = await drawText(job('W'.repeat(40), { sizePx: 40, wrapWidthPx: 300 }));
    expect(wrapped.width).toBeLessThanOrEqual(302);
  });
});

describe('a font', () => {
  it('that is not there is told of, and the text is shown in another', async () => {
    const missing = await drawText(job('Hello', { font: 'No Such Family 42' }));
    expect(missing.isFontMissing).toBe(true);
    expect(extent(missing, isOpaque).right).toBeGreaterThan(50);
    expect((await drawText(job('Hello'))).isFontMissing).toBe(false);
    expect((await drawText(job('Hello', { font: 'DejaVu Sans Mono' }))).isFontMissing).toBe(false);
  });
});

it('a text whose effects need too much memory is refused with the size', async () => {
  await expect(
    drawText(job('WWWWWWWW', { sizePx: 1500, outline: { rgba: red, widthPx: 100 } })),
  ).rejects.toThrow(/\d+×\d+ pixels are too many/);
});
