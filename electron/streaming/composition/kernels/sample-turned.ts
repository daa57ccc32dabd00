// Samples of a turned picture: eight pixels at a time, each wherever it lies.

/** Between `a` and `b` (15 bits) by `part` (Q15). */
function between(a: v128, b: v128, part: v128): v128 {
  return i16x8.add(a, i16x8.q15mulr_sat_s(i16x8.sub(b, a), part));
}

/** The eight pairs of neighbours at these offsets: the left one in the low, the right one in the high byte of each lane. */
function pairs(base: usize, near: v128, far: v128): v128 {
  let lanes = v128.load16_lane(base + <usize>i32x4.extract_lane(near, 0), i16x8.splat(0), 0);
  lanes = v128.load16_lane(base + <usize>i32x4.extract_lane(near, 1), lanes, 1);
  lanes = v128.load16_lane(base + <usize>i32x4.extract_lane(near, 2), lanes, 2);
  lanes = v128.load16_lane(base + <usize>i32x4.extract_lane(near, 3), lanes, 3);
  lanes = v128.load16_lane(base + <usize>i32x4.extract_lane(far, 0), lanes, 4);
  lanes = v128.load16_lane(base + <usize>i32x4.extract_lane(far, 1), lanes, 5);
  lanes = v128.load16_lane(base + <usize>i32x4.extract_lane(far, 2), lanes, 6);
  return v128.load16_lane(base + <usize>i32x4.extract_lane(far, 3), lanes, 7);
}

function leftOf(pair: v128): v128 {
  return v128.and(pair, i16x8.splat(255));
}
function rightOf(pair: v128): v128 {
  return i16x8.shr_u(pair, 8);
}

/** Eight samples with 7 fraction bits. */
function sampled(top: v128, bottom: v128, partX: v128, partY: v128): v128 {
  const upper = between(i16x8.shl(leftOf(top), 7), i16x8.shl(rightOf(top), 7), partX);
  const lower = between(i16x8.shl(leftOf(bottom), 7), i16x8.shl(rightOf(bottom), 7), partX);
  return between(upper, lower, partY);
}

/** Colour × alpha ÷ 2: only so do the colours of transparent pixels not show. */
function weighted(color: v128, alpha: v128): v128 {
  return i16x8.shr_u(i16x8.mul(color, alpha), 1);
}

/** Fractions of eight positions as Q15. */
function fractions(near: v128, far: v128): v128 {
  const mask = i32x4.splat(0xffff);
  return i16x8.narrow_i32x4_s(
    i32x4.shr_u(v128.and(near, mask), 1),
    i32x4.shr_u(v128.and(far, mask), 1),
  );
}

/** Offsets of four pixels from their positions. */
function offsets(u: v128, v: v128, stride: v128): v128 {
  return i32x4.add(i32x4.mul(i32x4.shr_s(v, 16), stride), i32x4.shr_s(u, 16));
}

/** from · step … (from + 3) · step, 16 of its 32 fraction bits. */
function stepsOf(step: i64, from: i64): v128 {
  let lanes = i32x4.splat(<i32>((step * from) >> 16));
  lanes = i32x4.replace_lane(lanes, 1, <i32>((step * (from + 1)) >> 16));
  lanes = i32x4.replace_lane(lanes, 2, <i32>((step * (from + 2)) >> 16));
  return i32x4.replace_lane(lanes, 3, <i32>((step * (from + 3)) >> 16));
}

function clamped(base: i64, steps: v128, least: i32, most: i32): v128 {
  const positions = i32x4.add(i32x4.splat(<i32>base), steps);
  return i32x4.min_s(i32x4.splat(most), i32x4.max_s(i32x4.splat(least), positions));
}

/**
 * Samples (16 bits each: 7 fraction bits, or colour × alpha ÷ 2 and the alpha to it) of the pixels from `origin`, a
 * multiple of eight, to `stop`. May write seven more. Positions have 32 fraction bits, their bounds 16.
 */
export function sampleTurned(
  values: usize,
  alphas: usize,
  origin: i32,
  stop: i32,
  src: usize,
  alpha: usize,
  width: i32,
  below: usize,
  atU: i64,
  stepU: i64,
  leastU: i32,
  mostU: i32,
  atV: i64,
  stepV: i64,
  leastV: i32,
  mostV: i32,
): void {
  const stride = i32x4.splat(width);
  const nearStepsU = stepsOf(stepU, 0);
  const farStepsU = stepsOf(stepU, 4);
  const nearStepsV = stepsOf(stepV, 0);
  const farStepsV = stepsOf(stepV, 4);
  for (let x = origin; x < stop; x += 8) {
    const baseU = (atU + stepU * <i64>x) >> 16;
    const baseV = (atV + stepV * <i64>x) >> 16;
    const nearU = clamped(baseU, nearStepsU, leastU, mostU);
    const farU = clamped(baseU, farStepsU, leastU, mostU);
    const nearV = clamped(baseV, nearStepsV, leastV, mostV);
    const farV = clamped(baseV, farStepsV, leastV, mostV);
    const near = offsets(nearU, nearV, stride);
    const far = offsets(farU, farV, stride);
    const partX = fractions(nearU, farU);
    const partY = fractions(nearV, farV);
    const top = pairs(src, near, far);
    const bottom = pairs(src + below, near, far);
    if (alpha) {
      const topAlpha = pairs(alpha, near, far);
      const bottomAlpha = pairs(alpha + below, near, far);
      const upper = between(
        weighted(leftOf(top), leftOf(topAlpha)),
        weighted(rightOf(top), rightOf(topAlpha)),
        partX,
      );
      const lower = between(
        weighted(leftOf(bottom), leftOf(bottomAlpha)),
        weighted(rightOf(bottom), rightOf(bottomAlpha)),
        partX,
      );
      v128.store(values, between(upper, lower, partY));
      v128.store(alphas, sampled(topAlpha, bottomAlpha, partX, partY));
      alphas += 16;
    } else v128.store(values, sampled(top, bottom, partX, partY));
    values += 16;
  }
}
