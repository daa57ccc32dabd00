import { z } from 'zod';
import { devicesSliceSchema } from './device';
import { encoderSliceSchema } from './encoder';
import { bandwidthSliceSchema } from './link';
import { wireErrorSchema } from './errors';
import { lanPreviewSliceSchema } from './lan-preview';
import { recordingAlarmSchema, recordingsSliceSchema } from './recordings';
import { videoCodecSchema } from './codec';
import { settingsSliceSchema } from './settings';
import { scenesSliceSchema, showSliceSchema, sourceViewSchema } from './show';
import { variantsSliceSchema } from './variants';

/** Unix time in milliseconds. */
const unixMs = z.number();

export const engineSliceSchema = z.object({
  version: z.string(),
  pid: z.number(),
  startedAt: unixMs,
  dataDir: z.string(),
  ready: z.boolean(),
  /** why not ready, in words; null when ready */
  notReadyReason: z.string().nullable(),
  rtmpUrl: z.string().nullable(),
});

export const machineSliceSchema = z.object({
  platform: z.string(),
  cpuModel: z.string(),
  cores: z.number(),
  /** as libx264 reports them: SSE4.2, AVX, AVX2 … */
  cpuFeatures: z.array(z.string()),
  /** what saved stream keys are encrypted with lies in a file of the data folder, or in the system's key store */
  keyStore: z.enum(['file', 'system']),
});

export const ffmpegSliceSchema = z
  .object({
    path: z.string(),
    origin: z.enum(['FFMPEG_BIN', 'setting', 'ffmpeg-static', 'PATH', '@ffmpeg-installer/ffmpeg']),
    version: z.string(),
    encoders: z.array(z.string()),
  })
  .nullable();

/** One encoder took over from another; profiles by name. */
export const handOverSchema = z.object({
  at: unixMs,
  cause: z.enum(['planned', 'crash', 'fall-back']),
  from: z.string(),
  to: z.string(),
  bitrateKbps: z.number(),
  /** between the last picture of the one and the first of the other */
  gapMs: z.number(),
  lostFrames: z.number(),
});

export const programSliceSchema = z.object({
  /** the canvas, in which items are placed */
  width: z.number(),
  height: z.number(),
  /** what is encoded */
  output: z.object({ width: z.number(), height: z.number() }),
  fps: z.number(),
  bitrateKbps: z.number(),
  /** less than that for now, because of this destination's network; null: as set */
  lowered: z.object({ kbps: z.number(), destination: z.string().nullable() }).nullable(),
  codec: videoCodecSchema,
  sceneId: z.string(),
  state: z.enum(['starting', 'running', 'restarting', 'failed']),
  encoder: z.object({ name: z.string(), profile: z.string(), reason: z.string() }).nullable(),
  error: wireErrorSchema.nullable(),
  /** of the last minutes, the newest last */
  handOvers: z.array(handOverSchema),
});

/** One state of one output, with only what is valid in that state. */
export const outputStateSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('idle') }),
  /** held back by its delay: it connects shortly before its first packet is due */
  z.object({ state: z.literal('waiting'), until: unixMs }),
  z.object({ state: z.literal('connecting'), attempt: z.number() }),
  z.object({ state: z.literal('live'), since: unixMs }),
  z.object({
    state: z.literal('reconnecting'),
    attempt: z.number(),
    retryAt: unixMs,
    error: wireErrorSchema,
  }),
  z.object({ state: z.literal('stopping') }),
  z.object({ state: z.literal('failed'), error: wireErrorSchema }),
]);
export type OutputState = z.infer<typeof outputStateSchema>;

