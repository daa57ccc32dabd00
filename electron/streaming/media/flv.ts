/**
 * Packets → FLV tag bodies (= RTMP audio, video and data messages) and FLV files: "Adobe Flash Video File Format
 * Specification" 10.1, annex E (clauses cited as E.). Payloads are passed on by reference.
 */
import type { AudioConfig, StreamUnit, VideoCodec, VideoConfig, VideoPacket } from '../interfaces/packet';
import { encodeAmf0 } from './amf0';
import type { Amf0EcmaArray, Amf0Value } from './amf0';
import { enhancedFourCc, exCodedFrames, exSequenceStart, fourCcNumber } from './enhanced-flv';
import type { EnhancedCodec } from './enhanced-flv';

/** Tag types, E.4.1; the same numbers as RTMP's message types */
export const flvType = { audio: 8, video: 9, script: 18 } as const;

export interface FlvMessage {
  readonly typeId: number;
  /** decode time, milliseconds on the program's timeline; null for a sequence header: the time of what follows it */
  readonly timeMs: number | null;
  readonly parts: readonly Uint8Array[];
}

const codecIds = { h264: 7, aac: 10 } as const;
const avcPacketType = { sequenceHeader: 0, nalUnits: 1 } as const;
const aacPacketType = { sequenceHeader: 0, raw: 1 } as const;
const frameType = { key: 1, inter: 2 } as const;
/** E.4.2.1: AAC is always announced as 44 kHz, 16 bit, stereo; the truth is in its AudioSpecificConfig */
const aacHeader = (codecIds.aac << 4) | (3 << 2) | (1 << 1) | 1;

type FlvVideoCodec = EnhancedCodec | 'h264';

/** whether FLV, and with it RTMP, has a form for it */
export const isFlvVideo = (codec: VideoCodec): codec is FlvVideoCodec =>
  codec === 'h264' || codec in enhancedFourCc;

/** FLV knows milliseconds only. Rounding each time by itself keeps errors from adding up. */
export const flvTimeMs = (timeUs: number): number => Math.round(timeUs / 1000);

/** @throws RangeError for a codec that FLV cannot carry */
export function toFlv(unit: StreamUnit): FlvMessage {
  switch (unit.kind) {
    case 'video-config':
      return { typeId: flvType.video, timeMs: null, parts: [sequenceStart(unit), unit.data] };
    case 'audio-config':
      requireCodec(unit.codec, 'aac');
      return {
        typeId: flvType.audio,
        timeMs: null,
        parts: [Buffer.of(aacHeader, aacPacketType.sequenceHeader), unit.data],
      };
    case 'video':
      return {
        typeId: flvType.video,
        timeMs: flvTimeMs(unit.dtsUs),
        parts: [pictureHeader(unit), unit.data],
      };
    case 'audio':
      requireCodec(unit.codec, 'aac');
      return {
        typeId: flvType.audio,
        timeMs: flvTimeMs(unit.dtsUs),
        parts: [Buffer.of(aacHeader, aacPacketType.raw), unit.data],
      };
  }
}

function sequenceStart({ codec }: VideoConfig): Buffer {
  requireVideo(codec);
  return codec === 'h264'
    ? avcHeader(frameType.key, avcPacketType.sequenceHeader, 0)
    : exSequenceStart(codec);
}

function pictureHeader({ codec, isKeyframe, ptsUs, dtsUs }: VideoPacket): Buffer {
  requireVideo(codec);
  if (codec !== 'h264') return exCodedFrames(codec, isKeyframe);
  const type = isKeyframe ? frameType.key : frameType.inter;
  return avcHeader(type, avcPacketType.nalUnits, flvTimeMs(ptsUs) - flvTimeMs(dtsUs));
}

/** E.4.3.1 and E.4.3.2: frame type and codec, packet type, composition time (signed 24 bit, ms) */
function avcHeader(type: number, packetType: number, compositionMs: number): Buffer {
  const header = Buffer.alloc(5);
  header[0] = (type << 4) | codecIds.h264;
  header[1] = packetType;
  header.writeIntBE(Math.max(-0x800000, Math.min(0x7fffff, compositionMs)), 2, 3);
  return header;
}

function requireVideo(found: VideoCodec): asserts found is FlvVideoCodec {
  if (!isFlvVideo(found)) throw new RangeError(`FLV cannot carry ${found}, only H.264 and VP9`);
}

function requireCodec(found: string, expected: string): void {
  if (found !== expected) throw new RangeError(`FLV cannot carry ${found}, only ${expected}`);
}

/** The members of onMetaData, E.5 and "Enhancing onMetaData"; sizes in pixels, rates in kbit/s. */
export function flvMetadata(
  video: VideoConfig | null,
  audio: AudioConfig | null,
  encoder: string,
): Amf0EcmaArray {
  const members = new Map<string, Amf0Value>();
  if (video) {
    members.set('width', video.width);
    members.set('height', video.height);
    members.set('framerate', video.fps);
    members.set('videocodecid', videoCodecId(video.codec));
    members.set('videodatarate', video.bitrateKbps);
  }
  if (audio) {
    members.set('audiocodecid', codecIds.aac);
    members.set('audiodatarate', audio.bitrateKbps);
    members.set('audiosamplerate', audio.sampleRate);
    members.set('audiosamplesize', 16);
    members.set('audiochannels', audio.channels);
    members.set('stereo', audio.channels === 2);
  }
  members.set('encoder', encoder);
  return members;
}

function videoCodecId(codec: VideoCodec): number {
  requireVideo(codec);
  return codec === 'h264' ? codecIds.h264 : fourCcNumber(enhancedFourCc[codec]);
}

/** body of a script data tag, E.4.4.1 */
export const flvScript = (metadata: Amf0EcmaArray): Buffer => encodeAmf0('onMetaData', metadata);

/** The file's first 13 bytes: header (E.2) and PreviousTagSize0 (E.3). */
export function flvFileHeader(has: { video: boolean; audio: boolean }): Buffer {
  const flags = (has.audio ? 4 : 0) | (has.video ? 1 : 0);
  return Buffer.of(0x46, 0x4c, 0x56, 1, flags, 0, 0, 0, 9, 0, 0, 0, 0);
}

/** A whole tag with its PreviousTagSize, E.3 and E.4.1. `timestampMs` ≥ 0, modulo 2³². */
export function flvTag(typeId: number, timestampMs: number, parts: readonly Uint8Array[]): Uint8Array[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length > 0xffffff) throw new RangeError(`FLV: a tag of ${length} bytes`);
  const timestamp = (timestampMs % 2 ** 32) >>> 0;
  const header = Buffer.alloc(11);
  header[0] = typeId;
  header.writeUIntBE(length, 1, 3);
  header.writeUIntBE(timestamp & 0xffffff, 4, 3);
  // TimestampExtended: the upper eight bits, behind the lower twenty-four.
  header[7] = timestamp >>> 24;
  const previousTagSize = Buffer.alloc(4);
  previousTagSize.writeUInt32BE(length + 11);
  return [header, ...parts, previousTagSize];
}
