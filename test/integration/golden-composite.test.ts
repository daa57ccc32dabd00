import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Compositor } from '../../electron/streaming/composition/compositor';
import { layPlanes } from '../../electron/streaming/composition/frame-arena';
import { compileKernels, instantiateKernels } from '../../electron/streaming/composition/kernels-module';
import { TilePool } from '../../electron/streaming/composition/tile-pool';
import type { Layer, PictureRequest } from '../../electron/streaming/interfaces/layer';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { seededRandom } from '../support/seeded-random';

const canvas = { width: 320, height: 180 };
const compositor = new Compositor({ ...canvas, fps: 30, clock: 'max', logger: silentLogger });
const tiles = new TilePool({ arena: compositor.arena, logger: silentLogger, workers: 1 });
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'golden-'));
  await Promise.all([compositor.start(), tiles.start()]);
});
afterAll(async () => {
  await compositor.stop();
  await tiles.stop();
  await rm(folder, { recursive: true });
});

/** A smooth picture (as photographs are: chroma at half size loses nothing to speak of) with soft transparency. */
async function paint(seed: number, width: number, height: number, isOpaque: boolean): Promise<string> {
  const random = seededRandom(seed);
  const [a, b, c, d] = [random() * 6, random() * 6, random() * 6, random() * 6] as const;
  const wave = (phase: number, x: number, y: number) =>
    Math.round(127 + 120 * Math.sin(phase + x / 31 + y / 23));
  const data = Buffer.from(
    Array.from({ length: width * height }, (_, index) => {
      const x = index % width;
      const y = Math.floor(index / width);
      return [wave(a, x, y), wave(b, y, x), wave(c, x, -y), isOpaque ? 255 : wave(d, x * 2, y)];
    }).flat(),
  );
  const path = join(folder, `${seed}.png`);
  await sharp(data, { raw: { width, height, channels: 4 } })
    .png()
    .toFile(path);
  return path;
}

it('agrees with Sharp’s own composite (PSNR ≥ 45 dB)', async () => {
  const parts = [
    { x: 0, y: 0, width: 320, height: 180, opacity: 255, isOpaque: true },
    { x: 31, y: 17, width: 121, height: 90, opacity: 255, isOpaque: false },
    { x: -21, y: 100, width: 90, height: 120, opacity: 255, isOpaque: true },
    { x: 200, y: -40, width: 200, height: 160, opacity: 140, isOpaque: false },
    { x: 140, y: 60, width: 64, height: 64, opacity: 90, isOpaque: true },
  ];
  const layers: Layer[] = [];
  const expected = Buffer.alloc(canvas.width * canvas.height * 4);
  for (let index = 3; index < expected.length; index += 4) expected[index] = 255;
  let golden: Buffer = expected;
  for (const [index, part] of parts.entries()) {
    const path = await paint(index + 1, part.width, part.height, part.isOpaque);
    const padX = part.x & 1 ? 1 : 0;
    const padY = part.y & 1 ? 1 : 0;
    const request: PictureRequest = {
      crop: { left: 0, top: 0, right: 0, bottom: 0 },
      width: undefined,
      height: undefined,
      padX,
      padY,
    };
    const tile = await tiles.render({ type: 'image', path, request });
    layers.push({
      itemId: String(index),
      x: part.x - padX,
      y: part.y - padY,
      opacity: part.opacity,
      content: { type: 'tile', planes: tile.planes, revision: 1 },
    });
    // Sharp composites only what lies on the canvas, and knows no opacity: both are applied before.
    const left = Math.max(0, part.x);
    const top = Math.max(0, part.y);
    const overlay = await sharp(path)
      .extract({
        left: left - part.x,
        top: top - part.y,
        width: Math.min(canvas.width, part.x + part.width) - left,
        height: Math.min(canvas.height, part.y + part.height) - top,
      })
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    for (let at = 3; at < overlay.data.length; at += 4)
      overlay.data[at] = Math.round(((overlay.data[at] as number) * part.opacity) / 255);
    golden = await sharp(golden, { raw: { ...canvas, channels: 4 } })
      .composite([{ input: overlay.data, raw: { ...overlay.info, channels: 4 }, left, top }])
      .raw()
      .toBuffer();
  }
  await compositor.setLayers(layers);
  const frame = await new Promise<Buffer>((resolve) => {
    compositor.onFrame = (program) => {
      resolve(Buffer.from(program.data!));
      program.release();
    };
    compositor.run(1);
  });
  // Compared as what the encoder gets: in 4:2:0 a hard edge between two chroma samples cannot come back as RGB.
  const kernels = instantiateKernels(await compileKernels(), compositor.arena.memory);
  const bytes = new Uint8Array(compositor.arena.memory.buffer);
  const wanted = compositor.arena.allocate(frame.length).offset;
  const rgba = compositor.arena.allocate(golden.length).offset;
  bytes.set(golden, rgba);
  const { y, u, v } = layPlanes(wanted, canvas.width, canvas.height, false);
  kernels.rgbaToI420(rgba, canvas.width, canvas.height, y, u, v, 0, 0);
  let squares = 0;
  let worst = 0;
  frame.forEach((value, index) => {
    const difference = Math.abs(value - (bytes[wanted + index] as number));
    worst = Math.max(worst, difference);
    squares += difference ** 2;
  });
  const psnr = 10 * Math.log10(255 ** 2 / (squares / frame.length));
  expect(psnr, `largest difference ${worst}`).toBeGreaterThanOrEqual(45);
});
