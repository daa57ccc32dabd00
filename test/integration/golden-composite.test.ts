import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Compositor } from '../../electron/streaming/composition/compositor';
import { drawList, requestFor } from '../../electron/streaming/composition/draw-list';
import { layPlanes } from '../../electron/streaming/composition/frame-arena';
import { compileKernels, instantiateKernels } from '../../electron/streaming/composition/kernels-module';
import type { Kernels } from '../../electron/streaming/composition/kernels-module';
import { TilePool } from '../../electron/streaming/composition/tile-pool';
import type { Layer, PictureRequest, TileJob } from '../../electron/streaming/interfaces/layer';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { sceneSchema } from '../../shared/model/scene';
import type { SceneItem } from '../../shared/model/scene';
import { seededRandom } from '../support/seeded-random';

const canvas = { width: 320, height: 180 };
const compositor = new Compositor({ ...canvas, fps: 30, clock: 'max', logger: silentLogger });
const tiles = new TilePool({ arena: compositor.arena, logger: silentLogger, workers: 1 });
let kernels: Kernels;
let folder: string;
let take: (frame: Buffer) => void = () => undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'golden-'));
  kernels = instantiateKernels(await compileKernels(), compositor.arena.memory);
  compositor.onFrame = (program) => {
    if (program.data) take(Buffer.from(program.data));
    program.release();
  };
  await Promise.all([compositor.start(), tiles.start()]);
});
afterAll(async () => {
  await compositor.stop();
  await tiles.stop();
  await rm(folder, { recursive: true });
});

async function composed(layers: readonly Layer[]): Promise<Buffer> {
  await compositor.setLayers(layers);
  const frame = new Promise<Buffer>((resolve) => (take = resolve));
  compositor.run(1);
  return frame;
}

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

let revision = 0;
/** The layer of an item whose source has delivered a tile for `request` (by default for the item as it is). */
async function layerOf(
  item: SceneItem,
  jobOf: (request: PictureRequest) => TileJob,
  request = requestFor(item),
): Promise<Layer> {
  const { planes, ownWidth, ownHeight, naturalWidth, naturalHeight } = await tiles.render(jobOf(request));
  const scene = { id: 's', name: 's', items: [item] };
  const [layer] = drawList(scene, canvas, () => ({
    content: { type: 'tile', planes, revision: ++revision },
    size: { width: ownWidth, height: ownHeight },
    area: { x: request.padX, y: request.padY, width: naturalWidth, height: naturalHeight },
  }));
  if (!layer) throw new Error('the item is not on the canvas');
  return layer;
}

const itemOf = (item: object): SceneItem =>
  sceneSchema.parse({ id: 's', name: 's', items: [{ id: 'i', sourceId: 'x', ...item }] })
    .items[0] as SceneItem;
const asItIs: PictureRequest = {
  crop: { left: 0, top: 0, right: 0, bottom: 0 },
  ...{ width: undefined, height: undefined, padX: 0, padY: 0 },
};

type Overlay = { data: Buffer; info: { width: number; height: number } };

/** Sharp puts the overlays one on another, on black. It knows no opacity: that is applied before. */
async function golden(
  overlays: readonly { overlay: Overlay; left: number; top: number; opacity: number }[],
): Promise<Buffer> {
  let picture: Buffer = Buffer.alloc(canvas.width * canvas.height * 4);
  for (let index = 3; index < picture.length; index += 4) picture[index] = 255;
  for (const { overlay, left, top, opacity } of overlays) {
    const { width, height } = overlay.info;
    for (let at = 3; at < overlay.data.length; at += 4)
      overlay.data[at] = Math.round((overlay.data[at] as number) * opacity);
    // Sharp composites only what lies on the canvas.
    const from = { left: Math.max(0, -left), top: Math.max(0, -top) };
    const visible = await sharp(overlay.data, { raw: { width, height, channels: 4 } })
      .extract({
        ...from,
        width: Math.min(canvas.width - left, width) - from.left,
        height: Math.min(canvas.height - top, height) - from.top,
      })
      .raw()
      .toBuffer({ resolveWithObject: true });
    picture = await sharp(picture, { raw: { ...canvas, channels: 4 } })
      .composite([
        {
          input: visible.data,
          raw: { width: visible.info.width, height: visible.info.height, channels: 4 },
          left: Math.max(0, left),
          top: Math.max(0, top),
        },
      ])
      .raw()
      .toBuffer();
  }
  return picture;
}

