// Chroma key: what is near a colour becomes transparent.

/** round(value / 255) for eight unsigned 16-bit lanes ≤ 255². */
function divideBy255(value: v128): v128 {
  const biased = i16x8.add(value, i16x8.splat(128));
  return i16x8.shr_u(i16x8.add(biased, i16x8.shr_u(biased, 8)), 8);
}

/** Alpha of four samples, as 32-bit integers, from their distances in each direction. */
function keyLanes(du: v128, dv: v128, from: v128, scale: v128): v128 {
  const distance = f32x4.sqrt(f32x4.add(f32x4.mul(du, du), f32x4.mul(dv, dv)));
  const wanted = f32x4.mul(f32x4.sub(distance, from), scale);
  const alpha = f32x4.min(f32x4.splat(255), f32x4.max(f32x4.splat(0), wanted));
  return i32x4.trunc_sat_f32x4_u(f32x4.add(alpha, f32x4.splat(0.5)));
}

function floatsLow(bytes: v128): v128 {
  return f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(bytes));
}
function floatsHigh(bytes: v128): v128 {
  return f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(bytes));
}

/**
 * The half-size alpha plane of a keyed picture: 0 up to `from` from the colour (keyU, keyV), 255 beyond `to`, a straight
 * passage between; multiplied by `ownAlpha` where the picture has one (0: opaque). `count` chroma samples; up to seven
 * more are written.
 */
export function keyChroma(
  dst: usize,
  u: usize,
  v: usize,
  ownAlpha: usize,
  count: usize,
  keyU: f32,
  keyV: f32,
  from: f32,
  to: f32,
): void {
  const nearest = f32x4.splat(from);
  const scale = f32x4.splat(<f32>255 / (to - from));
  const middleU = f32x4.splat(keyU);
  const middleV = f32x4.splat(keyV);
  for (let index: usize = 0; index < count; index += 8) {
    const bytesU = v128.load_ext<u8>(u + index);
    const bytesV = v128.load_ext<u8>(v + index);
    const low = keyLanes(
      f32x4.sub(floatsLow(bytesU), middleU),
      f32x4.sub(floatsLow(bytesV), middleV),
      nearest,
      scale,
    );
    const high = keyLanes(
      f32x4.sub(floatsHigh(bytesU), middleU),
      f32x4.sub(floatsHigh(bytesV), middleV),
      nearest,
      scale,
    );
    let alpha = i16x8.narrow_i32x4_s(low, high);
    if (ownAlpha) alpha = divideBy255(i16x8.mul(alpha, v128.load_ext<u8>(ownAlpha + index)));
    v128.store64_lane(dst + index, i8x16.narrow_i16x8_u(alpha, alpha), 0);
  }
}

/** Eight samples three parts near, one part far. */
function blendRows(near: usize, far: usize): v128 {
  return i16x8.add(
    i16x8.mul(v128.load_ext<u8>(near), i16x8.splat(3)),
    v128.load_ext<u8>(far),
  );
}
function sixteenth(middle: v128, side: v128): v128 {
  const sum = i16x8.add(i16x8.mul(middle, i16x8.splat(3)), side);
  return i16x8.shr_u(i16x8.add(sum, i16x8.splat(8)), 4);
}

/**
 * The full-size alpha plane to it: the keyed one between its samples (which lie in the middle of four pixels), so that
 * edges have no steps of two pixels, and never more than `ownAlpha` (0: opaque). Width and height are even.
 */
export function keyLuma(
  dst: usize,
  keyed: usize,
  ownAlpha: usize,
  width: usize,
  height: usize,
): void {
  const halfWidth = width >> 1;
  const halfHeight = height >> 1;
  for (let row: usize = 0; row < height; ++row) {
    const near = row >> 1;
    // The next nearest row of samples lies above even rows and below odd ones.
    const far = row & 1 ? min<usize>(near + 1, halfHeight - 1) : near ? near - 1 : 0;
    const nearRow = keyed + near * halfWidth;
    const farRow = keyed + far * halfWidth;
    const target = dst + row * width;
    const own = ownAlpha ? ownAlpha + row * width : 0;
    keyPair(target, nearRow, farRow, 0, halfWidth, own);
    let x: usize = 1;
    for (; x + 9 <= halfWidth; x += 8) {
      const middle = blendRows(nearRow + x, farRow + x);
      const left = sixteenth(middle, blendRows(nearRow + x - 1, farRow + x - 1));
      const right = sixteenth(middle, blendRows(nearRow + x + 1, farRow + x + 1));
      // Left and right ones alternate: the one in the low, the other in the high byte of each lane.
      let alpha = v128.or(left, i16x8.shl(right, 8));
      if (own) alpha = i8x16.min_u(alpha, v128.load(own + x * 2));
      v128.store(target + x * 2, alpha);
    }
    for (; x < halfWidth; ++x) keyPair(target, nearRow, farRow, x, halfWidth, own);
  }
}

/** The same for the two pixels of one sample, at the edges too. */
function keyPair(
  target: usize,
  nearRow: usize,
  farRow: usize,
  x: usize,
  halfWidth: usize,
  own: usize,
): void {
  const before = x ? x - 1 : 0;
  const after = min<usize>(x + 1, halfWidth - 1);
  const middle = 3 * <u32>load<u8>(nearRow + x) + <u32>load<u8>(farRow + x);
  const left = 3 * <u32>load<u8>(nearRow + before) + <u32>load<u8>(farRow + before);
  const right = 3 * <u32>load<u8>(nearRow + after) + <u32>load<u8>(farRow + after);
  let one = (3 * middle + left + 8) >> 4;
  let other = (3 * middle + right + 8) >> 4;
  const at = x * 2;
  if (own) {
    one = min<u32>(one, load<u8>(own + at));
    other = min<u32>(other, load<u8>(own + at + 1));
  }
  store<u8>(target + at, <u8>one);
  store<u8>(target + at + 1, <u8>other);
}
