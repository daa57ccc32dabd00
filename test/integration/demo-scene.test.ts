import { gainOfDb } from '../../shared/model/sound';
import { fileLooker } from '../../electron/streaming/sources/file-looker';
import { nothingAttached } from '../../electron/streaming/sources/nothing-attached';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collectionSchema } from '../../shared/model/collection';
import { Mixer } from '../../electron/streaming/audio/mixer';
import { Compositor } from '../../electron/streaming/composition/compositor';
import { SceneView } from '../../electron/streaming/composition/scene-view';
import { TilePool } from '../../electron/streaming/composition/tile-pool';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { paths } from '../../electron/streaming/lib/paths';
import { createSource } from '../../electron/streaming/sources/registry';
import type { StudioSource } from '../../electron/streaming/sources/source';
import { toolFfmpeg } from '../support/media-fixtures';
import { waitFor } from '../support/wait-for';

const [width, height, fps] = [1920, 1080, 30];
const collection = collectionSchema.parse(JSON.parse(readFileSync(paths.demoCollection, 'utf8')));

/** The mean difference of luma between two pictures within a rectangle. */
function movement(a: Uint8Array, b: Uint8Array, x: number, y: number, w: number, h: number): number {
  let sum = 0;
  for (let row = y; row < y + h; row += 1)
    for (let at = row * width + x; at < row * width + x + w; at += 1)
      sum += Math.abs((a[at] ?? 0) - (b[at] ?? 0));
  return sum / (w * h);
}

describe('the demo scene, composed', () => {
  const compositor = new Compositor({ width, height, fps, clock: 'real', logger: silentLogger });
  const tiles = new TilePool({ arena: compositor.arena, logger: silentLogger });
  const view = new SceneView({
    canvas: { width, height },
    setLayers: (...lists) => compositor.setLayers(...lists),
    onItemError: (itemId, _sourceId, error) => {
      if (error) problems.push(`${itemId}: ${error instanceof Error ? error.message : 'failed'}`);
    },
  });
  const problems: string[] = [];
  const mixer = new Mixer({ onInputFailed: (id, error) => problems.push(`${id}: ${String(error)}`) });
  const sources = new Map<string, StudioSource>();
  const pictures: { index: number; data: Uint8Array }[] = [];
  let loudest = 0;

  beforeAll(async () => {
    await tiles.start();
    for (const settings of collection.sources) {
      const source = createSource(settings, {
        arena: compositor.arena,
        tiles,
        ffmpeg: { path: toolFfmpeg(), origin: 'PATH', version: '', encoders: [], hasFpsMode: false },
        program: { width, height, fps, frameIndex: () => compositor.nextIndex },
        ...nothingAttached,
        files: fileLooker,
        baseFolder: dirname(paths.demoCollection),
        logger: silentLogger,
        now: Date.now,
        random: Math.random,
      });
      sources.set(settings.id, source);
      await source.start();
      if (source.audio)
        mixer.add(source.audio, {
          gain: gainOfDb(source.sound?.faderDb ?? 0),
          isMuted: source.id === 'sync',
        });
    }
    compositor.onFrame = (frame) => {
      if (frame.data && frame.index % 5 === 0)
        pictures.push({ index: frame.index, data: Uint8Array.from(frame.data) });
      if (pictures.length > 8) pictures.shift();
      for (const sample of mixer.mix(frame.index, fps)) loudest = Math.max(loudest, Math.abs(sample));
      frame.release();
    };
    await view.start();
    await compositor.start();
    compositor.run();
  });
  afterAll(async () => {
    await view.stop();
    for (const source of sources.values()) await source.stop();
    await compositor.stop();
    await tiles.stop();
  });

  const show = async (sceneId: string): Promise<void> => {
    const scene = collection.scenes.find(({ id }) => id === sceneId);
    if (scene) await view.show(scene, sources);
    pictures.length = 0;
  };

  it('shows its parts, moves where it should and nowhere else, and sounds', async () => {
    await show('demo');
    const items = collection.scenes[0]?.items ?? [];
    // All of them: on a loaded machine the backdrop is drawn when the clips play already.
    const isThere = ({ sourceId }: { sourceId: string }) => sources.get(sourceId)?.state.state === 'ok';
    await waitFor(() => items.every(isThere) && loudest > 0.1, 'all parts and music', 20_000);
    pictures.length = 0;
    await waitFor(() => pictures.length >= 4, 'pictures', 20_000);
    const first = pictures[0];
    if (!first) throw new Error('no pictures');
    // The two clips start when each is decoded, which takes as long as it takes.
    const later = await waitFor(
      () =>
        pictures.find(
          ({ data }) =>
            movement(first.data, data, 1170, 300, 640, 360) > 1 &&
            movement(first.data, data, 1336, 892, 440, 60) > 0.5,
        ),
      'both clips to move',
      20_000,
    );
    const still = process.env['DEMO_STILL'];
    if (still) writeFileSync(still, later.data);
    expect(movement(first.data, later.data, 96, 250, 700, 560)).toBe(0);
    const headline = later.data.subarray(300 * width + 96, 300 * width + 700);
    expect(Math.max(...headline)).toBeGreaterThan(225);
    expect(problems).toEqual([]);
    for (const item of items)
      expect(sources.get(item.sourceId)?.state, item.sourceId).toEqual({ state: 'ok', error: null });
  });

  it('switches to every other scene without a complaint', async () => {
    for (const sceneId of ['starting-soon', 'sync-test', 'demo']) {
      await show(sceneId);
      await waitFor(() => pictures.length >= 2, `pictures of ${sceneId}`, 20_000);
    }
    expect(problems).toEqual([]);
  });
});
