// Halving: pictures that are shown much smaller than they are would flicker if only every n-th pixel were looked at.

/**
 * One plane to half its width and/or height: every target pixel is the mean of two or four. A target that is a little
 * longer than half repeats the last column or row. Both are tightly packed.
 * @param dstWidth smaller than `width`: halved; else the same
 */
export function halvePlane(
  dst: usize,
  dstWidth: usize,
  dstHeight: usize,
  src: usize,
  width: usize,
  height: usize,
): void {
  const isLower = dstHeight < height;
  for (let row: usize = 0; row < dstHeight; ++row) {
    const first = src + min<usize>(isLower ? row * 2 : row, height - 1) * width;
    const second = src + min<usize>(isLower ? row * 2 + 1 : row, height - 1) * width;
    if (dstWidth < width) halveRow(dst, dstWidth, first, second, width);
    else meanRow(dst, first, second, width);
    dst += dstWidth;
  }
}

function meanRow(dst: usize, first: usize, second: usize, width: usize): void {
  let x: usize = 0;
  for (; x + 16 <= width; x += 16)
    v128.store(dst + x, i8x16.avgr_u(v128.load(first + x), v128.load(second + x)));
  for (; x < width; ++x)
    store<u8>(dst + x, <u8>((<u32>load<u8>(first + x) + <u32>load<u8>(second + x) + 1) >> 1));
}

function halveRow(dst: usize, dstWidth: usize, first: usize, second: usize, width: usize): void {
  const half = width >> 1;
  const two = i16x8.splat(2);
  let x: usize = 0;
  for (; x + 16 <= half; x += 16) {
    const above = first + x * 2;
    const below = second + x * 2;
    const low = i16x8.add(
      i16x8.extadd_pairwise_i8x16_u(v128.load(above)),
      i16x8.extadd_pairwise_i8x16_u(v128.load(below)),
    );
    const high = i16x8.add(
      i16x8.extadd_pairwise_i8x16_u(v128.load(above, 16)),
      i16x8.extadd_pairwise_i8x16_u(v128.load(below, 16)),
    );
    v128.store(
      dst + x,
      i8x16.narrow_i16x8_u(i16x8.shr_u(i16x8.add(low, two), 2), i16x8.shr_u(i16x8.add(high, two), 2)),
    );
  }
  for (; x < dstWidth; ++x) {
    const left = min<usize>(x * 2, width - 1);
    const right = min<usize>(x * 2 + 1, width - 1);
    const sum: u32 =
      <u32>load<u8>(first + left) +
      <u32>load<u8>(first + right) +
      <u32>load<u8>(second + left) +
      <u32>load<u8>(second + right);
    store<u8>(dst + x, <u8>((sum + 2) >> 2));
  }
}

/** The same for the colour of a picture with transparency: each pixel counts as much as it is there. */
export function halveWeighted(
  dst: usize,
  dstWidth: usize,
  dstHeight: usize,
  src: usize,
  alpha: usize,
  width: usize,
  height: usize,
): void {
  const isNarrower = dstWidth < width;
  const isLower = dstHeight < height;
  for (let row: usize = 0; row < dstHeight; ++row) {
    const first = min<usize>(isLower ? row * 2 : row, height - 1) * width;
    const second = min<usize>(isLower ? row * 2 + 1 : row, height - 1) * width;
    for (let x: usize = 0; x < dstWidth; ++x) {
      const left = min<usize>(isNarrower ? x * 2 : x, width - 1);
      const right = min<usize>(isNarrower ? x * 2 + 1 : x, width - 1);
      const a0 = <u32>load<u8>(alpha + first + left);
      const a1 = <u32>load<u8>(alpha + first + right);
      const a2 = <u32>load<u8>(alpha + second + left);
      const a3 = <u32>load<u8>(alpha + second + right);
      const weight = a0 + a1 + a2 + a3;
      const sum =
        a0 * load<u8>(src + first + left) +
        a1 * load<u8>(src + first + right) +
        a2 * load<u8>(src + second + left) +
        a3 * load<u8>(src + second + right);
      // What is nowhere there keeps some colour: it is never seen.
      store<u8>(dst + x, weight ? <u8>((sum + (weight >> 1)) / weight) : load<u8>(src + first + left));
    }
    dst += dstWidth;
  }
}
