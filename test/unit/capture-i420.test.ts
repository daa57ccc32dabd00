import { describe, expect, it } from 'vitest';
import { nv12ToI420, recolorI420, rgbaToI420 } from '../../renderer/capture/i420';
import type { YuvColors } from '../../renderer/capture/i420';

type Rgb = readonly [red: number, green: number, blue: number];
const weights = { bt601: [0.299, 0.114], bt709: [0.2126, 0.0722], bt2020: [0.2627, 0.0593] } as const;

/** straight from the recommendations' definitions, not from the code under test */
function yuvOf([red, green, blue]: Rgb, { matrix, isFullRange }: YuvColors): [number, number, number] {
  const [kr, kb] = weights[matrix];
  const luma = kr * red + (1 - kr - kb) * green + kb * blue;
  const cb = (blue - luma) / (2 * (1 - kb));
  const cr = (red - luma) / (2 * (1 - kr));
  return isFullRange
    ? ([luma, 128 + cb, 128 + cr].map(Math.round) as [number, number, number])
    : ([16 + (luma * 219) / 255, 128 + (cb * 224) / 255, 128 + (cr * 224) / 255].map(Math.round) as [
        number,
        number,
        number,
      ]);
}
const colors: Record<string, Rgb> = {
  black: [0, 0, 0],
  white: [255, 255, 255],
  grey: [128, 128, 128],
  red: [200, 30, 40],
  green: [20, 190, 60],
  blue: [40, 60, 220],
  skin: [224, 172, 105],
};
const plain = (width: number, height: number, [y, u, v]: readonly number[]): Uint8Array => {
  const picture = new Uint8Array(width * height * 1.5).fill(y ?? 0);
  picture.fill(u ?? 0, width * height).fill(v ?? 0, width * height * 1.25);
  return picture;
};
const bt709 = { matrix: 'bt709', isFullRange: false } as const;

describe('a captured picture becomes BT.709 limited', () => {
  for (const matrix of ['bt601', 'bt709', 'bt2020'] as const)
    for (const isFullRange of [false, true])
      it.each(Object.entries(colors))(`from ${matrix}, full range ${isFullRange}: %s`, (_name, color) => {
        const picture = plain(4, 2, yuvOf(color, { matrix, isFullRange }));
        recolorI420(picture, 4, 2, { matrix, isFullRange });
        const wanted = plain(4, 2, yuvOf(color, bt709));
        // Rounded twice, and chroma's steps are coarser than luma's.
        for (const [index, value] of picture.entries())
          expect(Math.abs(value - (wanted[index] ?? 0))).toBeLessThanOrEqual(2);
      });

  it('keeps each of the four lumas above one chroma apart', () => {
    const picture = new Uint8Array([20, 60, 100, 140, 100, 150]);
    recolorI420(picture, 2, 2, { matrix: 'bt601', isFullRange: false });
    const [first, ...others] = picture.slice(0, 4);
    expect(others.map((luma) => luma - (first ?? 0))).toEqual([40, 80, 120]);
  });

  it('clamps what no such colour can be', () => {
    const picture = new Uint8Array([10, 30, 250, 255, 255, 255]);
    recolorI420(picture, 2, 2, { matrix: 'bt601', isFullRange: false });
    expect([...picture.slice(0, 2)], 'not the 224 that 10 − 42 would wrap to').toEqual([0, 0]);
    expect(picture[5]).toBe(255);
  });

  it.each(Object.entries(colors))('from RGBA: %s', (_name, color) => {
    const source = new Uint8ClampedArray(Array.from({ length: 8 }, () => [...color, 255]).flat());
    const target = new Uint8Array(12);
    rgbaToI420(source, 4, 2, target);
    const wanted = plain(4, 2, yuvOf(color, bt709));
    for (const [index, value] of target.entries())
      expect(Math.abs(value - (wanted[index] ?? 0))).toBeLessThanOrEqual(1);
  });

  it('takes the mean of four pixels for chroma', () => {
    const source = new Uint8ClampedArray([255, 0, 0, 255, 0, 0, 255, 255, 255, 0, 0, 255, 0, 0, 255, 255]);
    const target = new Uint8Array(6);
    rgbaToI420(source, 2, 2, target);
    const [, red] = yuvOf([255, 0, 0], bt709);
    const [, blue] = yuvOf([0, 0, 255], bt709);
    expect(Math.abs((target[4] ?? 0) - (red + blue) / 2)).toBeLessThanOrEqual(1);
  });

  it('takes NV12 apart', () => {
    const target = new Uint8Array(12);
    nv12ToI420(new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 90, 91, 92, 93]), 4, 2, target);
    expect([...target]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 90, 92, 91, 93]);
  });
});
