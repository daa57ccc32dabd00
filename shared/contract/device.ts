import { z } from 'zod';

/** Screens, windows, cameras and sound devices as the engine's system lists them. */
export const deviceKinds = ['screen', 'window', 'camera', 'microphone', 'desktop-sound'] as const;
export type DeviceKind = (typeof deviceKinds)[number];

export const deviceSchema = z.object({
  /** stable: the same after a reboot or on another port where the system knows the device (serial, bus path, output name) */
  id: z.string(),
  kind: z.enum(deviceKinds),
  /** as people know it */
  name: z.string(),
  isDefault: z.boolean(),
  /** screens and windows: in own pixels */
  size: z.object({ width: z.number(), height: z.number() }).nullable(),
  /** cameras: what it says it can do, best first */
  modes: z.array(z.object({ width: z.number(), height: z.number(), fps: z.number() })),
});
export type Device = z.infer<typeof deviceSchema>;

export const devicesSliceSchema = z.object({
  list: z.array(deviceSchema),
  /** why devices of a kind cannot be listed or captured here, in words; kinds without a line are fine */
  notes: z.partialRecord(z.enum(deviceKinds), z.string()),
});

/** A device as people are asked whether it may be captured. */
export const capturedDeviceSchema = deviceSchema.pick({ kind: true, name: true });
export type CapturedDevice = z.infer<typeof capturedDeviceSchema>;
