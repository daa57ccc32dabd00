/**
 * The per-pixel work on I420 planes, compiled by AssemblyScript to WebAssembly with SIMD over the one shared memory.
 * Every function takes byte offsets into that memory and allocates nothing, so any thread may run any of them.
 * No `@inline`: it is not TypeScript, and the optimiser inlines these small functions by itself.
 */

/** round(value / 255) for eight unsigned 16-bit lanes ≤ 255², exact. */
function divideBy255(value: v128): v128 {
  const biased = i16x8.add(value, i16x8.splat(128));
  return i16x8.shr_u(i16x8.add(biased, i16x8.shr_u(biased, 8)), 8);
}

function divideBy255Scalar(value: u32): u32 {
  const biased = value + 128;
  return (biased + (biased >> 8)) >> 8;
}

/** round((src·alpha + dst·(255 − alpha)) / 255) for sixteen bytes. */
function mixLanes(src: v128, dst: v128, alpha: v128): v128 {
  const inverse = v128.not(alpha);
  const low = i16x8.add(i16x8.extmul_low_i8x16_u(src, alpha), i16x8.extmul_low_i8x16_u(dst, inverse));
  const high = i16x8.add(i16x8.extmul_high_i8x16_u(src, alpha), i16x8.extmul_high_i8x16_u(dst, inverse));
  return i8x16.narrow_i16x8_u(divideBy255(low), divideBy255(high));
}

function scaleLanes(value: v128, factor: v128): v128 {
  return i8x16.narrow_i16x8_u(
    divideBy255(i16x8.extmul_low_i8x16_u(value, factor)),
    divideBy255(i16x8.extmul_high_i8x16_u(value, factor)),
  );
}

function mixScalar(dst: usize, src: u32, alpha: u32): void {
  store<u8>(dst, <u8>divideBy255Scalar(src * alpha + <u32>load<u8>(dst) * (255 - alpha)));
}

export function copyRect(
  dst: usize,
  dstStride: usize,
  src: usize,
  srcStride: usize,
  width: usize,
  height: usize,
): void {
  if (dstStride == width && srcStride == width) {
    memory.copy(dst, src, width * height);
    return;
  }
  for (let row: usize = 0; row < height; ++row) {
    memory.copy(dst, src, width);
    dst += dstStride;
    src += srcStride;
  }
}

export function fillRect(dst: usize, stride: usize, width: usize, height: usize, value: u32): void {
  if (stride == width) {
    memory.fill(dst, <u8>value, width * height);
    return;
  }
  for (let row: usize = 0; row < height; ++row) {
    memory.fill(dst, <u8>value, width);
    dst += stride;
  }
}

/** dst = mix(dst, value, opacity): a translucent field of one colour. */
export function mixFillRect(
  dst: usize,
  stride: usize,
  width: usize,
  height: usize,
  value: u32,
  opacity: u32,
): void {
  const alpha = i8x16.splat(<i8>opacity);
  const src = i8x16.splat(<i8>value);
  for (let row: usize = 0; row < height; ++row) {
    let x: usize = 0;
    for (; x + 16 <= width; x += 16) v128.store(dst + x, mixLanes(src, v128.load(dst + x), alpha));
    for (; x < width; ++x) mixScalar(dst + x, value, opacity);
    dst += stride;
  }
}

/** dst = mix(dst, src, opacity) with one opacity for all pixels: fades and translucent pictures without alpha. */
export function mixRect(
  dst: usize,
  dstStride: usize,
  src: usize,
  srcStride: usize,
  width: usize,
  height: usize,
  opacity: u32,
): void {
  const alpha = i8x16.splat(<i8>opacity);
  for (let row: usize = 0; row < height; ++row) {
    let x: usize = 0;
    for (; x + 16 <= width; x += 16)
      v128.store(dst + x, mixLanes(v128.load(src + x), v128.load(dst + x), alpha));
    for (; x < width; ++x) mixScalar(dst + x, load<u8>(src + x), opacity);
    dst += dstStride;
    src += srcStride;
  }
}

/** dst = mix(dst, src, alpha·opacity) with an alpha plane of the source's stride. */
export function blendRect(
  dst: usize,
  dstStride: usize,
  src: usize,
  alpha: usize,
  srcStride: usize,
  width: usize,
  height: usize,
  opacity: u32,
): void {
  const factor = i8x16.splat(<i8>opacity);
  const opaque = i8x16.splat(-1);
  for (let row: usize = 0; row < height; ++row) {
    let x: usize = 0;
    for (; x + 16 <= width; x += 16) {
      let lanes = v128.load(alpha + x);
      // Text and logos are mostly empty or solid: both cost a comparison only.
      if (!v128.any_true(lanes)) continue;
      if (opacity != 255) lanes = scaleLanes(lanes, factor);
      else if (!v128.any_true(v128.xor(lanes, opaque))) {
        v128.store(dst + x, v128.load(src + x));
        continue;
      }
      v128.store(dst + x, mixLanes(v128.load(src + x), v128.load(dst + x), lanes));
    }
    for (; x < width; ++x) {
      let value: u32 = load<u8>(alpha + x);
      if (opacity != 255) value = divideBy255Scalar(value * opacity);
      mixScalar(dst + x, load<u8>(src + x), value);
    }
    dst += dstStride;
    src += srcStride;
    alpha += srcStride;
  }
}

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

