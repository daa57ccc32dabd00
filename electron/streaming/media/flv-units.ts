/** FLV tags → the units they were made of: the way back of `flv.ts`, for H.264 and AAC (Adobe's FLV 10.1, annex E). */
import type { AudioConfig, StreamUnit, VideoConfig } from '../interfaces/packet';
import { decodeAmf0 } from './amf0';
import { readAvcTag } from './flv-reader';
import type { FlvTag } from './flv-reader';
import { parseAvcConfig, parseSps } from './h264';
import { isDisposablePicture } from './nal-units';

const aacSoundFormat = 10;
const wrapMs = 2 ** 31;

type Figures = Partial<Pick<VideoConfig, 'fps' | 'bitrateKbps'> & Record<'audioKbps', number>>;

/** One stream's tags in their order. Data is copied: a view would keep the reader's whole buffer. */
export class FlvUnits {
  #figures: Figures = {};
  #lastMs = 0;
  #wraps = 0;
  #pictures = 0;

  /** @throws RangeError for another codec than H.264 and AAC, and for bytes that are none */
  push(tag: FlvTag): StreamUnit | null {
    if (tag.type === 'script') return this.#remember(tag.data);
    const dtsUs = this.#unwrapped(tag.timestampMs) * 1000;
    return tag.type === 'video' ? this.#video(tag.data, dtsUs) : this.#audio(tag.data, dtsUs);
  }

  #video(body: Uint8Array, dtsUs: number): StreamUnit | null {
    const { kind, isKeyframe, compositionMs, data: view } = readAvcTag(body);
    if (kind === 'end') return null;
    const data = view.slice();
    if (kind === 'config') return this.#videoConfig(data);
    return {
      ...{
        kind: 'video',
        codec: 'h264',
        dtsUs,
        ptsUs: Math.max(0, dtsUs + compositionMs * 1000),
        isKeyframe,
      },
      ...{ isDisposable: isDisposablePicture(data), frameIndex: this.#pictures++, data },
    };
  }

  #videoConfig(data: Uint8Array): VideoConfig {
    const [first] = parseAvcConfig(data).sps;
    if (!first) throw new RangeError('expected a sequence parameter set');
    const { width, height, fps } = parseSps(first);
    return {
      ...{ kind: 'video-config', codec: 'h264', width, height, data },
      fps: this.#figures.fps ?? fps ?? 0,
      bitrateKbps: this.#figures.bitrateKbps ?? 0,
    };
  }

  /** E.4.2.1 and ISO/IEC 14496-3 1.6.2.1: rate and channels are in the AudioSpecificConfig */
  #audio(body: Uint8Array, dtsUs: number): StreamUnit {
    if (body.length < 2 || body[0]! >> 4 !== aacSoundFormat)
      throw new RangeError('expected an AAC audio tag');
    const data = body.slice(2);
    if (body[1] !== 0) return { kind: 'audio', codec: 'aac', ptsUs: dtsUs, dtsUs, data };
    return {
      ...({ kind: 'audio-config', codec: 'aac', data } satisfies Partial<AudioConfig>),
      ...aacFormat(data),
      bitrateKbps: this.#figures.audioKbps ?? 0,
    };
  }

  #remember(body: Uint8Array): null {
    const [name, members] = decodeAmf0(body);
    if (name !== 'onMetaData' || !(members instanceof Map)) return null;
    const figure = (key: string): number | undefined => {
      const value: unknown = members.get(key);
      return typeof value === 'number' && value > 0 ? value : undefined;
    };
    const [fps, bitrateKbps, audioKbps] = ['framerate', 'videodatarate', 'audiodatarate'].map(figure);
    this.#figures = {
      ...(fps !== undefined && { fps }),
      ...(bitrateKbps !== undefined && { bitrateKbps }),
      ...(audioKbps !== undefined && { audioKbps }),
    };
    return null;
  }

  /** FLV's 31 bits end after 24.8 days; kinds are interleaved, so a little backwards is no wrap. */
  #unwrapped(timestampMs: number): number {
    if (timestampMs < this.#lastMs - wrapMs / 2) this.#wraps++;
    this.#lastMs = timestampMs;
    return timestampMs + this.#wraps * wrapMs;
  }
}

const sampleRates = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000,
];

function aacFormat(config: Uint8Array): { sampleRate: number; channels: number } {
  const [first, second] = config;
  const sampleRate = second === undefined ? undefined : sampleRates[((first! & 7) << 1) | (second >> 7)];
  if (sampleRate === undefined || second === undefined)
    throw new RangeError('expected an AudioSpecificConfig with a rate of the table');
  return { sampleRate, channels: (second >> 3) & 15 };
}
