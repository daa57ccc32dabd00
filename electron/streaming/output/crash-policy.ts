/** How often a crashing encoder may come back at once, and how long to wait otherwise. */

export interface CrashHistory {
  /** crashes in a row before anything came out */
  readonly fruitless: number;
  /** when it crashed lately, monotonic microseconds, the oldest first */
  readonly recentUs: readonly number[];
}

export interface CrashVerdict {
  readonly history: CrashHistory;
  /** 0: at once */
  readonly restartInMs: number;
  /** it is not a hiccup any more: tell people, go on trying */
  readonly isFailing: boolean;
}

export const noCrashes: CrashHistory = { fruitless: 0, recentUs: [] };

const firstBackoffMs = 250;
const maxBackoffMs = 3000;
const failingAfter = 5;
/** one that delivers and dies again this often within this time is as good as one that delivers nothing */
const mostAtOnce = 3;
const recentUs = 10_000_000;

/**
 * An encoder that had delivered something comes back at once, as the picture is due within a second: three times in ten
 * seconds. One that dies before, or more often, is retried ever later, and never given up: the user wants to be live.
 */
export function onCrash(history: CrashHistory, hadDelivered: boolean, nowUs: number): CrashVerdict {
  const fruitless = hadDelivered ? 0 : history.fruitless + 1;
  const recent = [...history.recentUs.filter((atUs) => nowUs - atUs < recentUs), nowUs];
  const round = Math.max(fruitless - 1, recent.length - mostAtOnce);
  return {
    history: { fruitless, recentUs: recent },
    restartInMs: round <= 0 ? 0 : Math.min(maxBackoffMs, firstBackoffMs * 2 ** (round - 1)),
    isFailing: fruitless >= failingAfter || recent.length > mostAtOnce + 1,
  };
}

/** Whether it has come out of its trouble: what delivers is failing still while its last crashes are fresh. */
export const hasRecovered = ({ recentUs: times }: CrashHistory, nowUs: number): boolean =>
  times.filter((atUs) => nowUs - atUs < recentUs).length <= mostAtOnce;
