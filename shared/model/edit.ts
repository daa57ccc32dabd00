import { z } from 'zod';
import { cropSchema, chromaKeySchema, sceneItemSchema, sceneSchema, transitionSchema } from './scene';
import { sourceSchema } from './source';

const id = z.string().min(1).max(200);
const name = z.string().min(1).max(200);
const index = z.number().int().min(0);
const item = sceneItemSchema.shape;

/**
 * What a patch leaves out stays as it is; so the defaults of a new item must not apply here (`partial()` keeps them).
 * `null` for a size: the source's own again.
 */
export const itemPatchSchema = z
  .object({
    x: item.x.unwrap(),
    y: item.y.unwrap(),
    width: item.width.unwrap().nullable(),
    height: item.height.unwrap().nullable(),
    rotation: item.rotation.unwrap(),
    isFlippedX: z.boolean(),
    isFlippedY: z.boolean(),
    crop: cropSchema,
    chromaKey: chromaKeySchema.nullable(),
    opacity: item.opacity.unwrap(),
    visible: z.boolean(),
    isLocked: z.boolean(),
  })
  .partial()
  .strict();
export type ItemPatch = z.input<typeof itemPatchSchema>;

/** One change of a show. New things bring their ids (a UUID), so that the same edit always has the same result. */
export const editSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('collection.rename'), name }),
  z.object({ type: z.literal('transition.set'), transition: transitionSchema }),
  /** without an index: at the end */
  z.object({ type: z.literal('scene.add'), scene: sceneSchema, index: index.optional() }),
  z.object({ type: z.literal('scene.rename'), sceneId: id, name }),
  z.object({ type: z.literal('scene.move'), sceneId: id, index }),
  /** the last one cannot be removed; the one on program gives way to its neighbour */
  z.object({ type: z.literal('scene.remove'), sceneId: id }),
  z.object({ type: z.literal('source.add'), source: sourceSchema }),
  z.object({ type: z.literal('source.rename'), sourceId: id, name }),
  /** these settings replace those of the same name; the result is checked as a whole. Not id, kind or name. */
  z.object({ type: z.literal('source.update'), sourceId: id, patch: z.record(z.string(), z.unknown()) }),
  /** with all its items */
  z.object({ type: z.literal('source.remove'), sourceId: id }),
  /** without an index: on top */
  z.object({ type: z.literal('item.add'), sceneId: id, item: sceneItemSchema, index: index.optional() }),
  z.object({ type: z.literal('item.update'), itemId: id, patch: itemPatchSchema }),
  /** within its scene; 0 is the bottom */
  z.object({ type: z.literal('item.move'), itemId: id, index }),
  /** a source that no scene shows any more goes with its last item, unless it is only heard */
  z.object({ type: z.literal('item.remove'), itemId: id }),
]);
/** as checked */
export type Edit = z.output<typeof editSchema>;
/** as a caller may write it: defaults may be left out */
export type EditInput = z.input<typeof editSchema>;
