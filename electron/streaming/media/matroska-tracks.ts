/** The tracks of a Matroska or WebM file, and the head of a block (RFC 9559; WebM is a part of it: webmproject.org). */
import type { AudioCodec, AudioConfig, Packet, VideoCodec, VideoConfig } from '../interfaces/packet';
import { ascii, element, float64, ids, sizeBytes, unsigned, videoElements } from './ebml';
import type { Bytes, DocType } from './ebml';
import { readOpusHead } from './opus';

export const trackNumbers = { video: 1, audio: 2 } as const;

/** CodecID by the Matroska Codec Specifications */
const videoIds: Readonly<Record<VideoCodec, string>> = {
  h264: 'V_MPEG4/ISO/AVC',
  vp8: 'V_VP8',
  vp9: 'V_VP9',
};
const audioIds: Readonly<Record<AudioCodec, string>> = { aac: 'A_AAC', opus: 'A_OPUS' };
/** Matroska carries what our encoders make as it is; WebM is for codecs that are free. */
const webmCodecs: ReadonlySet<VideoCodec | AudioCodec> = new Set(['vp8', 'vp9', 'opus']);

/** id, size in eight bytes, track, relative time, flags (RFC 9559 section 10.2) */
export const blockHeaderBytes = 13;
const keyframeFlag = 0x80;
const discardableFlag = 0x01;

/** @throws RangeError for codecs that this kind of file does not hold */
export function matroskaTracks(docType: DocType, video: VideoConfig, audio: AudioConfig | null): Bytes {
  for (const { codec } of [video, ...(audio ? [audio] : [])])
    if (docType === 'webm' && !webmCodecs.has(codec))
      throw new RangeError(`WebM: expected vp8, vp9 or opus, found ${codec}`);
  return element(ids.tracks, videoTrack(video), ...(audio ? [audioTrack(audio)] : []));
}

/** A block of Opus is stamped so much later than it sounds (CodecDelay, RFC 9559 section 5.1.4.1.25); microseconds */
export const codecDelayUs = (audio: AudioConfig): number => codecDelayNs(audio) / 1000;

const codecDelayNs = ({ codec, data }: AudioConfig): number =>
  codec === 'opus' ? Math.round((readOpusHead(data).preSkip * 1e9) / 48_000) : 0;

export const frameNs = ({ fps }: VideoConfig): number => Math.round(1e9 / fps);

function videoTrack(config: VideoConfig): Bytes {
  return element(
    ids.trackEntry,
    unsigned(ids.trackNumber, trackNumbers.video),
    unsigned(ids.trackUid, trackNumbers.video),
    unsigned(ids.trackType, 1),
    unsigned(ids.flagLacing, 0),
    ascii(ids.codecId, videoIds[config.codec]),
    ...videoPrivate(config),
    unsigned(ids.defaultDuration, frameNs(config)),
    videoElements(config.width, config.height),
  );
}

/** VP9: profile, level, depth and chroma, each as id, length 1, value (WebM Container Guidelines, VP9 Codec Feature Metadata) */
function videoPrivate({ codec, data }: VideoConfig): Bytes[] {
  if (codec === 'vp8') return [];
  if (codec === 'h264') return [element(ids.codecPrivate, [...data])];
  const [profile = 0, level = 0, depth = 0] = data;
  const features = [profile, level, depth >>> 4, (depth >>> 1) & 7];
  return [
    element(
      ids.codecPrivate,
      features.flatMap((value, index) => [index + 1, 1, value]),
    ),
  ];
}

function audioTrack(config: AudioConfig): Bytes {
  return element(
    ids.trackEntry,
    unsigned(ids.trackNumber, trackNumbers.audio),
    unsigned(ids.trackUid, trackNumbers.audio),
    unsigned(ids.trackType, 2),
    unsigned(ids.flagLacing, 0),
    ascii(ids.codecId, audioIds[config.codec]),
    element(ids.codecPrivate, [...config.data]),
    // RFC 7845 section 4.6: what a decoder has to hear before it is right
    ...(config.codec === 'opus'
      ? [unsigned(ids.codecDelay, codecDelayNs(config)), unsigned(ids.seekPreRoll, 80_000_000)]
      : []),
    element(
      ids.audio,
      float64(ids.samplingFrequency, config.sampleRate),
      unsigned(ids.channels, config.channels),
    ),
  );
}

/** SimpleBlock, RFC 9559 section 10.2. @param time from the cluster's, ticks, 16 bits with a sign */
export function blockHeader(packet: Packet, time: number): Uint8Array {
  const isVideo = packet.kind === 'video';
  const flags = isVideo
    ? (packet.isKeyframe ? keyframeFlag : 0) | (packet.isDisposable ? discardableFlag : 0)
    : keyframeFlag;
  return Uint8Array.from([
    ids.simpleBlock,
    ...sizeBytes(packet.data.length + 4),
    0x80 | trackNumbers[packet.kind],
    time >>> 8,
    time & 0xff,
    flags,
  ]);
}
