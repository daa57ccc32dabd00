// BT.709 (ITU-R BT.709-6 3.3–3.5), limited range (Y 16…235, C 16…240), coefficients × 2¹⁶ × 219/255 or 224/255.
const yRed: i32 = 11966;
const yGreen: i32 = 40254;
const yBlue: i32 = 4064;
const uRed: i32 = -6596;
const uGreen: i32 = -22189;
const uBlue: i32 = 28784;
const vRed: i32 = 28784;
const vGreen: i32 = -26145;
const vBlue: i32 = -2639;

function lumaOf(pixel: u32): u8 {
  const red = <i32>(pixel & 0xff);
  const green = <i32>((pixel >> 8) & 0xff);
  const blue = <i32>((pixel >> 16) & 0xff);
  return <u8>((yRed * red + yGreen * green + yBlue * blue + (16 << 16) + 32768) >> 16);
}

/** Σ of red·r + green·g + blue·b for four pixels given as eight 16-bit lanes each in two vectors. */
function weighPixels(low: v128, high: v128, weights: v128): v128 {
  const first = i32x4.dot_i16x8_s(low, weights);
  const second = i32x4.dot_i16x8_s(high, weights);
  // Each pixel is (red + green, blue): add the halves.
  return i32x4.add(
    v128.shuffle<i32>(first, second, 0, 2, 4, 6),
    v128.shuffle<i32>(first, second, 1, 3, 5, 7),
  );
}

/** Luma of four RGBA pixels in 32-bit lanes; coefficients × 2¹⁵, so that they fit 16-bit lanes. */
function lumaLanes(pixels: v128): v128 {
  const weights = i16x8(5983, 20127, 2032, 0, 5983, 20127, 2032, 0);
  const sum = weighPixels(i16x8.extend_low_i8x16_u(pixels), i16x8.extend_high_i8x16_u(pixels), weights);
  return i32x4.shr_u(i32x4.add(sum, i32x4.splat((16 << 15) + 16384)), 15);
}

/** Luma of `count` (a multiple of 16) RGBA pixels. */
function lumaRow(src: usize, y: usize, count: usize): void {
  for (let x: usize = 0; x < count; x += 16) {
    const from = src + x * 4;
    const low = i16x8.narrow_i32x4_s(lumaLanes(v128.load(from)), lumaLanes(v128.load(from, 16)));
    const high = i16x8.narrow_i32x4_s(lumaLanes(v128.load(from, 32)), lumaLanes(v128.load(from, 48)));
    v128.store(y + x, i8x16.narrow_i16x8_u(low, high));
  }
}

/** Sums of 2×2 pixels: four columns of two rows become two blocks' RGBA in 16-bit lanes. */
function sumBlocks(top: v128, bottom: v128): v128 {
  const low = i16x8.add(i16x8.extend_low_i8x16_u(top), i16x8.extend_low_i8x16_u(bottom));
  const high = i16x8.add(i16x8.extend_high_i8x16_u(top), i16x8.extend_high_i8x16_u(bottom));
  return i16x8.add(v128.shuffle<i64>(low, high, 0, 2), v128.shuffle<i64>(low, high, 1, 3));
}

/** Chroma of two rows of `count` (a multiple of 16) opaque pixels. */
function chromaRow(src: usize, srcStride: usize, u: usize, v: usize, count: usize): void {
  // The same coefficients × 2¹⁵, rounded so that each row adds up to 0: grey stays grey.
  const uWeights = i16x8(-3298, -11094, 14392, 0, -3298, -11094, 14392, 0);
  const vWeights = i16x8(14392, -13073, -1319, 0, 14392, -13073, -1319, 0);
  // 15 fraction bits and the sum of four
  const bias = i32x4.splat((128 << 17) + (1 << 16));
  for (let x: usize = 0; x < count; x += 16) {
    const top = src + x * 4;
    const bottom = top + srcStride;
    const a = sumBlocks(v128.load(top), v128.load(bottom));
    const b = sumBlocks(v128.load(top, 16), v128.load(bottom, 16));
    const c = sumBlocks(v128.load(top, 32), v128.load(bottom, 32));
    const d = sumBlocks(v128.load(top, 48), v128.load(bottom, 48));
    const half = x >> 1;
    const uLow = i32x4.shr_s(i32x4.add(weighPixels(a, b, uWeights), bias), 17);
    const uHigh = i32x4.shr_s(i32x4.add(weighPixels(c, d, uWeights), bias), 17);
    const uWords = i16x8.narrow_i32x4_s(uLow, uHigh);
    v128.store64_lane(u + half, i8x16.narrow_i16x8_u(uWords, uWords), 0);
    const vLow = i32x4.shr_s(i32x4.add(weighPixels(a, b, vWeights), bias), 17);
    const vHigh = i32x4.shr_s(i32x4.add(weighPixels(c, d, vWeights), bias), 17);
    const vWords = i16x8.narrow_i32x4_s(vLow, vHigh);
    v128.store64_lane(v + half, i8x16.narrow_i16x8_u(vWords, vWords), 0);
  }
}

