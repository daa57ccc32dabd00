import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawList, requestFor } from '../../electron/streaming/composition/draw-list';
import { clipLayer } from '../../electron/streaming/composition/layer-stack';
import { contains } from '../../electron/streaming/composition/regions';
import { coveredRect, touchedRect } from '../../electron/streaming/composition/sampling';
import type { LayerContent } from '../../electron/streaming/interfaces/layer';
import { sceneSchema } from '../../shared/model/scene';
import type { Scene } from '../../shared/model/scene';

const canvas = { width: 320, height: 180 };
const tile = (width: number, height: number): LayerContent => ({
  type: 'tile',
  revision: 1,
  planes: { width, height, y: 64, u: 64, v: 64, alpha: 0, chromaAlpha: 0 },
});
const sceneOf = (...items: object[]): Scene =>
  sceneSchema.parse({
    id: 's',
    name: 'S',
    items: items.map((item, index) => ({ id: `i${index}`, sourceId: 'src', ...item })),
  });
/** A tile of this natural size with its padding, as a source delivers it. */
const delivered = (width: number, height: number, padX: 0 | 1 = 0, padY: 0 | 1 = 0) => ({
  content: tile(2 * Math.ceil((width + padX) / 2), 2 * Math.ceil((height + padY) / 2)),
  size: { width, height },
  area: { x: padX, y: padY, width, height },
});

describe('what an item asks for', () => {
  it.each([
    [{ x: 0, y: 0 }, 0, 0],
    [{ x: 5, y: 4 }, 1, 0],
    [{ x: 4, y: -3 }, 0, 1],
    [{ x: -1, y: -1 }, 1, 1],
  ])('at %o pads by %i, %i', (place, padX, padY) => {
    const item = sceneOf({ ...place, width: 10, crop: { left: 3 } }).items[0]!;
    expect(requestFor(item)).toEqual({
      crop: { left: 3, top: 0, right: 0, bottom: 0 },
      width: 10,
      height: undefined,
      padX,
      padY,
    });
  });
});

