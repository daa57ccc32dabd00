import { execFileSync } from 'node:child_process';
import type { VideoConfig, VideoPacket } from '../../electron/streaming/interfaces/packet';
import { programPath } from './requires';

export interface Vp9Fixture {
  readonly video: VideoConfig;
  readonly packets: readonly VideoPacket[];
}

/** Real VP9, made by libvpx as live encoders do (no hidden frames, a keyframe every half second), out of FFmpeg's IVF. */
export function encodeVp9({ seconds = 2, fps = 30 } = {}): Vp9Fixture {
  const [width, height] = [320, 180];
  const ivf = execFileSync(
    programPath('ffmpeg'),
    [
      ...['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=${fps}`],
      ...['-t', String(seconds), '-pix_fmt', 'yuv420p', '-c:v', 'libvpx-vp9', '-b:v', '400k'],
      ...['-deadline', 'realtime', '-cpu-used', '8', '-lag-in-frames', '0', '-g', String(fps / 2)],
      ...['-f', 'ivf', 'pipe:1'],
    ],
    { maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const packets: VideoPacket[] = [];
  // IVF: a header of 32 bytes, then of each frame its size (32 bits) and time (64 bits), both little-endian.
  for (let at = 32; at < ivf.length;) {
    const data = ivf.subarray(at + 12, at + 12 + ivf.readUInt32LE(at));
    const frameIndex = packets.length;
    const timeUs = Math.round((frameIndex * 1e6) / fps);
    packets.push({
      ...{ kind: 'video', codec: 'vp9', ptsUs: timeUs, dtsUs: timeUs, frameIndex, data, isDisposable: false },
      // VP9 bitstream 6.2, uncompressed_header of profile 0: show_existing_frame and frame_type are both 0.
      isKeyframe: (data[0]! & 0x0c) === 0,
    });
    at += 12 + data.length;
  }
  const config = Buffer.from('000b820202020000', 'hex');
  const video: VideoConfig = {
    ...{ kind: 'video-config', codec: 'vp9', width, height, fps, bitrateKbps: 400, data: config },
  };
  return { video, packets };
}

/** the same over and over, times going on */
export function* endlessVp9({ video, packets }: Vp9Fixture): Generator<VideoConfig | VideoPacket> {
  yield video;
  const turnUs = (packets.length * 1e6) / video.fps;
  for (let turn = 0; ; turn++) {
    for (const packet of packets) {
      const timeUs = packet.dtsUs + turn * turnUs;
      yield { ...packet, ptsUs: timeUs, dtsUs: timeUs };
    }
  }
}
