/** How often a crashing encoder may come back at once, and how long to wait otherwise. */

export interface CrashHistory {
  /** crashes in a row before anything came out */
  readonly fruitless: number;
}

export interface CrashVerdict {
  readonly history: CrashHistory;
  /** 0: at once */
  readonly restartInMs: number;
  /** it is not a hiccup any more: tell people, go on trying */
  readonly isFailing: boolean;
}

export const noCrashes: CrashHistory = { fruitless: 0 };

const firstBackoffMs = 250;
const maxBackoffMs = 3000;
const failingAfter = 5;

/**
 * An encoder that had delivered something comes back at once, as the picture is due within a second. One that dies
 * before is first retried at once, then ever later, and never given up: the user wants to be live.
 */
export function onCrash(history: CrashHistory, hadDelivered: boolean): CrashVerdict {
  const fruitless = hadDelivered ? 0 : history.fruitless + 1;
  return {
    history: { fruitless },
    restartInMs: fruitless <= 1 ? 0 : Math.min(maxBackoffMs, firstBackoffMs * 2 ** (fruitless - 2)),
    isFailing: fruitless >= failingAfter,
  };
}
