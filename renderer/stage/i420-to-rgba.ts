import type { PreviewFrame } from '../../shared/contract/preview-frame';

/** 16.16 fixed point, ITU-R BT.709-6 §3 with 219 and 224 steps */
const lumaScale = 76309;
const redOfV = 117489;
const greenOfU = 13975;
const greenOfV = 34925;
const blueOfU = 138438;

/** Colours outside of 0…255 are looked up instead of compared: they lie within −384…640. */
const clampOffset = 384;
const clamped = Uint8ClampedArray.from({ length: 1024 }, (_, index) => index - clampOffset);
/** black level, half a step for rounding, and the table's offset */
const lumaOffset = 32768 - 16 * lumaScale + (clampOffset << 16);
const opaque = 0xff000000;

function pixel(y: number, toRed: number, toGreen: number, toBlue: number): number {
  const luma = y * lumaScale;
  return (
    clamped[(luma + toRed) >> 16]! |
    (clamped[(luma + toGreen) >> 16]! << 8) |
    (clamped[(luma + toBlue) >> 16]! << 16) |
    opaque
  );
}

/**
 * I420 → RGBA, BT.709 limited range, in 16.16 fixed point: what the WebGL shader does, for browsers without it. Chroma is
 * taken from the nearest sample. Four pixels at a time share their chroma, and a pixel is one write (measured: a third of
 * the time of four clamped writes; the browser's own `VideoFrame` lies between).
 * @param target width × height × 4 bytes; every machine that runs a browser is little-endian
 */
export function i420ToRgba(
  frame: Pick<PreviewFrame, 'width' | 'height' | 'y' | 'u' | 'v'>,
  target: Uint8ClampedArray,
): void {
  const { width, height, y, u, v } = frame;
  const pixels = new Uint32Array(target.buffer, target.byteOffset, width * height);
  const chromaWidth = width / 2;
  for (let row = 0; row < height; row += 2) {
    let chroma = (row / 2) * chromaWidth;
    let upper = row * width;
    let lower = upper + width;
    for (const end = chroma + chromaWidth; chroma < end; chroma++, upper += 2, lower += 2) {
      const blue = u[chroma]! - 128;
      const red = v[chroma]! - 128;
      const toRed = lumaOffset + redOfV * red;
      const toGreen = lumaOffset - greenOfU * blue - greenOfV * red;
      const toBlue = lumaOffset + blueOfU * blue;
      pixels[upper] = pixel(y[upper]!, toRed, toGreen, toBlue);
      pixels[upper + 1] = pixel(y[upper + 1]!, toRed, toGreen, toBlue);
      pixels[lower] = pixel(y[lower]!, toRed, toGreen, toBlue);
      pixels[lower + 1] = pixel(y[lower + 1]!, toRed, toGreen, toBlue);
    }
  }
}
