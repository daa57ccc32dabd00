import { z } from 'zod';

/** At and below this a fader is fully closed: silence. */
export const faderFloorDb = -100;
export const faderCeilingDb = 6;
export const syncOffsetMaxMs = 2000;

/** How a source is heard in the mix. */
export const soundSchema = z.object({
  /** dB; `faderFloorDb` and below is silence, 0 as it comes */
  faderDb: z.number().min(faderFloorDb).max(faderCeilingDb).default(0),
  isMuted: z.boolean().default(false),
  /** its sound is heard so much later, to meet pictures that come late */
  syncOffsetMs: z.number().int().min(0).max(syncOffsetMaxMs).default(0),
});
export type SoundSettings = z.infer<typeof soundSchema>;

export const defaultSound: SoundSettings = { faderDb: 0, isMuted: false, syncOffsetMs: 0 };

const ceilingGain = 10 ** (faderCeilingDb / 20);

/** Linear gain of a fader in dB. */
export const gainOfDb = (faderDb: number): number => (faderDb <= faderFloorDb ? 0 : 10 ** (faderDb / 20));

/** The cubic law: a fader's travel 0…1 is the cube root of its gain, so that most of it lies where ears tell steps apart. */
export const faderPositionOfDb = (faderDb: number): number =>
  Math.min(1, Math.cbrt(gainOfDb(faderDb) / ceilingGain));

/** The inverse of `faderPositionOfDb`; 0 gives `faderFloorDb`. */
export function dbOfFaderPosition(position: number): number {
  const gain = ceilingGain * Math.min(1, Math.max(0, position)) ** 3;
  return gain <= gainOfDb(faderFloorDb + 1e-9)
    ? faderFloorDb
    : Math.min(faderCeilingDb, 20 * Math.log10(gain));
}
