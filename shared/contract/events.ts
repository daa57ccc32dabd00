import { z } from 'zod';

/** One reading of the engine's gauges, twice a second. Counters are totals since the start. */
export const statsSchema = z.object({
  /** unix ms */
  at: z.number(),
  /** frame index of the newest tick */
  frameIndex: z.number(),
  /** composed frames per second over the last second */
  fps: z.number(),
  encoderFps: z.number(),
  bitrateKbps: z.number(),
  /** frames handed to the encoder that have not come out yet */
  encoderQueue: z.number(),
  lagged: z.number(),
  skipped: z.number(),
  dropped: z.number(),
  /** frame tick → packet at the RTMP server's fan-out; null before the first */
  rtmpLatencyMs: z.number().nullable(),
  composeMs: z.number(),
  /** percent of one core, per process group */
  cpuPercent: z.object({
    engine: z.number(),
    rtmp: z.number(),
    encoder: z.number(),
    sources: z.number(),
    total: z.number(),
  }),
  rssMb: z.number(),
});
export type Stats = z.infer<typeof statsSchema>;

/** dBFS per channel (left, right), −120 for silence */
const level = { peakDb: z.tuple([z.number(), z.number()]), rmsDb: z.tuple([z.number(), z.number()]) };

export const metersSchema = z.object({
  /** the program, after the limiter */
  ...level,
  /** how far the limiter held the sum down at most, dB ≤ 0 */
  limiterDb: z.number(),
  /** the sum reached full scale (−0.05 dBFS) before the limiter */
  isClipping: z.boolean(),
  /**
   * every source that can be heard now; its level after its fader, before the sum; `isClipping`: it came at full scale,
   * before its fader
   */
  inputs: z.array(z.object({ sourceId: z.string(), ...level, isClipping: z.boolean() })),
});

/** High volume: opt-in, latest wins, skipped while the socket is backed up. Preview frames travel as binary messages. */
export const events = {
  stats: { schema: statsSchema, volume: 'high' },
  meters: { schema: metersSchema, volume: 'high' },
} as const;
export type EventName = keyof typeof events;
export type EventPayload<Name extends EventName> = z.infer<(typeof events)[Name]['schema']>;
