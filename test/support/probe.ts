import { execFileSync, spawnSync } from 'node:child_process';
import { programPath } from './requires';

/** Decodes everything (`-vsync` because builds before 5.1 know no other name); returns the frame count and what FFmpeg complained of. */
export function decodeFile(path: string): { videoFrames: number; complaints: string } {
  const result = spawnSync(
    programPath('ffmpeg'),
    ['-v', 'warning', '-stats', '-i', path, '-map', '0', '-vsync', 'passthrough', '-f', 'null', '-'],
    { encoding: 'utf8' },
  );
  const counts = [...result.stderr.matchAll(/frame=\s*(\d+)/g)];
  const complaints = result.stderr
    .split(/\r|\n/)
    .filter((line) => line.trim() !== '' && !/^frame=|^size=|^-vsync is deprecated/.test(line))
    .join('\n');
  return { videoFrames: Number(counts.at(-1)?.[1] ?? 0), complaints };
}

export interface ProbedPacket {
  readonly stream: number;
  readonly pts: number;
  readonly dts: number;
  readonly isKey: boolean;
}

/** ffprobe's view: streams, duration, and each packet's time in seconds. */
export function probeFile(path: string): {
  durationSec: number;
  streams: { codec: string; width: number | undefined; timeBase: string; rate: string; duration: number }[];
  packets: ProbedPacket[];
} {
  const args = ['-v', 'error', '-show_streams', '-show_format', '-show_packets', '-of', 'json', path];
  const probed = JSON.parse(
    execFileSync(programPath('ffprobe'), args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }),
  ) as {
    format: { duration: string };
    streams: {
      codec_name: string;
      width?: number;
      time_base: string;
      r_frame_rate: string;
      duration?: string;
    }[];
    packets: { stream_index: number; pts_time: string; dts_time: string; flags: string }[];
  };
  return {
    durationSec: Number(probed.format.duration),
    streams: probed.streams.map((stream) => ({
      codec: stream.codec_name,
      width: stream.width,
      timeBase: stream.time_base,
      rate: stream.r_frame_rate,
      duration: Number(stream.duration),
    })),
    packets: probed.packets.map((packet) => ({
      stream: packet.stream_index,
      pts: Number(packet.pts_time),
      dts: Number(packet.dts_time),
      isKey: packet.flags.startsWith('K'),
    })),
  };
}