/** I420 (BT.709 limited, strides width and width/2) to opaque RGBA. Width and height even. */
export function i420ToRgba(dst: usize, y: usize, u: usize, v: usize, width: usize, height: usize): void {
  for (let row: usize = 0; row < height; ++row) {
    const half = (row >> 1) * (width >> 1);
    for (let x: usize = 0; x < width; ++x) {
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

/**
 * One plane to a smaller (or equal) size, every target pixel being the mean of the area it covers.
 * `scratch`: srcWidth × 2 + 64 bytes for one row of vertical sums.
 */
export function downscalePlane(
  dst: usize,
  dstWidth: usize,
  dstHeight: usize,
  src: usize,
  srcWidth: usize,
  srcHeight: usize,
  scratch: usize,
): void {
  // Sums carry 8 fraction bits from the rows and `srcWidth` as the total of the column weights.
  const total = (<u64>srcWidth) * 256;
  const reciprocal: u64 = ((1 << 44) + total - 1) / total;
  for (let row: usize = 0; row < dstHeight; ++row) {
    sumRows(src, srcWidth, srcHeight, row, dstHeight, scratch);
    if (dstWidth * 2 == srcWidth) sumPairs(dst, dstWidth, scratch);
    else sumColumns(dst, dstWidth, srcWidth, scratch, reciprocal);
    dst += dstWidth;
  }
}

/** Any ratio, `reciprocal` being 2⁴⁴ / (256·srcWidth): in units of 1/dstWidth source pixels each target pixel covers the next `srcWidth`. */
function sumColumns(
  dst: usize,
  dstWidth: usize,
  srcWidth: usize,
  sums: usize,
  reciprocal: u64,
): void {
  const half: u64 = 1 << 43;
  // What is left of the current column: its share of the next target pixel.
  let left: u32 = <u32>dstWidth;
  let value: u32 = load<u16>(sums);
  for (let x: usize = 0; x < dstWidth; ++x) {
    let sum = value * left;
    let needed: u32 = <u32>srcWidth - left;
    while (needed >= <u32>dstWidth) {
      sums += 2;
      sum += <u32>load<u16>(sums) * <u32>dstWidth;
      needed -= <u32>dstWidth;
    }
    // Reading one column past the row is harmless: its share is 0 and the scratch has room for it.
    sums += 2;
    value = load<u16>(sums);
    sum += value * needed;
    left = <u32>dstWidth - needed;
    store<u8>(dst + x, <u8>((<u64>sum * reciprocal + half) >> 44));
  }
}

/** The common ratio 2, sixteen source columns at a time. */
function sumPairs(dst: usize, dstWidth: usize, sums: usize): void {
  const half = i32x4.splat(256);
  let x: usize = 0;
  for (; x + 8 <= dstWidth; x += 8) {
    const low = i32x4.extadd_pairwise_i16x8_u(v128.load(sums + x * 4));
    const high = i32x4.extadd_pairwise_i16x8_u(v128.load(sums + x * 4, 16));
    const words = i16x8.narrow_i32x4_u(
      i32x4.shr_u(i32x4.add(low, half), 9),
      i32x4.shr_u(i32x4.add(high, half), 9),
    );
    v128.store64_lane(dst + x, i8x16.narrow_i16x8_u(words, words), 0);
  }
  for (; x < dstWidth; ++x) {
    const sum: u32 = <u32>load<u16>(sums + x * 4) + <u32>load<u16>(sums + x * 4, 2);
    store<u8>(dst + x, <u8>((sum + 256) >> 9));
  }
}

/** Weighted sum of the source rows that target row `row` covers, 16-bit with 8 fraction bits; the weights total 256. */
function sumRows(
  src: usize,
  srcWidth: usize,
  srcHeight: usize,
  row: usize,
  dstHeight: usize,
  scratch: usize,
): void {
  let start = row * srcHeight;
  const first = start;
  const end = start + srcHeight;
  let line = start / dstHeight;
  let spent: usize = 0;
  let isFirst = true;
  while (start < end) {
    const edge = min<usize>((line + 1) * dstHeight, end);
    // Rounding the running total instead of each weight makes them add up to exactly 256.
    const total = ((edge - first) * 256 + (srcHeight >> 1)) / srcHeight;
    addRow(scratch, src + line * srcWidth, srcWidth, <u32>(total - spent), isFirst);
    spent = total;
    isFirst = false;
    start = edge;
    ++line;
  }
}

function addRow(sums: usize, src: usize, width: usize, weight: u32, isFirst: bool): void {
  const factor = i16x8.splat(<i16>weight);
  let x: usize = 0;
  for (; x + 16 <= width; x += 16) {
    const pixels = v128.load(src + x);
    let low = i16x8.mul(i16x8.extend_low_i8x16_u(pixels), factor);
    let high = i16x8.mul(i16x8.extend_high_i8x16_u(pixels), factor);
    if (!isFirst) {
      low = i16x8.add(low, v128.load(sums + x * 2));
      high = i16x8.add(high, v128.load(sums + x * 2, 16));
    }
    v128.store(sums + x * 2, low);
    v128.store(sums + x * 2, high, 16);
  }
  for (; x < width; ++x) {
    const before: u32 = isFirst ? 0 : load<u16>(sums + x * 2);
    store<u16>(sums + x * 2, <u16>(before + <u32>load<u8>(src + x) * weight));
  }
}