const raw = (picture: Sharp): Promise<Overlay> =>
  picture.ensureAlpha().raw().toBuffer({ resolveWithObject: true });

/** Compared as what the encoder gets: in 4:2:0 a hard edge between two chroma samples cannot come back as RGB. */
function psnr(frame: Buffer, wantedRgba: Buffer): number {
  const { arena } = compositor;
  const bytes = new Uint8Array(arena.memory.buffer);
  const wanted = arena.allocate(frame.length);
  const rgba = arena.allocate(wantedRgba.length);
  bytes.set(wantedRgba, rgba.offset);
  const { y, u, v } = layPlanes(wanted.offset, canvas.width, canvas.height, false);
  kernels.rgbaToI420(rgba.offset, canvas.width, canvas.height, y, u, v, 0, 0);
  let squares = 0;
  frame.forEach((value, index) => (squares += (value - (bytes[wanted.offset + index] as number)) ** 2));
  arena.free(rgba);
  arena.free(wanted);
  return 10 * Math.log10(255 ** 2 / (squares / frame.length));
}

describe('a composed frame beside Sharp’s own composite', () => {
  it('is the same where nothing is scaled (PSNR ≥ 45 dB)', async () => {
    const parts = [
      { x: 0, y: 0, width: 320, height: 180, opacity: 1, isOpaque: true },
      { x: 31, y: 17, width: 121, height: 90, opacity: 1, isOpaque: false },
      { x: -21, y: 100, width: 90, height: 120, opacity: 1, isOpaque: true },
      { x: 200, y: -40, width: 200, height: 160, opacity: 140 / 255, isOpaque: false },
      { x: 140, y: 60, width: 64, height: 64, opacity: 90 / 255, isOpaque: true },
    ];
    const layers: Layer[] = [];
    const overlays = [];
    for (const [index, { x, y, width, height, opacity, isOpaque }] of parts.entries()) {
      const path = await paint(index + 1, width, height, isOpaque);
      const item = itemOf({ id: String(index), x, y, opacity });
      layers.push(await layerOf(item, (request) => ({ type: 'image', path, request })));
      overlays.push({ overlay: await raw(sharp(path)), left: x, top: y, opacity });
    }
    expect(layers.every(({ placement }) => !placement)).toBe(true);
    expect(psnr(await composed(layers), await golden(overlays))).toBeGreaterThanOrEqual(45);
  });

  const sizes = [
    { width: 260, height: 150 },
    { width: 121, height: 99 },
    { width: 66, height: 41 },
    { width: 21, height: 30 },
  ];
  it.each(sizes)('is close where a picture is scaled to $width×$height (≥ 38 dB)', async (size) => {
    for (const isOpaque of [true, false]) {
      const path = await paint(20, 160, 120, isOpaque);
      const item = itemOf({ x: 33, y: 17, ...size });
      const job = (request: PictureRequest): TileJob => ({ type: 'image', path, request });
      // As it is drawn while it is being dragged: from the tile of the picture's own size.
      const layer = await layerOf(item, job, asItIs);
      expect(layer.placement).toBeDefined();
      const overlay = await raw(sharp(path).resize({ ...size, fit: 'fill', kernel: 'lanczos3' }));
      const wanted = await golden([{ overlay, left: 33, top: 17, opacity: 1 }]);
      expect(psnr(await composed([layer]), wanted)).toBeGreaterThanOrEqual(38);
      // And settled: from the tile of the final size.
      expect(psnr(await composed([await layerOf(item, job)]), wanted)).toBeGreaterThanOrEqual(45);
    }
  });

  /** Turned by Sharp at four times the size, so that half a pixel more or less does not matter, then made smaller. */
  async function turned(path: string, rotation: number, centerX: number, centerY: number): Promise<Buffer> {
    const zoom = 4;
    const { width, height } = await sharp(path).metadata();
    const large = await sharp(path)
      .flop()
      .ensureAlpha()
      .resize(width * zoom, height * zoom, { kernel: 'nearest' })
      .png()
      .toBuffer();
    const overlay = await sharp(large)
      .rotate(rotation, { background: { r: 0, g: 0, b: 0, alpha: 0 } })
      .png()
      .toBuffer({ resolveWithObject: true });
    const stage = { width: canvas.width * zoom, height: canvas.height * zoom, channels: 4 as const };
    const whole = await sharp({ create: { ...stage, background: '#000000' } })
      .composite([
        {
          input: overlay.data,
          left: Math.round(centerX * zoom - overlay.info.width / 2),
          top: Math.round(centerY * zoom - overlay.info.height / 2),
        },
      ])
      .raw()
      .toBuffer();
    const mean = (x: number, y: number, channel: number): number => {
      let sum = 0;
      for (let row = y * zoom; row < (y + 1) * zoom; row++)
        for (let column = x * zoom; column < (x + 1) * zoom; column++)
          sum += whole[(row * stage.width + column) * 4 + channel] as number;
      return Math.round(sum / zoom ** 2);
    };
    return Buffer.from(
      Array.from({ length: canvas.width * canvas.height * 4 }, (_, index) =>
        mean((index >> 2) % canvas.width, Math.floor((index >> 2) / canvas.width), index & 3),
      ),
    );
  }

  it.each([90, 30, -72.5])('is close where a picture is turned by %f° (≥ 38 dB)', async (rotation) => {
    for (const isOpaque of [true, false]) {
      const path = await paint(30, 120, 80, isOpaque);
      const item = itemOf({ x: 90, y: 50, rotation, isFlippedX: true });
      const layer = await layerOf(item, (request) => ({ type: 'image', path, request }));
      const frame = await composed([layer]);
      expect(psnr(frame, await turned(path, rotation, 150, 90))).toBeGreaterThanOrEqual(38);
    }
  });
});

