import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SharedFrameArena } from '../../electron/streaming/composition/frame-arena';
import { TilePool } from '../../electron/streaming/composition/tile-pool';
import type { PictureRequest, Planes, TileJob } from '../../electron/streaming/interfaces/layer';
import { StudioError } from '../../electron/streaming/lib/errors';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { emptyPng } from '../support/empty-png';

const arena = new SharedFrameArena(96 * 1024 * 1024);
const bytes = new Uint8Array(arena.memory.buffer);
const workers: Worker[] = [];
const keepWorker = (worker: Worker) => workers.push(worker);
let folder: string;
let pool: TilePool;
let emptyBytes: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tiles-'));
  pool = new TilePool({ arena, logger: silentLogger, workers: 2 });
  process.on('worker', keepWorker);
  await pool.start();
  emptyBytes = arena.usedBytes;
});
afterAll(async () => {
  await pool.stop();
  process.off('worker', keepWorker);
  expect(arena.usedBytes).toBe(0);
  await rm(folder, { recursive: true });
});

const asItIs: PictureRequest = {
  crop: { left: 0, top: 0, right: 0, bottom: 0 },
  width: undefined,
  height: undefined,
  padX: 0,
  padY: 0,
};
const image = (path: string, request: Partial<PictureRequest> = {}): TileJob => ({
  type: 'image',
  path,
  request: { ...asItIs, ...request },
});
const text = (value: string, more: Partial<Extract<TileJob, { type: 'text' }>> = {}): TileJob => ({
  type: 'text',
  text: value,
  font: 'sans',
  fontFile: undefined,
  sizePx: 40,
  weight: 'regular',
  rgba: [255, 255, 255, 255],
  align: 'left',
  outline: null,
  shadow: null,
  wrapWidthPx: null,
  request: asItIs,
  ...more,
});

async function png(name: string, width: number, height: number, rgba: (x: number, y: number) => number[]) {
  const data = Buffer.alloc(width * height * 4);
  for (let index = 0; index < width * height; index++)
    data.set(rgba(index % width, Math.floor(index / width)), index * 4);
  const path = join(folder, name);
  await sharp(data, { raw: { width, height, channels: 4 } })
    .png()
    .toFile(path);
  return path;
}
const yOf = (planes: Planes, x: number, y: number) => bytes[planes.y + y * planes.width + x] as number;
const uOf = (planes: Planes, x: number, y: number) => bytes[planes.u + (y * planes.width) / 2 + x] as number;
const vOf = (planes: Planes, x: number, y: number) => bytes[planes.v + (y * planes.width) / 2 + x] as number;
const alphaOf = (planes: Planes, x: number, y: number) =>
  bytes[planes.alpha + y * planes.width + x] as number;

async function failureOf(job: TileJob): Promise<StudioError> {
  const error: unknown = await pool.render(job).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof StudioError)) throw new Error(`expected a StudioError, found ${String(error)}`);
  return error;
}

