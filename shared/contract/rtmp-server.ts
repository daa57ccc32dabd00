import { z } from 'zod';
import { activeStreamSchema } from './snapshot';

/** The engine ↔ RTMP server process: messages on the child's IPC channel, validated on both ends. */

/** What went wrong with a connection; the label of `rtmp_errors_total`. */
export const ingestErrorKinds = [
  /** not RTMP at all: wrong version byte, HTTP, garbage before the handshake was over */
  'handshake',
  /** RTMP that breaks its own rules: chunk headers, sizes, AMF, order of commands */
  'protocol',
  /** nothing useful in time: half-open, silent publisher, player of a stream that never came */
  'timeout',
  /** too many connections, or too many bytes before authentication */
  'limit',
  /** a stream key that is not known, or an address locked out after too many of them */
  'key',
  /** a second publisher for a key that is in use */
  'occupied',
  /** a player or a publisher that was not accepted (yet) sent media */
  'injection',
  /** an app or a stream name that does not exist */
  'not-found',
  /** a player that did not read for too long */
  'slow-player',
  /** a publisher whose key was revoked */
  'revoked',
  /** a fault of the server itself, confined to one connection */
  'internal',
] as const;
export type IngestErrorKind = (typeof ingestErrorKinds)[number];
const ingestErrorKindSchema = z.enum(ingestErrorKinds);

const count = z.number().int().nonnegative();
const portSchema = z.number().int().min(0).max(65535);

/**
 * A key as the server process knows it: never the key itself. `sha256` for keys of 256 random bits (nothing to guess),
 * `scrypt` with the directory's salt for keys that a person chose.
 */
export const keyEntrySchema = z.object({
  id: z.string(),
  publicName: z.string(),
  scheme: z.enum(['sha256', 'scrypt']),
  /** base64 of 32 bytes */
  digest: z.string().length(44),
});
export type KeyEntry = z.infer<typeof keyEntrySchema>;

export const keyDirectorySchema = z.object({ salt: z.string(), keys: z.array(keyEntrySchema) });
export type KeyDirectory = z.infer<typeof keyDirectorySchema>;

/** Every bound of the ingest; bytes and milliseconds. */
export const ingestLimitsSchema = z.object({
  connections: count.default(64),
  connectionsPerAddress: count.default(8),
  connectionsPerLoopbackAddress: count.default(64),
  /** all that a connection may send, and how long it may take, before it publishes or plays */
  unauthenticatedBytes: count.default(256 * 1024),
  unauthenticatedMs: count.default(5000),
  publisherSilenceMs: count.default(10_000),
  /** a publisher that has been silent for so long gives way to another with its key */
  takeoverSilenceMs: count.default(2000),
  /** how long a player may wait for a known stream that is not on air, or for the program to come back */
  playWaitMs: count.default(30_000),
  videoMessageBytes: count.default(8 * 1024 * 1024),
  gopCacheBytes: count.default(8 * 1024 * 1024),
  playerQueueBytes: count.default(8 * 1024 * 1024),
  playerQueueMs: count.default(5000),
  /** queues of all players together; what several of them hold counts once */
  playerQueuesTotalBytes: count.default(64 * 1024 * 1024),
  playerStalledMs: count.default(10_000),
  /** so many wrong keys from one address in the window lock its publishing out */
  lockoutFailures: count.default(20),
  lockoutWindowMs: count.default(10_000),
  lockoutMs: count.default(5000),
  /** a refusal of a key is delayed by a random time between these */
  refusalDelayMinMs: count.default(100),
  refusalDelayMaxMs: count.default(500),
});
export type IngestLimits = z.infer<typeof ingestLimitsSchema>;

/** engine → RTMP server process */
export const rtmpServerRequestSchema = z.discriminatedUnion('type', [
  /** first message; once */
  z.object({ type: z.literal('configure'), limits: ingestLimitsSchema, keys: keyDirectorySchema }),
  /** replaces the directory; publishers whose entry is gone are cut off */
  z.object({ type: z.literal('keys'), keys: keyDirectorySchema }),
  /** listen here, and only then no longer at the old place */
  z.object({ type: z.literal('listen'), id: z.number(), host: z.string(), port: portSchema }),
]);
export type RtmpServerRequest = z.infer<typeof rtmpServerRequestSchema>;

export const ingestStatsSchema = z.object({
  /** totals since the process began */
  bytesIn: count,
  bytesOut: count,
  connections: count,
  errors: z.partialRecord(ingestErrorKindSchema, count),
  /** gauges */
  players: count,
  publishers: count,
});
export type IngestStats = z.infer<typeof ingestStatsSchema>;

/** when one video packet of `live/program` went out to the players */
export const fanoutSchema = z.object({
  /** RTMP timestamp, milliseconds modulo 2³² */
  timestampMs: z.number(),
  /** microseconds of CLOCK_MONOTONIC */
  fanoutUs: z.number(),
});
export type Fanout = z.infer<typeof fanoutSchema>;

/** RTMP server process → engine */
export const rtmpServerReportSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started') }),
  z.object({ type: z.literal('listening'), id: z.number(), host: z.string(), port: portSchema }),
  z.object({
    type: z.literal('listen-failed'),
    id: z.number(),
    /** as the system names it: EADDRINUSE, EACCES … */
    code: z.string(),
    port: portSchema,
  }),
  z.object({ type: z.literal('stats'), stats: ingestStatsSchema }),
  z.object({ type: z.literal('streams'), streams: z.array(activeStreamSchema) }),
  z.object({ type: z.literal('fanout'), packets: z.array(fanoutSchema) }),
  /** a fault of ours that cost one connection; the message never holds what a peer sent */
  z.object({ type: z.literal('fault'), reason: z.string() }),
]);
export type RtmpServerReport = z.infer<typeof rtmpServerReportSchema>;
