// Rectangles of one plane: copy, fill, mix, blend.

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

/** dst = mix(from, to, share of `to`): two whole pictures of the same layout, `length` bytes each. */
export function mixPictures(dst: usize, from: usize, to: usize, length: usize, share: u32): void {
  if (share == 0 || share == 255) {
    memory.copy(dst, share == 0 ? from : to, length);
    return;
  }
  const alpha = i8x16.splat(<i8>share);
  let at: usize = 0;
  for (; at + 16 <= length; at += 16)
    v128.store(dst + at, mixLanes(v128.load(to + at), v128.load(from + at), alpha));
  for (; at < length; ++at) {
    const value = <u32>load<u8>(to + at) * share + <u32>load<u8>(from + at) * (255 - share);
    store<u8>(dst + at, <u8>divideBy255Scalar(value));
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