describe('half-transparent text', () => {
  it.each([
    ['as it is', {}],
    ['scaled while it is dragged', { width: 211, height: 43 }],
    ['turned', { rotation: 12 }],
  ])('leaves no fringe: white on white stays white (%s)', async (_, how) => {
    const ground = await layerOf(itemOf({ id: 'ground' }), (request) => ({
      type: 'color',
      rgba: [255, 255, 255, 255],
      ...canvas,
      request,
    }));
    const job = (request: PictureRequest): TileJob => ({
      type: 'text',
      ...{ text: 'Fringe & Co', font: 'sans-serif', fontFile: undefined, sizePx: 40, weight: 'bold' },
      ...{ rgba: [255, 255, 255, 128], align: 'left', request },
      ...{ outline: null, shadow: null, wrapWidthPx: null },
    });
    const text = await layerOf(itemOf({ x: 41, y: 61, ...how }), job, asItIs);
    const frame = await composed([ground, text]);
    const luma = frame.subarray(0, canvas.width * canvas.height);
    expect(Math.min(...luma)).toBeGreaterThanOrEqual(234);
    const chroma = frame.subarray(luma.length);
    expect(Math.max(...chroma) - Math.min(...chroma)).toBeLessThanOrEqual(2);
    // And it is there: on black it is half as bright as white.
    const onBlack = (await composed([text])).subarray(0, luma.length);
    expect(Math.max(...onBlack)).toBeGreaterThan(120);
    expect(Math.max(...onBlack)).toBeLessThan(130);
  });
});
