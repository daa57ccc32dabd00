import { beforeAll, describe, expect, it } from 'vitest';
import { BlockList } from '../../electron/streaming/composition/block-list';
import { derivationOf, DerivedPicture } from '../../electron/streaming/composition/derived-picture';
import { compileKernels, instantiateKernels } from '../../electron/streaming/composition/kernels-module';
import type { Kernels } from '../../electron/streaming/composition/kernels-module';
import { halvings } from '../../electron/streaming/composition/sampling';
import type { KeyColor, Placement } from '../../electron/streaming/interfaces/layer';
import { clamp, noiseArena, planesOf } from '../support/noise-planes';
import type { Plane } from '../support/noise-planes';

const { arena, bytes, noise } = noiseArena();
let kernels: Kernels;

beforeAll(async () => {
  kernels = instantiateKernels(await compileKernels(), arena.memory);
});

describe('pictures made smaller and keyed', () => {
  const room = () => new BlockList(arena.allocate(256 * 1024));
  const place = (box: number, part: { width: number; height: number }): Placement => ({
    ...{ rotation: 0, isFlippedX: false, isFlippedY: false },
    box: { x: 0, y: 0, width: box, height: box },
    part: { x: 0, y: 0, ...part },
  });

  it('are halved as often as it takes', () => {
    expect([1, 1.9, 2, 3.9, 4, 100, 1e9, Number.NaN].map((scale) => halvings(scale, 512))).toEqual([
      0, 0, 1, 1, 2, 6, 8, 0,
    ]);
    const size = { width: 640, height: 360 };
    expect(derivationOf(size, place(320, size), undefined)).toMatchObject({ halvingsX: 1, halvingsY: 0 });
    expect(derivationOf(size, place(400, size), undefined)).toBeNull();
    expect(
      derivationOf({ width: 20_000, height: 40 }, place(20_000, { width: 20_000, height: 40 }), undefined),
    ).toMatchObject({ halvingsX: 1 });
  });

  it.each([
    [64, 48],
    [50, 34],
    [66, 30],
  ])(
    '%i×%i: each pixel is the mean of those it stands for, weighed by how much they are there',
    (width, height) => {
      for (const hasAlpha of [false, true]) {
        const source = noise(width, height, hasAlpha);
        const derived = new DerivedPicture(kernels, room());
        const { planes, shrinkX, shrinkY } = derived.draw(source, 0, {
          halvingsX: 2,
          halvingsY: 1,
          key: null,
        });
        expect([shrinkX, shrinkY, planes.width % 2, planes.height % 2]).toEqual([4, 2, 0, 0]);
        const [sources, smaller] = [planesOf(source), planesOf(planes)];
        for (const [index, from] of sources.entries()) {
          const to = smaller[index] as Plane;
          for (let y = 0; y < to.height; y++)
            for (let x = 0; x < Math.floor(from.width / 4); x++) {
              if (y * 2 + 1 >= from.height) continue;
              let [sum, weight] = [0, 0];
              for (let row = y * 2; row < y * 2 + 2; row++)
                for (let column = x * 4; column < x * 4 + 4; column++) {
                  const at = row * from.width + column;
                  const alpha = from.alpha ? (bytes[from.alpha + at] as number) : 255;
                  sum += alpha * (bytes[from.at + at] as number);
                  weight += alpha;
                }
              const value = bytes[to.at + y * to.width + x] as number;
              expect(Math.abs(value - sum / weight)).toBeLessThanOrEqual(1.6);
              if (to.alpha) {
                const alpha = bytes[to.alpha + y * to.width + x] as number;
                expect(Math.abs(alpha - weight / 8)).toBeLessThanOrEqual(1.6);
              }
            }
        }
      }
    },
  );

  it('are made once for each picture, and free what they took', () => {
    const list = room();
    const derived = new DerivedPicture(kernels, list);
    const source = noise(64, 64, false);
    const how = { halvingsX: 1, halvingsY: 1, key: null };
    const first = derived.draw(source, 3, how);
    const before = bytes[first.planes.y];
    bytes[source.y] = 255 - (bytes[source.y] as number);
    expect(derived.draw({ ...source }, 3, { ...how })).toBe(first);
    expect(bytes[first.planes.y]).toBe(before);
    derived.draw(source, 4, how);
    expect(bytes[first.planes.y]).not.toBe(before);
    expect(list.usedBytes).toBeGreaterThan(0);
    derived.free();
    expect(list.usedBytes).toBe(0);
  });

  it('are drawn as they are when there is no memory left', () => {
    const derived = new DerivedPicture(kernels, new BlockList({ offset: 0, byteLength: 0 }));
    const source = noise(64, 64, false);
    expect(derived.draw(source, 0, { halvingsX: 2, halvingsY: 2, key: null })).toEqual({
      planes: source,
      shrinkX: 1,
      shrinkY: 1,
    });
  });

  it.each([false, true])('lose what is near the key, softly (own alpha: %s)', (hasAlpha) => {
    const [width, height] = [32, 16];
    const source = noise(width, height, hasAlpha);
    // From the key's very colour at the left to far from it at the right.
    const key: KeyColor = { u: 60, v: 40, from: 20, to: 60 };
    for (let y = 0; y < 8; y++)
      for (let x = 0; x < 16; x++) {
        bytes[source.u + y * 16 + x] = 60 + x * 6;
        bytes[source.v + y * 16 + x] = 40;
      }
    if (hasAlpha) {
      bytes.fill(128, source.alpha, source.alpha + width * height);
      bytes.fill(128, source.chromaAlpha, source.chromaAlpha + (width * height) / 4);
    }
    const { planes } = new DerivedPicture(kernels, room()).draw(source, 0, {
      halvingsX: 0,
      halvingsY: 0,
      key,
    });
    expect([planes.y, planes.u]).toEqual([source.y, source.u]);
    const most = hasAlpha ? 128 : 255;
    for (let x = 0; x < 16; x++) {
      const wanted = most * clamp((x * 6 - 20) / 40, 0, 1);
      expect(Math.abs((bytes[planes.chromaAlpha + 5 * 16 + x] as number) - wanted)).toBeLessThanOrEqual(1);
    }
    const luma = Array.from({ length: width }, (_, x) => bytes[planes.alpha + 7 * width + x] as number);
    expect([luma[0], luma[width - 1]]).toEqual([0, most]);
    luma.forEach((value, x) => {
      if (x === 0) return;
      const step = value - (luma[x - 1] as number);
      // No steps of two pixels: what lies between two samples of chroma lies between in alpha too.
      expect(step).toBeGreaterThanOrEqual(0);
      expect(step).toBeLessThanOrEqual((255 * 6) / 40 / 2 + 8);
    });
  });

  it.each([
    [46, 18, true],
    [2, 2, false],
    [130, 6, false],
  ])('are keyed as the formula says in every corner (%i×%i, own alpha: %s)', (width, height, hasAlpha) => {
    const source = noise(width, height, hasAlpha);
    const key: KeyColor = { u: 120, v: 130, from: 30, to: 90 };
    const how = { halvingsX: 0, halvingsY: 0, key };
    const { planes } = new DerivedPicture(kernels, room()).draw(source, 0, how);
    const [columns, rows] = [width / 2, height / 2];
    const keyed = Array.from({ length: columns * rows }, (_, index) => {
      const distance = Math.hypot(
        (bytes[source.u + index] as number) - key.u,
        (bytes[source.v + index] as number) - key.v,
      );
      const own = hasAlpha ? (bytes[source.chromaAlpha + index] as number) : 255;
      const wanted = (255 * clamp((distance - 30) / 60, 0, 1) * own) / 255;
      const found = bytes[planes.chromaAlpha + index] as number;
      expect(Math.abs(found - wanted)).toBeLessThanOrEqual(1);
      return found;
    });
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const at = (column: number, row: number) =>
          keyed[clamp(row, 0, rows - 1) * columns + clamp(column, 0, columns - 1)] as number;
        const [column, row] = [x >> 1, y >> 1];
        const [besideX, besideY] = [column + (x % 2 ? 1 : -1), row + (y % 2 ? 1 : -1)];
        const between =
          (9 * at(column, row) + 3 * at(besideX, row) + 3 * at(column, besideY) + at(besideX, besideY)) / 16;
        const index = y * width + x;
        const own = hasAlpha ? (bytes[source.alpha + index] as number) : 255;
        const found = bytes[planes.alpha + index] as number;
        expect(Math.abs(found - Math.min(own, between))).toBeLessThanOrEqual(0.51);
      }
  });
});
