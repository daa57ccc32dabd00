// Chroma key: what is near a colour becomes transparent.

/**
 * The half-size alpha plane of a keyed picture: 0 up to `from` from the colour (keyU, keyV), 255 beyond `to`, a straight
 * passage between; multiplied by `ownAlpha` where the picture has one (0: opaque). `count` chroma samples.
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
  const scale = <f32>255 / (to - from);
  for (let index: usize = 0; index < count; ++index) {
    const du = <f32>load<u8>(u + index) - keyU;
    const dv = <f32>load<u8>(v + index) - keyV;
    const distance = sqrt<f32>(du * du + dv * dv);
    let alpha = <u32>(min<f32>(255, max<f32>(0, (distance - from) * scale)) + <f32>0.5);
    if (ownAlpha) alpha = (alpha * <u32>load<u8>(ownAlpha + index) + 127) / 255;
    store<u8>(dst + index, <u8>alpha);
  }
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
    for (let x: usize = 0; x < halfWidth; ++x) {
      const before = x ? x - 1 : 0;
      const after = min<usize>(x + 1, halfWidth - 1);
      const middle = 3 * <u32>load<u8>(nearRow + x) + <u32>load<u8>(farRow + x);
      const left = 3 * <u32>load<u8>(nearRow + before) + <u32>load<u8>(farRow + before);
      const right = 3 * <u32>load<u8>(nearRow + after) + <u32>load<u8>(farRow + after);
      const at = row * width + x * 2;
      storeAlpha(dst + at, (3 * middle + left + 8) >> 4, ownAlpha ? ownAlpha + at : 0);
      storeAlpha(dst + at + 1, (3 * middle + right + 8) >> 4, ownAlpha ? ownAlpha + at + 1 : 0);
    }
  }
}

function storeAlpha(dst: usize, alpha: u32, own: usize): void {
  store<u8>(dst, <u8>(own ? min<u32>(alpha, load<u8>(own)) : alpha));
}
