import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { repairedCollection } from '../../electron/streaming/collection-repair';
import { collectionSchema } from '../../shared/model/collection';
import type { Collection } from '../../shared/model/collection';

const id = fc.constantFrom('a', 'a-2', 'b', 'b-2', 'x'.repeat(200));
const item = fc.record({ id, sourceId: id, x: fc.integer({ min: 0, max: 9 }) });
const scene = fc.record({ id, name: fc.constant('S'), items: fc.array(item, { maxLength: 4 }) });
const source = fc.record({ id, name: fc.constant('T'), kind: fc.constant('text'), text: fc.string() });
/** As it comes from a hand: nothing in it need fit together. */
const arbitraryMess: fc.Arbitrary<Collection> = fc
  .record(
    {
      version: fc.constant(1),
      sources: fc.array(source, { maxLength: 5 }),
      scenes: fc.array(scene, { minLength: 1, maxLength: 5 }),
      programSceneId: id,
    },
    { requiredKeys: ['version', 'sources', 'scenes'] },
  )
  .map((mess) => collectionSchema.parse(mess));

const idsOf = (entries: readonly { id: string }[]): string[] => entries.map((entry) => entry.id);
const itemsOf = ({ scenes }: Collection) => scenes.flatMap(({ items }) => items);
const isOnce = (ids: readonly string[]): boolean => new Set(ids).size === ids.length;
const withoutIds = (entries: readonly { id: string }[]) => entries.map((entry) => ({ ...entry, id: '' }));

const plain = (part: Partial<Collection> = {}): Collection => ({
  ...collectionSchema.parse({
    version: 1,
    sources: [{ id: 'title', name: 'Title', kind: 'text', text: 'Hello' }],
    scenes: [
      { id: 'one', name: 'One', items: [{ id: 'i', sourceId: 'title' }] },
      { id: 'two', name: 'Two', items: [] },
    ],
    programSceneId: 'two',
  }),
  ...part,
});

describe('a collection that does not hold together', () => {
  it('does afterwards, whatever it was, can be saved, and has lost only what had no source', () => {
    fc.assert(
      fc.property(arbitraryMess, (mess) => {
        const { collection, repairs } = repairedCollection(mess);
        expect(collectionSchema.parse(JSON.parse(JSON.stringify(collection)))).toEqual(collection);
        const { sources, scenes, programSceneId } = collection;
        for (const entries of [sources, scenes, itemsOf(collection)])
          expect(isOnce(idsOf(entries))).toBe(true);
        expect(itemsOf(collection).every(({ sourceId }) => idsOf(sources).includes(sourceId))).toBe(true);
        if (programSceneId !== undefined) expect(idsOf(scenes)).toContain(programSceneId);
        expect(withoutIds(sources)).toEqual(withoutIds(mess.sources));
        const shown = itemsOf(mess).filter(({ sourceId }) => idsOf(mess.sources).includes(sourceId));
        expect(withoutIds(itemsOf(collection))).toEqual(withoutIds(shown));
        expect(repairs.length === 0).toBe(collection === mess);
        expect(repairedCollection(collection)).toEqual({ collection, repairs: [] });
      }),
      { numRuns: 500 },
    );
  });

  it('says what was done', () => {
    const [title] = plain().sources;
    const [one, two] = plain().scenes;
    if (!title || !one || !two) throw new Error('the show has other parts');
    const mess = plain({
      sources: [title, title],
      scenes: [one, { ...two, items: one.items.flatMap((i) => [{ ...i, sourceId: 'gone' }, i]) }],
      programSceneId: 'gone',
    });
    const { collection, repairs } = repairedCollection(mess);
    expect(repairs).toEqual([
      '1 item without a source (left out)',
      '2 ids used twice (made different)',
      'a scene on program that is not there (One is on program)',
    ]);
    expect(collection).toEqual(
      plain({
        sources: [title, { ...title, id: 'title-2' }],
        scenes: [one, { ...two, items: one.items.map((i) => ({ ...i, id: 'i-2' })) }],
        programSceneId: 'one',
      }),
    );
  });

  it('costs no time that grows with the square of its size', () => {
    const [one] = plain().scenes;
    const [double] = one?.items ?? [];
    if (!one || !double) throw new Error('the show has other parts');
    const items = Array.from({ length: 500 }, () => double);
    const scenes = Array.from({ length: 300 }, (_, at) => ({ ...one, id: `scene-${at}`, items }));
    const sinceMs = performance.now();
    expect(repairedCollection(plain({ scenes })).repairs).toHaveLength(2);
    expect(performance.now() - sinceMs).toBeLessThan(5000);
  });
});
