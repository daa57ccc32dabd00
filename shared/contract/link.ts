import { z } from 'zod';
import { wireErrorSchema } from './errors';

/** The way to a destination: which server of a service, and how much the connection to it carries. */

/** Unix time in milliseconds. */
const unixMs = z.number();

export const listedServerSchema = z.object({
  host: z.string(),
  /** where it stands, as the service calls it */
  name: z.string(),
  /** encrypted, and not; null: there is no such */
  secureUrl: z.string().nullable(),
  plainUrl: z.string().nullable(),
  /** how long a connection takes; null: it does not answer */
  connectMs: z.number().nullable(),
});
export type ListedServer = z.infer<typeof listedServerSchema>;

export const serverChoiceSchema = z.object({
  /** as the service orders them; empty: it has no list */
  servers: z.array(listedServerSchema),
  /** the host that is taken where the nearest is wanted; null: none answered */
  nearest: z.string().nullable(),
  /** from the service within a day; an older copy of that; or what was known when this version was made */
  origin: z.enum(['service', 'saved', 'built-in']),
  at: unixMs,
  /** why the service could not be asked; null: it was, or need not be */
  problem: wireErrorSchema.nullable(),
});
export type ServerChoice = z.infer<typeof serverChoiceSchema>;

/** of what a path carried, so much may be sent: the rest is for its bad moments */
export const safeShare = 0.7;

/** What a test of a connection found. */
export const bandwidthResultSchema = z.object({
  destinationId: z.string(),
  at: unixMs,
  /** where it was sent to: a host */
  host: z.string(),
  /** half of all half seconds carried more, and nine of ten more than `lowKbps` */
  medianKbps: z.number(),
  lowKbps: z.number(),
  /** false: it carries at least as much, more was not sent */
  isLimited: z.boolean(),
  /** to “publish accepted” */
  connectMs: z.number(),
  roundTripMs: z.number().nullable(),
});
export type BandwidthResult = z.infer<typeof bandwidthResultSchema>;

export const bandwidthSliceSchema = z.object({
  /** null: none runs */
  running: z
    .object({
      destinationId: z.string(),
      host: z.string(),
      /** 0…1; null: it is still connecting */
      share: z.number().nullable(),
      kbps: z.number().nullable(),
    })
    .nullable(),
  /** the last one of each destination */
  results: z.array(bandwidthResultSchema),
  /** why the last one came to nothing; null: it did not, or was called off */
  failure: z.object({ destinationId: z.string(), error: wireErrorSchema }).nullable(),
});
export type BandwidthSlice = z.infer<typeof bandwidthSliceSchema>;
