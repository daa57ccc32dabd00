import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Compositor } from '../../electron/streaming/composition/compositor';
import { SceneView } from '../../electron/streaming/composition/scene-view';
import { TilePool } from '../../electron/streaming/composition/tile-pool';
import type { PictureRequest, PictureSource, TileJob } from '../../electron/streaming/interfaces/layer';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { sceneSchema } from '../../shared/model/scene';

const compositor = new Compositor({ width: 320, height: 180, fps: 60, clock: 'real', logger: silentLogger });
const tiles = new TilePool({ arena: compositor.arena, logger: silentLogger, workers: 1 });
const errors: [string, unknown][] = [];
const view = new SceneView({
  canvas: compositor,
  setLayers: (...lists) => compositor.setLayers(...lists),
  onItemError: (itemId, _sourceId, error) => errors.push([itemId, error]),
});
/** luma of three spots of each frame, by its index */
const frames: [number, number, number][] = [];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scene-'));
  await Promise.all([compositor.start(), tiles.start(), view.start()]);
  compositor.onFrame = (frame) => {
    const at = (x: number, y: number) => frame.data![y * 320 + x] as number;
    if (frame.data) frames[frame.index] = [at(20, 20), at(160, 90), at(300, 160)];
    frame.release();
  };
  compositor.run();
});
afterAll(async () => {
  await view.stop();
  await compositor.stop();
  await tiles.stop();
  await rm(folder, { recursive: true });
});

/** A source of one still tile, as those of images and texts are. */
function still(id: string, jobOf: (request: PictureRequest) => TileJob): PictureSource {
  let revision = 0;
  return {
    id,
    onChanged: () => () => undefined,
    picture: async (request, signal) => {
      const { block, planes } = await tiles.render(jobOf(request), signal);
      return {
        content: { type: 'tile', planes, revision: ++revision },
        release: () => compositor.arena.free(block),
      };
    },
  };
}

async function frameAt(index: number): Promise<[number, number, number]> {
  const deadline = Date.now() + 10_000;
  while (!frames[index]) {
    if (Date.now() > deadline) throw new Error(`frame ${index} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return frames[index];
}

describe('from scenes to frames', () => {
  it('draws items where they belong, cuts within one frame, and shows the rest when a file is broken', async () => {
    const path = join(folder, 'white.png');
    await sharp({ create: { width: 50, height: 50, channels: 3, background: '#ffffff' } })
      .png()
      .toFile(path);
    const sources = new Map(
      [
        still('white', (request) => ({ type: 'image', path, request })),
        still('lost', (request) => ({ type: 'image', path: join(folder, 'lost.png'), request })),
        still('grey', (request) => ({
          type: 'color',
          rgba: [128, 128, 128, 255],
          width: 320,
          height: 180,
          request,
        })),
      ].map((source) => [source.id, source]),
    );
    const scene = (id: string, ...items: object[]) =>
      sceneSchema.parse({
        id,
        name: id,
        items: items.map((item, index) => ({ id: `${id}${index}`, ...item })),
      });
    const one = scene(
      'one',
      { sourceId: 'grey' },
      { sourceId: 'lost' },
      { sourceId: 'white', x: 151, y: 81, width: 19, height: 19 },
    );
    const two = scene('two', { sourceId: 'white', width: 320, height: 180, opacity: 0.5 });

    await view.show(one, sources);
    expect(await frameAt(compositor.nextIndex - 1)).toEqual([126, 235, 126]);
    expect(errors).toEqual([['one1', expect.objectContaining({ code: 'source-file-missing' })]]);

    await view.preload(two, sources);
    // The best of several: on a loaded machine this thread may sleep between its question and its request.
    const delays: number[] = [];
    for (let cut = 0; cut < 8; cut++) {
      const [next, wanted] = cut % 2 ? ([one, 235] as const) : ([two, 126] as const);
      const asked = compositor.nextIndex;
      await view.show(next, sources);
      expect((await frameAt(compositor.nextIndex))[1]).toBe(wanted);
      delays.push(frames.findIndex((frame, index) => index >= asked && frame?.[1] === wanted) - asked);
    }
    // `asked` itself may be under way already.
    expect(Math.min(...delays)).toBeLessThanOrEqual(1);
  });
});
