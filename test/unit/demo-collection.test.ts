import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collectionSchema } from '../../shared/model/collection';
import { isKnownSource } from '../../shared/model/source';
import { paths } from '../../electron/streaming/lib/paths';

const folder = dirname(paths.demoCollection);
const collection = collectionSchema.parse(JSON.parse(readFileSync(paths.demoCollection, 'utf8')));

describe('the demo scene collection', () => {
  it('holds only sources that this version knows, and files that are there', () => {
    for (const source of collection.sources) {
      expect(isKnownSource(source), source.name).toBe(true);
      if ('path' in source) expect(existsSync(join(folder, String(source.path))), source.name).toBe(true);
    }
  });

  it('refers only to what it holds, with ids of their own', () => {
    const ids = [
      ...collection.sources.map(({ id }) => id),
      ...collection.scenes.map(({ id }) => id),
      ...collection.scenes.flatMap(({ items }) => items.map(({ id }) => id)),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    const sources = new Set(collection.sources.map(({ id }) => id));
    for (const scene of collection.scenes)
      for (const item of scene.items) expect(sources.has(item.sourceId), item.id).toBe(true);
    expect(collection.scenes.map(({ id }) => id)).toContain(collection.programSceneId);
  });

  it('has a scene with picture, movement, clock and sound on program, one to wait in, and the sync test', () => {
    expect(collection.scenes.map(({ name }) => name)).toEqual(['Demo', 'Starting soon', 'Sync test']);
    const kindsOf = (sceneId: string): Set<string> =>
      new Set(
        collection.scenes
          .find(({ id }) => id === sceneId)
          ?.items.map(({ sourceId }) => collection.sources.find(({ id }) => id === sourceId)?.kind ?? ''),
      );
    expect(kindsOf('demo')).toEqual(new Set(['image', 'media', 'text', 'clock']));
    expect(kindsOf('sync-test')).toEqual(new Set(['sync']));
  });

  it('is small, and its font comes with its licence', () => {
    const bytes = readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
    expect(bytes).toBeLessThan(3 * 2 ** 20);
    expect(readFileSync(join(paths.fonts, 'OFL.txt'), 'utf8')).toContain('SIL Open Font License');
    for (const font of ['Inter-Regular.ttf', 'Inter-Bold.ttf'])
      expect(readFileSync(join(paths.fonts, font)).readUInt32BE(0)).toBe(0x00010000);
  });
});
