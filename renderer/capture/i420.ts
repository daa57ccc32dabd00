/** How a picture's colours are written in Y, U and V. */
export interface YuvColors {
  readonly matrix: 'bt601' | 'bt709' | 'bt2020';
  readonly isFullRange: boolean;
}

const coefficients = {
  bt601: { red: 0.299, blue: 0.114 },
  bt709: { red: 0.2126, blue: 0.0722 },
  bt2020: { red: 0.2627, blue: 0.0593 },
} as const;

/**
 * The linear map from these colours to BT.709 limited, on luma and on chroma about 128 (ITU-R BT.601, BT.709, BT.2020).
 * Grey stays grey in all of them, so luma needs no part of itself but its range.
 */
function mapToBt709({ matrix, isFullRange }: YuvColors) {
  const from = coefficients[matrix];
  const to = coefficients.bt709;
  const fromGreen = 1 - from.red - from.blue;
  const toGreen = 1 - to.red - to.blue;
  // A chroma of one step, back to red, green and blue (differences to luma), and forth to the other luma and chroma.
  const along = (cb: number, cr: number) => {
    const blue = 2 * (1 - from.blue) * cb;
    const red = 2 * (1 - from.red) * cr;
    const green = -(from.blue * blue + from.red * red) / fromGreen;
    const luma = to.red * red + toGreen * green + to.blue * blue;
    return {
      luma,
      cb: (blue - luma) / (2 * (1 - to.blue)),
      cr: (red - luma) / (2 * (1 - to.red)),
    };
  };
  const chromaScale = isFullRange ? 224 / 255 : 1;
  // Luma's range is 219 steps, chroma's 224 (255 both when full).
  const lumaPerChroma = isFullRange ? 219 / 255 : 219 / 224;
  const ofU = along(1, 0);
  const ofV = along(0, 1);
  return {
    lumaScale: isFullRange ? 219 / 255 : 1,
    lumaOffset: isFullRange ? 16 : 0,
    lumaOfU: ofU.luma * lumaPerChroma,
    lumaOfV: ofV.luma * lumaPerChroma,
    uOfU: ofU.cb * chromaScale,
    uOfV: ofV.cb * chromaScale,
    vOfU: ofU.cr * chromaScale,
    vOfV: ofV.cr * chromaScale,
  };
}

export const isBt709Limited = ({ matrix, isFullRange }: YuvColors): boolean =>
  matrix === 'bt709' && !isFullRange;

/** The three planes of an I420 picture that lies in `bytes` as a whole; values past 0…255 are clamped when set. */
function planesOf(bytes: Uint8Array, width: number, height: number) {
  const luma = width * height;
  const part = (offset: number, length: number): Uint8ClampedArray =>
    new Uint8ClampedArray(bytes.buffer, bytes.byteOffset + offset, length);
  return { y: part(0, luma), u: part(luma, luma / 4), v: part(luma * 1.25, luma / 4) };
}

/** Turns an I420 picture into BT.709 limited where it lies. Width and height are even. */
export function recolorI420(picture: Uint8Array, width: number, height: number, colors: YuvColors): void {
  if (isBt709Limited(colors)) return;
  const { y, u, v } = planesOf(picture, width, height);
  const map = mapToBt709(colors);
  for (let row = 0, chroma = 0; row < height; row += 2) {
    let above = row * width;
    let below = above + width;
    for (let column = 0; column < width; column += 2, chroma += 1, above += 2, below += 2) {
      const cb = (u[chroma] as number) - 128;
      const cr = (v[chroma] as number) - 128;
      const lift = map.lumaOffset + map.lumaOfU * cb + map.lumaOfV * cr;
      y[above] = (y[above] as number) * map.lumaScale + lift;
      y[above + 1] = (y[above + 1] as number) * map.lumaScale + lift;
      y[below] = (y[below] as number) * map.lumaScale + lift;
      y[below + 1] = (y[below + 1] as number) * map.lumaScale + lift;
      u[chroma] = 128 + map.uOfU * cb + map.uOfV * cr;
      v[chroma] = 128 + map.vOfU * cb + map.vOfV * cr;
    }
  }
}

/** NV12 (tightly packed, even sizes) to I420, as it is. */
export function nv12ToI420(source: Uint8Array, width: number, height: number, target: Uint8Array): void {
  const luma = width * height;
  target.set(source.subarray(0, luma));
  for (let from = luma, u = luma, v = luma * 1.25; u < luma * 1.25; from += 2, u += 1, v += 1) {
    target[u] = source[from] as number;
    target[v] = source[from + 1] as number;
  }
}

/** RGBA (sRGB, alpha left out) to I420, BT.709 limited; chroma is the mean of four. Even sizes. */
export function rgbaToI420(
  source: Uint8ClampedArray,
  width: number,
  height: number,
  target: Uint8Array,
): void {
  const { y, u, v } = planesOf(target, width, height);
  const { red, blue } = coefficients.bt709;
  const green = 1 - red - blue;
  const lumaScale = 219 / 255;
  const cbScale = 224 / 255 / (2 * (1 - blue));
  const crScale = 224 / 255 / (2 * (1 - red));
  for (let row = 0, chroma = 0; row < height; row += 2) {
    for (let column = 0; column < width; column += 2, chroma += 1) {
      let [sumRed, sumGreen, sumBlue] = [0, 0, 0];
      for (let below = 0; below < 2; below += 1)
        for (let right = 0; right < 2; right += 1) {
          const place = (row + below) * width + column + right;
          const r = source[place * 4] as number;
          const g = source[place * 4 + 1] as number;
          const b = source[place * 4 + 2] as number;
          y[place] = 16 + (red * r + green * g + blue * b) * lumaScale;
          sumRed += r;
          sumGreen += g;
          sumBlue += b;
        }
      const luma = red * sumRed + green * sumGreen + blue * sumBlue;
      u[chroma] = 128 + ((sumBlue - luma) * cbScale) / 4;
      v[chroma] = 128 + ((sumRed - luma) * crScale) / 4;
    }
  }
}
