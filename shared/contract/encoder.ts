import { z } from 'zod';
import { wireErrorSchema } from './errors';
import { userProfileSchema } from './user-profile';

/** An encoder that could be in this computer, and what became of it. */
export const encoderCandidateSchema = z.object({
  id: z.string(),
  /** for people */
  title: z.string(),
  /** its name in FFmpeg */
  encoder: z.string(),
  /**
   * `chosen` runs; `usable` passed its trial; `refused` did not, or failed in use; `absent`: this FFmpeg was built without
   * it; `other-system`: there is none for this one; `untried`
   */
  verdict: z.enum(['chosen', 'usable', 'refused', 'absent', 'other-system', 'untried']),
  /** why, in FFmpeg's words where it spoke */
  words: z.string(),
});
export type EncoderCandidateView = z.infer<typeof encoderCandidateSchema>;

/** What a profile did here, at the present size and rate. */
export const profileFiguresSchema = z.object({
  /** pictures a second, as fast as it goes */
  fps: z.number(),
  /** how much more than is asked of it, percent; below 0 it is too slow */
  headroomPercent: z.number(),
  /** fast enough, with 20 % to spare */
  isHolding: z.boolean(),
  /** of all cores, while it keeps the rate, percent; null where the system does not say */
  cpuPercent: z.number().nullable(),
  /** likeness to the original, 0…1; null: not looked at */
  ssim: z.number().nullable(),
});

export const profileViewSchema = z.object({
  /** what it is forced by */
  name: z.string(),
  /** for people */
  title: z.string(),
  encoder: z.string(),
  kind: z.enum(['documented', 'ladder', 'hardware', 'user']),
  isChosen: z.boolean(),
  /** null: not measured */
  figures: profileFiguresSchema.nullable(),
  /** how far the encoder looks ahead: so much later comes the picture, milliseconds */
  delayMs: z.number(),
  /** why it was taken or was not, a few words */
  note: z.string(),
});
export type ProfileView = z.infer<typeof profileViewSchema>;

export const calibrationSchema = z.discriminatedUnion('state', [
  /** `error`: why the last one came to nothing */
  z.object({ state: z.literal('idle'), error: wireErrorSchema.nullable() }),
  z.object({
    state: z.literal('running'),
    /** taking pictures of the scene, trying hardware and measuring speed, then quality */
    phase: z.enum(['capture', 'trials', 'speed', 'quality', 'restart']),
    /** the profile that is measured */
    profile: z.string().nullable(),
    /** of all that is to be done, 0…1 */
    progress: z.number().min(0).max(1),
  }),
]);
export type CalibrationView = z.infer<typeof calibrationSchema>;

export const encoderSliceSchema = z.object({
  candidates: z.array(encoderCandidateSchema),
  profiles: z.array(profileViewSchema),
  userProfiles: z.array(userProfileSchema),
  /** what the figures were measured with, and when (Unix ms); null: nothing was measured */
  measuredWith: z.object({ content: z.string(), at: z.number() }).nullable(),
  calibration: calibrationSchema,
});
