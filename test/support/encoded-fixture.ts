import { execFileSync } from 'node:child_process';
import type {
  AudioConfig,
  Packet,
  StreamConfig,
  StreamUnit,
  VideoConfig,
} from '../../electron/streaming/interfaces/packet';
import { isDisposablePicture } from '../../electron/streaming/media/nal-units';
import { programPath } from './requires';

export interface EncodedFixture {
  readonly video: VideoConfig;
  readonly audio: AudioConfig;
  readonly packets: readonly Packet[];
  readonly durationUs: number;
}

export interface FixtureOptions {
  readonly seconds?: number;
  readonly fps?: number;
  readonly width?: number;
  readonly height?: number;
  readonly bitrateKbps?: number;
  /** pad to the bitrate with filler NAL units, as live encoders do */
  readonly hasFiller?: boolean;
}

/** Real H.264 (B-frames, a keyframe a second) and AAC, made by FFmpeg and taken out of its FLV. */
export function encodeFixture(options: FixtureOptions = {}): EncodedFixture {
  const { seconds = 4, fps = 30, width = 320, height = 180, bitrateKbps = 400, hasFiller = false } = options;
  const x264 = [
    `keyint=${fps}`,
    `min-keyint=${fps}`,
    'scenecut=0',
    'bframes=2',
    ...(hasFiller ? ['nal-hrd=cbr', 'filler=1'] : []),
  ];
  const flv = execFileSync(
    programPath('ffmpeg'),
    [
      ...['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=${fps}`],
      ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000', '-t', String(seconds)],
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-x264-params', x264.join(':')],
      ...['-b:v', `${bitrateKbps}k`, '-maxrate', `${bitrateKbps}k`, '-bufsize', `${bitrateKbps}k`],
      ...['-c:a', 'aac', '-b:a', '128k', '-ac', '2', '-f', 'flv', 'pipe:1'],
    ],
    { maxBuffer: 256 * 1024 * 1024, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const units = readFlv(flv, { width, height, fps, bitrateKbps });
  const video = units.find((unit): unit is VideoConfig => unit.kind === 'video-config');
  const audio = units.find((unit): unit is AudioConfig => unit.kind === 'audio-config');
  if (!video || !audio) throw new Error('fixture: no sequence headers');
  const packets = units.filter((unit): unit is Packet => unit.kind === 'video' || unit.kind === 'audio');
  return { video, audio, packets, durationUs: seconds * 1_000_000 };
}

/** The same packets `times` times in a row, times shifted: any length at the cost of one encode. */
export function* repeated(fixture: EncodedFixture, times: number): Generator<Packet> {
  for (let turn = 0; turn < times; turn++) yield* shifted(fixture, turn * fixture.durationUs);
}

/** the packets `byUs` later; audio keeps clear of the seam */
export function* shifted(fixture: EncodedFixture, byUs: number): Generator<Packet> {
  const frames = Math.round((byUs * fixture.video.fps) / 1_000_000);
  for (const packet of fixture.packets) {
    if (packet.dtsUs >= fixture.durationUs && packet.kind === 'audio') continue;
    const moved = { ptsUs: packet.ptsUs + byUs, dtsUs: packet.dtsUs + byUs };
    yield packet.kind === 'video'
      ? { ...packet, ...moved, frameIndex: packet.frameIndex + frames }
      : { ...packet, ...moved };
  }
}

export const configsOf = (fixture: EncodedFixture): StreamConfig[] => [fixture.video, fixture.audio];

/** A small FLV reader for tests: independent of the product's writer. */
export function readFlv(
  file: Buffer,
  video: { width: number; height: number; fps: number; bitrateKbps: number },
): StreamUnit[] {
  const units: StreamUnit[] = [];
  for (const { type, timeMs, body } of flvTags(file)) {
    if (type === 9 && body[1] === 0)
      units.push({ kind: 'video-config', codec: 'h264', ...video, data: body.subarray(5) });
    else if (type === 9 && body[1] === 1) {
      const data = body.subarray(5);
      const frameIndex = Math.round(((timeMs + body.readIntBE(2, 3)) * video.fps) / 1000);
      // Back from FLV's milliseconds to the frame grid.
      const ptsUs = Math.round((frameIndex * 1_000_000) / video.fps);
      const dtsUs = Math.round((Math.round((timeMs * video.fps) / 1000) * 1_000_000) / video.fps);
      const isKeyframe = body[0]! >> 4 === 1;
      const isDisposable = isDisposablePicture(data);
      units.push({ kind: 'video', codec: 'h264', ptsUs, dtsUs, isKeyframe, isDisposable, frameIndex, data });
    } else if (type === 8 && body[1] === 0)
      units.push({
        kind: 'audio-config',
        codec: 'aac',
        sampleRate: 48_000,
        channels: 2,
        bitrateKbps: 128,
        data: body.subarray(2),
      });
    else if (type === 8) {
      const frame = Math.round((timeMs * 48) / 1024);
      const ptsUs = Math.round((frame * 1024 * 1_000_000) / 48_000);
      units.push({ kind: 'audio', codec: 'aac', ptsUs, dtsUs: ptsUs, data: body.subarray(2) });
    }
  }
  return units;
}

export function* flvTags(file: Buffer): Generator<{ type: number; timeMs: number; body: Buffer }> {
  for (let at = 13; at + 15 <= file.length;) {
    const length = file.readUIntBE(at + 1, 3);
    const timeMs = file.readUIntBE(at + 4, 3) | (file[at + 7]! << 24);
    yield { type: file[at]!, timeMs, body: file.subarray(at + 11, at + 11 + length) };
    at += length + 15;
  }
}
