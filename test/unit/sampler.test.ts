import { beforeAll, describe, expect, it } from 'vitest';
import { compileKernels, instantiateKernels } from '../../electron/streaming/composition/kernels-module';
import type { Kernels } from '../../electron/streaming/composition/kernels-module';
import { drawSampled } from '../../electron/streaming/composition/sampler';
import { samplingOf } from '../../electron/streaming/composition/sampling';
import type { Placement, Planes } from '../../electron/streaming/interfaces/layer';
import { clamp, noiseArena, planesOf } from '../support/noise-planes';
import type { Plane } from '../support/noise-planes';

const { arena, bytes, noise } = noiseArena();
let kernels: Kernels;
let scratch = 0;

beforeAll(async () => {
  kernels = instantiateKernels(await compileKernels(), arena.memory);
  scratch = arena.allocate(kernels.sampleScratchBytes()).offset;
});

/** What a pixel should be, by the definition: position turned back, coverage by distance, four neighbours weighed. */
function expected(
  source: Plane,
  placement: Placement,
  opacity: number,
  x: number,
  y: number,
  before: number,
): number {
  const { box, part } = placement;
  const { step } = source;
  const angle = (-placement.rotation * Math.PI) / 180;
  const dx = (x + 0.5) * step - box.x - box.width / 2;
  const dy = (y + 0.5) * step - box.y - box.height / 2;
  const alongX = dx * Math.cos(angle) - dy * Math.sin(angle);
  const alongY = dx * Math.sin(angle) + dy * Math.cos(angle);
  const covered = (distance: number, length: number): number =>
    Math.max(
      0,
      clamp((length / 2 + distance) / step + 0.5, 0, 1) +
        clamp((length / 2 - distance) / step + 0.5, 0, 1) -
        1,
    );
  const coverage = covered(alongX, box.width) * covered(alongY, box.height);
  if (coverage === 0) return before;
  const position = (along: number, length: number, isFlipped: boolean, from: number, span: number) => {
    const share = (isFlipped ? -along : along) / length + 0.5;
    return clamp(from + share * span, from + 0.5, Math.max(from + 0.5, from + span - 0.5)) / step - 0.5;
  };
  const u = clamp(position(alongX, box.width, placement.isFlippedX, part.x, part.width), 0, source.width - 1);
  const v = clamp(
    position(alongY, box.height, placement.isFlippedY, part.y, part.height),
    0,
    source.height - 1,
  );
  let value = 0;
  let weight = 0;
  for (const [row, down] of [
    [Math.floor(v), 1 - (v % 1)],
    [Math.floor(v) + 1, v % 1],
  ] as const)
    for (const [column, right] of [
      [Math.floor(u), 1 - (u % 1)],
      [Math.floor(u) + 1, u % 1],
    ] as const) {
      if (down * right === 0) continue;
      const index = row * source.width + column;
      const alpha = source.alpha ? (bytes[source.alpha + index] as number) / 255 : 1;
      value += down * right * alpha * (bytes[source.at + index] as number);
      weight += down * right * alpha;
    }
  const factor = (coverage * opacity) / 255;
  return before * (1 - weight * factor) + value * factor;
}

const upright = { rotation: 0, isFlippedX: false, isFlippedY: false };

