// Rows of samples onto a row of a plane. What follows the row is read with it (up to fifteen bytes) but never written.

/** round(value / 255) for eight unsigned 16-bit lanes ≤ 255². */
function divideBy255(value: v128): v128 {
  const biased = i16x8.add(value, i16x8.splat(128));
  return i16x8.shr_u(i16x8.add(biased, i16x8.shr_u(biased, 8)), 8);
}

/** Store the low `count` (1…8) bytes of eight 16-bit lanes. */
function storeLanes(dst: usize, lanes: v128, count: usize): void {
  const packed = i8x16.narrow_i16x8_u(lanes, lanes);
  if (count >= 8) {
    v128.store64_lane(dst, packed, 0);
    return;
  }
  let rest = i64x2.extract_lane(packed, 0);
  for (let index: usize = 0; index < count; ++index) {
    store<u8>(dst + index, <u8>rest);
    rest >>= 8;
  }
}

/** Bytes of eight values with 7 fraction bits, in 16-bit lanes. */
function rounded(values: usize): v128 {
  return i16x8.shr_u(i16x8.add(v128.load(values), i16x8.splat(64)), 7);
}

/** dst = value. `values` have 7 fraction bits. */
export function packColumns(dst: usize, values: usize, count: usize): void {
  for (let x: usize = 0; x < count; x += 8) storeLanes(dst + x, rounded(values + x * 2), count - x);
}

/** dst = mix(dst, value, factor). `values` have 7 fraction bits, factors are bytes. */
export function mixColumns(dst: usize, values: usize, factors: usize, count: usize): void {
  for (let x: usize = 0; x < count; x += 8) {
    const factor = v128.load_ext<u8>(factors + x);
    const inverse = i16x8.sub(i16x8.splat(255), factor);
    const value = i16x8.mul(rounded(values + x * 2), factor);
    const mixed = i16x8.add(value, i16x8.mul(v128.load_ext<u8>(dst + x), inverse));
    storeLanes(dst + x, divideBy255(mixed), count - x);
  }
}

/**
 * dst = dst · (1 − alpha·factor) + value·factor. `values` are colour × alpha ÷ 2 and `alphas` have 7 fraction bits, both
 * in 16 bits; `factors` are bytes.
 */
export function blendColumns(
  dst: usize,
  values: usize,
  alphas: usize,
  factors: usize,
  count: usize,
): void {
  for (let x: usize = 0; x < count; x += 8) {
    const bytes = v128.load_ext<u8>(factors + x);
    // 255 becomes 32767, which is as good as 1 in Q15.
    const factor = i16x8.add(i16x8.shl(bytes, 7), i16x8.shr_u(bytes, 1));
    const alpha = i16x8.q15mulr_sat_s(v128.load(alphas + x * 2), factor);
    if (!v128.any_true(alpha)) continue;
    const there = i16x8.shr_u(i16x8.add(alpha, i16x8.splat(64)), 7);
    const value = i16x8.shl(i16x8.q15mulr_sat_s(v128.load(values + x * 2), factor), 1);
    const inverse = i16x8.sub(i16x8.splat(255), there);
    const below = i16x8.mul(v128.load_ext<u8>(dst + x), inverse);
    // Both were rounded: together they may be a little more than 255².
    const sum = i16x8.min_u(i16x8.add_sat_u(below, value), i16x8.splat(<i16>65025));
    storeLanes(dst + x, divideBy255(sum), count - x);
  }
}
