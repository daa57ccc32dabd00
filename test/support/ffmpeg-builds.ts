import { resolveFfmpeg } from '../../electron/streaming/output/ffmpeg';
import type { FfmpegBuild } from '../../electron/streaming/interfaces/ffmpeg';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { requires } from './requires';

/**
 * The builds the main job is tested on: the system's, and the old one that comes with the packages.
 * @throws StudioError ffmpeg-missing when there is neither: then nothing can be tested
 */
export async function testBuilds(): Promise<FfmpegBuild[]> {
  const bundled = await resolveFfmpeg({ env: {}, logger: silentLogger }).catch((error: unknown) => {
    // No such package for this platform.
    if (!requires('ffmpeg')) throw error;
    return null;
  });
  if (!requires('ffmpeg')) return bundled ? [bundled] : [];
  const system = await resolveFfmpeg({ env: process.env, logger: silentLogger, findPackage: () => null });
  return [system, ...(bundled ? [bundled] : [])];
}
