import type { FfmpegBuild } from '../streaming/interfaces/ffmpeg';
import type { Logger } from '../streaming/lib/logger';
import { cpuModel, readCpuFeatures } from '../streaming/output/cpu-features';
import type { CpuFeatures } from '../streaming/output/cpu-features';
import { FfmpegFactsCache } from '../streaming/output/ffmpeg-facts';
import { forgetSelection, selectEncoder } from '../streaming/output/encoder-selection';
import type { Selection } from '../streaming/output/encoder-selection';
import type { VideoFormat } from '../streaming/output/profiles';
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

/**
 * The profile asked for, or with `auto` the one this machine's measurements speak for. The first time `auto` is asked on
 * a machine, size and rate it measures for some seconds; that happens before the program starts, never on air.
 * @throws StudioError `profile-unknown`
 */
export async function chooseProfile(
  program: ProgramFormat,
  build: FfmpegBuild,
  folder: DataFolder,
  logger: Logger,
  signal: AbortSignal,
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
