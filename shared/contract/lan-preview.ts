import { z } from 'zod';
import { wireErrorSchema } from './errors';

/** The preview for viewers in the local network: its settings, what clients see of it, and the messages to its process. */

const portSchema = z.number().int().min(0).max(65535);

export const lanPreviewSettingsSchema = z.object({
  isOn: z.boolean(),
  /** 0: any free one */
  port: portSchema,
  /** of this computer, where it listens alone; null: all of them */
  address: z.union([z.ipv4(), z.ipv6()]).nullable(),
});
export type LanPreviewSettings = z.infer<typeof lanPreviewSettingsSchema>;
export const defaultLanPreview: LanPreviewSettings = { isOn: false, port: 7790, address: null };

/** Viewers type it on a phone; shorter ones are guessed. */
export const lanPasswordSchema = z.string().min(8).max(200);

/** one of this computer's addresses that others in its network can reach */
export const ownAddressSchema = z.object({
  address: z.string(),
  /** as the system calls it: `eth0`, `Wi-Fi` */
  interface: z.string(),
});
export type OwnAddress = z.infer<typeof ownAddressSchema>;

const lanPreviewStateSchema = z.enum(['off', 'starting', 'on', 'failed']);

export const lanPreviewSliceSchema = z.object({
  state: lanPreviewStateSchema,
  hasPassword: z.boolean(),
  /** of this computer, the likeliest first, whether it is on or not */
  addresses: z.array(ownAddressSchema),
  /** where viewers find its page, while it is on: `http://192.168.1.20:7790/` */
  urls: z.array(z.string()),
  viewers: z.number(),
  error: wireErrorSchema.nullable(),
});
export type LanPreviewView = z.infer<typeof lanPreviewSliceSchema>;

const count = z.number().int().nonnegative();

/** Every bound of what strangers may cost; bytes and milliseconds. */
export const lanLimitsSchema = z.object({
  connections: count.default(128),
  connectionsPerAddress: count.default(24),
  viewers: count.default(32),
  viewersPerAddress: count.default(8),
  headerBytes: count.default(8 * 1024),
  bodyBytes: count.default(1024),
  /** for the head of a request, from the connection's first moment on */
  headersMs: count.default(5000),
  requestMs: count.default(10_000),
  keepAliveMs: count.default(5000),
  /** a viewer that takes nothing for so long is cut off */
  stallMs: count.default(10_000),
  /** … and any other connection on which nothing happens */
  idleMs: count.default(15_000),
  pingMs: count.default(15_000),
  /** so many wrong passwords from one address in the window lock it out */
  lockoutFailures: count.default(8),
  lockoutWindowMs: count.default(60_000),
  lockoutMs: count.default(60_000),
  /** a refusal is delayed by a random time between these */
  refusalDelayMinMs: count.default(100),
  refusalDelayMaxMs: count.default(500),
  /** passwords that are worked on at a time, and that wait; more are refused unread */
  checksAtOnce: count.default(1),
  checksWaiting: count.default(16),
  /** a password that was right is known again without that work for so long */
  rememberMs: count.default(3_600_000),
  sessions: count.default(256),
  sessionMs: count.default(12 * 3_600_000),
});
export type LanLimits = z.infer<typeof lanLimitsSchema>;

/** A password as it is kept: scrypt (RFC 7914) with its parameters; salt and digest base64. */
export const passwordRecordSchema = z.object({
  scheme: z.literal('scrypt'),
  cost: z.number().int().min(1024).max(131_072),
  blockSize: z.number().int().min(1).max(16),
  parallelization: z.number().int().min(1).max(16),
  salt: z.string().min(22).max(88),
  digest: z.string().length(44),
});
export type PasswordRecord = z.infer<typeof passwordRecordSchema>;

export const lanConfigSchema = z.object({
  /** null: all addresses */
  host: z.string().nullable(),
  port: portSchema,
  /** of the engine's own HTTP-FLV, on loopback */
  programUrl: z.url(),
  password: passwordRecordSchema,
  limits: lanLimitsSchema,
});
export type LanConfig = z.infer<typeof lanConfigSchema>;

/** engine → LAN preview process: from now on be like this. The newest counts. */
export const lanRequestSchema = z.object({
  type: z.literal('configure'),
  id: z.number(),
  config: lanConfigSchema,
});
export type LanRequest = z.infer<typeof lanRequestSchema>;

/** Why a request was turned away; the label of `lan_preview_refused_total`. */
export const lanRefusals = [
  /** a wrong password */
  'password',
  /** its address had too many wrong ones */
  'locked',
  /** too many connections, viewers or passwords at a time */
  'limit',
  /** a page of another site asked */
  'origin',
  /** not from this network */
  'foreign',
  /** not HTTP, too large, or a method or path that is not served */
  'request',
] as const;
const lanRefusalSchema = z.enum(lanRefusals);
export type LanRefusal = z.infer<typeof lanRefusalSchema>;

export const lanStatsSchema = z.object({
  viewers: count,
  /** totals since the process began */
  bytesSent: count,
  refused: z.partialRecord(lanRefusalSchema, count),
});
export type LanStats = z.infer<typeof lanStatsSchema>;

/** LAN preview process → engine; `id`: of the configuration it answers */
export const lanReportSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('listening'), id: z.number(), port: portSchema }),
  /** `code`: as the system names it. It is tried again by itself. */
  z.object({ type: z.literal('listen-failed'), id: z.number(), code: z.string() }),
  z.object({ type: z.literal('stats'), stats: lanStatsSchema }),
  /** a fault of ours that cost one connection; never holds what a peer sent */
  z.object({ type: z.literal('fault'), reason: z.string() }),
]);
export type LanReport = z.infer<typeof lanReportSchema>;
