import type { PreviewFrame } from '../../shared/contract/preview-frame';

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
  let out = 0;
  for (let row = 0; row < height; row++) {
    const lumaRow = row * width;
    const chromaRow = (row >> 1) * chromaWidth;
    for (let column = 0; column < width; column++) {
      const chroma = chromaRow + (column >> 1);
      const luma = ((y[lumaRow + column] ?? 16) - 16) * 76309 + 32768;
      const blue = (u[chroma] ?? 128) - 128;
      const red = (v[chroma] ?? 128) - 128;
      // Uint8ClampedArray clamps what lies outside of 0…255.
      target[out] = (luma + 117489 * red) >> 16;
      target[out + 1] = (luma - 13975 * blue - 34925 * red) >> 16;
      target[out + 2] = (luma + 138438 * blue) >> 16;
      target[out + 3] = 255;
      out += 4;
    }
  }
}
