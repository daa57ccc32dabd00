/** −1 dBFS: below it nothing is touched, bit for bit */
export const limiterThreshold = 10 ** (-1 / 20);
/** samples in which the gain falls: short enough to catch a peak, long enough not to click */
const attackSamples = 64;
/** the gain rises again with this time constant, seconds */
const releaseSec = 0.15;

/**
 * A safety limiter for the sum: when a block would pass −1 dBFS its gain falls ahead of the first loud sample and comes
 * back slowly; what still passes (a block that begins loud leaves no time ahead) is bent softly so that nothing ever
 * exceeds ±1. It adds no delay. While it is at rest
 * and a block stays below the threshold, samples pass bit for bit.
 */
export class Limiter {
  readonly #sampleRate: number;
  #gain = 1;
  #leastGain = 1;
  #highestPeak = 0;

  constructor(sampleRate: number) {
    this.#sampleRate = sampleRate;
  }

  /** gain at the end of the last block, 0…1; below 1 it is working */
  get gain(): number {
    return this.#gain;
  }

  /** the lowest gain since this was asked last */
  readLeastGain(): number {
    const least = this.#leastGain;
    this.#leastGain = this.#gain;
    return least;
  }

  /** the highest peak that came in since this was asked last; 0 when none passed −1 dBFS */
  readHighestPeak(): number {
    const highest = this.#highestPeak;
    this.#highestPeak = 0;
    return highest;
  }

  /** `block`: interleaved stereo, changed in place */
  process(block: Float32Array): void {
    const first = firstAbove(block, limiterThreshold);
    if (first < 0 && this.#gain === 1) return;
    const peak = first < 0 ? 0 : peakOf(block);
    this.#highestPeak = Math.max(this.#highestPeak, peak);
    const wanted = peak > limiterThreshold ? limiterThreshold / peak : 1;
    const frames = block.length / 2;
    const from = this.#gain;
    const isFalling = wanted < from;
    const rampFrames = isFalling ? Math.min(attackSamples, frames) : frames;
    let to = wanted;
    if (!isFalling) {
      to = from + (wanted - from) * (1 - Math.exp(-frames / (releaseSec * this.#sampleRate)));
      if (to > 0.9999) to = 1;
    }
    // The fall ends just where the first loud sample is, or as soon after as it can without a click.
    const rampStart = isFalling ? Math.max(0, (first >> 1) - rampFrames) : 0;
    for (let frame = 0; frame < frames; frame += 1) {
      const progress = Math.min(1, Math.max(0, (frame - rampStart + 1) / rampFrames));
      const gain = from + (to - from) * progress;
      block[frame * 2] = bend((block[frame * 2] ?? 0) * gain);
      block[frame * 2 + 1] = bend((block[frame * 2 + 1] ?? 0) * gain);
    }
    this.#gain = to;
    this.#leastGain = Math.min(this.#leastGain, to);
  }
}

/** The identity below the threshold, then a curve that reaches 1 only at infinity; smooth at the joint. */
function bend(value: number): number {
  const magnitude = Math.abs(value);
  if (magnitude <= limiterThreshold) return value;
  const room = 1 - limiterThreshold;
  return Math.sign(value) * (limiterThreshold + room * Math.tanh((magnitude - limiterThreshold) / room));
}

function firstAbove(block: Float32Array, threshold: number): number {
  for (let at = 0; at < block.length; at += 1) if (Math.abs(block[at] ?? 0) > threshold) return at;
  return -1;
}

function peakOf(block: Float32Array): number {
  let peak = 0;
  for (let at = 0; at < block.length; at += 1) peak = Math.max(peak, Math.abs(block[at] ?? 0));
  return peak;
}
