import { z } from 'zod';
import { defaultSound, soundSchema } from './sound';

/** `#rrggbb` or `#rrggbbaa` */
export const colorSchema = z.string().regex(/^#[0-9a-f]{6}([0-9a-f]{2})?$/i, 'expected #rrggbb or #rrggbbaa');

const sourceBase = { id: z.string().min(1).max(200), name: z.string().min(1).max(200) };
const sound = soundSchema.default(defaultSound);
const path = z.string().min(1).max(4096);

/** A device as people know it (`name`) and as it is found again after a reboot (`id`, stable; see `deviceSchema`). */
export const deviceReferenceSchema = z.object({ id: z.string().min(1).max(500), name: z.string().max(500) });
export type DeviceReference = z.infer<typeof deviceReferenceSchema>;

/** `path`s are relative to the collection's folder; `resource:` in front means the studio's own resources. */
export const imageSourceSchema = z.object({ ...sourceBase, kind: z.literal('image'), path });
export const colorSourceSchema = z.object({
  ...sourceBase,
  kind: z.literal('color'),
  color: colorSchema,
  width: z.number().int().min(1).max(8192),
  height: z.number().int().min(1).max(8192),
});
const textStyle = {
  font: z.string().max(200).default('Inter'),
  sizePx: z.number().min(4).max(2000).default(64),
  weight: z.enum(['regular', 'bold']).default('regular'),
  color: colorSchema.default('#ffffff'),
  align: z.enum(['left', 'center', 'right']).default('left'),
  outline: z
    .object({ color: colorSchema, widthPx: z.number().min(0).max(100) })
    .nullable()
    .default(null),
  shadow: z
    .object({
      color: colorSchema,
      blurPx: z.number().min(0).max(200),
      offsetXPx: z.number().min(-500).max(500),
      offsetYPx: z.number().min(-500).max(500),
    })
    .nullable()
    .default(null),
};
export const textSourceSchema = z.object({
  ...sourceBase,
  kind: z.literal('text'),
  text: z.string().max(20_000),
  ...textStyle,
  /** lines longer than this are broken between words; null: only where the text says so */
  wrapWidthPx: z.number().int().min(16).max(8192).nullable().default(null),
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
  path,
  loop: z.boolean().default(true),
  sound,
});
/** Flash, beep and a burnt-in frame counter, for measuring A/V sync and latency. */
export const syncSourceSchema = z.object({ ...sourceBase, kind: z.literal('sync'), sound });

const captureFps = z.number().min(1).max(240);
/** A screen or a window, captured by the engine's own system. */
export const screenSourceSchema = z.object({
  ...sourceBase,
  kind: z.literal('screen'),
  device: deviceReferenceSchema,
  /** a part of it, in its own pixels; null: all */
  region: z
    .object({
      x: z.number().int().min(0).max(32_767),
      y: z.number().int().min(0).max(32_767),
      width: z.number().int().min(2).max(16_384),
      height: z.number().int().min(2).max(16_384),
    })
    .nullable()
    .default(null),
  isCursorShown: z.boolean().default(true),
  fps: captureFps.default(30),
});
export const cameraSourceSchema = z.object({
  ...sourceBase,
  kind: z.literal('camera'),
  device: deviceReferenceSchema,
  /** one of the device's modes; null: the best up to 1080p */
  mode: z
    .object({
      width: z.number().int().min(2).max(8192),
      height: z.number().int().min(2).max(8192),
      fps: captureFps,
    })
    .nullable()
    .default(null),
});
/** Heard in every scene. */
export const microphoneSourceSchema = z.object({
  ...sourceBase,
  kind: z.literal('microphone'),
  device: deviceReferenceSchema,
  sound,
});
/** What this computer plays; heard in every scene. */
export const desktopSoundSourceSchema = z.object({
  ...sourceBase,
  kind: z.literal('desktop-sound'),
  device: deviceReferenceSchema,
  sound,
});
/**
 * Captured by a page of the studio (a browser's own picker and permissions) and sent to the engine: any window or tab,
 * Wayland, cameras and microphones of the computer in front of which the person sits. `microphone` is heard in every scene.
 */
export const browserCaptureSourceSchema = z.object({
  ...sourceBase,
  kind: z.literal('browser-capture'),
  capture: z.enum(['display', 'camera', 'microphone']),
  /** what the browser called it; '' until it was first captured */
  deviceName: z.string().max(500).default(''),
  hasSound: z.boolean().default(true),
  sound,
});
/** What another encoder publishes with a stream key. */
export const ingestSourceSchema = z.object({
  ...sourceBase,
  kind: z.literal('ingest'),
  keyId: z.string().min(1).max(200),
  /** how much is held back to even out the network */
  bufferMs: z.number().int().min(0).max(5000).default(200),
  sound,
});

export const sourceSchema = z.discriminatedUnion('kind', [
  imageSourceSchema,
  colorSourceSchema,
  textSourceSchema,
  clockSourceSchema,
  mediaSourceSchema,
  syncSourceSchema,
  screenSourceSchema,
  cameraSourceSchema,
  microphoneSourceSchema,
  desktopSoundSourceSchema,
  browserCaptureSourceSchema,
  ingestSourceSchema,
]);
export type SourceSettings = z.infer<typeof sourceSchema>;
export type SourceKind = SourceSettings['kind'];
export type SourceSettingsOf<Kind extends SourceKind> = Extract<SourceSettings, { kind: Kind }>;
export type TextStyle = Omit<SourceSettingsOf<'clock'>, 'id' | 'name' | 'kind' | 'mode' | 'durationSec'>;

/** A source of a kind this version does not know: kept word for word, so that saving never loses it. */
export const unknownSourceSchema = z.looseObject({ ...sourceBase, kind: z.string() });
export type UnknownSource = z.infer<typeof unknownSourceSchema>;
export type AnySource = SourceSettings | UnknownSource;

const knownKinds = new Set<string>(sourceSchema.options.map((option) => option.shape.kind.value));
export const isKnownSource = (source: AnySource): source is SourceSettings =>
  knownKinds.has(source.kind) && sourceSchema.safeParse(source).success;

/** Without a picture: it is no scene item, and heard in every scene. */
export const isSoundOnly = (source: AnySource): boolean =>
  source.kind === 'microphone' ||
  source.kind === 'desktop-sound' ||
  (source.kind === 'browser-capture' && source['capture' as keyof AnySource] === 'microphone');

/** How it is heard; null: this kind never sounds. */
export function soundOf(source: AnySource): z.infer<typeof soundSchema> | null {
  return isKnownSource(source) && 'sound' in source ? source.sound : null;
}