describe('the sampler', () => {
  const [width, height] = [48, 40];
  const all = { x: 0, y: 0, width: 30, height: 22 };
  const cases: [string, Placement, number][] = [
    ['as it is', { ...upright, box: { ...all, x: 4, y: 6 }, part: all }, 255],
    ['at odd places', { ...upright, box: { ...all, x: 3, y: 7 }, part: all }, 255],
    ['between pixels', { ...upright, box: { ...all, x: 3.3, y: 6.6 }, part: all }, 255],
    ['larger', { ...upright, box: { x: -9, y: -5, width: 77, height: 51 }, part: all }, 255],
    ['a little smaller', { ...upright, box: { x: 5, y: 2, width: 19, height: 17 }, part: all }, 255],
    ['mirrored', { ...upright, isFlippedX: true, box: { ...all, x: 2, y: 2 }, part: all }, 255],
    ['upside down', { ...upright, isFlippedY: true, box: { ...all, x: 3, y: 3 }, part: all }, 200],
    ['a quarter turn', { ...upright, rotation: 90, box: { ...all, x: 5, y: 5 }, part: all }, 255],
    ['turned', { ...upright, rotation: 23, box: { ...all, x: 7, y: 8 }, part: all }, 255],
    [
      'turned back, mirrored, translucent, large',
      {
        rotation: -130,
        isFlippedX: true,
        isFlippedY: false,
        box: { ...all, x: -4, y: 0, width: 60 },
        part: all,
      },
      120,
    ],
    [
      'cropped between pixels',
      {
        ...upright,
        rotation: 5,
        box: { ...all, x: 9, y: 9 },
        part: { x: 3.5, y: 5, width: 11, height: 9.5 },
      },
      255,
    ],
    [
      'a pixel',
      { ...upright, box: { x: 11, y: 13, width: 1, height: 1 }, part: { ...all, width: 1, height: 1 } },
      255,
    ],
    [
      'a hair',
      { ...upright, rotation: 40, box: { x: 3, y: 20, width: 40, height: 1 }, part: { ...all, height: 1 } },
      255,
    ],
    [
      'far too large',
      { ...upright, rotation: 1, box: { x: -9990, y: -9990, width: 20_000, height: 20_000 }, part: all },
      255,
    ],
    ['far away', { ...upright, box: { ...all, x: 16_384, y: -16_384 }, part: all }, 255],
  ];
  for (const hasAlpha of [false, true])
    it.each(cases)(
      `draws a picture %s as the definition says (alpha: ${hasAlpha})`,
      (_, placement, opacity) => {
        const source = noise(30, 22, hasAlpha);
        const target = noise(width, height, false);
        const before = bytes.slice(target.y, target.y + (width * height * 3) / 2);
        const picture = { planes: source, shrinkX: 1, shrinkY: 1 };
        const sampling = samplingOf(placement);
        const drawn = { picture, sampling, part: placement.part, opacity };
        drawSampled(kernels, target, { x: 0, y: 0, width, height }, drawn, scratch);
        const sources = planesOf(source);
        planesOf(target).forEach((plane, index) => {
          for (let y = 0; y < plane.height; y++)
            for (let x = 0; x < plane.width; x++) {
              const at = plane.at + y * plane.width + x;
              const old = before[at - target.y] as number;
              const wanted = expected(sources[index] as Plane, placement, opacity, x, y, old);
              if (Math.abs((bytes[at] as number) - wanted) > 1.6)
                expect({ index, x, y, value: bytes[at] }).toEqual({ index, x, y, value: wanted });
            }
        });
      },
    );

  it('copies exactly what lies pixel on pixel, even mirrored or turned by a quarter', () => {
    const source = noise(32, 32, false);
    const area = { x: 0, y: 0, width: 32, height: 32 };
    const draw = (placement: Placement): Planes => {
      const target = noise(32, 32, false);
      const picture = { planes: source, shrinkX: 1, shrinkY: 1 };
      const sampling = samplingOf(placement);
      drawSampled(kernels, target, area, { picture, sampling, part: area, opacity: 255 }, scratch);
      return target;
    };
    const luma = ({ y }: Planes, column: number, row: number) => bytes[y + row * 32 + column];
    const same = draw({ ...upright, box: area, part: area });
    const mirrored = draw({ ...upright, isFlippedX: true, box: area, part: area });
    const turned = draw({ ...upright, rotation: 90, box: area, part: area });
    expect(Buffer.compare(bytes.slice(same.y, same.y + 1536), bytes.slice(source.y, source.y + 1536))).toBe(
      0,
    );
    for (let row = 0; row < 32; row++)
      for (let column = 0; column < 32; column++) {
        expect(luma(mirrored, column, row)).toBe(luma(source, 31 - column, row));
        // Clockwise: what was at the left comes to the top.
        expect(luma(turned, 31 - row, column)).toBe(luma(source, column, row));
      }
  });

  it('never writes outside its rectangle', () => {
    const source = noise(40, 40, true);
    const target = noise(width, height, false);
    const before = bytes.slice(target.y - 64, target.y + (width * height * 3) / 2 + 64);
    const placement = {
      ...upright,
      rotation: 33,
      box: { x: -20, y: -20, width: 90, height: 80 },
      part: { x: 0, y: 0, width: 40, height: 40 },
    };
    const rect = { x: 10, y: 4, width: 22, height: 30 };
    const picture = { planes: source, shrinkX: 1, shrinkY: 1 };
    drawSampled(
      kernels,
      target,
      rect,
      { picture, sampling: samplingOf(placement), part: placement.part, opacity: 255 },
      scratch,
    );
    const isInside = new Set<number>();
    for (const plane of planesOf(target))
      for (let y = rect.y / plane.step; y < (rect.y + rect.height) / plane.step; y++)
        for (let x = rect.x / plane.step; x < (rect.x + rect.width) / plane.step; x++)
          isInside.add(plane.at + y * plane.width + x);
    let changed = 0;
    before.forEach((value, index) => {
      const at = target.y - 64 + index;
      if (isInside.has(at)) changed += bytes[at] === value ? 0 : 1;
      else if (bytes[at] !== value) expect(at - target.y).toBe('untouched');
    });
    expect(changed).toBeGreaterThan(500);
  });

  it('leaves no trace of the colour of transparent pixels', () => {
    // White text as Pango leaves it: black where it is transparent.
    const source = noise(24, 24, true);
    const white = (x: number, y: number): boolean => (x >> 2) % 2 === 0 && y > 5;
    for (let y = 0; y < 24; y++)
      for (let x = 0; x < 24; x++) {
        bytes[source.y + y * 24 + x] = white(x, y) ? 235 : 16;
        bytes[source.alpha + y * 24 + x] = white(x, y) ? 255 : 0;
      }
    const target = noise(64, 64, false);
    bytes.fill(235, target.y, target.y + 64 * 64);
    const part = { x: 0, y: 0, width: 24, height: 24 };
    for (const rotation of [0, 17]) {
      const placement = { ...upright, rotation, box: { x: 5, y: 5, width: 51, height: 47 }, part };
      const picture = { planes: source, shrinkX: 1, shrinkY: 1 };
      drawSampled(
        kernels,
        target,
        { x: 0, y: 0, width: 64, height: 64 },
        { picture, sampling: samplingOf(placement), part, opacity: 255 },
        scratch,
      );
      // White on white stays white.
      expect(Math.min(...bytes.slice(target.y, target.y + 64 * 64))).toBeGreaterThanOrEqual(234);
    }
  });
});
