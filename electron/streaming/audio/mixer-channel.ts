import { audioSampleRate } from '../interfaces/audio-input';
import type { AudioInput } from '../interfaces/audio-input';
import { DelayLine } from './delay-line';
import { clippingLevel, Meter } from './meter';

export interface ChannelSettings {
  /** linear, ≥ 0; 1 = as it comes */
  readonly gain: number;
  readonly isMuted: boolean;
  /** heard so much later, 0…2000 ms */
  readonly syncOffsetMs: number;
}

/** an input that failed is asked again after this */
const restSamples = audioSampleRate;
/** No gain moves from 0 to 1 faster than this: 5 ms. */
const shortestRamp = audioSampleRate / 200;
/** Longer fades keep the power of what they cross with, short ones only keep from clicking. */
const longestLinearFade = audioSampleRate / 20;

/** One input on its way into the sum: delay, fader, the fade in which it comes and goes, meter. */
export class MixerChannel {
  readonly input: AudioInput;
  /** after fader and fade, before the sum */
  readonly meter = new Meter();
  /** before delay and fader, since it was asked last */
  #peak = 0;
  settings: ChannelSettings;
  #delay: DelayLine | null = null;
  #gain: number;
  #gainTarget: number;
  #gainStep = 0;
  #rampLeft = 0;
  /** 0…1, on the way to 1, or to 0 when it leaves */
  #fade = 0;
  #fadeSamples: number;
  #isLeaving = false;
  /** failed: not asked before this sample */
  #resumeAt = 0;

  constructor(input: AudioInput, settings: ChannelSettings, fadeSamples: number) {
    this.input = input;
    this.settings = settings;
    this.#gain = this.#gainTarget = wantedGain(settings);
    this.#fadeSamples = fadeSamples;
    this.#setDelay(settings.syncOffsetMs);
  }

  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** it has left: nothing of it is heard any more */
  get isGone(): boolean {
    return this.#isLeaving && this.#fade <= 0;
  }

  /** whether it came at full scale since this was asked last, whatever fader and mute make of it */
  readIsClipping(): boolean {
    const isClipping = this.#peak >= clippingLevel;
    this.#peak = 0;
    return isClipping;
  }

  set(settings: ChannelSettings): void {
    this.settings = settings;
    this.#setDelay(settings.syncOffsetMs);
  }

  /** @param fadeSamples over this long, ≥ 1 */
  leave(fadeSamples: number): void {
    this.#fadeTo(true, fadeSamples);
  }

  /** It leaves no more: it comes back from where it is. */
  stay(fadeSamples: number): void {
    this.#fadeTo(false, fadeSamples);
  }

  /**
   * Adds its sound from this program sample on to `sum`; `part` is scratch of the same length.
   * @throws whatever the input throws; it is silent for a second then
   */
  addTo(sum: Float32Array, part: Float32Array, firstSample: number): void {
    let failure: { error: unknown } | null = null;
    if (firstSample < this.#resumeAt) part.fill(0);
    else failure = this.#render(firstSample, part);
    if (this.#delay) {
      this.#delay.process(part);
      if (this.#delay.isIdle) this.#delay = null;
    }
    this.#applyGain(part);
    this.meter.feed(part);
    for (let at = 0; at < sum.length; at += 1) sum[at] = (sum[at] ?? 0) + (part[at] ?? 0);
    if (failure) throw failure.error;
  }

  #render(firstSample: number, part: Float32Array): { error: unknown } | null {
    try {
      this.input.render(firstSample, part);
      let energy = 0;
      let peak = this.#peak;
      for (let at = 0; at < part.length; at += 1) {
        const value = part[at] ?? 0;
        energy += value ** 2;
        peak = Math.max(peak, Math.abs(value));
      }
      // One NaN would stay in every filter and encoder behind.
      if (!Number.isFinite(energy)) throw new RangeError('the sound holds values that are not numbers');
      this.#peak = peak;
      return null;
    } catch (error) {
      this.#resumeAt = firstSample + restSamples;
      part.fill(0);
      return { error };
    }
  }

  #setDelay(delayMs: number): void {
    if (delayMs > 0) this.#delay ??= new DelayLine();
    this.#delay?.setDelay(delayMs);
  }

  #fadeTo(isLeaving: boolean, fadeSamples: number): void {
    this.#isLeaving = isLeaving;
    const isLinear = this.#isLinear;
    const loudness = this.#shape(this.#fade);
    this.#fadeSamples = fadeSamples;
    // Another curve is entered where it is as loud as this one.
    if (isLinear !== this.#isLinear)
      this.#fade = this.#isLinear ? loudness : Math.asin(Math.min(1, loudness)) / (Math.PI / 2);
  }

  get #isLinear(): boolean {
    return this.#fadeSamples <= longestLinearFade;
  }

  #shape(fade: number): number {
    return this.#isLinear || fade <= 0 || fade >= 1 ? fade : Math.sin((fade * Math.PI) / 2);
  }

  #applyGain(part: Float32Array): void {
    const frames = part.length / 2;
    const wanted = wantedGain(this.settings);
    if (wanted !== this.#gainTarget) {
      this.#gainTarget = wanted;
      this.#rampLeft = Math.max(frames, shortestRamp);
      this.#gainStep = (wanted - this.#gain) / this.#rampLeft;
    }
    const isAtRest = this.#rampLeft === 0 && this.#fade === 1 && !this.#isLeaving;
    if (isAtRest) {
      if (this.#gain === 1) return;
      for (let at = 0; at < part.length; at += 1) part[at] = (part[at] ?? 0) * this.#gain;
      return;
    }
    const fadeStep = (this.#isLeaving ? -1 : 1) / this.#fadeSamples;
    const fadeStart = this.#fade;
    for (let frame = 0; frame < frames; frame += 1) {
      if (this.#rampLeft > 0) {
        this.#rampLeft -= 1;
        this.#gain = this.#rampLeft === 0 ? this.#gainTarget : this.#gain + this.#gainStep;
      }
      const fade = this.#shape(Math.min(1, Math.max(0, fadeStart + fadeStep * frame)));
      const gain = this.#gain * fade;
      part[frame * 2] = (part[frame * 2] ?? 0) * gain;
      part[frame * 2 + 1] = (part[frame * 2 + 1] ?? 0) * gain;
    }
    this.#fade = Math.min(1, Math.max(0, fadeStart + fadeStep * frames));
  }
}

const wantedGain = (settings: ChannelSettings): number => (settings.isMuted ? 0 : settings.gain);
