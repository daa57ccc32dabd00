import { execFileSync } from 'node:child_process';
import type { AudioPacket, VideoPacket } from '../../electron/streaming/interfaces/packet';
import { OpusReader } from '../../electron/streaming/media/opus';
import { codedForms } from '../../electron/streaming/output/coded-stream';
import type { EncodedFixture } from './encoded-fixture';
import { programPath } from './requires';

const ffmpeg = (args: readonly string[]): Buffer =>
  execFileSync(programPath('ffmpeg'), ['-v', 'error', ...args, 'pipe:1'], {
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'inherit'],
  });

/** Real VP8 (a keyframe a second, 30 pictures a second) and Opus, made by FFmpeg. */
export function encodeWebmFixture(seconds: number): EncodedFixture {
  const [width, height, fps, bitrateKbps] = [320, 180, 30, 400];
  const pictures = `testsrc2=size=${width}x${height}:rate=${fps}`;
  const libvpx = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-lag-in-frames', '0'];
  const ivf = ffmpeg([
    ...['-f', 'lavfi', '-i', pictures, '-t', String(seconds), '-pix_fmt', 'yuv420p', ...libvpx],
    ...['-g', String(fps), '-keyint_min', String(fps), '-b:v', `${bitrateKbps}k`, '-f', 'ivf'],
  ]);
  const ogg = ffmpeg([
    ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000', '-t', String(seconds)],
    ...['-c:a', 'libopus', '-b:a', '128k', '-ac', '2', '-f', 'ogg', '-page_duration', '1'],
  ]);
  const video: VideoPacket[] = [];
  const us = (ms: number): number => Math.round(ms * 1000);
  codedForms.vp8
    .open(
      {
        onConfig: () => undefined,
        onPicture: ({ dtsMs, ptsMs, isKeyframe, isDisposable, data }) =>
          video.push({
            ...{ kind: 'video', codec: 'vp8', ptsUs: us(ptsMs), dtsUs: us(dtsMs), isKeyframe, isDisposable },
            ...{ frameIndex: video.length, data },
          }),
      },
      fps,
    )
    .push(ivf);
  const audio: AudioPacket[] = [];
  let head = new Uint8Array();
  let samples = 0;
  new OpusReader((data, length, format) => {
    head = Uint8Array.from(format.head);
    const atUs = Math.max(0, Math.round(((samples - format.preSkip) * 1e6) / 48_000));
    audio.push({ kind: 'audio', codec: 'opus', ptsUs: atUs, dtsUs: atUs, data });
    samples += length;
  }).push(ogg);
  const packets = [...video, ...audio].sort((one, other) => one.dtsUs - other.dtsUs);
  return {
    video: {
      ...{ kind: 'video-config', codec: 'vp8', width, height, fps, bitrateKbps },
      data: new Uint8Array(),
    },
    audio: {
      ...{ kind: 'audio-config', codec: 'opus', sampleRate: 48_000, channels: 2, bitrateKbps: 128 },
      data: head,
    },
    packets,
    durationUs: seconds * 1e6,
  };
}
