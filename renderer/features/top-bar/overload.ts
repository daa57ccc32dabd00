import type { StatsHistory } from '../../store/stats-history';

/** long enough for one hiccup to pass unmentioned, short enough to be told while it matters */
const windowSec = 10;
const leastSec = 4;
/** share of the program's frames past which viewers notice */
const noticeable = 0.05;

export type Overload = 'encoder' | 'compositor' | null;

/** What of this machine cannot keep up: the encoder leaves frames out, or the compositor repeats its last picture. */
export function overloadOf(history: Pick<StatsHistory, 'timesSec' | 'column'>, fps: number): Overload {
  const { timesSec } = history;
  const endSec = timesSec.at(-1) ?? 0;
  const from = timesSec.findIndex((timeSec) => timeSec > endSec - windowSec);
  if (from < 0 || endSec - (timesSec[from] ?? endSec) < leastSec) return null;
  const share = (name: 'skippedPerSec' | 'laggedPerSec'): number => {
    const known = history
      .column(name)
      .slice(from)
      .filter((value) => value !== null);
    return known.reduce((sum, value) => sum + value, 0) / known.length / fps;
  };
  if (share('skippedPerSec') > noticeable) return 'encoder';
  if (share('laggedPerSec') > noticeable) return 'compositor';
  return null;
}
