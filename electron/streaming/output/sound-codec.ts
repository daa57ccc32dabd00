import type { AudioCodec, VideoCodec } from '../interfaces/packet';
import { AdtsReader } from '../media/adts';
import { OpusReader } from '../media/opus';

/** What a decoder must know of the sound, and where a process's units lie on its timeline. */
export interface SoundFormat {
  readonly sampleRate: number;
  readonly channels: number;
  /** `AudioConfig.data` */
  readonly config: Uint8Array;
  /** samples per channel that come out of a decoder before the first that went in */
  readonly primingSamples: number;
}

export interface SoundCodec {
  readonly codec: AudioCodec;
  /** of each unit, per channel */
  readonly unitSamples: number;
  /**
   * A successor is fed so many units before its first one that counts: the codec's overlap, and what it takes to forget
   * the onset at its first sample.
   */
  readonly prerollUnits: number;
  /** encoder and form of FFmpeg's output, each unit written at once */
  readonly arguments: (bitrateKbps: number) => readonly string[];
  /** @returns what reads stdout; `push` throws RangeError for what is no such sound */
  readonly open: (onUnit: (unit: Uint8Array, format: SoundFormat) => void) => {
    push(chunk: Uint8Array): void;
  };
}

/** ISO/IEC 14496-3 4.6.11: windows overlap by one unit, which is the priming */
const aacUnitSamples = 1024;

/** AAC-LC. Its first units after an onset are in short blocks, whose windows would not fit a predecessor's. */
const aac: SoundCodec = {
  codec: 'aac',
  unitSamples: aacUnitSamples,
  prerollUnits: 5,
  arguments: (bitrateKbps) => [
    ...['-c:a', 'aac', '-aac_coder', 'twoloop', '-b:a', `${bitrateKbps}k`],
    ...['-f', 'adts', '-flush_packets', '1'],
  ],
  open: (onUnit) =>
    new AdtsReader((unit, format) => onUnit(unit, { ...format, primingSamples: aacUnitSamples })),
};

/** 20 ms at 48 kHz */
const opusUnitSamples = 960;

/** RFC 7845 section 4.6: a decoder has converged after 80 ms. */
const opus: SoundCodec = {
  codec: 'opus',
  unitSamples: opusUnitSamples,
  prerollUnits: 5,
  arguments: (bitrateKbps) => [
    ...['-c:a', 'libopus', '-b:a', `${bitrateKbps}k`, '-frame_duration', '20'],
    // A page for each packet, microseconds.
    ...['-f', 'ogg', '-page_duration', '1', '-flush_packets', '1'],
  ],
  open: (onUnit) =>
    new OpusReader((unit, samples, { channels, preSkip, head }) => {
      if (samples !== opusUnitSamples)
        throw new RangeError(`Opus: expected ${opusUnitSamples} samples, found ${samples}`);
      onUnit(unit, { sampleRate: 48_000, channels, config: head, primingSamples: preSkip });
    }),
};

export const soundCodecs: Readonly<Record<AudioCodec, SoundCodec>> = { aac, opus };

/**
 * The sound that goes with the pictures: AAC is what RTMP carries, Opus what WebM holds. Nothing carries VP8 and AAC.
 */
export const soundsBeside: Readonly<Record<VideoCodec, readonly AudioCodec[]>> = {
  h264: ['aac'],
  vp8: ['opus'],
  vp9: ['aac', 'opus'],
};

/** What files of this program hold. */
export const soundInFiles: Readonly<Record<VideoCodec, AudioCodec>> = {
  h264: 'aac',
  vp8: 'opus',
  vp9: 'opus',
};
