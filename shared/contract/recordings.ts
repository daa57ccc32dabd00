import { z } from 'zod';

export const recordingFormatSchema = z.enum(['mp4', 'mkv', 'webm']);
export type RecordingFormat = z.infer<typeof recordingFormatSchema>;

/** Unix time in milliseconds. */
const unixMs = z.number();

/**
 * - `recording`: being written now; size and duration grow in the slice `recording`, here they are those of its end
 * - `unfinished`: it plays, and is waiting for the repair that gives it its index
 * - `finished`: it ended as it should, `repaired`: it was cut off, and the repair finished it
 * - `broken`: there is nothing to play; `reason` says why
 */
export const recordingEntryStateSchema = z.enum([
  'recording',
  'unfinished',
  'finished',
  'repaired',
  'broken',
]);

/** One file of a recording, as it is written down. */
export const recordingEntrySchema = z.object({
  id: z.string(),
  /** absolute, on the engine's computer */
  path: z.string(),
  format: recordingFormatSchema,
  startedAt: unixMs,
  /** null: it runs, or nobody saw it end */
  endedAt: unixMs.nullable(),
  state: recordingEntryStateSchema,
  bytes: z.number(),
  durationSec: z.number(),
  /** why it ended otherwise than by being stopped, or why it could not be repaired, in words */
  reason: z.string().nullable(),
  /** what the repair did; `cutBytes`: of the piece that was being written, and was taken away */
  repair: z.object({ at: unixMs, cutBytes: z.number() }).nullable(),
});
export type RecordingEntry = z.infer<typeof recordingEntrySchema>;

/** more are forgotten, the oldest first */
export const maxRecordingEntries = 200;
/** newest first */
export const recordingsSliceSchema = z.array(recordingEntrySchema).max(maxRecordingEntries);

/** A recording does not grow: the disk takes nothing, the encoder gives nothing, or the file was taken away. */
export const recordingAlarmSchema = z.enum(['disk', 'encoder', 'file-gone']);
export type RecordingAlarm = z.infer<typeof recordingAlarmSchema>;
