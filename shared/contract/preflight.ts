import { z } from 'zod';
import { wireErrorSchema } from './errors';

export const preflightSubjects = [
  'destination',
  'bitrate',
  'rate',
  'keyframes',
  'encoder',
  'upload',
  'disk',
  'microphone',
  'scene',
] as const;

/** One thing looked at before going live. `blocked`: going live makes no sense before it is mended. */
export const preflightCheckSchema = z.object({
  subject: z.enum(preflightSubjects),
  /** what it is about: a destination's name, a device's … */
  about: z.string(),
  result: z.enum(['ok', 'warning', 'blocked']),
  /** what was found, in words */
  finding: z.string(),
  /** sentence and remedy come from its text; null when ok */
  error: wireErrorSchema.nullable(),
});
export type PreflightCheck = z.infer<typeof preflightCheckSchema>;