/**
 * RGBA (not premultiplied) to I420, with `alpha` ≠ 0 also to a full and a half size alpha plane. Width and height even.
 * Chroma is the alpha-weighted mean of its four pixels, so that transparent ones leave no fringe.
 */
export function rgbaToI420(
  src: usize,
  width: usize,
  height: usize,
  y: usize,
  u: usize,
  v: usize,
  alpha: usize,
  chromaAlpha: usize,
): void {
  const srcStride = width * 4;
  // Opaque pictures (whole frames above all) go sixteen pixels at a time; the rest of a row, and alpha, one by one.
  const wide: usize = alpha ? 0 : width & ~15;
  for (let row: usize = 0; row < height; row += 2) {
    lumaRow(src, y, wide);
    lumaRow(src + srcStride, y + width, wide);
    chromaRow(src, srcStride, u, v, wide);
    for (let x: usize = wide; x < width; x += 2) {
      const from = src + x * 4;
      const p0 = load<u32>(from);
      const p1 = load<u32>(from, 4);
      const p2 = load<u32>(from + srcStride);
      const p3 = load<u32>(from + srcStride, 4);
      store<u8>(y + x, lumaOf(p0));
      store<u8>(y + x + 1, lumaOf(p1));
      store<u8>(y + width + x, lumaOf(p2));
      store<u8>(y + width + x + 1, lumaOf(p3));

      const a0 = alpha ? p0 >> 24 : 255;
      const a1 = alpha ? p1 >> 24 : 255;
      const a2 = alpha ? p2 >> 24 : 255;
      const a3 = alpha ? p3 >> 24 : 255;
      const weight = a0 + a1 + a2 + a3;
      const half = x >> 1;
      if (alpha) {
        store<u8>(alpha + x, <u8>a0);
        store<u8>(alpha + x + 1, <u8>a1);
        store<u8>(alpha + width + x, <u8>a2);
        store<u8>(alpha + width + x + 1, <u8>a3);
        store<u8>(chromaAlpha + half, <u8>((weight + 2) >> 2));
      }
      if (!weight) {
        store<u8>(u + half, 128);
        store<u8>(v + half, 128);
        continue;
      }
      let red = (p0 & 0xff) * a0 + (p1 & 0xff) * a1 + (p2 & 0xff) * a2 + (p3 & 0xff) * a3;
      let green =
        ((p0 >> 8) & 0xff) * a0 + ((p1 >> 8) & 0xff) * a1 + ((p2 >> 8) & 0xff) * a2 + ((p3 >> 8) & 0xff) * a3;
      let blue =
        ((p0 >> 16) & 0xff) * a0 +
        ((p1 >> 16) & 0xff) * a1 +
        ((p2 >> 16) & 0xff) * a2 +
        ((p3 >> 16) & 0xff) * a3;
      // Weighted means with 6 fraction bits: × 15-bit coefficients they stay within 31 bits.
      red = (red << 6) / weight;
      green = (green << 6) / weight;
      blue = (blue << 6) / weight;
      const bias: i32 = (128 << 22) + (1 << 21);
      store<u8>(
        u + half,
        <u8>((uRed * <i32>red + uGreen * <i32>green + uBlue * <i32>blue + bias) >> 22),
      );
      store<u8>(
        v + half,
        <u8>((vRed * <i32>red + vGreen * <i32>green + vBlue * <i32>blue + bias) >> 22),
      );
    }
    src += 2 * srcStride;
    y += 2 * width;
    u += width >> 1;
    v += width >> 1;
    if (alpha) {
      alpha += 2 * width;
      chromaAlpha += width >> 1;
    }
  }
}

