import { beforeAll, describe, expect, it } from 'vitest';
import { layPlanes } from '../../electron/streaming/composition/frame-arena';
import { SharedFrameArena } from '../../electron/streaming/composition/frame-arena';
import { compileKernels, instantiateKernels } from '../../electron/streaming/composition/kernels-module';
import type { Kernels } from '../../electron/streaming/composition/kernels-module';
import { seededRandom } from '../support/seeded-random';

const arena = new SharedFrameArena(8 * 1024 * 1024);
const bytes = new Uint8Array(arena.memory.buffer);
const random = seededRandom(7);
const randomByte = (): number => Math.floor(random() * 256);
let kernels: Kernels;

beforeAll(async () => {
  kernels = instantiateKernels(await compileKernels(), arena.memory);
});

/** A block of random bytes; some runs are 0 and 255, which the kernels treat apart. */
function noise(length: number): number {
  const { offset } = arena.allocate(length);
  for (let index = 0; index < length; index++) {
    const run = Math.floor(index / 40) % 4;
    bytes[offset + index] = run === 1 ? 0 : run === 2 ? 255 : randomByte();
  }
  return offset;
}
const at = (offset: number): number => bytes[offset] as number;
const mix = (src: number, dst: number, alpha: number): number =>
  Math.round((src * alpha + dst * (255 - alpha)) / 255);

const sizes = [
  [1, 1],
  [7, 3],
  [16, 2],
  [33, 5],
  [130, 9],
] as const;

/** Runs a rectangle operation inside a larger target and checks every byte of it, inside and outside. */
function checkRect(
  width: number,
  height: number,
  run: (dst: number, dstStride: number, src: number, alpha: number, srcStride: number) => void,
  expected: (before: number, src: number, alpha: number) => number,
): void {
  const dstStride = width + 13;
  const srcStride = width + 6;
  const area = dstStride * (height + 2);
  const dst = noise(area);
  const src = noise(srcStride * height);
  const alpha = noise(srcStride * height);
  const before = bytes.slice(dst, dst + area);
  run(dst + dstStride + 3, dstStride, src, alpha, srcStride);
  for (let index = 0; index < area; index++) {
    const x = (index % dstStride) - 3;
    const y = Math.floor(index / dstStride) - 1;
    const old = before[index] as number;
    const isInside = x >= 0 && x < width && y >= 0 && y < height;
    const wanted = isInside ? expected(old, at(src + y * srcStride + x), at(alpha + y * srcStride + x)) : old;
    if (at(dst + index) !== wanted) expect({ x, y, value: at(dst + index) }).toEqual({ x, y, value: wanted });
  }
}

describe.each(sizes)('rectangles of %i×%i', (width, height) => {
  it('copies and fills exactly', () => {
    checkRect(
      width,
      height,
      (dst, dstStride, src, _alpha, srcStride) =>
        kernels.copyRect(dst, dstStride, src, srcStride, width, height),
      (_old, src) => src,
    );
    checkRect(
      width,
      height,
      (dst, dstStride) => kernels.fillRect(dst, dstStride, width, height, 77),
      () => 77,
    );
  });

  it.each([0, 1, 100, 254, 255])('mixes and blends with opacity %i as the formula says', (opacity) => {
    checkRect(
      width,
      height,
      (dst, dstStride) => kernels.mixFillRect(dst, dstStride, width, height, 201, opacity),
      (old) => mix(201, old, opacity),
    );
    checkRect(
      width,
      height,
      (dst, dstStride, src, _alpha, srcStride) =>
        kernels.mixRect(dst, dstStride, src, srcStride, width, height, opacity),
      (old, src) => mix(src, old, opacity),
    );
    checkRect(
      width,
      height,
      (dst, dstStride, src, alpha, srcStride) =>
        kernels.blendRect(dst, dstStride, src, alpha, srcStride, width, height, opacity),
      (old, src, alpha) => mix(src, old, Math.round((alpha * opacity) / 255)),
    );
  });
});

