import { audioSampleRate } from '../interfaces/audio-input';

/** positions between two samples that have coefficients of their own; what lies between is interpolated linearly */
const phases = 256;
/** per side, at 48 kHz; more for faster inputs, whose upper half must be kept out */
const wings = 16;
/** Kaiser's β for about −90 dB beside the passband */
const beta = 9;

/** The modified Bessel function of order 0, by its series. */
function bessel0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-12; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/**
 * Reads interleaved stereo between its samples: a windowed sinc (Kaiser) by table, after J. O. Smith, "Digital Audio
 * Resampling". A 1 kHz sine comes out with less than −90 dB of anything else. Allocates nothing when it reads.
 */
export class Resampler {
  /** samples before and after a position that are looked at */
  readonly reach: number;
  readonly #taps: number;
  /** phase after phase; one more than `phases`, for the interpolation of the last */
  readonly #table: Float32Array;

  /** @param sampleRate of what is read, Hz; above 48 kHz all that 48 kHz cannot hold is filtered out */
  constructor(sampleRate: number) {
    const scale = Math.max(1, sampleRate / audioSampleRate);
    this.reach = Math.ceil(wings * scale);
    this.#taps = this.reach * 2;
    // The passage from pass to stop lies below Nyquist, so that nothing folds back.
    const cutoff = (scale > 1 ? 0.92 : 0.97) / scale;
    this.#table = new Float32Array((phases + 1) * this.#taps);
    for (let phase = 0; phase <= phases; phase += 1) {
      const row = phase * this.#taps;
      let sum = 0;
      for (let tap = 0; tap < this.#taps; tap += 1) {
        const distance = tap - this.reach + 1 - phase / phases;
        const across = distance / this.reach;
        const window = Math.abs(across) >= 1 ? 0 : bessel0(beta * Math.sqrt(1 - across ** 2)) / bessel0(beta);
        const angle = Math.PI * distance * cutoff;
        const value = window * (Math.abs(angle) < 1e-9 ? 1 : Math.sin(angle) / angle);
        this.#table[row + tap] = value;
        sum += value;
      }
      for (let tap = 0; tap < this.#taps; tap += 1)
        this.#table[row + tap] = (this.#table[row + tap] ?? 0) / sum;
    }
  }

  /**
   * Writes `frames` frames into `target` from `targetFrame` on, beginning at `position` (in samples of `ring`, not
   * wrapped), `step` apart. `ring` holds `capacity` frames and repeats its first `2 × reach` behind its end.
   * @returns the position after the last
   */
  read(
    ring: Float32Array,
    capacity: number,
    position: number,
    step: number,
    target: Float32Array,
    targetFrame: number,
    frames: number,
  ): number {
    const table = this.#table;
    const taps = this.#taps;
    let at = position;
    for (let frame = targetFrame; frame < targetFrame + frames; frame += 1) {
      const whole = Math.floor(at);
      const exact = (at - whole) * phases;
      const phase = Math.floor(exact);
      const between = exact - phase;
      const row = phase * taps;
      const first = (((whole - this.reach + 1) % capacity) + capacity) % capacity;
      let left = 0;
      let right = 0;
      for (let tap = 0; tap < taps; tap += 1) {
        const here = table[row + tap] ?? 0;
        const weight = here + ((table[row + taps + tap] ?? 0) - here) * between;
        const sample = (first + tap) * 2;
        left += weight * (ring[sample] ?? 0);
        right += weight * (ring[sample + 1] ?? 0);
      }
      target[frame * 2] = left;
      target[frame * 2 + 1] = right;
      at += step;
    }
    return at;
  }
}
