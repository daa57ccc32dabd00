import { z } from 'zod';
import { commands } from './commands';
import type { CommandName } from './commands';
import { wireErrorSchema } from './errors';
import { events } from './events';
import type { EventName } from './events';
import { snapshotSchema, snapshotSlices } from './snapshot';
import type { SliceName } from './snapshot';

/** Raised whenever a message changes its shape; both sides must agree. */
export const protocolVersion = 1;

const names = <Name extends string>(table: Record<Name, unknown>): [Name, ...Name[]] =>
  Object.keys(table) as [Name, ...Name[]];
export const topicSchema = z.enum(['preview', 'monitor', ...names<EventName>(events)]);
export type Topic = z.infer<typeof topicSchema>;

/** Browser → engine. The first message is `hello`; without a valid token the socket is closed with 4401. */
export const clientMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), version: z.number(), token: z.string().max(200) }),
  z.object({
    type: z.literal('call'),
    id: z.number(),
    command: z.enum(names<CommandName>(commands)),
    input: z.unknown(),
  }),
  /** replaces the earlier subscription */
  z.object({
    type: z.literal('subscribe'),
    topics: z.array(topicSchema).max(10),
    previewWidth: z.number().int().min(160).max(1920).optional(),
  }),
  /**
   * Sent when this preview frame reached the screen. At most two frames are under way unacknowledged, so that a slow
   * browser gets fewer frames instead of old ones. A subscription starts the count anew.
   */
  z.object({ type: z.literal('previewShown'), frameIndex: z.number().int().min(0) }),
  z.object({ type: z.literal('resync') }),
]);
export type ClientMessage = z.infer<typeof clientMessageSchema>;

/** Engine → browser. `revision` rises by one with every slice; a gap asks for `resync`. */
export const serverMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('welcome'),
    version: z.number(),
    revision: z.number(),
    snapshot: snapshotSchema,
  }),
  z.object({ type: z.literal('refused'), error: wireErrorSchema }),
  z.object({ type: z.literal('result'), id: z.number(), output: z.unknown() }),
  z.object({ type: z.literal('failed'), id: z.number(), error: wireErrorSchema }),
  z.object({
    type: z.literal('slice'),
    revision: z.number(),
    slice: z.enum(names<SliceName>(snapshotSlices)),
    value: z.unknown(),
  }),
  z.object({ type: z.literal('event'), event: z.enum(names<EventName>(events)), payload: z.unknown() }),
]);
export type ServerMessage = z.infer<typeof serverMessageSchema>;