describe('colour', () => {
  /** BT.709 limited range, in floating point. */
  function yuvOf(red: number, green: number, blue: number): [number, number, number] {
    const luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    return [
      16 + (219 * luma) / 255,
      128 + (224 * (blue - luma)) / 1.8556 / 255,
      128 + (224 * (red - luma)) / 1.5748 / 255,
    ];
  }

  it.each([true, false])('converts RGBA within one level (alpha planes: %s)', (hasAlpha) => {
    const [width, height] = [38, 6];
    const src = noise(width * height * 4);
    const block = arena.allocate(width * height * 3);
    const planes = layPlanes(block.offset, width, height, hasAlpha);
    kernels.rgbaToI420(src, width, height, planes.y, planes.u, planes.v, planes.alpha, planes.chromaAlpha);
    for (let y = 0; y < height; y += 2)
      for (let x = 0; x < width; x += 2) {
        const sum = [0, 0, 0];
        let weight = 0;
        for (const [column, row] of [
          [x, y],
          [x + 1, y],
          [x, y + 1],
          [x + 1, y + 1],
        ] as const) {
          const pixel = src + (row * width + column) * 4;
          const rgb = [at(pixel), at(pixel + 1), at(pixel + 2)] as const;
          const alpha = hasAlpha ? at(pixel + 3) : 255;
          expect(Math.abs(at(planes.y + row * width + column) - yuvOf(...rgb)[0])).toBeLessThanOrEqual(1);
          if (hasAlpha) expect(at(planes.alpha + row * width + column)).toBe(alpha);
          weight += alpha;
          rgb.forEach((value, index) => (sum[index] = (sum[index] as number) + value * alpha));
        }
        const half = (y / 2) * (width / 2) + x / 2;
        const mean = sum.map((value) => value / weight) as [number, number, number];
        const [, u, v] = weight ? yuvOf(...mean) : [0, 128, 128];
        expect(Math.abs(at(planes.u + half) - u)).toBeLessThanOrEqual(1);
        expect(Math.abs(at(planes.v + half) - v)).toBeLessThanOrEqual(1);
        if (hasAlpha) expect(at(planes.chromaAlpha + half)).toBe(Math.round(weight / 4));
      }
  });

  it('converts I420 to RGBA within one level', () => {
    const [width, height] = [22, 4];
    const block = arena.allocate((width * height * 3) / 2);
    const planes = layPlanes(block.offset, width, height, false);
    for (let index = 0; index < block.byteLength; index++) bytes[block.offset + index] = randomByte();
    const rgba = arena.allocate(width * height * 4).offset;
    kernels.i420ToRgba(rgba, planes.y, planes.u, planes.v, width, height);
    const clamp = (value: number): number => Math.min(255, Math.max(0, value));
    for (let index = 0; index < width * height; index++) {
      const half = Math.floor(index / width / 2) * (width / 2) + Math.floor((index % width) / 2);
      const luma = (at(planes.y + index) - 16) / 219;
      const blueness = (at(planes.u + half) - 128) / 224;
      const redness = (at(planes.v + half) - 128) / 224;
      const wanted = [
        255 * (luma + 1.5748 * redness),
        255 * (luma - 0.1873 * blueness - 0.4681 * redness),
        255 * (luma + 1.8556 * blueness),
        255,
      ];
      wanted.forEach((value, channel) =>
        expect(Math.abs(at(rgba + index * 4 + channel) - clamp(value))).toBeLessThanOrEqual(1),
      );
    }
  });

  it('brings flat colours back within three levels', () => {
    const block = arena.allocate(1024);
    const planes = layPlanes(block.offset, 18, 2, false);
    const rgba = arena.allocate(18 * 2 * 4).offset;
    for (let round = 0; round < 200; round++) {
      const color = [randomByte(), randomByte(), randomByte(), 255];
      for (let index = 0; index < 144; index++) bytes[rgba + index] = color[index % 4] as number;
      kernels.rgbaToI420(rgba, 18, 2, planes.y, planes.u, planes.v, 0, 0);
      kernels.i420ToRgba(rgba, planes.y, planes.u, planes.v, 18, 2);
      for (const pixel of [0, 17, 18, 35])
        color.forEach((value, index) =>
          expect(Math.abs(at(rgba + pixel * 4 + index) - value)).toBeLessThanOrEqual(3),
        );
    }
  });
});

describe('downscale', () => {
  it.each([
    [64, 36, 64, 36],
    [96, 54, 32, 18],
    [100, 60, 34, 22],
    [130, 70, 128, 68],
    [190, 108, 46, 26],
    [322, 182, 2, 2],
  ])('%i×%i to %i×%i is the mean of the covered area', (width, height, smallWidth, smallHeight) => {
    const src = noise(width * height);
    const dst = arena.allocate(smallWidth * smallHeight).offset;
    const scratch = arena.allocate(width * 2 + 64).offset;
    kernels.downscalePlane(dst, smallWidth, smallHeight, src, width, height, scratch);
    for (let y = 0; y < smallHeight; y++)
      for (let x = 0; x < smallWidth; x++) {
        const [left, right] = [(x * width) / smallWidth, ((x + 1) * width) / smallWidth];
        const [top, bottom] = [(y * height) / smallHeight, ((y + 1) * height) / smallHeight];
        let sum = 0;
        for (let row = Math.floor(top); row < bottom; row++)
          for (let column = Math.floor(left); column < right; column++)
            sum +=
              at(src + row * width + column) *
              (Math.min(row + 1, bottom) - Math.max(row, top)) *
              (Math.min(column + 1, right) - Math.max(column, left));
        const mean = sum / ((right - left) * (bottom - top));
        expect(Math.abs(at(dst + y * smallWidth + x) - mean)).toBeLessThanOrEqual(1.5);
      }
  });
});
