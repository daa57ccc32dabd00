import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawList, requestFor } from '../../electron/streaming/composition/draw-list';
import { clipLayer } from '../../electron/streaming/composition/layer-stack';
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
const delivered = (content: LayerContent, padX: 0 | 1 = 0, padY: 0 | 1 = 0) => ({ content, padX, padY });

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
      item.sourceId === 'absent' ? undefined : delivered(tile(40, 40)),
    );
    expect(layers.map(({ itemId, x, y, opacity }) => [itemId, x, y, opacity])).toEqual([
      ['i0', 10, 10, 255],
      ['i7', 300, 170, 128],
    ]);
  });

  it('places padded pictures so that their first real pixel is where the item is', () => {
    const [layer] = drawList(sceneOf({ x: 11, y: -7 }), canvas, () => delivered(tile(40, 40), 1, 1));
    expect([layer?.x, layer?.y]).toEqual([10, -8]);
  });

  it('draws nothing outside the canvas and only at even coordinates, whatever the items are', () => {
    const coordinate = fc.integer({ min: -16384, max: 16384 });
    const half = fc.integer({ min: 1, max: 4000 });
    const pad = fc.constantFrom<0 | 1>(0, 1);
    const near = fc.integer({ min: -400, max: 400 });
    fc.assert(
      fc.property(
        fc.oneof(near, coordinate),
        fc.oneof(near, coordinate),
        half,
        half,
        pad,
        pad,
        (x, y, halfWidth, halfHeight, padX, padY) => {
          const content = tile(halfWidth * 2, halfHeight * 2);
          for (const layer of drawList(sceneOf({ x, y }), canvas, () => delivered(content, padX, padY))) {
            const rect = clipLayer(layer, canvas);
            if (!rect) throw new Error('an invisible layer is on the list');
            expect(rect.x).toBeGreaterThanOrEqual(0);
            expect(rect.y).toBeGreaterThanOrEqual(0);
            expect(rect.x + rect.width).toBeLessThanOrEqual(canvas.width);
            expect(rect.y + rect.height).toBeLessThanOrEqual(canvas.height);
            for (const value of Object.values(rect)) expect(Math.abs(value % 2)).toBe(0);
            expect(Math.abs(layer.x % 2) + Math.abs(layer.y % 2)).toBe(0);
            expect(Math.abs(layer.x + padX - x)).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
  });
});
