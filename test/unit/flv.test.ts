import { describe, expect, it } from 'vitest';
import type { AudioConfig, VideoConfig, VideoPacket } from '../../electron/streaming/interfaces/packet';
import { decodeAmf0 } from '../../electron/streaming/media/amf0';
import { flvFileHeader, flvMetadata, flvScript, flvTag, toFlv } from '../../electron/streaming/media/flv';

const video: VideoConfig = {
  kind: 'video-config',
  codec: 'h264',
  width: 1920,
  height: 1080,
  fps: 60,
  bitrateKbps: 6000,
  data: Uint8Array.of(1, 2, 3),
};
const audio: AudioConfig = {
  kind: 'audio-config',
  codec: 'aac',
  sampleRate: 48_000,
  channels: 2,
  bitrateKbps: 160,
  data: Uint8Array.of(0x11, 0x90),
};
const packet: VideoPacket = {
  kind: 'video',
  codec: 'h264',
  ptsUs: 10_050_000,
  dtsUs: 10_016_667,
  isKeyframe: true,
  isDisposable: false,
  frameIndex: 603,
  data: new Uint8Array(100),
};
const hex = (parts: readonly Uint8Array[]): string => Buffer.concat(parts).toString('hex');

describe('FLV', () => {
  it('writes sequence headers', () => {
    expect(hex(toFlv(video).parts)).toBe('1700000000010203');
    expect(hex(toFlv(audio).parts)).toBe('af001190');
    expect(toFlv(audio).timeMs).toBeNull();
  });

  it('writes pictures with their composition time and passes payloads by reference', () => {
    const key = toFlv(packet);
    expect(key.timeMs).toBe(10_017);
    expect(hex(key.parts.slice(0, 1))).toBe('1701000021'); // 33 ms
    expect(key.parts[1]).toBe(packet.data);
    const early = toFlv({ ...packet, isKeyframe: false, ptsUs: packet.dtsUs - 2000 });
    expect(hex(early.parts.slice(0, 1))).toBe('2701fffffe');
    const sound = toFlv({ kind: 'audio', codec: 'aac', ptsUs: 21_333, dtsUs: 21_333, data: packet.data });
    expect([sound.timeMs, hex(sound.parts.slice(0, 1))]).toEqual([21, 'af01']);
    expect(sound.parts[1]).toBe(packet.data);
  });

  it('frames tags: length, 24 + 8 bits of time, size of the previous tag', () => {
    expect(flvFileHeader({ video: true, audio: true }).toString('hex')).toBe('464c5601050000000900000000');
    expect(hex(flvTag(9, 0x12345678, [Uint8Array.of(0xaa), Uint8Array.of(0xbb)]))).toBe(
      '09000002' + '345678' + '12' + '000000' + 'aabb' + '0000000d',
    );
  });

  it('describes the stream for players', () => {
    const [name, members] = decodeAmf0(flvScript(flvMetadata(video, audio, 'test')));
    expect(name).toBe('onMetaData');
    expect(Object.fromEntries(members as Map<string, unknown>)).toMatchObject({
      width: 1920,
      height: 1080,
      framerate: 60,
      videocodecid: 7,
      videodatarate: 6000,
      audiocodecid: 10,
      audiosamplerate: 48_000,
      stereo: true,
    });
  });

  it('refuses codecs that it cannot carry', () => {
    expect(() => toFlv({ ...packet, codec: 'vp8' })).toThrow(RangeError);
    expect(() => toFlv({ ...audio, codec: 'opus' })).toThrow(RangeError);
  });
});
