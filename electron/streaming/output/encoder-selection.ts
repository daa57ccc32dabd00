import { loadavg } from 'node:os';
import { formatRate } from '../../../shared/model/frame-rate';
import type { Logger } from '../lib/logger';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import { calibrate } from './calibration';
import type { Measurement } from './calibration';
import type { CpuFeatures } from './cpu-features';
import { driverVersion, hardwareCandidates, probeHardware } from './hardware';
import { profileByName, softwareProfiles } from './profiles';
import type { VideoFormat, VideoProfile } from './profiles';
import { SelectionCache } from './selection-cache';
import type { CacheEntry } from './selection-cache';

export interface Selection {
  readonly profile: VideoProfile;
  /** for people: what was chosen and why, one sentence */
  readonly reason: string;
  /** false: nothing holds the rate here, this is the last step */
  readonly isFastEnough: boolean;
  readonly measurements: readonly Measurement[];
  /** hardware encoder → usable, or why not; those that were not tried are left out */
  readonly hardware: CacheEntry['hardware'];
}

export interface SelectionOptions {
  readonly build: FfmpegBuild;
  readonly format: VideoFormat;
  readonly cpu: CpuFeatures;
  /** `auto` or the name of a profile */
  readonly wanted: string;
  readonly cacheFile: string;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** false while on air: then only what is known already counts */
  readonly mayMeasure?: boolean;
  /** for measuring the software profiles, milliseconds; 6 s unless given */
  readonly budgetMs?: number;
  /** whether something else needs the processor now; asked before measuring */
  readonly isMachineBusy?: (cores: number) => boolean;
}

/** More waits for the processor than it has cores, by half, over the last minute. Windows does not say (0). */
const isLoadHigh = (cores: number): boolean => loadavg()[0]! > cores * 1.5;

/** a profile must be able to do this much more than is asked of it */
const headroom = 1.2;
export const holdsRate = (measuredFps: number, wantedFps: number): boolean =>
  measuredFps >= wantedFps * headroom;

/**
 * Which encoder to use. A name is taken at its word. `auto`: a hardware encoder that passes a real probe, else the x264
 * profile that the measurements of this machine speak for. Takes up to 6 s the first time (plus the probes where there
 * is hardware), no time afterwards.
 * @throws StudioError profile-unknown, the signal's reason when aborted
 */
export async function selectEncoder(options: SelectionOptions): Promise<Selection> {
  const { build, format, cpu, wanted, logger, signal } = options;
  const hardware = hardwareCandidates(build);
  const cache = new SelectionCache(options.cacheFile);
  const key = await selectionKey(options);
  let entry = await cache.get(key);
  const found = (): Pick<Selection, 'measurements' | 'hardware'> => ({
    measurements: entry?.measurements ?? [],
    hardware: entry?.hardware ?? {},
  });
  if (wanted !== 'auto') {
    const profile = profileByName(wanted, [...softwareProfiles, ...hardware]);
    return {
      profile,
      reason: `${profile.title} was chosen by name.`,
      isFastEnough: true,
      ...found(),
    };
  }
  if (!entry && options.mayMeasure !== false) {
    const isBusy = (options.isMachineBusy ?? isLoadHigh)(cpu.cores);
    entry = await measure(options, hardware);
    logger.info({ ...entry, format, isBusy }, 'encoders measured');
    // Measured beside something else: good for now, but not to be remembered.
    if (!isBusy) await cache.set(key, entry);
  }
  signal.throwIfAborted();
  const usable = hardware.find((profile) => entry?.hardware[profile.name] === true);
  if (usable)
    return {
      profile: usable,
      reason: `${usable.title} encodes ${size(format)} in hardware here.`,
      isFastEnough: true,
      ...found(),
    };
  return { ...chooseProfile(entry?.measurements ?? [], cpu, format), ...found() };
}

