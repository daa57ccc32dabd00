import { z } from 'zod';

/** `#rrggbb` or `#rrggbbaa` */
export const colorSchema = z.string().regex(/^#[0-9a-f]{6}([0-9a-f]{2})?$/i, 'expected #rrggbb or #rrggbbaa');

const sourceBase = { id: z.string().min(1), name: z.string().min(1).max(200) };

export const imageSourceSchema = z.object({
  ...sourceBase,
  kind: z.literal('image'),
  path: z.string().min(1),
});
export const colorSourceSchema = z.object({
  ...sourceBase,
  kind: z.literal('color'),
  color: colorSchema,
  width: z.number().int().min(1).max(8192),
  height: z.number().int().min(1).max(8192),
});
const textStyle = {
  font: z.string().default('Inter'),
  sizePx: z.number().min(4).max(2000).default(64),
  weight: z.enum(['regular', 'bold']).default('regular'),
  color: colorSchema.default('#ffffff'),
  align: z.enum(['left', 'center', 'right']).default('left'),
};
export const textSourceSchema = z.object({
  ...sourceBase,
  kind: z.literal('text'),
  text: z.string().max(20_000),
  ...textStyle,
});
/** `clock` shows the local time of day, `countup` the time since the source started, `countdown` the time left of `durationSec`. */
export const clockSourceSchema = z.object({
  ...sourceBase,
  kind: z.literal('clock'),
  mode: z.enum(['clock', 'countup', 'countdown']).default('clock'),
  durationSec: z.number().int().min(0).max(359_999).default(300),
  ...textStyle,
});
export const mediaSourceSchema = z.object({
  ...sourceBase,
  kind: z.literal('media'),
  path: z.string().min(1),
  loop: z.boolean().default(true),
  /** linear gain of its sound, 0…4 */
  volume: z.number().min(0).max(4).default(1),
});
/** Flash, beep and a burnt-in frame counter, for measuring A/V sync and latency. */
export const syncSourceSchema = z.object({ ...sourceBase, kind: z.literal('sync') });

export const sourceSchema = z.discriminatedUnion('kind', [
  imageSourceSchema,
  colorSourceSchema,
  textSourceSchema,
  clockSourceSchema,
  mediaSourceSchema,
  syncSourceSchema,
]);
export type SourceSettings = z.infer<typeof sourceSchema>;
export type SourceKind = SourceSettings['kind'];
export type SourceSettingsOf<Kind extends SourceKind> = Extract<SourceSettings, { kind: Kind }>;

/** A source of a kind this version does not know: kept word for word, so that saving never loses it. */
export const unknownSourceSchema = z.looseObject({ ...sourceBase, kind: z.string() });
export type UnknownSource = z.infer<typeof unknownSourceSchema>;

const cropEdge = z.number().int().min(0).max(8192).default(0);
/** Pixels cut off the source's own picture before it is scaled. */
export const cropSchema = z.object({ left: cropEdge, top: cropEdge, right: cropEdge, bottom: cropEdge });

export const sceneItemSchema = z.object({
  id: z.string().min(1),
  sourceId: z.string().min(1),
  /** canvas pixels of the top left corner; may lie outside the canvas */
  x: z.number().int().min(-16384).max(16384).default(0),
  y: z.number().int().min(-16384).max(16384).default(0),
  /** canvas pixels; absent: the source's own size after the crop (one given: the other keeps the proportions) */
  width: z.number().int().min(1).max(16384).optional(),
  height: z.number().int().min(1).max(16384).optional(),
  crop: cropSchema.default({ left: 0, top: 0, right: 0, bottom: 0 }),
  /** 0 (invisible) … 1 (opaque) */
  opacity: z.number().min(0).max(1).default(1),
  visible: z.boolean().default(true),
});
export type SceneItem = z.infer<typeof sceneItemSchema>;

/** Items are ordered from the bottom to the top. */
export const sceneSchema = z.object({
  id: z.string().min(1),
  name: z.string().min(1).max(200),
  items: z.array(sceneItemSchema).max(500),
});
export type Scene = z.infer<typeof sceneSchema>;

/** A scene collection as it lies on disk. Relative paths in it are relative to the file's folder. */
export const collectionSchema = z.object({
  version: z.literal(1),
  name: z.string().default('My show'),
  sources: z.array(z.union([sourceSchema, unknownSourceSchema])).max(1000),
  scenes: z.array(sceneSchema).min(1).max(500),
  programSceneId: z.string().optional(),
});
export type Collection = z.infer<typeof collectionSchema>;

const knownKinds = new Set<string>(sourceSchema.options.map((option) => option.shape.kind.value));
export const isKnownSource = (source: SourceSettings | UnknownSource): source is SourceSettings =>
  knownKinds.has(source.kind) && sourceSchema.safeParse(source).success;
