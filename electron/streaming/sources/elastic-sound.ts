import { audioSampleRate } from '../interfaces/audio-input';
import type { AudioInput } from '../interfaces/audio-input';
import { ClockFollower } from './clock-follower';
import { LatencyTarget } from './latency-target';
import { Resampler } from './resampler';

export interface ElasticSoundOptions {
  /** how long a sample waits from `write` until it is heard, milliseconds; what evens out its arrival */
  readonly latencyMs: number;
  /** how long it may come to wait when it runs dry again and again (`LatencyTarget`); without it, never longer */
  readonly mostLatencyMs?: number;
  /** monotonic, milliseconds */
  readonly nowMs?: () => number;
}

/** 5 ms: how sound begins, ends and leaps */
const fadeFrames = audioSampleRate / 200;
/** input that may lie here unheard */
const capacitySec = 8;
/** more than this over the target for two seconds on end is not drift but a burst that came late: it is leapt over */
const excessSec = 0.06;
const excessWindowSec = 2;

/**
 * The sound of a foreign clock (a sound card, a browser, another encoder) on the program's: written as it arrives,
 * rendered when the program wants it. It keeps what waits at the target latency by resampling ever so slightly
 * (`ClockFollower`), falls silent without a click when nothing comes, begins anew when enough is there again, and leaps
 * without a click over what is far too much. Stereo in, stereo out.
 */
export class ElasticSound implements AudioInput {
  readonly id: string;
  readonly counters = { underruns: 0, overruns: 0 };
  readonly #nowMs: () => number;
  readonly #target: LatencyTarget;
  readonly #follower = new ClockFollower();
  #sampleRate = audioSampleRate;
  #resampler: Resampler | null = null;
  #ring = new Float32Array(0);
  #capacity = 0;
  /** input frames, counted since `begin` */
  #written = 0;
  #writtenAtMs = 0;
  #lastWriteFrames = 0;
  #position = 0;
  /** the program sample that the next call of `render` begins with, when it is listened to without a break */
  #nextSample = 0;
  #isPlaying = false;
  #waitedSec = 0;
  /** what would have come where it stopped or leapt, to be faded out over what comes instead */
  readonly #tail = new Float32Array(fadeFrames * 2);
  #tailAt = fadeFrames;
  /** frames since it began or leapt */
  #risen = 0;
  #leastExcessSec = Infinity;
  #watchedSec = 0;

  constructor(id: string, options: ElasticSoundOptions) {
    this.id = id;
    this.#target = new LatencyTarget(options.latencyMs / 1000, (options.mostLatencyMs ?? 0) / 1000);
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** how long what was rendered last had waited, milliseconds; 0 while it is silent */
  get latencyMs(): number {
    return this.#isPlaying ? this.#waitedSec * 1000 : 0;
  }

  /** how long what is written now is going to wait, milliseconds */
  get targetMs(): number {
    return this.#target.sec * 1000;
  }

  /** how much faster (above 1) or slower its clock runs than the program's, as far as it is known */
  get ratio(): number {
    return this.#follower.ratio;
  }

  /** Another target is reached by a pause, or by a leap. */
  setTarget(latencyMs: number): void {
    if (this.#target.begin(latencyMs / 1000)) this.#silence();
  }

  /**
   * A feed begins: of a device, a page, a publisher. What an earlier one left is faded out.
   * @param sampleRate Hz, exact but for the drift of its clock; 8000…384,000
   */
  begin(sampleRate: number = audioSampleRate): void {
    if (!(sampleRate >= 8000 && sampleRate <= 384_000))
      throw new RangeError(`sound at ${sampleRate} Hz: expected 8000 to 384000`);
    this.end();
    if (!this.#resampler || sampleRate !== this.#sampleRate) {
      this.#sampleRate = sampleRate;
      this.#resampler = new Resampler(sampleRate);
      this.#capacity = Math.ceil(capacitySec * sampleRate);
      this.#ring = new Float32Array((this.#capacity + 2 * this.#resampler.reach) * 2);
    } else this.#ring.fill(0);
    this.#written = this.#position = 0;
  }

  /** The feed is over: silence until the next `begin` or `write`. No underrun. */
  end(): void {
    this.#silence();
    this.#target.wasOver();
    this.#position = this.#written;
    this.#follower.reset();
  }

  /** @param samples interleaved stereo, nominal ±1, any length; copied. What is no number becomes silence. */
  write(samples: Float32Array): void {
    if (!this.#resampler) this.begin();
    const reach = this.#resampler?.reach ?? 0;
    const frames = samples.length >> 1;
    this.#makeRoom(frames);
    for (let frame = 0; frame < frames; frame += 1) {
      const at = (this.#written + frame) % this.#capacity;
      const left = samples[frame * 2] ?? 0;
      const right = samples[frame * 2 + 1] ?? 0;
      this.#put(at, Number.isFinite(left) ? left : 0, Number.isFinite(right) ? right : 0);
      if (at < 2 * reach)
        this.#put(this.#capacity + at, this.#ring[at * 2] ?? 0, this.#ring[at * 2 + 1] ?? 0);
    }
    this.#written += frames;
    this.#writtenAtMs = this.#nowMs();
    this.#lastWriteFrames = frames;
  }

  render(firstSample: number, target: Float32Array): void {
    const frames = target.length >> 1;
    const resampler = this.#resampler;
    // Not listened to for a while: what was kept meanwhile is the past.
    if (firstSample !== this.#nextSample) this.#isPlaying = false;
    this.#nextSample = firstSample + frames;
    if (!this.#isPlaying && this.#waitingSec() >= this.#target.sec && this.#hasFor(frames)) this.#play();
    else if (this.#isPlaying && !this.#hasFor(frames)) {
      this.counters.underruns += 1;
      this.#silence();
      this.#target.ranDry();
    }
    if (!resampler || !this.#isPlaying) target.fill(0);
    else {
      const blockSec = frames / audioSampleRate;
      this.#watchExcess(blockSec);
      this.#target.rendered(this.#spare(frames) / this.#sampleRate, blockSec);
      this.#waitedSec = this.#waitingSec();
      this.#follower.follow(this.#waitedSec - this.#target.sec, blockSec);
      this.#position = resampler.read(
        this.#ring,
        this.#capacity,
        this.#position,
        this.#step(),
        target,
        0,
        frames,
      );
      this.#fadeIn(target, frames);
    }
    this.#fadeOut(target, frames);
  }

  #put(frame: number, left: number, right: number): void {
    this.#ring[frame * 2] = left;
    this.#ring[frame * 2 + 1] = right;
  }

  /** whole frames written and not read */
  #waiting(): number {
    return this.#written - this.#position;
  }

  /** input frames per program frame */
  #step(): number {
    return (this.#sampleRate / audioSampleRate) * this.#follower.ratio;
  }

  /** whether so many program frames can be made, and as many more as are always kept back to fade out with */
  #hasFor(frames: number): boolean {
    return this.#spare(frames) >= 0;
  }

  /** input frames that would be left then */
  #spare(frames: number): number {
    const reach = this.#resampler?.reach ?? Infinity;
    return this.#waiting() - reach - (frames + fadeFrames) * this.#step();
  }

  /**
   * What waits, and what of the next block has been sounding already: without it a block's length would beat with the
   * program's frames as a slow wave in the measured latency.
   */
  #waitingSec(): number {
    const sinceSec = (this.#nowMs() - this.#writtenAtMs) / 1000;
    const blockSec = this.#lastWriteFrames / this.#sampleRate;
    return this.#waiting() / this.#sampleRate + Math.min(Math.max(0, sinceSec), blockSec) - blockSec / 2;
  }

  #play(): void {
    this.#isPlaying = true;
    this.#target.wasLate();
    this.#position += (this.#waitingSec() - this.#target.sec) * this.#sampleRate;
    this.#risen = 0;
    this.#follower.settle();
    this.#forgetExcess();
  }

  /** Stops where it is, to be faded out by the next block. */
  #silence(): void {
    if (!this.#isPlaying) return;
    this.#keepTail();
    this.#isPlaying = false;
  }

  /** Goes on at the target latency. */
  #leap(): void {
    this.counters.overruns += 1;
    this.#keepTail();
    this.#play();
  }

