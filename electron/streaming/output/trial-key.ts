import { createHash } from 'node:crypto';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import { videoArguments } from './profiles';
import type { VideoFormat, VideoProfile } from './profiles';

const digest = (...words: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(words)).digest('hex').slice(0, 24);

/** Two encoders of one digest are run by the very same command line. */
export const argvDigest = (build: FfmpegBuild, profile: VideoProfile, format: VideoFormat): string =>
  digest(...videoArguments(build, profile, format));

/**
 * Everything the outcome of a trial depends on: the exact arguments, the size and rate (which the pictures bring), FFmpeg
 * and the drivers.
 * @param stamps of the FFmpeg file and of the drivers
 */
export function trialKey(
  build: FfmpegBuild,
  profile: VideoProfile,
  format: VideoFormat,
  stamps: readonly string[],
): string {
  const { width, height, fps, canvas } = format;
  const size = `${profile.name} ${width}x${height}@${fps}${canvas ? ` from ${canvas.width}x${canvas.height}` : ''}`;
  const depends = digest(...videoArguments(build, profile, format), build.path, build.version, ...stamps);
  return `${size} ${depends}`;
}
