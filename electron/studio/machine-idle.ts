import { cpus } from 'node:os';

interface Reading {
  readonly atMs: number;
  /** of all cores */
  readonly idleMs: number;
  readonly totalMs: number;
  readonly cores: number;
}

/** short spells of work are no sign of a full machine */
const windowMs = 10_000;
const leastMs = 2000;

/** What of the processor nobody uses, whoever's programs run beside the studio. */
export class MachineIdle {
  readonly #read: () => Omit<Reading, 'atMs'>;
  #readings: Reading[] = [];

  constructor(read: () => Omit<Reading, 'atMs'> = readCores) {
    this.#read = read;
  }

  /** @param atMs monotonic */
  sample(atMs: number): void {
    this.#readings = this.#readings.filter((reading) => atMs - reading.atMs <= windowMs);
    this.#readings.push({ atMs, ...this.#read() });
  }

  /** percent of one core: 250 are two and a half; null: not known yet, or the system does not say */
  get corePercent(): number | null {
    const [first] = this.#readings;
    const last = this.#readings.at(-1);
    if (!first || !last || last.atMs - first.atMs < leastMs) return null;
    const totalMs = last.totalMs - first.totalMs;
    return totalMs > 0 ? ((last.idleMs - first.idleMs) / totalMs) * last.cores * 100 : null;
  }
}

function readCores(): Omit<Reading, 'atMs'> {
  const cores = cpus();
  const sum = (values: readonly number[]): number => values.reduce((one, other) => one + other, 0);
  return {
    idleMs: sum(cores.map(({ times }) => times.idle)),
    totalMs: sum(cores.map(({ times }) => sum(Object.values(times)))),
    cores: cores.length,
  };
}
