import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distancesToShape } from '../../electron/streaming/composition/distance-field';

describe('distances to a shape', () => {
  it('are those of the nearest covered pixel, whatever the shape', () => {
    const shapes = fc
      .tuple(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 14 }))
      .chain(([width, height]) =>
        fc.record({
          width: fc.constant(width),
          height: fc.constant(height),
          // Soft edges have a rule of their own, below.
          covered: fc.uint8Array({ minLength: width * height, maxLength: width * height, max: 1 }),
        }),
      );
    fc.assert(
      fc.property(shapes, ({ width, height, covered }) => {
        const coverage = covered.map((value) => value * 255);
        const found = distancesToShape(coverage, width, height);
        const inside = [...coverage.keys()].filter((index) => coverage[index] === 255);
        fc.pre(inside.length > 0);
        for (const [index, distance] of found.entries()) {
          const nearest = Math.min(
            ...inside.map((other) =>
              Math.hypot((index % width) - (other % width), ((index / width) | 0) - ((other / width) | 0)),
            ),
          );
          expect(distance).toBeCloseTo(nearest, 9);
        }
      }),
    );
  });

  it('begin within a pixel that is covered in part', () => {
    // The edge runs a quarter of a pixel left of the second pixel's centre, so three quarters before it.
    const distances = distancesToShape(Uint8Array.from([255, 64, 0, 0]), 4, 1);
    expect(distances[1]).toBeCloseTo(0.249, 3);
    expect(distances[0]).toBe(0);
    expect(distances[3]).toBeGreaterThan(2);
  });

  it('are very long where there is no shape', () => {
    expect(Math.min(...distancesToShape(new Uint8Array(12), 4, 3))).toBeGreaterThan(10_000);
  });
});
