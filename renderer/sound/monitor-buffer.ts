const rate = 48_000;
const capacity = 2 * rate;
/** 5 ms: how sound begins, ends and leaps */
const fadeFrames = rate / 200;
const firstTarget = 0.06 * rate;
const mostTarget = 0.3 * rate;
const targetStep = 0.02 * rate;
/** so much over the target is leapt over at once */
const excess = 0.15 * rate;
/** kept back to fade out with when nothing more comes; a quantum of the audio thread is 128 frames */
const reserve = fadeFrames + 2 * 128;

/**
 * What a window has received of the program's sound and not played yet. It waits for 60 ms before it begins, longer
 * after each time that it ran dry, and follows the engine's clock by reading ever so slightly faster or slower.
 */
export class MonitorBuffer {
  readonly #ring = new Float32Array(capacity * 2);
  #written = 0;
  #position = 0;
  #nextSample: number | null = null;
  #target = firstTarget;
  #isPlaying = false;
  /** it fades out, to leap or because it runs dry */
  #isLeaping = false;
  #gain = 0;
  #error = 0;

  /** received and not played, milliseconds */
  get waitingMs(): number {
    return (this.#waiting() / rate) * 1000;
  }

  /** it waits for so much before it begins, milliseconds */
  get targetMs(): number {
    return (this.#target / rate) * 1000;
  }

  /** @param firstSample number of the first, per channel @param samples interleaved stereo, 48 kHz */
  push(firstSample: number, samples: Float32Array): void {
    const frames = samples.length >> 1;
    const isSeam = this.#nextSample !== null && firstSample !== this.#nextSample;
    this.#nextSample = firstSample + frames;
    if (isSeam) this.#fadeEnd();
    for (let frame = 0; frame < frames; frame += 1) {
      const rise = isSeam ? Math.min(1, frame / fadeFrames) : 1;
      const place = ((this.#written + frame) % capacity) * 2;
      this.#ring[place] = (samples[frame * 2] ?? 0) * rise;
      this.#ring[place + 1] = (samples[frame * 2 + 1] ?? 0) * rise;
    }
    this.#written += frames;
    // The audio thread stood still (a laptop's lid): what is oldest is gone.
    if (this.#waiting() > capacity - rate / 10) this.#begin();
  }

  /** Fills both, silence where there is nothing. */
  pull(left: Float32Array, right: Float32Array): void {
    const frames = left.length;
    if (!this.#isPlaying && this.#waiting() >= this.#target + reserve) this.#begin();
    if (!this.#isPlaying) {
      left.fill(0);
      right.fill(0);
      return;
    }
    const isDry = this.#waiting() < frames + reserve;
    if (this.#waiting() > this.#target + reserve + excess) this.#isLeaping = true;
    this.#error += (this.#waiting() - this.#target - reserve - this.#error) * 0.002;
    const step = 1 + Math.min(0.003, Math.max(-0.003, (this.#error / rate) * 0.05));
    const slope = (isDry || this.#isLeaping ? -1 : 1) / fadeFrames;
    for (let frame = 0; frame < frames; frame += 1) {
      this.#gain = Math.min(1, Math.max(0, this.#gain + slope));
      left[frame] = this.#at(0) * this.#gain;
      right[frame] = this.#at(1) * this.#gain;
      if (this.#gain > 0 || slope > 0) this.#position += step;
    }
    if (this.#gain > 0) return;
    if (this.#isLeaping) this.#begin();
    else {
      this.#isPlaying = false;
      this.#target = Math.min(mostTarget, this.#target + targetStep);
    }
  }

  #waiting(): number {
    return this.#written - this.#position;
  }

  #begin(): void {
    this.#position = Math.max(0, this.#written - this.#target - reserve);
    this.#isPlaying = true;
    this.#isLeaping = false;
    this.#gain = 0;
    this.#error = 0;
  }

  /** Blocks were left out: what lies before the gap ends without a click. */
  #fadeEnd(): void {
    const frames = Math.min(fadeFrames, Math.floor(this.#waiting()));
    for (let frame = 0; frame < frames; frame += 1) {
      const place = ((this.#written - frames + frame) % capacity) * 2;
      const fall = 1 - (frame + 1) / frames;
      this.#ring[place] = (this.#ring[place] ?? 0) * fall;
      this.#ring[place + 1] = (this.#ring[place + 1] ?? 0) * fall;
    }
  }

  /** Between samples: a cubic through the four around. */
  #at(channel: 0 | 1): number {
    const whole = Math.floor(this.#position);
    const t = this.#position - whole;
    const sample = (offset: number): number =>
      this.#ring[((whole + offset + capacity) % capacity) * 2 + channel] ?? 0;
    const [a, b, c, d] = [sample(-1), sample(0), sample(1), sample(2)];
    const slopeB = (c - a) / 2;
    const slopeC = (d - b) / 2;
    const t2 = t * t;
    const t3 = t2 * t;
    return (
      (2 * t3 - 3 * t2 + 1) * b + (t3 - 2 * t2 + t) * slopeB + (-2 * t3 + 3 * t2) * c + (t3 - t2) * slopeC
    );
  }
}
