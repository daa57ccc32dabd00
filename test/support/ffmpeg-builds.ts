import { resolveFfmpeg } from '../../electron/streaming/output/ffmpeg';
import type { FfmpegBuild } from '../../electron/streaming/interfaces/ffmpeg';
import { silentLogger } from '../../electron/streaming/lib/logger';

/** The builds the main job is tested on: the system's, and the old one that comes with the packages. */
export async function testBuilds(): Promise<FfmpegBuild[]> {
  const wanted = [
    { env: process.env, findPackage: () => null },
    { env: {}, findPackage: undefined },
  ];
  const found: FfmpegBuild[] = [];
  for (const { env, findPackage } of wanted)
    try {
      found.push(await resolveFfmpeg({ env, logger: silentLogger, ...(findPackage && { findPackage }) }));
    } catch {
      // This one is not here; a suite without any fails by itself.
    }
  return found;
}
