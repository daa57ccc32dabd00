import type { FfmpegBuild } from '../streaming/interfaces/ffmpeg';
import type { Logger } from '../streaming/lib/logger';
import { cpuModel, readCpuFeatures } from '../streaming/output/cpu-features';
import type { CpuFeatures } from '../streaming/output/cpu-features';
import { FfmpegFactsCache } from '../streaming/output/ffmpeg-facts';
import type { EncoderSetup } from '../streaming/output/encoder-lane';
import {
  chooseProfile as chooseSoftware,
  forgetSelection,
  selectEncoder,
} from '../streaming/output/encoder-selection';
import type { Selection } from '../streaming/output/encoder-selection';
import { profileByName, softwareProfiles } from '../streaming/output/profiles';
import type { VideoFormat, VideoProfile } from '../streaming/output/profiles';
import type { DataFolder } from './data-folder';
import type { ProgramFormat } from './program-format';

/** What FFmpeg builds said about themselves on this machine; may be deleted. */
export const ffmpegFacts = (folder: DataFolder): FfmpegFactsCache =>
  new FfmpegFactsCache(folder.file('ffmpeg-builds.json'), cpuModel());

/** What the encoder is given and what it makes of it. */
export const encoderFormat = ({
  canvas,
  output,
  fps,
  bitrateKbps,
}: Omit<ProgramFormat, 'profile'>): VideoFormat => ({
  ...output,
  fps,
  bitrateKbps,
  ...((canvas.width !== output.width || canvas.height !== output.height) && { canvas }),
});

/** Which encoder profile runs and why, and the processor it was chosen for. */
export interface ProfileChoice extends Selection {
  readonly cpu: CpuFeatures;
  /** the chosen encoder does not serve on air: measure again at the next start */
  readonly forget: () => void;
}

/** A profile of x264: it needs no driver, and there is nothing safer to fall back to. */
export const isSoftware = ({ name }: VideoProfile): boolean =>
  softwareProfiles.some((profile) => profile.name === name);

/** How a program is encoded, and with what it goes on when hardware fails in use. */
export function encoderSetup(program: Omit<ProgramFormat, 'profile'>, choice: ProfileChoice): EncoderSetup {
  const format = encoderFormat(program);
  const { profile, measurements, cpu } = choice;
  if (isSoftware(profile)) return { profile, format };
  // Nothing measured: one that most machines hold. A stream that stutters is worse than a coarser one.
  const fallback =
    measurements.length > 0
      ? chooseSoftware(measurements, cpu, format).profile
      : profileByName('superfast-2t');
  return { profile, format, fallback };
}

/**
 * The profile asked for, or with `auto` the one this machine's measurements speak for. The first time `auto` is asked on
 * a machine, size and rate it measures for some seconds; that happens before the program starts, never on air.
 * @param mayMeasure false: only what is known already counts
 * @throws StudioError `profile-unknown`
 */
export async function chooseProfile(
  program: ProgramFormat,
  build: FfmpegBuild,
  folder: DataFolder,
  logger: Logger,
  signal: AbortSignal,
  mayMeasure = true,
): Promise<ProfileChoice> {
  const cpu = await readCpuFeatures(build, ffmpegFacts(folder));
  logger.info({ ...cpu }, 'processor');
  const selecting = {
    build,
    format: encoderFormat(program),
    cpu,
    wanted: program.profile,
    cacheFile: folder.file('encoder-selection.json'),
    logger,
    signal,
    mayMeasure,
  };
  const selection = await selectEncoder(selecting);
  logger.info(
    { profile: selection.profile.name, encoder: selection.profile.encoder, reason: selection.reason },
    'encoder profile',
  );
  const forget = (): void => {
    forgetSelection(selecting).catch((error: unknown) =>
      logger.warn({ err: error }, 'the encoder selection could not be dropped'),
    );
  };
  return { ...selection, cpu, forget };
}