/** Drops what is remembered for these options: the chosen encoder failed on air. */
export async function forgetSelection(options: SelectionOptions): Promise<void> {
  await new SelectionCache(options.cacheFile).drop(await selectionKey(options));
}

async function measure(options: SelectionOptions, candidates: readonly VideoProfile[]): Promise<CacheEntry> {
  const { build, format, signal, budgetMs } = options;
  const hardware: CacheEntry['hardware'] = {};
  for (const profile of candidates) {
    const verdict = await probeHardware(build, profile, format, signal);
    hardware[profile.name] = verdict.isUsable || verdict.reason;
    if (verdict.isUsable) return { hardware, measurements: [] };
  }
  const holds = (fps: number): boolean => holdsRate(fps, format.fps);
  const measurements = await calibrate({
    ...{ build, format, signal, holds, profiles: softwareProfiles },
    ...(budgetMs !== undefined && { budgetMs }),
  });
  return { hardware, measurements };
}

/** Everything a measurement depends on. */
async function selectionKey({ build, format, cpu }: SelectionOptions): Promise<string> {
  const { width, height, fps, bitrateKbps, canvas } = format;
  const scaling = canvas ? ` from ${canvas.width}x${canvas.height}` : '';
  return [
    `${cpu.model} x${cpu.cores}`,
    `${width}x${height}@${fps} ${bitrateKbps}k${scaling}`,
    `${build.path} ${build.version}`,
    await driverVersion(),
  ].join(' | ');
}

/**
 * The x264 profile for these measurements (pure). With AVX2 and cores to spare, the best picture that holds the rate.
 * Otherwise the documented profile when it holds, and when it does not, again the best picture that does. Quality is the
 * measured SSIM; the order of the list where it is unknown. Nothing measured: the documented profile.
 */
export function chooseProfile(
  measurements: readonly Measurement[],
  cpu: Pick<CpuFeatures, 'cores' | 'features'>,
  format: VideoFormat,
): Omit<Selection, 'hardware'> {
  const reference = softwareProfiles[0]!;
  const select = (
    profile: VideoProfile,
    isFastEnough: boolean,
    reason: string,
  ): Omit<Selection, 'hardware'> => ({
    ...{ profile, isFastEnough, measurements },
    reason: `${profile.title}: ${reason}.`,
  });
  if (measurements.length === 0)
    return select(reference, true, 'the documented profile, as nothing was measured on this machine yet');

  const known = measurements.flatMap((measurement) => {
    const profile = softwareProfiles.find(({ name }) => name === measurement.profile);
    return profile ? [{ ...measurement, profile, rank: softwareProfiles.indexOf(profile) }] : [];
  });
  const holding = known.filter(({ fps }) => holdsRate(fps, format.fps));
  const hasRoom = cpu.features.includes('AVX2') && cpu.cores > 2;
  const documented = holding.find(({ profile }) => profile === reference);
  const rate = `${size(format)} (${Math.ceil(format.fps * headroom)} pictures a second with 20 % to spare)`;
  if (documented && !hasRoom)
    return select(
      reference,
      true,
      `the documented profile does ${documented.fps} pictures a second here, enough for ${rate}`,
    );
  const [best] = holding.toSorted((a, b) =>
    a.ssim !== null && b.ssim !== null ? b.ssim - a.ssim : a.rank - b.rank,
  );
  if (best) {
    const fps = `${best.fps} pictures a second here, enough for ${rate}`;
    if (documented) return select(best.profile, true, `the best picture of those that hold, ${fps}`);
    const slow = known.find(({ profile }) => profile === reference)?.fps ?? 0;
    return select(best.profile, true, `${fps}; the documented profile does only ${slow}`);
  }
  const last = known.at(-1);
  return select(
    last?.profile ?? reference,
    false,
    `the fastest step there is, but ${last?.fps ?? 0} pictures a second are too few for ${rate}; choose a smaller size or rate`,
  );
}

const size = ({ width, height, fps }: VideoFormat): string => `${width}×${height} at ${formatRate(fps)}`;
