import { cpus } from 'node:os';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import type { FfmpegFactsCache } from './ffmpeg-facts';
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
export async function readCpuFeatures(build: FfmpegBuild, facts?: FfmpegFactsCache): Promise<CpuFeatures> {
  const machine = { model: cpuModel(), cores: cpus().length };
  if (!build.encoders.includes('libx264')) return { ...machine, features: [] };
  const { path, version, encoders, hasFpsMode } = build;
  const known = (await facts?.get(path, version))?.cpuFeatures;
  if (known) return { ...machine, features: known };
  const features = await askX264(path);
  await facts?.set(path, { version, encoders: [...encoders], hasFpsMode, cpuFeatures: features });
  return { ...machine, features };
}

export const cpuModel = (): string => cpus()[0]?.model.trim() ?? 'unknown';

async function askX264(path: string): Promise<string[]> {
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
  const { stderr } = await runFfmpeg(path, args, 10_000, [new Uint8Array((size * size * 3) / 2).fill(128)]);
  return parseCpuCapabilities(stderr);
}