describe('the draw list', () => {
  it('keeps the order and leaves out what is hidden, transparent, off the canvas or has no picture', () => {
    const scene = sceneOf(
      { x: 10, y: 10 },
      { visible: false },
      { opacity: 0 },
      { opacity: 0.001 },
      { x: 320, y: 0 },
      { x: -40, y: 0 },
      { sourceId: 'absent' },
      { x: 300, y: 170, opacity: 0.5 },
    );
    const layers = drawList(scene, canvas, (item) =>
      item.sourceId === 'absent' ? undefined : delivered(40, 40),
    );
    expect(layers.map(({ itemId, x, y, opacity }) => [itemId, x, y, opacity])).toEqual([
      ['i0', 10, 10, 255],
      ['i7', 300, 170, 128],
    ]);
  });

  it('places padded pictures so that their first real pixel is where the item is', () => {
    const [layer] = drawList(sceneOf({ x: 11, y: -7 }), canvas, () => delivered(40, 40, 1, 1));
    expect([layer?.x, layer?.y]).toEqual([10, -8]);
  });

  it('samples what was made for another place, size or turn', () => {
    const list = (item: object, picture = delivered(40, 40)) =>
      drawList(sceneOf(item), canvas, () => picture).map(({ x, y, placement }) => placement ?? { x, y });
    const upright = { rotation: 0, isFlippedX: false, isFlippedY: false };
    const all = { x: 0, y: 0, width: 40, height: 40 };
    expect(list({ x: 4, y: 6 })).toEqual([{ x: 4, y: 6 }]);
    expect(list({ x: 5, y: 6 })).toEqual([{ box: { ...all, x: 5, y: 6 }, ...upright, part: all }]);
    expect(list({ x: 4, y: 6, width: 41 })).toEqual([
      { box: { x: 4, y: 6, width: 41, height: 41 }, ...upright, part: all },
    ]);
    expect(list({ rotation: 90, isFlippedX: true })).toEqual([
      { box: all, ...upright, rotation: 90, isFlippedX: true, part: all },
    ]);
    expect(list({ rotation: 360 })).toEqual([{ x: 0, y: 0 }]);
  });

  it('takes from a picture what the item wants of it, and leaves empty what was not delivered', () => {
    // The middle of a source of 200×100, delivered at half its size.
    const picture = {
      content: tile(50, 50),
      size: { width: 200, height: 100 },
      part: { x: 50, y: 0, width: 100, height: 100 },
    };
    const list = (item: object) => drawList(sceneOf(item), canvas, () => picture)[0]?.placement;
    expect(list({ crop: { left: 60, right: 60 } })).toMatchObject({
      box: { x: 0, y: 0, width: 80, height: 100 },
      part: { x: 5, y: 0, width: 40, height: 50 },
    });
    expect(list({ crop: { left: 0, right: 60 } })).toMatchObject({
      box: { x: 50, y: 0, width: 90, height: 100 },
      part: { x: 0, y: 0, width: 45, height: 50 },
    });
    expect(list({ crop: { left: 0, right: 60 }, isFlippedX: true })?.box).toMatchObject({ x: 0, width: 90 });
    // Half a turn: what lies at the left of the item comes to lie at its right.
    expect(list({ crop: { left: 0, right: 60 }, rotation: 180 })?.box.x).toBeCloseTo(0, 6);
  });

  it('draws nothing outside the canvas, whatever the items are', () => {
    const coordinate = fc.oneof(fc.integer({ min: -400, max: 400 }), fc.integer({ min: -16384, max: 16384 }));
    const side = fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 16384 }));
    const edge = fc.integer({ min: 0, max: 700 });
    const item = fc.record({
      ...{ x: coordinate, y: coordinate, width: fc.option(side, { nil: undefined }) },
      height: fc.option(side, { nil: undefined }),
      rotation: fc.oneof(fc.constantFrom(0, 90, -180, 360), fc.double({ min: -360, max: 360, noNaN: true })),
      ...{ isFlippedX: fc.boolean(), isFlippedY: fc.boolean() },
      crop: fc.record({ left: edge, top: edge, right: edge, bottom: edge }),
    });
    const pad = fc.constantFrom<0 | 1>(0, 1);
    fc.assert(
      fc.property(item, side, side, pad, pad, (placedItem, width, height, padX, padY) => {
        const own = delivered(width, height, padX, padY);
        for (const layer of drawList(sceneOf(placedItem), canvas, () => own)) {
          const rect = clipLayer(layer, canvas);
          if (!rect) throw new Error('an invisible layer is on the list');
          expect(rect.x).toBeGreaterThanOrEqual(0);
          expect(rect.y).toBeGreaterThanOrEqual(0);
          expect(rect.x + rect.width).toBeLessThanOrEqual(canvas.width);
          expect(rect.y + rect.height).toBeLessThanOrEqual(canvas.height);
          for (const value of Object.values(rect)) expect(Math.abs(value % 2)).toBe(0);
          if (layer.placement) {
            const solid = coveredRect(layer.placement);
            const touched = touchedRect(layer.placement, { width: 1e9, height: 1e9 });
            if (solid && solid.x >= 0 && solid.y >= 0 && touched) expect(contains(touched, solid)).toBe(true);
          } else expect(Math.abs(layer.x % 2) + Math.abs(layer.y % 2)).toBe(0);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('leaves out what has no size or no number', () => {
    const nowhere = [Number.NaN, Number.POSITIVE_INFINITY, 1e12, 0, -5];
    for (const width of nowhere) {
      const placement = {
        ...{ rotation: 10, isFlippedX: false, isFlippedY: false },
        part: { x: 0, y: 0, width: 10, height: 10 },
      };
      expect(touchedRect({ ...placement, box: { x: 0, y: 0, width, height: 10 } }, canvas)).toBeNull();
    }
  });
});
