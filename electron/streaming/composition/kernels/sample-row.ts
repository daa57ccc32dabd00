// Rows of a picture that is neither turned nor sheared: its rows are mixed first, then all columns the same way in each.

/** as wide as a picture may be that is sampled, and some air for groups of eight */
const sourcePixels: usize = 16384 + 64;
const rowPixels: usize = 8192 + 64;

/** Bytes of a mixed row of 16 bits. */
export const mixedRowBytes: usize = sourcePixels * 2;
/** Bytes of scratch memory: two mixed rows, offset and weights of each column. */
export const uprightScratch: usize = mixedRowBytes * 2 + rowPixels * 8;

/** Between `a` and `b` (15 bits) by `part` (Q15). */
function between(a: v128, b: v128, part: v128): v128 {
  return i16x8.add(a, i16x8.q15mulr_sat_s(i16x8.sub(b, a), part));
}

/** Where the columns of one rectangle lie in the source. Only one is being drawn at a time. */
let offsetTable: usize = 0;
let weightTable: usize = 0;
/** columns that lie one after the other, all with the same weights */
let runBegin: i32 = 0;
let runEnd: i32 = 0;
let runOffset: i32 = 0;
let runPart: i32 = 0;
/** columns of the source that are read, the last one included */
let firstColumn: i32 = 0;
let lastColumn: i32 = 0;

/** Note the columns `begin` to `stop` (positions with 32 fraction bits, clamped with 16). */
export function layColumns(
  scratch: usize,
  begin: i32,
  stop: i32,
  at: i64,
  step: i64,
  least: i32,
  most: i32,
): void {
  offsetTable = scratch + mixedRowBytes * 2;
  weightTable = offsetTable + rowPixels * 4;
  const isPlain = step == 1 << 32;
  runBegin = stop;
  runEnd = stop;
  let table = offsetTable;
  for (let x = begin; x < stop; ++x) {
    const wanted = (at + step * <i64>x) >> 16;
    const position = <i32>min<i64>(most, max<i64>(least, wanted));
    const offset = position >> 16;
    const part = (position & 0xffff) >> 1;
    store<i32>(table, offset * 2);
    store<u32>(table + rowPixels * 4, <u32>(32767 - part) | (<u32>part << 16));
    table += 4;
    if (isPlain && wanted == <i64>position) {
      if (runBegin == stop) {
        runBegin = x;
        runOffset = offset;
        runPart = part;
      }
      runEnd = x + 1;
    }
  }
  // Columns are drawn in groups of eight: the last one is read beyond its end.
  for (let extra = 0; extra < 8; ++extra) {
    store<i32>(table + extra * 4, load<i32>(table - 4));
    store<u32>(table + rowPixels * 4 + extra * 4, load<u32>(table + rowPixels * 4 - 4));
  }
  const one = load<i32>(offsetTable) >> 1;
  const other = load<i32>(table - 4) >> 1;
  firstColumn = min<i32>(one, other);
  lastColumn = max<i32>(one, other) + 1;
}

/** Two rows of bytes mixed, 7 fraction bits. */
export function mixRows(target: usize, upper: usize, lower: usize, part: i32): void {
  const lanes = i16x8.splat(<i16>part);
  for (let x = firstColumn; x <= lastColumn; x += 8)
    v128.store(
      target + x * 2,
      between(
        i16x8.shl(v128.load_ext<u8>(upper + x), 7),
        i16x8.shl(v128.load_ext<u8>(lower + x), 7),
        lanes,
      ),
    );
}

/** The same of colour × alpha ÷ 2. */
export function mixWeightedRows(
  target: usize,
  upper: usize,
  lower: usize,
  upperAlpha: usize,
  lowerAlpha: usize,
  part: i32,
): void {
  const lanes = i16x8.splat(<i16>part);
  for (let x = firstColumn; x <= lastColumn; x += 8)
    v128.store(
      target + x * 2,
      between(
        i16x8.shr_u(i16x8.mul(v128.load_ext<u8>(upper + x), v128.load_ext<u8>(upperAlpha + x)), 1),
        i16x8.shr_u(i16x8.mul(v128.load_ext<u8>(lower + x), v128.load_ext<u8>(lowerAlpha + x)), 1),
        lanes,
      ),
    );
}

/** The columns of a mixed row: 16 bits each to `target`, the first being that of `begin`. May write seven more. */
export function spreadRow(target: usize, row: usize, begin: i32, stop: i32): void {
  gather(target, row, begin, begin, runBegin);
  if (runBegin < runEnd) {
    const part = i16x8.splat(<i16>runPart);
    let from = row + runOffset * 2;
    let to = target + (runBegin - begin) * 2;
    for (let x = runBegin; x < runEnd; x += 8) {
      v128.store(to, between(v128.load(from), v128.load(from, 2), part));
      from += 16;
      to += 16;
    }
  }
  gather(target, row, begin, runEnd, stop);
}

function gather(target: usize, row: usize, begin: i32, from: i32, to: i32): void {
  let offset = offsetTable + (from - begin) * 4;
  let weights = weightTable + (from - begin) * 4;
  const half = i32x4.splat(16384);
  for (let x = from; x < to; x += 8) {
    let low = v128.load32_zero(row + load<u32>(offset));
    low = v128.load32_lane(row + load<u32>(offset, 4), low, 1);
    low = v128.load32_lane(row + load<u32>(offset, 8), low, 2);
    low = v128.load32_lane(row + load<u32>(offset, 12), low, 3);
    let high = v128.load32_zero(row + load<u32>(offset, 16));
    high = v128.load32_lane(row + load<u32>(offset, 20), high, 1);
    high = v128.load32_lane(row + load<u32>(offset, 24), high, 2);
    high = v128.load32_lane(row + load<u32>(offset, 28), high, 3);
    low = i32x4.add(i32x4.dot_i16x8_s(low, v128.load(weights)), half);
    high = i32x4.add(i32x4.dot_i16x8_s(high, v128.load(weights, 16)), half);
    v128.store(
      target + (x - begin) * 2,
      i16x8.narrow_i32x4_s(i32x4.shr_s(low, 15), i32x4.shr_s(high, 15)),
    );
    offset += 32;
    weights += 32;
  }
}
