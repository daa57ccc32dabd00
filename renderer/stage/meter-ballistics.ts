/** dBFS at the bottom of the scale */
export const meterFloorDb = -60;
/** How fast a bar falls back, dB per second: quick enough to follow speech, slow enough to read (IEC 60268-18 uses 20 dB in 1.7 s). */
const fallDbPerSec = 20 / 1.7;
const holdMs = 1500;

export interface MeterReading {
  /** what the bar shows, dBFS */
  levelDb: number;
  /** highest level of the last moments, dBFS */
  holdDb: number;
  holdUntilMs: number;
}

export const silentReading: MeterReading = { levelDb: -120, holdDb: -120, holdUntilMs: 0 };

/** Rises at once, falls slowly; the peak stays for 1.5 s and then falls too. */
export function nextReading(
  before: MeterReading,
  inputDb: number,
  nowMs: number,
  elapsedMs: number,
): MeterReading {
  const fallDb = (fallDbPerSec * elapsedMs) / 1000;
  const levelDb = Math.max(inputDb, before.levelDb - fallDb, -120);
  if (levelDb >= before.holdDb) return { levelDb, holdDb: levelDb, holdUntilMs: nowMs + holdMs };
  const holdDb = nowMs < before.holdUntilMs ? before.holdDb : Math.max(levelDb, before.holdDb - fallDb);
  return { levelDb, holdDb, holdUntilMs: before.holdUntilMs };
}

/** 0 (silent) … 1 (full scale) */
export const meterPosition = (db: number): number =>
  Math.min(1, Math.max(0, (db - meterFloorDb) / -meterFloorDb));
