/**
 * One plane of a picture drawn at any scale, turned and mirrored: bilinear, with edges as sharp as pixels allow.
 *
 * Every value depends on the absolute position of its pixel alone (fixed point with 32 fraction bits, groups of eight
 * pixels that begin at multiples of eight), so that a rectangle drawn in pieces is the same, byte for byte, as drawn whole.
 */
import { blendColumns, mixColumns, packColumns } from './sample-blend';
import {
  layColumns,
  mixedRowBytes,
  mixRows,
  mixWeightedRows,
  spreadRow,
  uprightScratch,
} from './sample-row';
import { sampleTurned } from './sample-turned';

/** How long a row of a canvas may be, and some groups more. */
const rowPixels: usize = 8192 + 64;
/** below this a slope is none */
const flat: f64 = 1e-9;
/** an edge that misses a pixel's border by less than this is on it */
const tolerance: f64 = 1e-6;

/** Bytes of scratch memory that `sampleRect` needs: factors, values and alpha of one row, and what upright rows take. */
export function sampleScratchBytes(): usize {
  return rowPixels * 5 + uprightScratch;
}

/** The first and last + 1 of those x for which `at + slope · x ≥ least`; made narrower by `narrow`. */
let first: i32 = 0;
let end: i32 = 0;

function narrow(at: f64, slope: f64, least: f64): void {
  if (abs(slope) < flat) {
    if (at < least - tolerance) end = first;
    return;
  }
  const edge = (least - at) / slope;
  if (slope > 0) first = max<i32>(first, <i32>min<f64>(1e9, max<f64>(-1e9, ceil(edge - tolerance))));
  else end = min<i32>(end, <i32>min<f64>(1e9, max<f64>(-1e9, floor(edge + tolerance))) + 1);
}

/** How much of a pixel lies between two edges, the distances to which (plus half a pixel) are given. */
function covered(toOne: f64, toOther: f64): f64 {
  return max<f64>(0, min<f64>(1, max<f64>(0, toOne)) + min<f64>(1, max<f64>(0, toOther)) - 1);
}

/** 32 fraction bits. */
function fixed(value: f64): i64 {
  return <i64>floor(value * 4294967296.0 + 0.5);
}

/** Least and most position of a sample, 16 fraction bits; the most leaves room for the neighbour that is read with it. */
function leastOf(from: f64, size: i32): i32 {
  return min<i32>(roomOf(size), <i32>max<f64>(0, floor(from * 65536.0 + 0.5)));
}
function mostOf(to: f64, size: i32): i32 {
  return min<i32>(roomOf(size), <i32>max<f64>(0, floor(to * 65536.0 + 0.5)));
}
function roomOf(size: i32): i32 {
  return size > 1 ? ((size - 1) << 16) - 1 : 0;
}

/**
 * Draw into the rectangle (left, top, width, height) of the plane `dst`. The pixel x, y shows the source at
 * u = u0 + ux·x + uy·y, v = v0 + vx·x + vy·y (pixels of the source's plane, the first one lying between 0 and 1), where
 * that is within the part fromU…toU, fromV…toV; at its edges pixels are covered in part.
 * @param alpha its alpha plane; 0: opaque
 * @param srcWidth also its stride, at most 16384
 * @param inset how far within the edges of the part the first and last samples lie
 * @param scaleU @param scaleV source pixels a pixel
 */