function clampToByte(value: i32): u32 {
  return <u32>min<i32>(255, max<i32>(0, value));
}

/** Chroma minus 128, each of the four samples for two pixels, × 2⁷. */
function chromaLanes(plane: usize): v128 {
  const samples = v128.load32_zero(plane);
  const doubled = v128.shuffle<u8>(samples, samples, 0, 0, 1, 1, 2, 2, 3, 3, 0, 0, 1, 1, 2, 2, 3, 3);
  return i16x8.shl(i16x8.sub(i16x8.extend_low_i8x16_u(doubled), i16x8.splat(128)), 7);
}

/** Eight values with 5 fraction bits to bytes in the low half, rounded and clamped. */
function toBytes(value: v128): v128 {
  const rounded = i16x8.shr_s(i16x8.add(value, i16x8.splat(16)), 5);
  return i8x16.narrow_i16x8_u(rounded, rounded);
}

/** One row of `count` (a multiple of 8) pixels. The products are the coefficients below × 2⁵, by Q15 multiplication. */
function rgbaRow(dst: usize, y: usize, u: usize, v: usize, count: usize): void {
  const opaque = i8x16.splat(-1);
  for (let x: usize = 0; x < count; x += 8) {
    const offset = i16x8.shl(i16x8.sub(v128.load_ext<u8>(y + x), i16x8.splat(16)), 6);
    const luma = i16x8.q15mulr_sat_s(offset, i16x8.splat(19077));
    const blueness = chromaLanes(u + (x >> 1));
    const redness = chromaLanes(v + (x >> 1));
    const red = toBytes(i16x8.add(luma, i16x8.q15mulr_sat_s(redness, i16x8.splat(14686))));
    const green = toBytes(
      i16x8.sub(
        luma,
        i16x8.add(
          i16x8.q15mulr_sat_s(blueness, i16x8.splat(1747)),
          i16x8.q15mulr_sat_s(redness, i16x8.splat(4366)),
        ),
      ),
    );
    const blue = toBytes(i16x8.add(luma, i16x8.q15mulr_sat_s(blueness, i16x8.splat(17305))));
    const redGreen = v128.shuffle<u8>(red, green, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const blueAlpha = v128.shuffle<u8>(blue, opaque, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    v128.store(dst + x * 4, v128.shuffle<u16>(redGreen, blueAlpha, 0, 8, 1, 9, 2, 10, 3, 11));
    v128.store(dst + x * 4, v128.shuffle<u16>(redGreen, blueAlpha, 4, 12, 5, 13, 6, 14, 7, 15), 16);
  }
}

/** I420 (BT.709 limited, strides width and width/2) to opaque RGBA. Width and height even. */
export function i420ToRgba(dst: usize, y: usize, u: usize, v: usize, width: usize, height: usize): void {
  for (let row: usize = 0; row < height; ++row) {
    const half = (row >> 1) * (width >> 1);
    const wide = width & ~7;
    rgbaRow(dst + row * width * 4, y + row * width, u + half, v + half, wide);
    for (let x: usize = wide; x < width; ++x) {
      // 255/219 and 255/224 × the matrix' inverse, × 2¹⁶
      const luma = 76309 * (<i32>load<u8>(y + row * width + x) - 16) + 32768;
      const blueness = <i32>load<u8>(u + half + (x >> 1)) - 128;
      const redness = <i32>load<u8>(v + half + (x >> 1)) - 128;
      const red = clampToByte((luma + 117489 * redness) >> 16);
      const green = clampToByte((luma - 13975 * blueness - 34925 * redness) >> 16);
      const blue = clampToByte((luma + 138438 * blueness) >> 16);
      store<u32>(dst + (row * width + x) * 4, red | (green << 8) | (blue << 16) | 0xff000000);
    }
  }
}
