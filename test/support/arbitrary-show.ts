import fc from 'fast-check';
import { collectionSchema } from '../../shared/model/collection';
import type { Collection } from '../../shared/model/collection';
import { editSchema } from '../../shared/model/edit';
import type { Edit, EditInput } from '../../shared/model/edit';
import { isSoundOnly } from '../../shared/model/source';
import type { AnySource } from '../../shared/model/source';
import { arbitrarySource, arbitraryUnknownSource, color, id, name } from './arbitrary-source';

const edge = fc.integer({ min: 0, max: 8192 });
const part = fc.double({ min: 0, max: 1, noNaN: true });

const itemInput = fc.record(
  {
    id: id('item'),
    sourceId: id('source'),
    x: fc.integer({ min: -16384, max: 16384 }),
    y: fc.integer({ min: -16384, max: 16384 }),
    width: fc.integer({ min: 1, max: 16384 }),
    height: fc.integer({ min: 1, max: 16384 }),
    rotation: fc.integer({ min: -360, max: 360 }),
    isFlippedX: fc.boolean(),
    isFlippedY: fc.boolean(),
    crop: fc.record({ left: edge, top: edge, right: edge, bottom: edge }),
    chromaKey: fc.option(fc.record({ color, similarity: part, smoothness: part })),
    opacity: part,
    visible: fc.boolean(),
    isLocked: fc.boolean(),
  },
  { requiredKeys: ['id', 'sourceId'] },
);

const sceneInput = fc.record({ id: id('scene'), name, items: fc.constant<never[]>([]) });
const index = fc.nat({ max: 5 });
const transition = fc.record({
  kind: fc.constantFrom('cut' as const, 'fade' as const),
  durationMs: fc.integer({ min: 50, max: 10_000 }),
});

const editInput: fc.Arbitrary<EditInput> = fc.oneof(
  fc.record({ type: fc.constant('collection.rename' as const), name }),
  fc.record({
    type: fc.constant('transition.set' as const),
    transition,
  }),
  fc.record({ type: fc.constant('scene.add' as const), scene: sceneInput, index }),
  fc.record({ type: fc.constant('scene.rename' as const), sceneId: id('scene'), name }),
  fc.record({ type: fc.constant('scene.move' as const), sceneId: id('scene'), index }),
  fc.record({ type: fc.constant('scene.remove' as const), sceneId: id('scene') }),
  fc.record({ type: fc.constant('source.add' as const), source: arbitrarySource }),
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
        opacity: part,
        crop: fc.record({ left: edge, top: edge, right: edge, bottom: edge }),
        chromaKey: fc.option(fc.record({ color, similarity: part, smoothness: part })),
        isFlippedX: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
  }),
  fc.record({ type: fc.constant('item.move' as const), itemId: id('item'), index }),
  fc.record({ type: fc.constant('item.remove' as const), itemId: id('item') }),
);

/** Any edit, as it comes out of the contract's check. Many fit no show that is there. */
export const arbitraryEdit: fc.Arbitrary<Edit> = editInput.map((edit) => editSchema.parse(edit));

/**
 * Any show that holds together: sources of every kind, also unknown ones, items of those that have a picture, ids of
 * their own, a scene on program.
 */
export const arbitraryShow: fc.Arbitrary<Collection> = fc
  .record({
    name,
    sources: fc.uniqueArray(fc.oneof({ weight: 4, arbitrary: arbitrarySource }, arbitraryUnknownSource), {
      selector: (source) => source.id,
      maxLength: 6,
    }),
    scenes: fc.uniqueArray(sceneInput, { selector: (scene) => scene.id, minLength: 1, maxLength: 4 }),
    items: fc.uniqueArray(itemInput, { selector: (item) => item.id, maxLength: 8 }),
    transition,
    program: fc.nat(),
  })
  .map(({ name: showName, sources, scenes, items, program, transition: chosen }) => {
    const placeable = sources
      .filter((source) => !isSoundOnly(source as AnySource))
      .map((source) => source.id);
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
      transition: chosen,
      programSceneId: scenes[program % scenes.length]?.id,
    });
  });