export function sampleRect(
  dst: usize,
  dstStride: usize,
  left: i32,
  top: i32,
  width: i32,
  height: i32,
  src: usize,
  alpha: usize,
  srcWidth: i32,
  srcHeight: i32,
  u0: f64,
  ux: f64,
  uy: f64,
  v0: f64,
  vx: f64,
  vy: f64,
  fromU: f64,
  toU: f64,
  fromV: f64,
  toV: f64,
  inset: f64,
  scaleU: f64,
  scaleV: f64,
  opacity: i32,
  scratch: usize,
): void {
  const factors = scratch;
  const values = scratch + rowPixels;
  const alphas = values + rowPixels * 2;
  const mixed = alphas + rowPixels * 2;
  const leastU = leastOf(fromU + inset - 0.5, srcWidth);
  const mostU = max<i32>(leastU, mostOf(toU - inset - 0.5, srcWidth));
  const leastV = leastOf(fromV + inset - 0.5, srcHeight);
  const mostV = max<i32>(leastV, mostOf(toV - inset - 0.5, srcHeight));
  const below: usize = srcHeight > 1 ? <usize>srcWidth : 0;
  const stepU = fixed(ux);
  const stepV = fixed(vx);
  const slopeU = ux / scaleU;
  const slopeV = vx / scaleV;
  const isUpright = vx == 0 && uy == 0;
  let isLaid = false;

  for (let y = top; y < top + height; ++y) {
    const rowU = u0 + uy * <f64>y;
    const rowV = v0 + vy * <f64>y;
    // Distances from the edges at x = 0, in pixels, plus a half: from 0 on a pixel is touched, from 1 on covered.
    const toLeft = (rowU - fromU) / scaleU + 0.5;
    const toRight = (toU - rowU) / scaleU + 0.5;
    const toTop = (rowV - fromV) / scaleV + 0.5;
    const toBottom = (toV - rowV) / scaleV + 0.5;
    first = left;
    end = left + width;
    narrow(toLeft, slopeU, 0);
    narrow(toRight, -slopeU, 0);
    narrow(toTop, slopeV, 0);
    narrow(toBottom, -slopeV, 0);
    const begin = first;
    const stop = end;
    if (begin >= stop) continue;
    narrow(toLeft, slopeU, 1);
    narrow(toRight, -slopeU, 1);
    narrow(toTop, slopeV, 1);
    narrow(toBottom, -slopeV, 1);
    const solid = min<i32>(first, stop);
    const solidEnd = max<i32>(end, solid);

    memory.fill(factors + (solid - begin), <u8>opacity, solidEnd - solid);
    for (let x = begin; x < stop; ++x) {
      if (x == solid) x = solidEnd;
      if (x >= stop) break;
      const along = slopeU * <f64>x;
      const across = slopeV * <f64>x;
      const coverage =
        covered(toLeft + along, toRight - along) * covered(toTop + across, toBottom - across);
      store<u8>(factors + (x - begin), <u8>(coverage * <f64>opacity + 0.5));
    }

    // Samples lie in the middle of pixels: half a pixel less.
    const atU = fixed(rowU - 0.5);
    const atV = fixed(rowV - 0.5);
    let skip: usize = 0;
    if (isUpright) {
      if (!isLaid) layColumns(mixed, begin, stop, atU, stepU, leastU, mostU);
      isLaid = true;
      const at = <i32>min<i64>(mostV, max<i64>(leastV, atV >> 16));
      const row = <usize>(at >> 16) * srcWidth;
      const part = (at & 0xffff) >> 1;
      const upper = src + row;
      if (alpha) {
        const upperAlpha = alpha + row;
        mixWeightedRows(mixed, upper, upper + below, upperAlpha, upperAlpha + below, part);
        mixRows(mixed + mixedRowBytes, upperAlpha, upperAlpha + below, part);
        spreadRow(alphas, mixed + mixedRowBytes, begin, stop);
      } else mixRows(mixed, upper, upper + below, part);
      spreadRow(values, mixed, begin, stop);
    } else {
      const origin = begin & ~7;
      skip = <usize>(begin - origin) * 2;
      sampleTurned(
        values,
        alphas,
        origin,
        stop,
        src,
        alpha,
        srcWidth,
        below,
        atU,
        stepU,
        leastU,
        mostU,
        atV,
        stepV,
        leastV,
        mostV,
      );
    }
    const target = dst + <usize>y * dstStride + begin;
    const count = <usize>(stop - begin);
    if (alpha) blendColumns(target, values + skip, alphas + skip, factors, count);
    else if (opacity == 255 && solid == begin && solidEnd == stop)
      packColumns(target, values + skip, count);
    else mixColumns(target, values + skip, factors, count);
  }
}
