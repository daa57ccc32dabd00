import { z } from 'zod';
import { videoCodecSchema } from './codec';
import { recordingAlarmSchema } from './recordings';
import { capturedDeviceSchema } from './device';

/** Error code → what is known about it. `error-text.ts` turns each into a sentence and a remedy. */
export const errorDetails = {
  internal: z.object({ reason: z.string() }),
  'invalid-request': z.object({ reason: z.string() }),
  unauthorised: z.object({}),
  'connection-lost': z.object({ reason: z.string() }),
  'option-invalid': z.object({ option: z.string(), expected: z.string(), found: z.string() }),
  'folder-relative': z.object({ path: z.string() }),
  'recording-name-invalid': z.object({ name: z.string(), reason: z.string() }),
  'folder-full': z.object({ path: z.string() }),
  'folder-unwritable': z.object({ path: z.string(), reason: z.string() }),
  /** for recordings: its disk does not answer */
  'folder-silent': z.object({ path: z.string() }),
  /** the studio's own, whose place nobody chooses */
  'file-unwritable': z.object({ path: z.string(), reason: z.string() }),
  /** `used`: what counts instead */
  'settings-unreadable': z.object({ path: z.string(), reason: z.string(), used: z.string() }),
  'settings-unsaved': z.object({ path: z.string(), reason: z.string() }),
  'folder-unopenable': z.object({ path: z.string(), reason: z.string() }),
  'port-in-use': z.object({ port: z.number(), purpose: z.enum(['http', 'rtmp']) }),
  /** of the preview for the local network */
  'lan-password-missing': z.object({}),
  'lan-password-unreadable': z.object({ path: z.string(), reason: z.string() }),
  'lan-password-unsaved': z.object({ path: z.string(), reason: z.string() }),
  'lan-port-in-use': z.object({ port: z.number() }),
  'lan-preview-down': z.object({ reason: z.string() }),
  'already-running': z.object({ dataDir: z.string(), pid: z.number() }),
  'engine-unreachable': z.object({ pid: z.number(), reason: z.string() }),
  'ffmpeg-missing': z.object({ tried: z.array(z.string()) }),
  'ffmpeg-unfit': z.object({ path: z.string(), missing: z.string() }),
  'ffmpeg-crashed': z.object({ role: z.string(), exit: z.string(), lastLine: z.string() }),
  'program-unstartable': z.object({ reason: z.string() }),
  /** a saved one that is not known any more */
  'profile-lost': z.object({ profile: z.string() }),
  'replay-off': z.object({}),
  /** no keyframe has come yet */
  'replay-empty': z.object({}),
  'encoder-behind': z.object({ behindMs: z.number() }),
  /** of what did not take over; what ran before runs */
  'hand-over-failed': z.object({ profile: z.string(), reason: z.string() }),
  'encoder-fell-back': z.object({ from: z.string(), to: z.string(), reason: z.string() }),
  'source-file-missing': z.object({ path: z.string() }),
  'source-file-is-folder': z.object({ path: z.string() }),
  'source-file-denied': z.object({ path: z.string() }),
  /** the disk or share that it is on hangs */
  'source-file-silent': z.object({ path: z.string() }),
  /** the system cannot say what lies there */
  'source-file-failed': z.object({ path: z.string(), reason: z.string() }),
  'source-file-unreadable': z.object({ path: z.string(), reason: z.string() }),
  'media-decode-failed': z.object({ path: z.string(), reason: z.string() }),
  /** a playlist or the like; `format` as FFmpeg calls it */
  'media-is-list': z.object({ path: z.string(), format: z.string() }),
  'source-kind-unknown': z.object({ kind: z.string(), name: z.string() }),
  'text-unrenderable': z.object({ reason: z.string() }),
  'collection-unreadable': z.object({ path: z.string(), reason: z.string() }),
  'scene-not-found': z.object({ scene: z.string() }),
  'item-not-found': z.object({ itemId: z.string() }),
  'source-not-found': z.object({ sourceId: z.string() }),
  /** an edit that does not fit the show: what was expected, in words */
  'edit-invalid': z.object({ reason: z.string() }),
  /** `keptAs` null: it lies where it lay; `versionAt` (unix ms): the state that is shown instead, null: the example */
  'show-recovered': z.object({
    path: z.string(),
    reason: z.string(),
    keptAs: z.string().nullable(),
    versionAt: z.number().nullable(),
  }),
  /** what did not fit together in a show that was read, in words */
  'show-repaired': z.object({ name: z.string(), repairs: z.array(z.string()) }),
  'restore-point-not-found': z.object({ id: z.string() }),
  'upload-too-large': z.object({ name: z.string(), maxBytes: z.number() }),
  'upload-no-room': z.object({ name: z.string(), path: z.string(), freeBytes: z.number() }),
  'upload-incomplete': z.object({ name: z.string(), reason: z.string() }),
  'import-refused': z.object({ reason: z.string() }),
  /** it would begin to capture them at once, and nobody agreed to that */
  'import-captures': z.object({ name: z.string(), devices: z.array(capturedDeviceSchema) }),
  /** files of a show that were not found when it was exported, or not in it when it was imported */
  'show-incomplete': z.object({ name: z.string(), files: z.array(z.string()) }),
  'nothing-to-play': z.object({ name: z.string() }),
  'show-unsaved': z.object({ path: z.string(), reason: z.string() }),
  /** `path`: the folder of them */
  'restore-point-unsaved': z.object({ label: z.string(), path: z.string(), reason: z.string() }),
  /** `isRetried`, here and below: false where only a person can begin it again */
  'device-missing': z.object({ name: z.string(), isRetried: z.boolean().optional() }),
  /** a window that was captured is closed, or cannot be seen at all */
  'window-missing': z.object({ name: z.string() }),
  'device-busy': z.object({ name: z.string(), reason: z.string(), isRetried: z.boolean().optional() }),
  'device-denied': z.object({ name: z.string(), reason: z.string() }),
  'device-failed': z.object({ name: z.string(), reason: z.string(), isRetried: z.boolean().optional() }),
  'capture-unsupported': z.object({ what: z.string(), reason: z.string() }),
  /** the page that captures it is closed, or its capture was ended there */
  'capture-page-gone': z.object({ name: z.string() }),
  /** another window or browser captures it now */
  'capture-taken-over': z.object({ name: z.string() }),
  /** the person or the browser said no; `isPicker`: closing the browser's picker says it too */
  'capture-not-allowed': z.object({ name: z.string(), isPicker: z.boolean() }),
  /** the page is not on a secure origin */
  'capture-insecure': z.object({}),
  'browser-unfit': z.object({ what: z.string() }),
  'ingest-silent': z.object({ key: z.string() }),
  /** somebody publishes, and nothing comes */
  'ingest-stalled': z.object({ key: z.string() }),
  'picture-too-large': z.object({ path: z.string(), width: z.number(), height: z.number() }),
  'drawing-stuck': z.object({}),
  'picture-too-slow': z.object({ path: z.string() }),
  'font-missing': z.object({ font: z.string(), used: z.string() }),
  /** it was ended before it began, here or in another window */
  'live-taken-back': z.object({}),
  'on-air': z.object({ what: z.string() }),
  'disk-low': z.object({ path: z.string(), freeBytes: z.number() }),
  'disk-full': z.object({ path: z.string(), freeBytes: z.number() }),
  'bitrate-too-high': z.object({ service: z.string(), bitrateKbps: z.number(), maxKbps: z.number() }),
  'sound-bitrate-too-high': z.object({ service: z.string(), bitrateKbps: z.number(), maxKbps: z.number() }),
  'rate-too-high': z.object({ service: z.string(), fps: z.number(), maxFps: z.number() }),
  'keyframes-too-rare': z.object({ service: z.string(), intervalSec: z.number(), maxSec: z.number() }),
  'frames-skipped': z.object({ skippedPercent: z.number() }),
  'compositor-behind': z.object({ laggedPercent: z.number() }),
  'scene-empty': z.object({ scene: z.string() }),
  'picture-black': z.object({ scene: z.string() }),
  'key-missing': z.object({ name: z.string() }),
  'upload-too-small': z.object({ neededKbps: z.number(), measuredKbps: z.number() }),
  'microphone-silent': z.object({ name: z.string() }),
  'microphone-muted': z.object({ name: z.string() }),
  'destination-missing': z.object({}),
  'certificate-invalid': z.object({ host: z.string(), reason: z.string() }),
  /** line 0: nothing could be read at all */
  'destinations-unreadable': z.object({ path: z.string(), line: z.number(), reason: z.string() }),
  /** the key that the saved stream keys are encrypted with is not given by the system */
  'key-store-unavailable': z.object({ reason: z.string() }),
  'destination-name-taken': z.object({ name: z.string() }),
  /** hosts; its key was given for the former one */
  'destination-key-of-another': z.object({ name: z.string(), former: z.string(), next: z.string() }),
  'destination-not-found': z.object({ id: z.string() }),
  'destination-unreachable': z.object({ host: z.string(), port: z.number(), reason: z.string() }),
  /** the server said no: `reason` is what it said, where the code says no more than that */
  'destination-refused': z.object({ host: z.string(), reason: z.string() }),
  'destination-key-refused': z.object({ host: z.string(), reason: z.string() }),
  /** somebody else publishes with this key, or our own former connection still counts */
  'destination-in-use': z.object({ host: z.string(), reason: z.string() }),
  'destination-banned': z.object({ host: z.string(), reason: z.string() }),
  'destination-app-refused': z.object({ host: z.string(), app: z.string(), reason: z.string() }),
  /** it wants a user name and a password; `isGiven`: it does not accept those it got */
  'destination-login': z.object({ host: z.string(), isGiven: z.boolean() }),
  /** what it takes, as FourCC; null: it says nothing about codecs, or RTMP carries no such one */
  'codec-unsupported': z.object({
    host: z.string(),
    codec: z.enum(['h264', 'vp8', 'vp9']),
    named: z.array(z.string()).nullable(),
  }),
  'destination-busy': z.object({ host: z.string(), reason: z.string() }),
  'destination-lost': z.object({ host: z.string(), reason: z.string() }),
  /** it hung up after it was told application and key, without a word */
  'destination-unaccepted': z.object({ host: z.string() }),
  /** the engine before this one ended without being asked to; `recording`: the file it wrote, null: none */
  'delay-too-long': z.object({ delaySec: z.number(), mostSec: z.number(), bitrateKbps: z.number() }),
  'destination-none-enabled': z.object({}),
  'air-cut-off': z.object({
    /** names; empty: it was not live */
    destinations: z.array(z.string()),
    recording: z.string().nullable(),
    /** this start goes live by itself */
    isLiveAgain: z.boolean(),
  }),
  /** a service's list of its servers; the built-in or the saved one counts */
  'servers-unlisted': z.object({ host: z.string(), reason: z.string() }),
  /** one at a time */
  'bandwidth-busy': z.object({ name: z.string() }),
  /** a stream of nothing would be seen by viewers */
  'bandwidth-public': z.object({ name: z.string() }),
  'bandwidth-watched': z.object({ name: z.string() }),
  'bandwidth-unmeasured': z.object({ host: z.string() }),
  /** `mostKbps`: what should be sent at most over a path that carried `measuredKbps` */
  'bandwidth-too-small': z.object({
    name: z.string(),
    neededKbps: z.number(),
    measuredKbps: z.number(),
    mostKbps: z.number(),
  }),
  'destination-url-invalid': z.object({ url: z.string(), reason: z.string() }),
  'rtmp-server-down': z.object({ reason: z.string() }),
  'key-name-taken': z.object({ name: z.string() }),
  'key-not-found': z.object({ id: z.string() }),
  'key-invalid': z.object({ reason: z.string() }),
  'keys-unreadable': z.object({ path: z.string(), reason: z.string() }),
  'recording-failed': z.object({ path: z.string(), reason: z.string() }),
  /** `formats`: those that hold it */
  'recording-format-unfit': z.object({
    path: z.string(),
    codec: videoCodecSchema,
    formats: z.array(z.string()),
  }),
  'recording-stalled': z.object({ path: z.string(), reason: recordingAlarmSchema }),
  'recording-repaired': z.object({ path: z.string(), durationSec: z.number() }),
  'recording-unrepaired': z.object({ path: z.string(), reason: z.string() }),
  'recording-not-found': z.object({ id: z.string() }),
  /** its file was moved or deleted */
  'recording-file-gone': z.object({ path: z.string() }),
  'recording-file-unreadable': z.object({ path: z.string(), reason: z.string() }),
  /** the list of them */
  'recordings-unreadable': z.object({ path: z.string(), reason: z.string() }),
  'recordings-unsaved': z.object({ path: z.string(), reason: z.string() }),
  'profile-unknown': z.object({ profile: z.string(), known: z.array(z.string()) }),
  /** x264 options that cannot be set, and why */
  'profile-refused': z.object({
    profile: z.string(),
    refused: z.array(z.object({ option: z.string(), reason: z.string() })),
  }),
  /** FFmpeg's version, and the encoder it lacks */
  'codec-unavailable': z.object({ codec: videoCodecSchema, ffmpeg: z.string(), encoder: z.string() }),
  /** there is nothing to compare */
  'codec-unmeasured': z.object({ codec: videoCodecSchema }),
  'profile-name-taken': z.object({ profile: z.string() }),
  'profile-in-use': z.object({ profile: z.string() }),
  'profiles-full': z.object({ most: z.number() }),
  /** of a quality variant; `destinations`: names of those that get it */
  'variant-not-found': z.object({ id: z.string() }),
  'variant-in-use': z.object({ name: z.string(), destinations: z.array(z.string()) }),
  'variant-name-taken': z.object({ name: z.string() }),
  'variants-full': z.object({ most: z.number() }),
  'variant-larger': z.object({
    width: z.number(),
    height: z.number(),
    canvasWidth: z.number(),
    canvasHeight: z.number(),
  }),
  'variant-behind': z.object({ name: z.string() }),
  'calibration-running': z.object({}),
  'profile-too-slow': z.object({ profile: z.string(), reason: z.string() }),
  'queue-full': z.object({ limit: z.number() }),
  'frame-invalid': z.object({ expected: z.string(), found: z.string() }),
  'not-initialized': z.object({ part: z.string() }),
  'already-initialized': z.object({ part: z.string() }),
} as const;

export type ErrorCode = keyof typeof errorDetails;
export type ErrorDetails = { [Code in ErrorCode]: z.infer<(typeof errorDetails)[Code]> };
/** What crosses the wire about an error: never a stack. */
export type WireError = { [Code in ErrorCode]: { code: Code; details: ErrorDetails[Code] } }[ErrorCode];

export const wireErrorSchema = z
  .object({ code: z.enum(Object.keys(errorDetails) as [ErrorCode, ...ErrorCode[]]), details: z.unknown() })
  .transform((error, context): WireError => {
    const details = errorDetails[error.code].safeParse(error.details);
    if (details.success) return { code: error.code, details: details.data } as WireError;
    context.addIssue({ code: 'custom', message: `details of ${error.code} have another shape` });
    return z.NEVER;
  });
