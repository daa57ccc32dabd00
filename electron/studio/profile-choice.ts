import type { FfmpegBuild } from '../streaming/interfaces/ffmpeg';
import type { Logger } from '../streaming/lib/logger';
import type { VideoProfile } from '../streaming/output/profiles';
import { profileByName } from '../streaming/output/profiles';

/** Which encoder profile runs, and the sentence that tells a person why. */
export interface ProfileChoice {
  readonly profile: VideoProfile;
  readonly reason: string;
  /** as libx264 reports them */
  readonly cpuFeatures: readonly string[];
}
