import type { Stats } from '../../shared/contract/events';

export const historySeries = [
  'fps',
  'encoderFps',
  'bitrateMbps',
  'encoderQueue',
  'laggedPerSec',
  'skippedPerSec',
  'droppedPerSec',
  'rtmpLatencyMs',
  'cpuEngine',
  'cpuEncoder',
  'cpuRtmp',
  'cpuSources',
  'cpuTotal',
] as const;
export type HistorySeries = (typeof historySeries)[number];
export type HistoryValue = number | null;

const keepMs = 5 * 60_000;
/** a longer pause than this is drawn as a gap, not bridged by a line */
const gapMs = 2500;

/**
 * The last five minutes of stats, column by column as charts want them. It lives outside React: charts and numbers
 * listen and paint by themselves, so that a tick renders no component.
 */
export class StatsHistory {
  /** unix seconds, rising */
  readonly timesSec: number[] = [];
  readonly #columns: Record<HistorySeries, HistoryValue[]> = Object.fromEntries(
    historySeries.map((name) => [name, []]),
  ) as unknown as Record<HistorySeries, HistoryValue[]>;
  readonly #listeners = new Set<() => void>();
  #latest: Stats | null = null;

  get latest(): Stats | null {
    return this.#latest;
  }

  column(name: HistorySeries): readonly HistoryValue[] {
    return this.#columns[name];
  }

  push(stats: Stats): void {
    const previous = this.#latest;
    // A clock that was set back would fold the line over itself: begin anew.
    if (previous && stats.at <= previous.at) {
      if (previous.at - stats.at < 1000) return;
      this.#clear();
    }
    if (previous && stats.at - previous.at > gapMs) this.#append(previous.at + 1, () => null);
    const values = seriesOf(stats, previous);
    this.#append(stats.at, (name) => values[name]);
    this.#latest = stats;
    const oldestSec = (stats.at - keepMs) / 1000;
    while ((this.timesSec[0] ?? oldestSec) < oldestSec) {
      this.timesSec.shift();
      for (const name of historySeries) this.#columns[name].shift();
    }
    for (const listener of [...this.#listeners]) listener();
  }

  /** Called after each reading. Returns how to stop. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #append(atMs: number, valueOf: (name: HistorySeries) => HistoryValue): void {
    this.timesSec.push(atMs / 1000);
    for (const name of historySeries) this.#columns[name].push(valueOf(name));
  }

  #clear(): void {
    this.timesSec.length = 0;
    for (const name of historySeries) this.#columns[name].length = 0;
  }
}

function seriesOf(stats: Stats, previous: Stats | null): Record<HistorySeries, HistoryValue> {
  const elapsedSec = previous ? (stats.at - previous.at) / 1000 : 0;
  // Totals fall when the engine was restarted; that is no negative loss.
  const perSec = (now: number, before: number | undefined): number =>
    elapsedSec > 0 && before !== undefined && now >= before ? (now - before) / elapsedSec : 0;
  return {
    fps: stats.fps,
    encoderFps: stats.encoderFps,
    bitrateMbps: stats.bitrateKbps / 1000,
    encoderQueue: stats.encoderQueue,
    laggedPerSec: perSec(stats.lagged, previous?.lagged),
    skippedPerSec: perSec(stats.skipped, previous?.skipped),
    droppedPerSec: perSec(stats.dropped, previous?.dropped),
    rtmpLatencyMs: stats.rtmpLatencyMs,
    cpuEngine: stats.cpuPercent.engine,
    cpuEncoder: stats.cpuPercent.encoder,
    cpuRtmp: stats.cpuPercent.rtmp,
    cpuSources: stats.cpuPercent.sources,
    cpuTotal: stats.cpuPercent.total,
  };
}
