import { z } from 'zod';
import { sceneItemSchema, transitionSchema } from '../model/scene';
import { sourceSchema, unknownSourceSchema } from '../model/source';
import { wireErrorSchema } from './errors';

/** Unix time in milliseconds. */
const unixMs = z.number();

/** The collection as a whole; scenes and sources travel in slices of their own. */
export const showSliceSchema = z.object({
  name: z.string(),
  /** where it is saved */
  path: z.string(),
  transition: transitionSchema,
  /** what undo would take back, in words; null: nothing */
  undoLabel: z.string().nullable(),
  redoLabel: z.string().nullable(),
  /** null: nothing was changed since the start */
  savedAt: unixMs.nullable(),
  /** the last attempt to save failed; it is tried again */
  saveError: wireErrorSchema.nullable(),
});

export const scenesSliceSchema = z.array(
  z.object({ id: z.string(), name: z.string(), items: z.array(sceneItemSchema) }),
);
export type SceneView = z.infer<typeof scenesSliceSchema>[number];

export const sourceViewSchema = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.string(),
  settings: z.union([sourceSchema, unknownSourceSchema]),
  state: z.enum(['idle', 'loading', 'ok', 'failed']),
  error: wireErrorSchema.nullable(),
  /** of its own picture before crop, pixels; null: not known (yet), or it has none */
  size: z.object({ width: z.number(), height: z.number() }).nullable(),
  /** of `devices`: what it captures, or would, whatever its settings call it; null: not there, or a kind without one */
  deviceId: z.string().nullable(),
  /** a file that plays: where it was at a moment (unix ms); it goes on from there unless paused */
  playback: z
    .object({
      durationSec: z.number().nullable(),
      positionSec: z.number(),
      at: unixMs,
      isPaused: z.boolean(),
    })
    .nullable(),
});
export type SourceView = z.infer<typeof sourceViewSchema>;

/** A state of the show that can be gone back to. */
export const restorePointSchema = z.object({
  id: z.string(),
  at: unixMs,
  /** given by a person; null: one of the last ten that were saved by themselves */
  label: z.string().nullable(),
  name: z.string(),
  scenes: z.number(),
  sources: z.number(),
});
export type RestorePoint = z.infer<typeof restorePointSchema>;