  #keepTail(): void {
    const resampler = this.#resampler;
    if (!resampler) return;
    resampler.read(this.#ring, this.#capacity, this.#position, this.#step(), this.#tail, 0, fadeFrames);
    // It may have been rising still itself.
    for (let frame = 0; frame < fadeFrames; frame += 1) {
      const rise = Math.min(1, (this.#risen + frame) / fadeFrames);
      this.#tail[frame * 2] = (this.#tail[frame * 2] ?? 0) * rise;
      this.#tail[frame * 2 + 1] = (this.#tail[frame * 2 + 1] ?? 0) * rise;
    }
    this.#tailAt = 0;
  }

  #fadeIn(target: Float32Array, frames: number): void {
    if (this.#risen >= fadeFrames) return;
    for (let frame = 0; frame < frames; frame += 1) {
      const rise = Math.min(1, (this.#risen + frame) / fadeFrames);
      target[frame * 2] = (target[frame * 2] ?? 0) * rise;
      target[frame * 2 + 1] = (target[frame * 2 + 1] ?? 0) * rise;
    }
    this.#risen += frames;
  }

  #fadeOut(target: Float32Array, frames: number): void {
    for (let frame = 0; frame < frames && this.#tailAt < fadeFrames; frame += 1, this.#tailAt += 1) {
      const fall = 1 - this.#tailAt / fadeFrames;
      target[frame * 2] = (target[frame * 2] ?? 0) + (this.#tail[this.#tailAt * 2] ?? 0) * fall;
      target[frame * 2 + 1] = (target[frame * 2 + 1] ?? 0) + (this.#tail[this.#tailAt * 2 + 1] ?? 0) * fall;
    }
  }

  #watchExcess(blockSec: number): void {
    this.#leastExcessSec = Math.min(this.#leastExcessSec, this.#waitingSec() - this.#target.sec);
    this.#watchedSec += blockSec;
    if (this.#watchedSec < excessWindowSec) return;
    if (this.#leastExcessSec > excessSec) this.#leap();
    this.#forgetExcess();
  }

  #forgetExcess(): void {
    this.#watchedSec = 0;
    this.#leastExcessSec = Infinity;
  }

  /** Nobody listened for a long time: what is oldest goes. */
  #makeRoom(frames: number): void {
    const reach = this.#resampler?.reach ?? 0;
    if (this.#waiting() + frames + 2 * reach <= this.#capacity) return;
    this.#silence();
    const keep = Math.max(0, this.#capacity - frames - 2 * reach);
    this.#position = Math.max(
      this.#position,
      this.#written - Math.min(keep, this.#target.sec * this.#sampleRate),
    );
  }
}
