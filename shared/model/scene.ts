import { z } from 'zod';
import { colorSchema } from './source';

const cropEdge = z.number().int().min(0).max(8192).default(0);
/** Pixels cut off the source's own picture before it is scaled. */
export const cropSchema = z.object({ left: cropEdge, top: cropEdge, right: cropEdge, bottom: cropEdge });
export type Crop = z.infer<typeof cropSchema>;

/** What has this colour becomes transparent. Distances are in the UV plane, 0 (only this very colour) … 1. */
export const chromaKeySchema = z.object({
  color: colorSchema,
  /** up to this distance fully transparent */
  similarity: z.number().min(0).max(1).default(0.2),
  /** beyond it, the width of the passage to opaque */
  smoothness: z.number().min(0).max(1).default(0.08),
});
export type ChromaKey = z.infer<typeof chromaKeySchema>;

/**
 * A source placed once in a scene. Its box (x, y, width, height) is turned about its centre and its picture mirrored
 * within it.
 */
export const sceneItemSchema = z.object({
  id: z.string().min(1).max(200),
  sourceId: z.string().min(1).max(200),
  /** canvas pixels of the box's top left corner, before rotation; may lie outside the canvas */
  x: z.number().int().min(-16384).max(16384).default(0),
  y: z.number().int().min(-16384).max(16384).default(0),
  /** canvas pixels; absent: the source's own size after the crop (one given: the other keeps the proportions) */
  width: z.number().int().min(1).max(16384).optional(),
  height: z.number().int().min(1).max(16384).optional(),
  /** degrees clockwise about the box's centre */
  rotation: z.number().min(-360).max(360).default(0),
  isFlippedX: z.boolean().default(false),
  isFlippedY: z.boolean().default(false),
  crop: cropSchema.default({ left: 0, top: 0, right: 0, bottom: 0 }),
  chromaKey: chromaKeySchema.nullable().default(null),
  /** 0 (invisible) … 1 (opaque) */
  opacity: z.number().min(0).max(1).default(1),
  visible: z.boolean().default(true),
  /** the editor leaves it alone */
  isLocked: z.boolean().default(false),
});
export type SceneItem = z.infer<typeof sceneItemSchema>;

/** Items are ordered from the bottom to the top. */
export const sceneSchema = z.object({
  id: z.string().min(1).max(200),
  name: z.string().min(1).max(200),
  items: z.array(sceneItemSchema).max(500),
});
export type Scene = z.infer<typeof sceneSchema>;

/** How one scene gives way to the next. */
export const transitionSchema = z.object({
  kind: z.enum(['cut', 'fade']).default('cut'),
  /** of a fade */
  durationMs: z.number().int().min(50).max(10_000).default(300),
});
export type Transition = z.infer<typeof transitionSchema>;
