import { audioSampleRate, firstSampleOfFrame } from '../interfaces/audio-input';
import type { AudioInput } from '../interfaces/audio-input';
import { Limiter } from './limiter';
import { clippingLevel, Meter, silenceDb } from './meter';
import type { MeterReading } from './meter';
import { MixerChannel } from './mixer-channel';
import type { ChannelSettings } from './mixer-channel';

export interface MixerOptions {
  /** An input threw, or gave what is not a number: it is silent and asked again after a second. */
  readonly onInputFailed: (id: string, error: unknown) => void;
}

interface InputReading extends MeterReading {
  readonly sourceId: string;
  /** it came at full scale, before its fader */
  readonly isClipping: boolean;
}

/** Everything that was mixed since the last reading. */
export interface MixerReading extends MeterReading {
  /** how far the limiter held the sum down at most, dB ≤ 0 */
  readonly limiterDb: number;
  /** the sum reached full scale before the limiter */
  readonly isClipping: boolean;
  /** each input after its fader, before the sum; those that are leaving are left out */
  readonly inputs: readonly InputReading[];
}

/** how inputs come and go unless told otherwise */
const shortFadeMs = 5;
const samplesOf = (ms: number): number => Math.max(1, Math.round((ms * audioSampleRate) / 1000));
const asItComes: ChannelSettings = { gain: 1, isMuted: false, syncOffsetMs: 0 };

/**
 * Sums the sources' sound, 48 kHz stereo, a program frame at a time. An input at gain 1 passes bit for bit as long as
 * the sum stays below −1 dBFS. Gains move in a ramp over one block, at least 5 ms; inputs come and go in 5 ms, or over
 * a transition. Allocates nothing per block.
 */
export class Mixer {
  readonly #options: MixerOptions;
  readonly #channels: MixerChannel[] = [];
  readonly #meter = new Meter();
  readonly #limiter = new Limiter(audioSampleRate);
  #sum = new Float32Array(0);
  #part = new Float32Array(0);
  /** views of the two buffers by block length: at most two lengths per frame rate */
  readonly #views = new Map<number, { sum: Float32Array; part: Float32Array }>();

  constructor(options: MixerOptions) {
    this.#options = options;
  }

  /** Adds an input, fading it in, or gives one that is there other settings; one that was leaving comes back. */
  add(input: AudioInput, settings: Partial<ChannelSettings> = {}, fadeMs = shortFadeMs): void {
    // One input is never asked twice for the same samples.
    const present = this.#channels.find((channel) => channel.input === input);
    const other = this.#find(input.id);
    if (other && other !== present) other.leave(samplesOf(fadeMs));
    if (present) {
      if (present.isLeaving) present.stay(samplesOf(fadeMs));
      present.set({ ...present.settings, ...settings });
    } else this.#channels.push(new MixerChannel(input, { ...asItComes, ...settings }, samplesOf(fadeMs)));
  }

  /** Fades it out and forgets it. Unknown ids are no error. */
  remove(id: string, fadeMs = shortFadeMs): void {
    this.#find(id)?.leave(samplesOf(fadeMs));
  }

  /** Unknown ids are no error: the input may have left meanwhile. */
  set(id: string, settings: Partial<ChannelSettings>): void {
    const channel = this.#find(id);
    channel?.set({ ...channel.settings, ...settings });
  }

  /** What was mixed since the last reading. */
  readMeters(): MixerReading {
    const inputs = this.#channels
      .filter((channel) => !channel.isLeaving)
      .map((channel) => ({
        sourceId: channel.input.id,
        isClipping: channel.readIsClipping(),
        ...channel.meter.read(),
      }));
    const heldTo = this.#limiter.readLeastGain();
    const limiterDb = heldTo < 1 ? Math.max(silenceDb, 20 * Math.log10(heldTo)) : 0;
    const isClipping = this.#limiter.readHighestPeak() >= clippingLevel;
    return { ...this.#meter.read(), limiterDb, isClipping, inputs };
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
      try {
        channel.addTo(sum, part, firstSample);
      } catch (error) {
        this.#options.onInputFailed(channel.input.id, error);
      }
      if (channel.isGone) this.#channels.splice(index--, 1);
    }
    this.#limiter.process(sum);
    this.#meter.feed(sum);
    return sum;
  }

  #find(id: string): MixerChannel | undefined {
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
}