export const outputSchema = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['local', 'destination', 'recording']),
  /** without its key */
  url: z.string(),
  /** of `services.ts`; null: custom, or not a destination */
  serviceId: z.string().nullable(),
  hasKey: z.boolean(),
  /** whom it logs in as, where its server asks for more than a key; null: nobody */
  user: z.string().nullable(),
  /** of a destination: a person knows that its server takes VP9, though it does not say so; left out: nobody does */
  takesVp9: z.boolean().optional(),
  status: outputStateSchema,
  bytes: z.number(),
  droppedFrames: z.number(),
  reconnects: z.number(),
  /** how late it is: what is queued and on its way, in parts of what makes frames be dropped */
  congestion: z.number(),
  /** of a destination: `live.start` takes it along */
  isEnabled: z.boolean(),
  /** it is on: it goes out, is tried, or waits */
  isWanted: z.boolean(),
  /** of a destination: how long after the program it goes out, seconds */
  delaySec: z.number(),
  /** of a destination: the program's bitrate follows its network */
  isAdaptive: z.boolean(),
  /** of a destination: the variant that it gets; null: the program itself */
  variantId: z.string().nullable(),
  /** of a destination that takes the nearest server: which that is; its name is null while none is known. null: `url` counts */
  nearest: z.object({ name: z.string().nullable(), connectMs: z.number().nullable() }).nullable(),
});
export type OutputView = z.infer<typeof outputSchema>;

export const liveSliceSchema = z.object({ isLive: z.boolean(), since: unixMs.nullable() });
export const recordingSliceSchema = z.object({
  state: z.enum(['idle', 'recording', 'stopping', 'failed']),
  path: z.string().nullable(),
  since: unixMs.nullable(),
  bytes: z.number(),
  error: wireErrorSchema.nullable(),
  /** left on the disk of the recording folder; null: not known */
  freeBytes: z.number().nullable(),
  /** for recordings, or of the one that runs: its disk was asked, and does not answer */
  silentFolder: z.string().nullable(),
  /** it has not grown for 1.5 s; null: it grows, or none runs */
  alarm: recordingAlarmSchema.nullable(),
});
export const ingestSliceSchema = z.object({
  state: z.enum(['starting', 'running', 'restarting', 'degraded']),
  host: z.string(),
  port: z.number(),
  error: wireErrorSchema.nullable(),
});
export const keyViewSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** what players ask for: rtmp://host/live/<publicName>; never the key */
  publicName: z.string(),
  /** given by a caller instead of generated */
  weak: z.boolean(),
  createdAt: unixMs,
});
export type KeyView = z.infer<typeof keyViewSchema>;
export const activeStreamSchema = z.object({
  name: z.string(),
  app: z.string(),
  publisher: z.string(),
  since: unixMs,
  bytesIn: z.number(),
  players: z.number(),
  codecs: z.object({ video: z.string().nullable(), audio: z.string().nullable() }),
});
export type ActiveStream = z.infer<typeof activeStreamSchema>;
export const noticeSchema = z.object({
  id: z.string(),
  at: unixMs,
  severity: z.enum(['info', 'warning', 'error']),
  error: wireErrorSchema,
});

/** The whole state, slice by slice. Sent in full on connect; afterwards each slice travels alone when it changed. */
export const snapshotSlices = {
  engine: engineSliceSchema,
  machine: machineSliceSchema,
  ffmpeg: ffmpegSliceSchema,
  program: programSliceSchema,
  show: showSliceSchema,
  scenes: scenesSliceSchema,
  sources: z.array(sourceViewSchema),
  devices: devicesSliceSchema,
  settings: settingsSliceSchema,
  encoder: encoderSliceSchema,
  variants: variantsSliceSchema,
  live: liveSliceSchema,
  outputs: z.array(outputSchema),
  bandwidth: bandwidthSliceSchema,
  recording: recordingSliceSchema,
  recordings: recordingsSliceSchema,
  lanPreview: lanPreviewSliceSchema,
  ingest: ingestSliceSchema,
  keys: z.array(keyViewSchema),
  streams: z.array(activeStreamSchema),
  notices: z.array(noticeSchema),
} as const;
export const snapshotSchema = z.object(snapshotSlices);
export type Snapshot = z.infer<typeof snapshotSchema>;
export type SliceName = keyof Snapshot;
