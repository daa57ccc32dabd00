import { spawnSync } from 'node:child_process';
import type { FfmpegBuild } from '../../electron/streaming/interfaces/ffmpeg';
import type { VideoConfig, VideoPacket } from '../../electron/streaming/interfaces/packet';
import { parseAvcConfig } from '../../electron/streaming/media/h264';
import { nalUnits } from '../../electron/streaming/media/nal-units';
import { readPictureCounter } from './sync-frames';

const startCode = Buffer.from([0, 0, 0, 1]);

/** Decodes H.264 packets to pictures and reads the burnt-in counter of each, in presentation order. */
export function decodeCounters(
  build: FfmpegBuild,
  config: VideoConfig,
  packets: readonly VideoPacket[],
  { width, height }: { readonly width: number; readonly height: number },
): (number | null)[] {
  const { sps, pps } = parseAvcConfig(config.data);
  const units = [...sps, ...pps, ...packets.flatMap((packet) => [...nalUnits(packet.data)])];
  const input = Buffer.concat(units.flatMap((unit) => [startCode, unit]));
  const decoding = ['-v', 'error', '-f', 'h264', '-i', 'pipe:0', '-vsync', '0'];
  const args = [...decoding, '-f', 'rawvideo', '-pix_fmt', 'yuv420p', 'pipe:1'];
  const { stdout } = spawnSync(build.path, args, { input, maxBuffer: 1e9 });
  const size = (width * height * 3) / 2;
  return Array.from({ length: Math.floor(stdout.length / size) }, (_, at) =>
    readPictureCounter(stdout.subarray(at * size, (at + 1) * size), width, height),
  );
}
