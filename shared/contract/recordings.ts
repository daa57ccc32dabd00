import { z } from 'zod';

export const recordingFormatSchema = z.enum(['mp4']);
export type RecordingFormat = z.infer<typeof recordingFormatSchema>;
