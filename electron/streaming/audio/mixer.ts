import { audioSampleRate, firstSampleOfFrame } from '../interfaces/audio-input';
import type { AudioInput } from '../interfaces/audio-input';
import { Limiter } from './limiter';
import { Meter } from './meter';
import type { MeterReading } from './meter';

export interface ChannelSettings {
  /** linear, ≥ 0; 1 = as it comes */
  readonly gain: number;
  readonly isMuted: boolean;
}

export interface MixerOptions {
  /** An input threw, or gave what is not a number: it is silent and asked again after a second. */
  readonly onInputFailed: (id: string, error: unknown) => void;
}

/** 5 ms: how an input comes and goes */
const fadeSamples = audioSampleRate / 200;
const restSamples = audioSampleRate;

class Channel {
  readonly input: AudioInput;
  settings: ChannelSettings;
  /** where the last block's ramp ended */
  gain: number;
  /** 0…1, moving towards 1, or 0 when it leaves */
  fade = 0;
  isLeaving = false;
  /** failed: not asked before this sample */
  resumeAt = 0;

  constructor(input: AudioInput, settings: ChannelSettings) {
    this.input = input;
    this.settings = settings;
    this.gain = wantedGain(settings);
  }
}

const wantedGain = (settings: ChannelSettings): number => (settings.isMuted ? 0 : settings.gain);

/**
 * Sums the sources' sound, 48 kHz stereo, a program frame at a time. An input at gain 1 passes bit for bit as long as
 * the sum stays below −1 dBFS. Gains move in a ramp over one block, inputs come and go in 5 ms. Allocates nothing per block.
 */
export class Mixer {
  readonly #options: MixerOptions;
  readonly #channels: Channel[] = [];
  readonly #meter = new Meter();
  readonly #limiter = new Limiter(audioSampleRate);
  #sum = new Float32Array(0);
  #part = new Float32Array(0);
  /** views of the two buffers by block length: at most two lengths per frame rate */
  readonly #views = new Map<number, { sum: Float32Array; part: Float32Array }>();

  constructor(options: MixerOptions) {
    this.#options = options;
  }

  /** Adds an input, or gives one that is there other settings. */
  add(input: AudioInput, settings: Partial<ChannelSettings> = {}): void {
    const present = this.#find(input.id);
    if (present?.input === input) return this.set(input.id, settings);
    if (present) present.isLeaving = true;
    this.#channels.push(new Channel(input, { gain: 1, isMuted: false, ...settings }));
  }

  /** Fades it out and forgets it. Unknown ids are no error. */
  remove(id: string): void {
    const channel = this.#find(id);
    if (channel) channel.isLeaving = true;
  }

  /** Unknown ids are no error: the input may have left meanwhile. */
  set(id: string, settings: Partial<ChannelSettings>): void {
    const channel = this.#find(id);
    if (channel) channel.settings = { ...channel.settings, ...settings };
  }

  /** What was mixed since the last reading. */
  readMeter(): MeterReading {
    return this.#meter.read();
  }

  /**
   * The sound of one program frame: the samples [firstSampleOfFrame(n), firstSampleOfFrame(n + 1)), interleaved stereo.
   * Valid until the next call. Frames are to be asked for in order.
   */
  mix(frameIndex: number, fps: number): Float32Array {
    const firstSample = firstSampleOfFrame(frameIndex, fps);
    const length = firstSampleOfFrame(frameIndex + 1, fps) - firstSample;
    const { sum, part } = this.#view(length * 2);
    sum.fill(0);
    for (let index = 0; index < this.#channels.length; index += 1) {
      const channel = this.#channels[index];
      if (!channel) continue;
      if (this.#hear(channel, firstSample, part)) this.#addTo(sum, part, channel);
      else this.#skip(channel, length);
      if (channel.isLeaving && channel.fade <= 0) this.#channels.splice(index--, 1);
    }
    this.#limiter.process(sum);
    this.#meter.feed(sum);
    return sum;
  }

  #find(id: string): Channel | undefined {
    return this.#channels.find((channel) => channel.input.id === id && !channel.isLeaving);
  }

  #view(length: number): { sum: Float32Array; part: Float32Array } {
    let view = this.#views.get(length);
    if (view) return view;
    if (this.#sum.length < length) {
      this.#sum = new Float32Array(length);
      this.#part = new Float32Array(length);
      this.#views.clear();
    }
    view = { sum: this.#sum.subarray(0, length), part: this.#part.subarray(0, length) };
    this.#views.set(length, view);
    return view;
  }

  /** @returns whether `part` now holds usable sound */
  #hear(channel: Channel, firstSample: number, part: Float32Array): boolean {
    if (firstSample < channel.resumeAt) return false;
    try {
      channel.input.render(firstSample, part);
      let energy = 0;
      for (let at = 0; at < part.length; at += 1) energy += (part[at] ?? 0) ** 2;
      // One NaN would stay in every filter and encoder behind.
      if (!Number.isFinite(energy)) throw new RangeError('the sound holds values that are not numbers');
      return true;
    } catch (error) {
      channel.resumeAt = firstSample + restSamples;
      this.#options.onInputFailed(channel.input.id, error);
      return false;
    }
  }

  #skip(channel: Channel, length: number): void {
    channel.gain = wantedGain(channel.settings);
    channel.fade = Math.max(0, channel.fade - length / fadeSamples);
  }

  #addTo(sum: Float32Array, part: Float32Array, channel: Channel): void {
    const from = channel.gain;
    const to = wantedGain(channel.settings);
    channel.gain = to;
    if (from === to && channel.fade === 1 && !channel.isLeaving) {
      if (to === 0) return;
      for (let at = 0; at < sum.length; at += 1) sum[at] = (sum[at] ?? 0) + (part[at] ?? 0) * to;
      return;
    }
    const frames = sum.length / 2;
    const fadeStep = (channel.isLeaving ? -1 : 1) / fadeSamples;
    const fadeStart = channel.fade;
    for (let frame = 0; frame < frames; frame += 1) {
      const fade = Math.min(1, Math.max(0, fadeStart + fadeStep * frame));
      const gain = (from + ((to - from) * (frame + 1)) / frames) * fade;
      sum[frame * 2] = (sum[frame * 2] ?? 0) + (part[frame * 2] ?? 0) * gain;
      sum[frame * 2 + 1] = (sum[frame * 2 + 1] ?? 0) + (part[frame * 2 + 1] ?? 0) * gain;
    }
    channel.fade = Math.min(1, Math.max(0, fadeStart + fadeStep * frames));
  }
}
