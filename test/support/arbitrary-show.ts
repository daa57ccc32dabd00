import fc from 'fast-check';
import { collectionSchema } from '../../shared/model/collection';
import type { Collection } from '../../shared/model/collection';
import { editSchema } from '../../shared/model/edit';
import type { Edit, EditInput } from '../../shared/model/edit';

const name = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
const id = (prefix: string) => fc.integer({ min: 0, max: 3 }).map((number) => `${prefix}-${number}`);
const color = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);

const sourceInput = fc.oneof(
  fc.record({
    id: id('source'),
    name,
    kind: fc.constant('text' as const),
    text: fc.string({ maxLength: 30 }),
  }),
  fc.record({
    id: id('source'),
    name,
    kind: fc.constant('color' as const),
    color,
    width: fc.integer({ min: 1, max: 8192 }),
    height: fc.integer({ min: 1, max: 8192 }),
  }),
  fc.record({
    id: id('source'),
    name,
    kind: fc.constant('microphone' as const),
    device: fc.record({ id: fc.string({ minLength: 1, maxLength: 8 }), name: fc.string({ maxLength: 8 }) }),
  }),
);

const itemInput = fc.record(
  {
    id: id('item'),
    sourceId: id('source'),
    x: fc.integer({ min: -16384, max: 16384 }),
    y: fc.integer({ min: -16384, max: 16384 }),
    width: fc.integer({ min: 1, max: 16384 }),
    rotation: fc.integer({ min: -360, max: 360 }),
    opacity: fc.double({ min: 0, max: 1, noNaN: true }),
    visible: fc.boolean(),
  },
  { requiredKeys: ['id', 'sourceId'] },
);

const sceneInput = fc.record({ id: id('scene'), name, items: fc.constant<never[]>([]) });
const index = fc.nat({ max: 5 });

const editInput: fc.Arbitrary<EditInput> = fc.oneof(
  fc.record({ type: fc.constant('collection.rename' as const), name }),
  fc.record({
    type: fc.constant('transition.set' as const),
    transition: fc.record({
      kind: fc.constantFrom('cut' as const, 'fade' as const),
      durationMs: fc.integer({ min: 50, max: 10_000 }),
    }),
  }),
  fc.record({ type: fc.constant('scene.add' as const), scene: sceneInput, index }),
  fc.record({ type: fc.constant('scene.rename' as const), sceneId: id('scene'), name }),
  fc.record({ type: fc.constant('scene.move' as const), sceneId: id('scene'), index }),
  fc.record({ type: fc.constant('scene.remove' as const), sceneId: id('scene') }),
  fc.record({ type: fc.constant('source.add' as const), source: sourceInput }),
  fc.record({ type: fc.constant('source.rename' as const), sourceId: id('source'), name }),
  fc.record({
    type: fc.constant('source.update' as const),
    sourceId: id('source'),
    patch: fc.oneof(fc.record({ text: fc.string({ maxLength: 10 }) }), fc.record({ color })),
  }),
  fc.record({ type: fc.constant('source.remove' as const), sourceId: id('source') }),
  fc.record({ type: fc.constant('item.add' as const), sceneId: id('scene'), item: itemInput, index }),
  fc.record({
    type: fc.constant('item.update' as const),
    itemId: id('item'),
    patch: fc.record(
      {
        x: fc.integer({ min: -16384, max: 16384 }),
        width: fc.option(fc.integer({ min: 1, max: 16384 })),
        visible: fc.boolean(),
        opacity: fc.double({ min: 0, max: 1, noNaN: true }),
      },
      { requiredKeys: [] },
    ),
  }),
  fc.record({ type: fc.constant('item.move' as const), itemId: id('item'), index }),
  fc.record({ type: fc.constant('item.remove' as const), itemId: id('item') }),
);

/** Any edit, as it comes out of the contract's check. Many fit no show that is there. */
export const arbitraryEdit: fc.Arbitrary<Edit> = editInput.map((edit) => editSchema.parse(edit));

/** Any show that holds together: items of sources that are there, ids of their own, a scene on program. */
export const arbitraryShow: fc.Arbitrary<Collection> = fc
  .record({
    name,
    sources: fc.uniqueArray(sourceInput, { selector: (source) => source.id, maxLength: 6 }),
    scenes: fc.uniqueArray(sceneInput, { selector: (scene) => scene.id, minLength: 1, maxLength: 4 }),
    items: fc.uniqueArray(itemInput, { selector: (item) => item.id, maxLength: 8 }),
    program: fc.nat(),
  })
  .map(({ name: showName, sources, scenes, items, program }) => {
    const placeable = sources.filter(({ kind }) => kind !== 'microphone').map(({ id: sourceId }) => sourceId);
    return collectionSchema.parse({
      version: 1,
      name: showName,
      sources,
      scenes: scenes.map((scene, at) => ({
        ...scene,
        items: items.filter(
          (item, number) => number % scenes.length === at && placeable.includes(item.sourceId),
        ),
      })),
      programSceneId: scenes[program % scenes.length]?.id,
    });
  });
