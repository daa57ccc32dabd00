/** What a measurement of a tone says. */
export interface ToneReading {
  /** of the sine, 0…1 */
  readonly amplitude: number;
  /** everything that is not the sine, against it, dB (THD+N) */
  readonly restDb: number;
  readonly frequencyHz: number;
}

interface Fit {
  readonly cosine: number;
  readonly sine: number;
  readonly rest: number;
}

/** Least squares: the sine of exactly this frequency (and an offset of zero) that is nearest to the samples. */
function fit(samples: Float32Array, frequencyHz: number, sampleRate: number): Fit {
  const sums = { cc: 0, cs: 0, ss: 0, xc: 0, xs: 0, xx: 0 };
  const turn = (2 * Math.PI * frequencyHz) / sampleRate;
  const [turnCos, turnSin] = [Math.cos(turn), Math.sin(turn)];
  let [c, s] = [1, 0];
  for (const x of samples) {
    sums.cc += c * c;
    sums.cs += c * s;
    sums.ss += s * s;
    sums.xc += x * c;
    sums.xs += x * s;
    sums.xx += x * x;
    // The next angle by turning the last: what takes time here would be missing where sound must keep time.
    const next = c * turnCos - s * turnSin;
    s = s * turnCos + c * turnSin;
    c = next;
  }
  const determinant = sums.cc * sums.ss - sums.cs ** 2;
  const cosine = (sums.xc * sums.ss - sums.xs * sums.cs) / determinant;
  const sine = (sums.xs * sums.cc - sums.xc * sums.cs) / determinant;
  return { cosine, sine, rest: Math.max(0, sums.xx - cosine * sums.xc - sine * sums.xs) / samples.length };
}

/**
 * Measures a sine near `nearHz` (within ±1 %) in samples of one channel: its very frequency is searched for, then all
 * that it leaves over is counted as noise and distortion.
 */
export function measureTone(samples: Float32Array, nearHz: number, sampleRate = 48_000): ToneReading {
  let [low, high] = [nearHz * 0.99, nearHz * 1.01];
  // Golden section needs one valley: a window of 0.1 s has a main lobe of ±10 Hz.
  const golden = (Math.sqrt(5) - 1) / 2;
  for (let search = 0; search < 40; search += 1) {
    const [a, b] = [high - (high - low) * golden, low + (high - low) * golden];
    if (fit(samples, a, sampleRate).rest < fit(samples, b, sampleRate).rest) high = b;
    else low = a;
  }
  const frequencyHz = (low + high) / 2;
  const { cosine, sine, rest } = fit(samples, frequencyHz, sampleRate);
  const amplitude = Math.hypot(cosine, sine);
  return { amplitude, frequencyHz, restDb: 10 * Math.log10((rest + 1e-20) / (amplitude ** 2 / 2 + 1e-20)) };
}

/** One channel of interleaved stereo. */
export const channelOf = (samples: Float32Array, channel: 0 | 1): Float32Array =>
  Float32Array.from({ length: samples.length >> 1 }, (_, frame) => samples[frame * 2 + channel] ?? 0);

/** The largest step between two samples of one channel. */
export function largestStep(samples: Float32Array): number {
  let largest = 0;
  for (let at = 2; at < samples.length; at += 1)
    largest = Math.max(largest, Math.abs((samples[at] ?? 0) - (samples[at - 2] ?? 0)));
  return largest;
}
