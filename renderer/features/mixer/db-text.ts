import { faderCeilingDb, faderFloorDb } from '../../../shared/model/sound';

/** A fader's place in words: `−6.0 dB`, `+2.5 dB`, `−∞ dB`. */
export function dbText(faderDb: number): string {
  if (faderDb <= faderFloorDb) return '−∞ dB';
  const rounded = Math.abs(faderDb).toFixed(1);
  const sign = rounded === '0.0' ? '' : faderDb < 0 ? '−' : '+';
  return `${sign}${rounded} dB`;
}

/** Below this one step of a key closes the fader, and the first step up opens it to here. */
const lowestStepDb = -60;

/** One step of the keyboard up or down; coarser where the ear is. */
export function steppedDb(faderDb: number, steps: number, stepDb: number): number {
  if (steps > 0 && faderDb < lowestStepDb) return lowestStepDb;
  const next = Math.round((faderDb + steps * stepDb) * 10) / 10;
  return next < lowestStepDb ? faderFloorDb : Math.min(faderCeilingDb, next);
}
