import { describe, expect, it } from 'vitest';
import { sceneItemSchema } from '../../shared/model/scene';
import { fitShow } from '../../renderer/features/settings/fit-show';

const hd = { width: 1920, height: 1080 };
const small = { width: 1280, height: 720 };
const source = (id: string, size: { width: number; height: number } | null) => ({
  ...{ id, name: id, kind: 'image', settings: { id, name: id, kind: 'image' } },
  ...{ state: 'ok' as const, error: null, size, deviceId: null, playback: null },
});
const fitted = (
  item: object,
  size: { width: number; height: number } | null,
  from = hd,
  to = small,
): unknown => {
  const items = [sceneItemSchema.parse({ id: 'i', sourceId: 's', ...item })];
  const [edit] = fitShow({ scenes: [{ id: 'a', name: 'A', items }], sources: [source('s', size)] }, from, to);
  return edit?.type === 'item.update' ? edit.patch : null;
};

describe('a show on another canvas', () => {
  it.each([
    ['what fills it fills it', { x: 0, y: 0, ...hd }, { x: 0, y: 0, ...small }],
    ['what has its own size is scaled, too', { x: 300, y: 600 }, { x: 200, y: 400, width: 200, height: 100 }],
    [
      'one side alone keeps its proportions',
      { x: 0, y: 0, width: 600 },
      { x: 0, y: 0, width: 400, height: 200 },
    ],
  ])('%s', (_, item, wanted) => {
    expect(fitted(item, { width: 300, height: 150 })).toEqual(wanted);
  });

  it('keeps side by side what lay so, to the pixel', () => {
    const left = fitted({ x: 0, y: 0, width: 101, height: 101 }, null) as { x: number; width: number };
    const right = fitted({ x: 101, y: 0, width: 101, height: 101 }, null) as { x: number };
    expect(left.x + left.width).toBe(right.x);
  });

  it('is in the middle of one with other proportions', () => {
    expect(fitted({ x: 0, y: 0, ...hd }, null, hd, { width: 1080, height: 1920 })).toEqual({
      ...{ x: 0, y: 656, width: 1080, height: 608 },
    });
  });

  it('only moves what never told its size, and stays where a canvas can reach', () => {
    expect(fitted({ x: 300, y: 600 }, null)).toEqual({ x: 200, y: 400 });
    expect(fitted({ x: 16_000, y: 0, ...hd }, null, small, hd)).toEqual({
      ...{ x: 16_384, y: 0, width: expect.any(Number) as number, height: 1620 },
    });
  });

  it('comes back as it was, to a pixel', () => {
    const there = fitted({ x: 301, y: 77, width: 801, height: 455 }, null) as object;
    const back = fitted(there, null, small, hd) as Record<string, number>;
    for (const [name, value] of Object.entries({ x: 301, y: 77, width: 801, height: 455 }))
      expect(Math.abs((back[name] ?? NaN) - value), name).toBeLessThanOrEqual(2);
  });
});
