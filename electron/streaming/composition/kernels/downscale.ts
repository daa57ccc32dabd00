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
    else if (srcWidth % dstWidth == 0) sumRuns(dst, dstWidth, srcWidth / dstWidth, scratch, reciprocal);
    else sumColumns(dst, dstWidth, srcWidth, scratch, reciprocal);
    dst += dstWidth;
  }
}

/** Whole ratios: the mean of the next `run` columns. */
function sumRuns(dst: usize, dstWidth: usize, run: usize, sums: usize, reciprocal: u64): void {
  const scale = reciprocal * <u64>dstWidth;
  for (let x: usize = 0; x < dstWidth; ++x) {
    const end = sums + run * 2;
    let sum: u32 = 0;
    do {
      sum += load<u16>(sums);
      sums += 2;
    } while (sums < end);
    store<u8>(dst + x, <u8>((<u64>sum * scale + (1 << 43)) >> 44));
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
