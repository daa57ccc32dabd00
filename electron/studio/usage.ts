import { processUsage } from '../streaming/lib/process-usage';

export const usageGroups = ['engine', 'rtmp', 'encoder', 'sources'] as const;
export type UsageGroup = (typeof usageGroups)[number];
export type UsageByGroup = Record<UsageGroup | 'total', number>;

interface Tracked {
  readonly group: UsageGroup;
  baseMs: number;
  lastMs: number;
}

/**
 * CPU time of the engine and all its children by group. Children come and go, so each keeps its last reading: what a
 * dead encoder has used still counts.
 */
export class Usage {
  readonly #processes = new Map<number, Tracked>();
  readonly #pidsOf: () => Record<Exclude<UsageGroup, 'engine'>, readonly number[]>;

  constructor(pidsOf: () => Record<Exclude<UsageGroup, 'engine'>, readonly number[]>) {
    this.#pidsOf = pidsOf;
  }

  /** Reads all processes once; cheap (two small files each). */
  async sample(): Promise<void> {
    const groups = Object.entries({ ...this.#pidsOf(), engine: [process.pid] }) as [
      UsageGroup,
      readonly number[],
    ][];
    await Promise.all(groups.flatMap(([group, pids]) => pids.map((pid) => this.#read(group, pid))));
  }

  /** From here on counts: what was used before (start-up, calibration) is left out. */
  async reset(): Promise<void> {
    await this.sample();
    for (const tracked of this.#processes.values()) tracked.baseMs = tracked.lastMs;
  }

  /** CPU milliseconds (user + system) since `reset` */
  cpuMs(): UsageByGroup {
    const sums: UsageByGroup = { engine: 0, rtmp: 0, encoder: 0, sources: 0, total: 0 };
    for (const tracked of this.#processes.values()) {
      const used = tracked.lastMs - tracked.baseMs;
      sums[tracked.group] += used;
      sums.total += used;
    }
    return sums;
  }

  /** User and system time of one process as it was read last, milliseconds; null where that is not known. */
  cpuMsOf(pid: number | undefined): number | null {
    return (pid === undefined ? undefined : this.#processes.get(pid)?.lastMs) ?? null;
  }

  /** resident memory of the engine itself, MiB */
  get engineRssMb(): number {
    return process.memoryUsage.rss() / 2 ** 20;
  }

  async #read(group: UsageGroup, pid: number): Promise<void> {
    const found = await processUsage(pid);
    if (!found) return;
    const tracked = this.#processes.get(pid);
    // A process seen for the first time started after the reset (or during it): all its time counts.
    if (!tracked) this.#processes.set(pid, { group, baseMs: 0, lastMs: found.cpuMs });
    else tracked.lastMs = found.cpuMs;
  }
}
