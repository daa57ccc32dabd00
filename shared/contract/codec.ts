import { z } from 'zod';
import type { RecordingFormat } from './recordings';

/** Of the pictures; the sound follows: AAC beside H.264, Opus beside the others. */
export const videoCodecSchema = z.enum(['h264', 'vp8', 'vp9']);
export type VideoCodecName = z.infer<typeof videoCodecSchema>;

/** for people */
export const codecTitles: Readonly<Record<VideoCodecName, string>> = {
  h264: 'H.264',
  vp8: 'VP8',
  vp9: 'VP9',
};

/** The files that hold these pictures, the usual one first. */
export const formatsOfCodec: Readonly<
  Record<VideoCodecName, readonly [RecordingFormat, ...RecordingFormat[]]>
> = {
  h264: ['mp4', 'mkv'],
  vp8: ['webm', 'mkv'],
  vp9: ['webm', 'mkv'],
};

/** What a recording is: as it was set where that holds these pictures, else what is usual for them. */
export function formatFor(codec: VideoCodecName, wanted: RecordingFormat): RecordingFormat {
  const formats = formatsOfCodec[codec];
  return formats.includes(wanted) ? wanted : formats[0];
}
