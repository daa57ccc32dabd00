/** One look at a rendition's encoder. */
export interface RenditionReading {
  /** monotonic milliseconds */
  readonly atMs: number;
  readonly pid: number | undefined;
  /** CPU time of that process so far; null where the system does not say */
  readonly cpuMs: number | null;
  /** totals */
  readonly encoded: number;
  readonly bytes: number;
}

export interface RenditionFigures {
  readonly fps: number;
  readonly bitrateKbps: number;
  /** percent of one core; null: not known */
  readonly corePercent: number | null;
  /** CPU milliseconds a picture; null: not known */
  readonly pictureMs: number | null;
}

/** over so long: x264 works in bursts, and Linux counts in steps of 10 ms */
const windowMs = 5000;
const leastMs = 1500;

/** What a rendition really takes and gives, over the last seconds. */
export class RenditionMeter {
  #readings: RenditionReading[] = [];

  add(reading: RenditionReading): void {
    this.#readings = this.#readings.filter(({ atMs }) => reading.atMs - atMs <= windowMs);
    this.#readings.push(reading);
  }

  /** null: it has only just begun */
  get figures(): RenditionFigures | null {
    const [first] = this.#readings;
    const last = this.#readings.at(-1);
    if (!first || !last || last.atMs - first.atMs < leastMs) return null;
    const sec = (last.atMs - first.atMs) / 1000;
    const pictures = last.encoded - first.encoded;
    const isSame = first.pid === last.pid && first.cpuMs !== null && last.cpuMs !== null;
    const cpuMs = isSame ? last.cpuMs - first.cpuMs : null;
    return {
      fps: pictures / sec,
      bitrateKbps: ((last.bytes - first.bytes) * 8) / 1000 / sec,
      corePercent: cpuMs === null ? null : cpuMs / sec / 10,
      pictureMs: cpuMs === null || pictures === 0 ? null : cpuMs / pictures,
    };
  }
}
