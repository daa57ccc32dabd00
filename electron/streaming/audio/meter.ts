/** dBFS per channel, left then right; `silenceDb` for nothing at all */
export interface MeterReading {
  peakDb: [number, number];
  rmsDb: [number, number];
}

export const silenceDb = -120;

/** −0.05 dBFS: from here on it counts as clipped. A converter that clips gives its highest value, never more. */
export const clippingLevel = 10 ** (-0.05 / 20);

const toDb = (amplitude: number): number =>
  amplitude > 1e-6 ? Math.max(silenceDb, 20 * Math.log10(amplitude)) : silenceDb;

/** Peak and RMS per channel over everything fed since the last reading. */
export class Meter {
  readonly #peak = new Float64Array(2);
  readonly #energy = new Float64Array(2);
  #frames = 0;

  /** `block`: interleaved stereo */
  feed(block: Float32Array): void {
    let peakLeft = this.#peak[0] ?? 0;
    let peakRight = this.#peak[1] ?? 0;
    let energyLeft = 0;
    let energyRight = 0;
    for (let at = 0; at < block.length; at += 2) {
      const left = block[at] ?? 0;
      const right = block[at + 1] ?? 0;
      peakLeft = Math.max(peakLeft, Math.abs(left));
      peakRight = Math.max(peakRight, Math.abs(right));
      energyLeft += left * left;
      energyRight += right * right;
    }
    this.#peak[0] = peakLeft;
    this.#peak[1] = peakRight;
    this.#energy[0] = (this.#energy[0] ?? 0) + energyLeft;
    this.#energy[1] = (this.#energy[1] ?? 0) + energyRight;
    this.#frames += block.length / 2;
  }

  /** What was fed since the last reading; the next one begins anew. */
  read(): MeterReading {
    const frames = Math.max(1, this.#frames);
    const reading: MeterReading = {
      peakDb: [toDb(this.#peak[0] ?? 0), toDb(this.#peak[1] ?? 0)],
      rmsDb: [
        toDb(Math.sqrt((this.#energy[0] ?? 0) / frames)),
        toDb(Math.sqrt((this.#energy[1] ?? 0) / frames)),
      ],
    };
    this.#peak.fill(0);
    this.#energy.fill(0);
    this.#frames = 0;
    return reading;
  }
}
