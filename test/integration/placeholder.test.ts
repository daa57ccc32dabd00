import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SharedFrameArena } from '../../electron/streaming/composition/frame-arena';
import { TilePool } from '../../electron/streaming/composition/tile-pool';
import type { Picture } from '../../electron/streaming/interfaces/layer';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { Placeholders } from '../../electron/streaming/sources/placeholder';
import { plainRequest } from '../support/source-bench';

const text = { name: 'HD Pro Webcam C920', sentence: 'It is not connected. It comes back by itself.' };
const never = new AbortController().signal;

describe('the card of a missing picture', () => {
  const arena = new SharedFrameArena(64 * 2 ** 20);
  const tiles = new TilePool({ arena, logger: silentLogger });
  const cards = new Placeholders(tiles, arena);
  beforeAll(() => tiles.start());
  afterAll(() => tiles.stop());

  const lumaOf = ({ content }: Picture): { luma: Uint8Array; width: number; height: number } => {
    if (content.type !== 'tile') throw new Error('expected a tile');
    const { width, height, y } = content.planes;
    return { luma: new Uint8Array(arena.memory.buffer, y, width * height), width, height };
  };
  /** rows and columns in which something bright is written */
  const inkOf = (picture: Picture): { rows: number[]; columns: number[] } => {
    const { luma, width } = lumaOf(picture);
    const bright = [...luma.keys()].filter((at) => (luma[at] ?? 0) > 100);
    return {
      rows: [...new Set(bright.map((at) => Math.floor(at / width)))],
      columns: [...new Set(bright.map((at) => at % width))],
    };
  };

  it('says what is missing in its middle, and is given back when nobody looks', async () => {
    const before = arena.usedBytes;
    const picture = await cards.acquire(text, plainRequest, { width: 640, height: 360 }, never);
    const again = await cards.acquire(text, plainRequest, { width: 640, height: 360 }, never);
    expect(again.content).toEqual(picture.content);
    const { rows, columns } = inkOf(picture);
    expect([Math.min(...rows), Math.max(...rows)].every((row) => row > 130 && row < 230)).toBe(true);
    const [left, right] = [Math.min(...columns), 640 - Math.max(...columns)];
    expect(left).toBeGreaterThan(38);
    expect(Math.abs(left - right)).toBeLessThan(8);
    expect(lumaOf(picture).luma[10 * 640 + 320]).toBe(36);
    for (const held of [picture, again, picture]) held.release();
    await expect.poll(() => arena.usedBytes).toBe(before);
  });

  it('makes long names smaller and leaves out what could not be read', async () => {
    const long = { name: 'Ring the bell three times '.repeat(3), sentence: text.sentence.repeat(6) };
    const narrow = await cards.acquire(long, plainRequest, { width: 320, height: 180 }, never);
    const { rows, columns } = inkOf(narrow);
    expect(Math.min(...columns)).toBeGreaterThan(14);
    expect(Math.max(...columns)).toBeLessThan(306);
    expect(rows.length).toBeLessThan(20);
    const tiny = await cards.acquire(text, plainRequest, { width: 40, height: 30 }, never);
    expect(inkOf(tiny).rows).toEqual([]);
    narrow.release();
    tiny.release();
  });

  it('never draws more than a screenful, however large the item', async () => {
    const huge = { ...plainRequest, width: 20_000 };
    const picture = await cards.acquire(text, huge, { width: 1600, height: 900 }, never);
    expect(lumaOf(picture)).toMatchObject({ width: 1920, height: 1080 });
    picture.release();
  });
});
