import { describe, expect, it } from 'vitest';
import type { AudioPacket, StreamUnit, VideoPacket } from '../../electron/streaming/interfaces/packet';
import { FlvStream } from '../../electron/streaming/media/flv-stream';

const video: StreamUnit = {
  kind: 'video-config',
  codec: 'h264',
  width: 640,
  height: 360,
  fps: 30,
  bitrateKbps: 1000,
  data: Uint8Array.of(1),
};
const audio: StreamUnit = {
  kind: 'audio-config',
  codec: 'aac',
  sampleRate: 48_000,
  channels: 2,
  bitrateKbps: 128,
  data: Uint8Array.of(2),
};
const picture = (timeMs: number, isKeyframe = false): VideoPacket => ({
  kind: 'video',
  codec: 'h264',
  ptsUs: timeMs * 1000,
  dtsUs: timeMs * 1000,
  isKeyframe,
  isDisposable: false,
  frameIndex: 0,
  data: Uint8Array.of(3),
});
const sound = (timeMs: number): AudioPacket => ({
  kind: 'audio',
  codec: 'aac',
  ptsUs: timeMs * 1000,
  dtsUs: timeMs * 1000,
  data: Uint8Array.of(4),
});
const sent = (stream: FlvStream, ...units: StreamUnit[]): [number, number][] =>
  units.flatMap((unit) => stream.push(unit)).map(({ typeId, timestampMs }) => [typeId, timestampMs]);

describe('one FLV stream', () => {
  it('begins with the first keyframe at 0, metadata and headers before it, without earlier sound', () => {
    const stream = new FlvStream('test');
    expect(
      sent(stream, video, audio, sound(990), picture(995), picture(1000, true), sound(999), sound(1010)),
    ).toEqual([
      [18, 0],
      [9, 0],
      [8, 0],
      [9, 0],
      [8, 10],
    ]);
  });

  it('keeps the program’s own times when asked to', () => {
    const stream = new FlvStream('test', 'program');
    expect(sent(stream, video, picture(10_000, true)).at(-1)).toEqual([9, 10_000]);
  });

  it('sends metadata again with a header that is new, and only that header', () => {
    const stream = new FlvStream('test');
    sent(stream, video, audio, picture(1000, true));
    expect(sent(stream, audio, sound(1020), sound(1041))).toEqual([
      [18, 20],
      [8, 20],
      [8, 20],
      [8, 41],
    ]);
  });

  it('carries sound alone', () => {
    expect(sent(new FlvStream('test'), audio, sound(500), sound(521))).toEqual([
      [18, 0],
      [8, 0],
      [8, 0],
      [8, 21],
    ]);
  });
});
