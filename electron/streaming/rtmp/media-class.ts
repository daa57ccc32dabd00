import { exFrameType, exHeaderBytes, exPacketType, readExVideoHeader } from '../media/enhanced-flv';
import type { ExVideoHeader } from '../media/enhanced-flv';
import { rtmpType } from '../media/rtmp-chunks';

/** What an audio, video or data message is to caches and queues. */
export type MediaClass =
  /** sequence header: kept, sent first, never dropped */
  | 'config'
  | 'keyframe'
  /** needs the pictures before it */
  | 'inter'
  | 'audio'
  | 'metadata'
  /** passed on, not cached: end of sequence, HDR metadata, multitrack */
  | 'other'
  /** too short to be what it says */
  | 'malformed';

const fourCcCodecs: Readonly<Record<string, string>> = {
  avc1: 'h264',
  hvc1: 'hevc',
  av01: 'av1',
  vp08: 'vp8',
  vp09: 'vp9',
  vvc1: 'vvc',
  mp4a: 'aac',
  Opus: 'opus',
  fLaC: 'flac',
  'ac-3': 'ac3',
  'ec-3': 'eac3',
  '.mp3': 'mp3',
};
/** FLV 10.1 E.4.3.1, CodecID */
const videoCodecs: Readonly<Record<number, string>> = {
  2: 'h263',
  4: 'vp6',
  5: 'vp6a',
  7: 'h264',
  12: 'hevc',
};
/** FLV 10.1 E.4.2.1, SoundFormat */
const audioCodecs: Readonly<Record<number, string>> = {
  2: 'mp3',
  3: 'pcm',
  7: 'alaw',
  8: 'mulaw',
  10: 'aac',
  11: 'speex',
};

const hevcInAvcForm = 12;
const keyframe = 1;
const commandFrame = 5;

/** a VPCodecConfigurationRecord, which some send without what stands before it in its box */
const leastVp9ConfigBytes = 8;

/** @param body the whole message */
export function classifyMedia(typeId: number, body: Buffer): MediaClass {
  if (typeId === rtmpType.video) return classifyVideo(body);
  if (typeId === rtmpType.audio) return classifyAudio(body);
  return 'metadata';
}

function classifyVideo(body: Buffer): MediaClass {
  if (body.length === 0) return 'malformed';
  const first = body[0]!;
  const frameType = (first >> 4) & 0x07;
  if (first & 0x80) {
    const header = readExVideoHeader(body);
    return header ? classifyExVideo(header, body.length - exHeaderBytes) : 'malformed';
  }
  if (frameType === commandFrame) return 'other';
  const codec = first & 0x0f;
  if (codec === 7 || codec === hevcInAvcForm) {
    // FLV 10.1 E.4.3.1: AVCPacketType, then 24 bits of composition time.
    if (body.length < 5) return 'malformed';
    if (body[1] === 0) return 'config';
    if (body[1] !== 1) return 'other';
  }
  return frameType === keyframe ? 'keyframe' : 'inter';
}

function classifyExVideo({ frameType, packetType, fourCc }: ExVideoHeader, bytes: number): MediaClass {
  const isCommand = frameType === exFrameType.command && packetType !== exPacketType.metadata;
  if (isCommand) return 'other';
  switch (packetType) {
    case exPacketType.sequenceStart:
      return fourCc === 'vp09' && bytes < leastVp9ConfigBytes ? 'malformed' : 'config';
    case exPacketType.codedFrames:
    case exPacketType.codedFramesX:
      return frameType === exFrameType.key ? 'keyframe' : 'inter';
    default:
      return 'other';
  }
}

function classifyAudio(body: Buffer): MediaClass {
  if (body.length === 0) return 'malformed';
  const format = body[0]! >> 4;
  if (format === 9) {
    // Enhanced RTMP v2 "ExAudioTagHeader"
    if (body.length < 5) return 'malformed';
    const packetType = body[0]! & 0x0f;
    return packetType === 0 ? 'config' : packetType === 1 ? 'audio' : 'other';
  }
  if (format === 10) {
    if (body.length < 2) return 'malformed';
    return body[1] === 0 ? 'config' : 'audio';
  }
  return 'audio';
}

/** The codec's usual name, or null when it is not known. */
export function codecOf(typeId: number, body: Buffer): string | null {
  const first = body[0] ?? 0;
  if (typeId === rtmpType.video) {
    if (first & 0x80) return fourCcCodecs[body.toString('latin1', 1, 5)] ?? null;
    return videoCodecs[first & 0x0f] ?? null;
  }
  if (first >> 4 === 9) return fourCcCodecs[body.toString('latin1', 1, 5)] ?? null;
  return audioCodecs[first >> 4] ?? null;
}