describe('images', () => {
  it('have BT.709 colours within two levels and no alpha plane when opaque', async () => {
    const path = await png('red.png', 20, 10, () => [200, 40, 90, 255]);
    const tile = await pool.render(image(path));
    const { planes } = tile;
    expect(planes).toMatchObject({ width: 20, height: 10, alpha: 0, chromaAlpha: 0 });
    const luma = 0.2126 * 200 + 0.7152 * 40 + 0.0722 * 90;
    expect(Math.abs(yOf(planes, 7, 5) - (16 + (219 * luma) / 255))).toBeLessThanOrEqual(2);
    expect(Math.abs(uOf(planes, 3, 2) - (128 + ((90 - luma) / 1.8556 / 255) * 224))).toBeLessThanOrEqual(2);
    expect(Math.abs(vOf(planes, 3, 2) - (128 + ((200 - luma) / 1.5748 / 255) * 224))).toBeLessThanOrEqual(2);
    arena.free(tile.block);
  });

  it('are cropped, scaled in proportion, and padded to even coordinates and sizes', async () => {
    // Left half black, right half white.
    const path = await png('halves.png', 40, 20, (x) => (x < 20 ? [0, 0, 0, 255] : [255, 255, 255, 255]));
    const tile = await pool.render(
      image(path, { crop: { left: 20, top: 0, right: 0, bottom: 10 }, width: 31, padX: 1, padY: 1 }),
    );
    const { planes } = tile;
    expect(tile).toMatchObject({ naturalWidth: 31, naturalHeight: 16 });
    expect(planes).toMatchObject({ width: 32, height: 18 });
    expect(alphaOf(planes, 0, 5)).toBe(0);
    expect(alphaOf(planes, 5, 0)).toBe(0);
    expect(alphaOf(planes, 5, 17)).toBe(0);
    expect(alphaOf(planes, 1, 1)).toBe(255);
    expect(yOf(planes, 16, 8)).toBeGreaterThanOrEqual(234);
    arena.free(tile.block);
  });

  it('are turned as their EXIF orientation says', async () => {
    const path = join(folder, 'turned.jpg');
    await sharp({ create: { width: 30, height: 10, channels: 3, background: '#808080' } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toFile(path);
    const tile = await pool.render(image(path));
    expect(tile.planes).toMatchObject({ width: 10, height: 30 });
    arena.free(tile.block);
  });

  it('larger than the staging room arrive whole', async () => {
    const path = await png('tall.png', 1000, 700, (x, y) => [y % 256, y % 256, y % 256, x === 0 ? 0 : 255]);
    const tile = await pool.render(image(path));
    for (const y of [0, 255, 256, 420, 699])
      expect(Math.abs(yOf(tile.planes, 500, y) - (16 + ((y % 256) * 219) / 255))).toBeLessThanOrEqual(1);
    expect(alphaOf(tile.planes, 0, 699)).toBe(0);
    arena.free(tile.block);
  });

  it('that are missing, no pictures, or cut off are typed errors', async () => {
    const missing = join(folder, 'nowhere.png');
    expect(await failureOf(image(missing))).toMatchObject({
      code: 'source-file-missing',
      details: { path: missing },
    });
    const broken = join(folder, 'broken.png');
    await writeFile(broken, 'this is no picture');
    expect(await failureOf(image(broken))).toMatchObject({ code: 'source-file-unreadable' });
    const whole = await sharp({ create: { width: 200, height: 200, channels: 3, background: '#123456' } })
      .jpeg()
      .toBuffer();
    const cut = join(folder, 'cut.jpg');
    await writeFile(cut, whole.subarray(0, whole.length / 2));
    expect(await failureOf(image(cut))).toMatchObject({ code: 'source-file-unreadable' });
    expect(arena.usedBytes).toBe(emptyBytes);
  });

  it('are no larger than a tile may be, whatever is asked for', async () => {
    const path = await png('wide.png', 8, 4, () => [1, 2, 3, 255]);
    const tile = await pool.render(image(path, { width: 16_384, height: 8192 }));
    const { naturalWidth, naturalHeight } = tile;
    expect(naturalWidth * naturalHeight).toBeLessThanOrEqual(2 ** 24);
    expect(Math.max(naturalWidth, naturalHeight)).toBeLessThanOrEqual(8192);
    expect(naturalWidth / naturalHeight).toBeCloseTo(2, 2);
    expect(tile).toMatchObject({ ownWidth: 8, ownHeight: 4 });
    arena.free(tile.block);
  });

  it('are smaller when the memory is nearly full, and a typed error when it is', async () => {
    const path = await png('small.png', 4, 4, () => [1, 2, 3, 255]);
    const usable = arena.memory.buffer.byteLength - 2 * 65_536;
    const half = arena.allocate(usable - arena.usedBytes - 200 * 200 * 2);
    const tile = await pool.render(image(path, { width: 400, height: 400 }));
    expect(tile).toMatchObject({ naturalWidth: 200, naturalHeight: 200 });
    arena.free(tile.block);
    arena.free(half);
    const blocker = arena.allocate(usable - arena.usedBytes - 1024);
    expect(await failureOf(image(path, { width: 400, height: 400 }))).toMatchObject({
      code: 'source-file-unreadable',
      details: { reason: 'the memory for pictures is full' },
    });
    arena.free(blocker);
  });
});

describe('colours', () => {
  it('are flat and keep their opacity', async () => {
    const tile = await pool.render({
      type: 'color',
      rgba: [255, 255, 255, 128],
      width: 17,
      height: 9,
      request: asItIs,
    });
    expect(tile.planes).toMatchObject({ width: 18, height: 10 });
    expect(yOf(tile.planes, 3, 3)).toBe(235);
    expect(alphaOf(tile.planes, 16, 8)).toBe(128);
    expect(alphaOf(tile.planes, 17, 8)).toBe(0);
    arena.free(tile.block);
  });
});

/** Seconds of noise and light on one small sheet, drawn in one go: Sharp cannot be stopped within it. */
function heavySvg(side: number): string {
  const sheets = Array.from({ length: 12 }, (_none, index) => ({
    filter: `<filter id="f${index}" x="0" y="0" width="1" height="1">
      <feTurbulence baseFrequency="0.0${index + 1}" numOctaves="9"/>
      <feDiffuseLighting surfaceScale="9"><feDistantLight azimuth="9" elevation="9"/></feDiffuseLighting></filter>`,
    rect: `<rect width="${side}" height="${side}" filter="url(#f${index})"/>`,
  }));
  const text = (part: 'filter' | 'rect'): string => sheets.map((sheet) => sheet[part]).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}">${text('filter')}${text('rect')}</svg>`;
}

describe('pictures from strangers', () => {
  it('that would fill the memory are refused by their header, with their size', async () => {
    const path = join(folder, 'bomb.png');
    await writeFile(path, emptyPng(20_000, 20_000)); // 49 kB on disk, 400 MB of pixels
    const started = performance.now();
    expect((await failureOf(image(path))).toWire()).toEqual({
      code: 'picture-too-large',
      details: { path, width: 20_000, height: 20_000 },
    });
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('that draw without end are given up, and the others are drawn meanwhile', async () => {
    const path = join(folder, 'heavy.svg');
    await writeFile(path, heavySvg(600));
    const small = await png('beside.png', 8, 8, () => [1, 2, 3, 255]);
    const single = new TilePool({ arena, logger: silentLogger, workers: 1, patienceMs: 1000 });
    await single.start();
    const before = workers.length;
    const heavy = single.render(image(path));
    const beside = single.render(image(small));
    await expect(heavy).rejects.toMatchObject({ code: 'picture-too-slow', details: { path } });
    arena.free((await beside).block);
    expect(workers.length).toBe(before + 1);
    // Sharp is still at it in the first one's thread. Three at most: no worker follows the third.
    for (let attempt = 0; attempt < 2; attempt++)
      await expect(single.render(image(path))).rejects.toMatchObject({ code: 'picture-too-slow' });
    expect(workers.length).toBe(before + 2);
    // Then nobody is left to draw, and whoever asks is told so; another pool has no more threads, but is back with them.
    await expect(single.render(image(small))).rejects.toMatchObject({ code: 'drawing-stuck' });
    await single.stop();
    const next = new TilePool({ arena, logger: silentLogger, workers: 1 });
    await next.start();
    await expect(next.render(image(small))).rejects.toMatchObject({ code: 'drawing-stuck' });
    const tile = await vi.waitFor(() => next.render(image(small)), { timeout: 40_000, interval: 100 });
    arena.free(tile.block);
    await next.stop();
    expect(arena.usedBytes).toBe(emptyBytes);
  });

  it('that are still drawn hold a stop up for a second at most', async () => {
    const path = join(folder, 'heavy-at-the-end.svg');
    await writeFile(path, heavySvg(600));
    const single = new TilePool({ arena, logger: silentLogger, workers: 1 });
    await single.start();
    const given = single.render(image(path)).catch((error: unknown) => error);
    // It draws by then: nothing else waits before it.
    await new Promise((resolve) => setTimeout(resolve, 300));
    const began = performance.now();
    await single.stop();
    expect(performance.now() - began).toBeLessThan(2000);
    expect(await given).toMatchObject({ name: 'AbortError' });
    expect(arena.usedBytes).toBe(emptyBytes);
  });

  it('show nothing but themselves: an SVG reads no other file', async () => {
    await sharp({ create: { width: 8, height: 8, channels: 3, background: '#ff0000' } })
      .png()
      .toFile(join(folder, 'secret.png'));
    const path = join(folder, 'outside.svg');
    await writeFile(
      path,
      `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="8" height="8">
        <rect width="8" height="8" fill="#0000ff"/>
        <image xlink:href="http://127.0.0.1:9/x.png" width="8" height="8"/>
        <image xlink:href="file:///etc/hostname" width="8" height="8"/></svg>`,
    );
    const tile = await pool.render(image(path));
    expect(Math.abs(yOf(tile.planes, 4, 4) - 32)).toBeLessThanOrEqual(2);
    arena.free(tile.block);
  });

  it('of other colour spaces and depths come out in the colours they mean', async () => {
    const red = sharp({ create: { width: 8, height: 8, channels: 3, background: '#ff0000' } });
    await red.clone().toColourspace('cmyk').jpeg({ quality: 100 }).toFile(join(folder, 'cmyk.jpg'));
    await red.clone().toColourspace('rgb16').png().toFile(join(folder, 'deep.png'));
    for (const [name, tolerance] of [
      ['cmyk.jpg', 16],
      ['deep.png', 1],
    ] as const) {
      const tile = await pool.render(image(join(folder, name)));
      expect(Math.abs(yOf(tile.planes, 4, 4) - 63)).toBeLessThanOrEqual(tolerance);
      arena.free(tile.block);
    }
  });
});

describe('texts', () => {
  /** columns and rows that the ink covers */
  const inkOf = (planes: Planes) => {
    const box = { left: Infinity, right: -1, top: Infinity, bottom: -1 };
    for (let y = 0; y < planes.height; y++)
      for (let x = 0; x < planes.width; x++)
        if (alphaOf(planes, x, y) > 127) {
          box.left = Math.min(box.left, x);
          box.right = Math.max(box.right, x);
          box.top = Math.min(box.top, y);
          box.bottom = Math.max(box.bottom, y);
        }
    return box;
  };

  it('show markup characters as they are, and survive unprintable ones', async () => {
    const plain = await pool.render(text('aaa'));
    const marked = await pool.render(text('<b>&amp;\u0000\u0007"\''));
    expect(marked.planes.width).toBeGreaterThan(plain.planes.width * 2);
    for (const { block } of [plain, marked]) arena.free(block);
  });

  it('keep their baseline and line height whatever letters are in them', async () => {
    const words = ['xxx', 'Áxg', 'x'];
    const tiles = await Promise.all(words.map((word) => pool.render(text(word))));
    expect(new Set(tiles.map((tile) => tile.planes.height))).toEqual(new Set([48]));
    const [flat, , single] = tiles.map((tile) => inkOf(tile.planes));
    expect(flat?.bottom).toBe(single?.bottom);
    const two = await pool.render(text('x\nx'));
    expect(two.planes.height).toBe(96);
    expect(inkOf(two.planes).bottom).toBe(flat!.bottom + 48);
    for (const { block } of [...tiles, two]) arena.free(block);
  });

  it('are equally wide for all digits, so that a clock stands still', async () => {
    const tiles = await Promise.all(
      ['11:11', '00:00', '14:07'].map((value) => pool.render(text(value, { hasTabularDigits: true }))),
    );
    expect(new Set(tiles.map((tile) => tile.naturalWidth)).size).toBe(1);
    for (const { block } of tiles) arena.free(block);
  });

  it('are as tall as their em says, coloured and translucent as asked', async () => {
    const tile = await pool.render(text('H', { sizePx: 100, rgba: [255, 0, 0, 128] }));
    const peak = Math.max(
      ...bytes.subarray(tile.planes.alpha, tile.planes.alpha + tile.planes.width * tile.planes.height),
    );
    expect(peak).toBe(128);
    arena.free(tile.block);
    const solid = await pool.render(text('H', { sizePx: 100, rgba: [255, 0, 0, 255] }));
    const ink = inkOf(solid.planes);
    // Capitals are about 0.7 em high in any usual typeface.
    expect(ink.bottom - ink.top).toBeGreaterThan(60);
    expect(ink.bottom - ink.top).toBeLessThan(82);
    expect(Math.abs(yOf(solid.planes, ink.left + 4, ink.top + 20) - 63)).toBeLessThanOrEqual(2);
    arena.free(solid.block);
  });

  it('that are empty are transparent, and too large ones a typed error', async () => {
    const empty = await pool.render(text(' '));
    expect(inkOf(empty.planes).right).toBe(-1);
    arena.free(empty.block);
    expect(await failureOf(text('W'.repeat(20_000), { sizePx: 2000 }))).toMatchObject({
      code: 'text-unrenderable',
    });
  });
});

describe('the pool', () => {
  it('gives nothing and keeps nothing for a cancelled job, queued or running', async () => {
    const path = await png('busy.png', 600, 600, (x, y) => [x % 256, y % 256, 0, 255]);
    const controllers = Array.from({ length: 8 }, () => new AbortController());
    const jobs = controllers.map((controller) =>
      pool.render(image(path, { width: 900 }), controller.signal).then(
        () => 'drawn',
        (error: unknown) => (error instanceof Error ? error.name : error),
      ),
    );
    controllers.forEach((controller) => controller.abort());
    expect(new Set(await Promise.all(jobs))).toEqual(new Set(['AbortError']));
    expect(arena.usedBytes).toBe(emptyBytes);
  });

  it('replaces a worker that dies and still does the job', async () => {
    const path = await png('again.png', 400, 400, (x, y) => [x % 256, y % 256, 9, 255]);
    const before = workers.length;
    const jobs = Array.from({ length: 4 }, () => pool.render(image(path, { width: 1000 })));
    await workers[0]!.terminate();
    const tiles = await Promise.all(jobs);
    expect(workers.length).toBe(before + 1);
    for (const { block } of tiles) arena.free(block);
    expect(arena.usedBytes).toBe(emptyBytes);
  });
});
