import type { PreviewFrame } from '../../shared/contract/preview-frame';

/** black level, and half a step for rounding */
const lumaOffset = 32768 - 16 * 76309;

/**
 * I420 → RGBA, BT.709 limited range (ITU-R BT.709-6 §3), in 16.16 fixed point: what the WebGL shader does, for
 * browsers without it. Chroma is taken from the nearest sample.
 * @param target width × height × 4 bytes
 */
export function i420ToRgba(
  frame: Pick<PreviewFrame, 'width' | 'height' | 'y' | 'u' | 'v'>,
  target: Uint8ClampedArray,
): void {
  const { width, height, y, u, v } = frame;
  const chromaWidth = width / 2;
  let at = 0;
  let out = 0;
  for (let row = 0; row < height; row++) {
    let chroma = (row >> 1) * chromaWidth;
    // Two neighbours share their chroma: a quarter of the time is saved.
    for (const end = chroma + chromaWidth; chroma < end; chroma++) {
      const blue = (u[chroma] ?? 128) - 128;
      const red = (v[chroma] ?? 128) - 128;
      const toRed = lumaOffset + 117489 * red;
      const toGreen = lumaOffset - 13975 * blue - 34925 * red;
      const toBlue = lumaOffset + 138438 * blue;
      for (const lastOut = out + 8; out < lastOut; out += 4) {
        const luma = (y[at++] ?? 16) * 76309;
        // Uint8ClampedArray clamps what lies outside of 0…255.
        target[out] = (luma + toRed) >> 16;
        target[out + 1] = (luma + toGreen) >> 16;
        target[out + 2] = (luma + toBlue) >> 16;
        target[out + 3] = 255;
      }
    }
  }
}
