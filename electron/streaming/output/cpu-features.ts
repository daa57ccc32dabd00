import { cpus } from 'node:os';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import { runFfmpeg } from './ffmpeg-probe';

export interface CpuFeatures {
  readonly model: string;
  readonly cores: number;
  /** as libx264 names them: `SSE4.2`, `AVX`, `AVX2` …; empty when it cannot be asked */
  readonly features: readonly string[];
}

/** `[libx264 @ 0x…] using cpu capabilities: MMX2 … AVX2` → names; `none!` and silence → [] */
export function parseCpuCapabilities(text: string): string[] {
  const words = /using cpu capabilities: (.*)$/m.exec(text)?.[1]?.trim() ?? 'none!';
  return words === 'none!' ? [] : words.split(/\s+/);
}

/**
 * What the processor can do, in the words of the encoder that would use it: true on every system and in every virtual
 * machine, where /proc/cpuinfo and its like are not.
 */
export async function readCpuFeatures(build: FfmpegBuild): Promise<CpuFeatures> {
  const processors = cpus();
  const machine = { model: processors[0]?.model.trim() ?? 'unknown', cores: processors.length };
  if (!build.encoders.includes('libx264')) return { ...machine, features: [] };
  const size = 64;
  const args = [
    ...['-hide_banner', '-loglevel', 'info', '-f', 'rawvideo', '-pix_fmt', 'yuv420p'],
    ...[
      '-video_size',
      `${size}x${size}`,
      '-i',
      'pipe:0',
      '-frames:v',
      '1',
      '-c:v',
      'libx264',
      '-f',
      'null',
      '-',
    ],
  ];
  const { stderr } = await runFfmpeg(
    build.path,
    args,
    10_000,
    new Uint8Array((size * size * 3) / 2).fill(128),
  );
  return { ...machine, features: parseCpuCapabilities(stderr) };
}
