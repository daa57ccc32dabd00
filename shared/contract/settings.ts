import { z } from 'zod';
import { exactRate } from '../model/frame-rate';
import { videoCodecSchema } from './codec';
import { recordingFormatSchema } from './recordings';
import { defaultLanPreview, lanPreviewSettingsSchema } from './lan-preview';
import { savedProfileSchema } from './user-profile';
import { mostVariants, variantSchema } from './variants';

/** What a hotkey can do; a key combination as `KeyboardEvent.code` with modifiers: `Ctrl+Shift+KeyL`. '' is none. */
export const hotkeyNames = [
  'live.toggle',
  'recording.toggle',
  'replay.save',
  'microphone.mute',
  'scene.next',
  'scene.previous',
  'undo',
  'redo',
] as const;
export type HotkeyName = (typeof hotkeyNames)[number];
export const defaultHotkeys: Readonly<Record<HotkeyName, string>> = {
  'live.toggle': 'Ctrl+Shift+KeyL',
  'recording.toggle': 'Ctrl+Shift+KeyR',
  // Edge and Firefox have KeyS, KeyE and KeyY for themselves.
  'replay.save': 'Ctrl+Shift+KeyF',
  'microphone.mute': 'Ctrl+Shift+KeyM',
  // Not Ctrl+PageDown: browsers change their tabs with it, and no page is asked.
  'scene.next': 'Ctrl+Shift+ArrowRight',
  'scene.previous': 'Ctrl+Shift+ArrowLeft',
  undo: 'Ctrl+KeyZ',
  redo: 'Ctrl+Shift+KeyZ',
};

// H.264 4:2:0 needs even sizes; 16 is x264's smallest macroblock.
const evenSize = z.object({
  width: z.number().int().min(16).max(8192).multipleOf(2),
  height: z.number().int().min(16).max(8192).multipleOf(2),
});

/** When a recording goes on in another file, always at a keyframe. */
const recordingSplitSchema = z.discriminatedUnion('by', [
  z.object({ by: z.literal('none') }),
  z.object({ by: z.literal('minutes'), minutes: z.number().int().min(1).max(1440) }),
  /** no file becomes larger than so many 10⁹ bytes */
  z.object({ by: z.literal('size'), gigabytes: z.number().min(0.1).max(1000) }),
]);

/** What a person has set for the studio; lies in `settings.json`. Options of the command line go before it, for that run. */
export const settingsSchema = z.object({
  /** the FFmpeg to use; comes after FFMPEG_BIN and before every other */
  ffmpegPath: z.string().min(1).optional(),
  canvas: evenSize.default({ width: 1920, height: 1080 }),
  /** what is encoded; null: the canvas */
  output: evenSize.nullable().default(null),
  /** 29.97 and its like are made exact */
  fps: z.number().min(1).max(240).overwrite(exactRate).default(60),
  bitrateKbps: z.number().int().min(100).max(100_000).default(6000),
  codec: videoCodecSchema.default('h264'),
  /** a profile's name or `auto`; for H.264, the others have one each */
  profile: z.string().min(1).max(100).default('auto'),
  /** encoder profiles the person made; changed by `profile.save` and `profile.remove` */
  userProfiles: z.array(savedProfileSchema).max(20).default([]),
  /** further qualities of the program; changed by `variant.save` and `variant.remove` */
  variants: z.array(variantSchema).max(mostVariants).default([]),
  /** null: `recordings` in the data folder */
  recordingFolder: z.string().min(1).max(4096).nullable().default(null),
  /** without extension; {date} {time} {scene} {show} are replaced */
  recordingName: z.string().min(1).max(200).default('{date} {time}'),
  recordingFormat: recordingFormatSchema.default('mp4'),
  recordingSplit: recordingSplitSchema.default({ by: 'none' }),
  /** so much of the program is kept in memory, to be saved afterwards; 0: nothing */
  replaySec: z.number().int().min(0).max(600).default(30),
  /** the program for viewers in the local network */
  lanPreview: lanPreviewSettingsSchema.default(defaultLanPreview),
  hotkeys: z.partialRecord(z.enum(hotkeyNames), z.string().max(60)).default({}),
  theme: z.enum(['dark', 'light', 'system']).default('dark'),
  isFirstRunDone: z.boolean().default(false),
});
export type Settings = z.infer<typeof settingsSchema>;

const fields = settingsSchema.shape;
/** What a patch leaves out stays as it is (`partial()` would keep the defaults). */
export const settingsPatchSchema = z
  .object({
    canvas: fields.canvas.unwrap(),
    output: fields.output.unwrap(),
    fps: fields.fps.unwrap(),
    bitrateKbps: fields.bitrateKbps.unwrap(),
    codec: fields.codec.unwrap(),
    profile: fields.profile.unwrap(),
    recordingFolder: fields.recordingFolder.unwrap(),
    recordingName: fields.recordingName.unwrap(),
    recordingFormat: fields.recordingFormat.unwrap(),
    recordingSplit: fields.recordingSplit.unwrap(),
    replaySec: fields.replaySec.unwrap(),
    lanPreview: fields.lanPreview.unwrap(),
    hotkeys: fields.hotkeys.unwrap(),
    theme: fields.theme.unwrap(),
    isFirstRunDone: z.boolean(),
  })
  .partial()
  .strict();
export type SettingsPatch = z.input<typeof settingsPatchSchema>;

export const settingsSliceSchema = settingsSchema.omit({ userProfiles: true, variants: true }).extend({
  /** of canvas, output, fps, bitrateKbps, codec, profile, lanPreview: those the command line decides in this run */
  fixed: z.array(z.string()),
  /** where recordings go now, absolute */
  recordingFolderNow: z.string(),
});
