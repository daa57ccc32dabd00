import { z } from 'zod';
import { sceneSchema, transitionSchema } from './scene';
import { sourceSchema, unknownSourceSchema } from './source';

/** A scene collection as it lies on disk. Relative paths in it are relative to the file's folder. */
export const collectionSchema = z.object({
  version: z.literal(1),
  name: z.string().min(1).max(200).default('My show'),
  sources: z.array(z.union([sourceSchema, unknownSourceSchema])).max(1000),
  scenes: z.array(sceneSchema).min(1).max(500),
  programSceneId: z.string().optional(),
  transition: transitionSchema.default({ kind: 'cut', durationMs: 300 }),
});
export type Collection = z.infer<typeof collectionSchema>;
