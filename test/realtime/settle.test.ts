import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Compositor } from '../../electron/streaming/composition/compositor';
import { SceneView } from '../../electron/streaming/composition/scene-view';
import { TilePool } from '../../electron/streaming/composition/tile-pool';
import type { Layer, TileRenderer } from '../../electron/streaming/interfaces/layer';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { fileLooker } from '../../electron/streaming/sources/file-looker';
import { nothingAttached } from '../../electron/streaming/sources/nothing-attached';
import { createSource } from '../../electron/streaming/sources/registry';
import type { StudioSource } from '../../electron/streaming/sources/source';
import { sceneSchema } from '../../shared/model/scene';
import { sourceSchema } from '../../shared/model/source';
import { makeSyncClip, toolFfmpeg } from '../support/media-fixtures';
import { waitFor } from '../support/wait-for';

const canvas = { width: 640, height: 360 };
const compositor = new Compositor({ ...canvas, fps: 60, clock: 'real', logger: silentLogger });
const pool = new TilePool({ arena: compositor.arena, logger: silentLogger, workers: 1 });
/** every job that reaches Sharp */
let jobs = 0;
const tiles: TileRenderer = {
  render: (job, signal) => {
    jobs += 1;
    return pool.render(job, signal);
  },
};
let layers: readonly Layer[] = [];
const view = new SceneView({
  canvas,
  setLayers: async (list, hiddenRings) => {
    await compositor.setLayers(list, hiddenRings);
    layers = list;
  },
  program: { fps: 60, frameIndex: () => compositor.nextIndex },
  onItemError: (_itemId, _sourceId, error) => {
    if (error) throw error as Error;
  },
});
let folder: string;
let picture: StudioSource;
let clip: StudioSource;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'settle-'));
  await sharp({ create: { width: 900, height: 500, channels: 3, background: '#3366cc' } })
    .png()
    .toFile(join(folder, 'picture.png'));
  const ffmpeg = {
    path: toolFfmpeg(),
    origin: 'PATH',
    version: '',
    encoders: [],
    hasFpsMode: false,
  } as const;
  // A second between whole pictures: joined somewhere, up to a second has to be decoded to get there.
  await makeSyncClip({ path: join(folder, 'clip.mp4'), width: 1280, height: 720, fps: 30, seconds: 12 });
  const sourceOf = (settings: object): StudioSource =>
    createSource(sourceSchema.parse(settings), {
      ...{
        arena: compositor.arena,
        tiles,
        ffmpeg,
        ...nothingAttached,
        files: fileLooker,
        baseFolder: folder,
      },
      program: { ...canvas, fps: 60, frameIndex: () => compositor.nextIndex },
      ...{ logger: silentLogger, now: Date.now, random: Math.random },
    });
  picture = sourceOf({ id: 'picture', name: 'Picture', kind: 'image', path: 'picture.png' });
  clip = sourceOf({ id: 'clip', name: 'Clip', kind: 'media', path: 'clip.mp4', loop: true });
  await Promise.all([compositor.start(), pool.start(), view.start(), picture.start(), clip.start()]);
  compositor.run();
});
afterAll(async () => {
  await view.stop();
  await Promise.all([picture.stop(), clip.stop()]);
  await compositor.stop();
  await pool.stop();
  await rm(folder, { recursive: true });
});

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Infinity;

it('draws a dragged picture at once, without a Sharp job, and pixel on pixel half a second after it rests', async () => {
  const sources = new Map([['picture', picture]]);
  const show = (item: object): Promise<void> =>
    view.show(
      sceneSchema.parse({ id: 's', name: 'S', items: [{ id: 'i', sourceId: 'picture', ...item }] }),
      sources,
    );
  const settledIn: number[] = [];
  await show({ width: 300, height: 200 });
  expect(picture.size).toEqual({ width: 900, height: 500 });
  for (let round = 0; round < 3; round++) {
    const before = jobs;
    const final = { x: 31 + round, y: 17, width: 340 + round, height: 201 };
    for (let edit = 20; edit >= 0; edit--) {
      const box = { ...final, x: final.x + edit, width: final.width + edit };
      await show({ ...box, rotation: edit });
      expect(layers[0]?.placement).toMatchObject({ box, rotation: edit });
    }
    const restedAt = performance.now();
    expect(jobs).toBe(before);
    await waitFor(() => layers[0] && !layers[0].placement, 'the picture to settle');
    settledIn.push(performance.now() - restedAt);
    expect(jobs).toBe(before + 1);
    const { x, y, content } = layers[0] as Layer;
    // One pixel of padding where the item lies at an odd place.
    expect([x, y]).toEqual([final.x - (final.x % 2), 16]);
    expect(content.type === 'tile' && content.planes.width).toBe(
      2 * Math.ceil((final.width + (final.x % 2)) / 2),
    );
  }
  expect(median(settledIn)).toBeLessThanOrEqual(500);
});

it('goes on playing while it is dragged, and is decoded at its new size half a second after it rests', async () => {
  const sources = new Map([['clip', clip]]);
  const show = (item: object): Promise<void> =>
    view.show(
      sceneSchema.parse({ id: 't', name: 'T', items: [{ id: 'j', sourceId: 'clip', ...item }] }),
      sources,
    );
  const settledIn: number[] = [];
  await show({ width: 320, height: 180 });
  await waitFor(() => layers[0]?.content.type === 'live', 'the clip to play');
  for (let round = 0; round < 3; round++) {
    const size = { width: 480 - 32 * round, height: 270 - 18 * round };
    for (let edit = 8; edit >= 0; edit--) await show({ x: 20 + edit, y: 10, ...size });
    const restedAt = performance.now();
    expect(layers[0]?.placement).toBeDefined();
    await waitFor(() => layers[0] && !layers[0].placement, 'the clip to settle');
    settledIn.push(performance.now() - restedAt);
    const { content } = layers[0] as Layer;
    expect(content.type === 'live' && content.ring.slots[0]?.width).toBe(size.width);
  }
  expect(median(settledIn)).toBeLessThanOrEqual(500);
});
