import { describe, expect, it } from 'vitest';
import type {
  AudioConfig,
  StreamUnit,
  VideoConfig,
  VideoPacket,
} from '../../electron/streaming/interfaces/packet';
import { decodeAmf0 } from '../../electron/streaming/media/amf0';
import { readExVideoHeader } from '../../electron/streaming/media/enhanced-flv';
import { flvMetadata, flvScript, flvTag, toFlv } from '../../electron/streaming/media/flv';
import { FlvStream } from '../../electron/streaming/media/flv-stream';

/** "VP Codec ISO Media File Format Binding" 1.1, VPCodecConfigurationRecord */
const record = Buffer.from(
  '00' + // profile 0
    '28' + // level 4.0
    '82' + // 8 bits; 4:2:0 as luma lies (1); limited range
    '01' + // colour primaries: BT.709
    '01' + // transfer characteristics: BT.709
    '01' + // matrix coefficients: BT.709
    '0000', // no codec initialisation data
  'hex',
);
const config: VideoConfig = {
  ...{ kind: 'video-config', codec: 'vp9', width: 1920, height: 1080, fps: 60, bitrateKbps: 6000 },
  data: record,
};
const picture: VideoPacket = {
  ...{ kind: 'video', codec: 'vp9', isKeyframe: true, isDisposable: false, frameIndex: 1 },
  ...{ ptsUs: 1_016_667, dtsUs: 1_016_667, data: Uint8Array.of(0x82, 0x49, 0x83, 0x42) },
};
const sound: AudioConfig = {
  ...{ kind: 'audio-config', codec: 'aac', sampleRate: 48_000, channels: 2, bitrateKbps: 160 },
  data: Uint8Array.of(0x11, 0x90),
};
const hex = (parts: readonly Uint8Array[]): string => Buffer.concat(parts).toString('hex');

// Written by hand from "Enhanced RTMP" v2, “Enhanced Video” (ExVideoTagHeader, ExVideoTagBody).
const sequenceStart =
  '90' + // isExVideoHeader 1, KeyFrame 001, SequenceStart 0000
  '76703039' + // 'vp09'
  '01000000' + // vpcC: version 1, flags 0
  '0028820101010000'; // the record
const keyframe =
  '91' + // isExVideoHeader 1, KeyFrame 001, CodedFrames 0001
  '76703039' +
  '82498342'; // the frame: no composition time before it
const interFrame = 'a1' + '76703039' + '82498342'; // InterFrame 010

describe('VP9 in FLV', () => {
  it('is written byte for byte as Enhanced RTMP says', () => {
    expect(hex(toFlv(config).parts)).toBe(sequenceStart);
    expect(hex(toFlv(picture).parts)).toBe(keyframe);
    expect(toFlv(picture).timeMs).toBe(1017);
    expect(toFlv(picture).parts[1]).toBe(picture.data);
    expect(hex(toFlv({ ...picture, isKeyframe: false }).parts)).toBe(interFrame);
    expect(hex(flvTag(9, 1017, toFlv(picture).parts))).toBe(
      '09' + '000009' + '0003f9' + '00' + '000000' + keyframe + '00000014',
    );
  });

  it('is announced by its FourCC as a number', () => {
    const [, members] = decodeAmf0(flvScript(flvMetadata(config, sound, 'test')));
    expect(Object.fromEntries(members as Map<string, unknown>)).toMatchObject({
      videocodecid: 0x76703039,
      audiocodecid: 10,
      width: 1920,
    });
  });

  it('is a stream like any other, with AAC beside it, and reads back', () => {
    const stream = new FlvStream('test');
    const next: StreamUnit = { ...picture, isKeyframe: false, ptsUs: 1_033_333, dtsUs: 1_033_333 };
    const messages = [config, sound, picture, next].flatMap((unit) => stream.push(unit));
    const bodies = messages.map(({ typeId, timestampMs, parts }) => [typeId, timestampMs, hex(parts)]);
    expect(bodies.slice(1)).toEqual([
      [9, 0, sequenceStart],
      [8, 0, 'af001190'],
      [9, 0, keyframe],
      [9, 16, interFrame],
    ]);
    const headers = messages
      .filter(({ typeId }) => typeId === 9)
      .map(({ parts }) => readExVideoHeader(Buffer.concat(parts)));
    expect(headers).toEqual([
      { frameType: 1, packetType: 0, fourCc: 'vp09' },
      { frameType: 1, packetType: 1, fourCc: 'vp09' },
      { frameType: 2, packetType: 1, fourCc: 'vp09' },
    ]);
    expect(readExVideoHeader(Buffer.from('1701000000', 'hex'))).toBeNull();
    expect(readExVideoHeader(Buffer.from('91767030', 'hex'))).toBeNull();
  });

  it('VP8 has no form there', () => {
    for (const unit of [{ ...config, codec: 'vp8' } as const, { ...picture, codec: 'vp8' } as const])
      expect(() => toFlv(unit)).toThrow(new RangeError('FLV cannot carry vp8, only H.264 and VP9'));
  });
});
