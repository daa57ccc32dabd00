import { formatRate } from '../../../shared/model/frame-rate';
import type { CpuFeatures } from './cpu-features';
import type { VideoFormat, VideoProfile } from './profiles';
import type { Measurement } from './selection-cache';

/** a profile must be able to do this much more than is asked of it */
const headroom = 1.2;
/** roughly what the next slower step takes more than one */
const stepCost = 1.25;

export const holdsRate = (measuredFps: number, wantedFps: number): boolean =>
  measuredFps >= wantedFps * headroom;

/** One step of the ladder, why it was taken, and whether it holds the rate. */
export interface StepChoice {
  readonly profile: VideoProfile;
  /** for people, one sentence */
  readonly reason: string;
  readonly isFastEnough: boolean;
}

/**
 * What of a ladder is measured next, so that the first start stays short (pure): the documented profile, then the preset
 * that most machines hold, then upwards while there is room, or downwards until one holds. Null: enough is known.
 * @param ladder the documented profile first, then the slowest first
 */
export function nextToMeasure(
  ladder: readonly VideoProfile[],
  done: readonly Measurement[],
  wantedFps: number,
): VideoProfile | null {
  const isDone = (profile: VideoProfile): boolean => done.some((one) => one.profile === profile.name);
  const fpsOf = (profile: VideoProfile): number => done.find((one) => one.profile === profile.name)?.fps ?? 0;
  const [reference, ...steps] = ladder;
  if (reference && !isDone(reference)) return reference;
  const usual = Math.max(
    0,
    steps.findIndex(({ name }) => name.startsWith('veryfast')),
  );
  const start = steps[usual];
  if (!start) return null;
  if (!isDone(start)) return start;
  if (holdsRate(fpsOf(start), wantedFps)) {
    const above = steps.slice(0, usual).toReversed();
    const next = above.find((profile) => !isDone(profile));
    const former = next && steps[steps.indexOf(next) + 1];
    return next && former && fpsOf(former) >= wantedFps * headroom * stepCost ? next : null;
  }
  const below = steps.slice(usual + 1);
  if (below.some((profile) => holdsRate(fpsOf(profile), wantedFps))) return null;
  return below.find((profile) => !isDone(profile)) ?? null;
}

/**
 * The x264 profile for these measurements (pure). The best picture of those that hold the rate with 20 % to spare; on a
 * processor without AVX2, or with one core, the documented profile where that holds. Quality is the measured SSIM; the
 * order of the ladder where none is known. Nothing measured: the documented profile.
 * @param ladder the documented profile first, then the slowest first
 */
export function chooseStep(
  ladder: readonly VideoProfile[],
  measurements: readonly Measurement[],
  cpu: Pick<CpuFeatures, 'cores' | 'features'>,
  format: VideoFormat,
): StepChoice {
  const reference = ladder[0]!;
  const select = (profile: VideoProfile, isFastEnough: boolean, reason: string): StepChoice => ({
    ...{ profile, isFastEnough },
    reason: `${profile.title}: ${reason}.`,
  });
  const known = ladder.flatMap((profile) => {
    const measurement = measurements.find((one) => one.profile === profile.name);
    return measurement ? [{ ...measurement, profile }] : [];
  });
  if (known.length === 0)
    return select(reference, true, 'the documented profile, as nothing was measured on this machine yet');

  const rate = `${sizeText(format)} (${Math.ceil(format.fps * headroom)} pictures a second with 20 % to spare)`;
  const holding = known.filter(({ fps }) => holdsRate(fps, format.fps));
  const documented = holding.find(({ profile }) => profile === reference);
  if (documented && !(cpu.features.includes('AVX2') && cpu.cores > 1))
    return select(
      reference,
      true,
      `the documented profile does ${documented.fps} pictures a second here, enough for ${rate}`,
    );
  const looked = holding.filter(({ ssim }) => ssim !== null);
  const [best] =
    looked.length > 0 ? looked.toSorted((a, b) => (b.ssim ?? 0) - (a.ssim ?? 0) || b.fps - a.fps) : holding;
  if (best) {
    const fps = `${best.fps} pictures a second here, enough for ${rate}`;
    const ssim = best.ssim === null ? '' : ` (SSIM ${best.ssim.toFixed(4)})`;
    const others = holding.length > 1 ? `the best picture${ssim} of the ${holding.length} that hold, ` : '';
    const slow = known.find(({ profile }) => profile === reference);
    const not = documented || !slow ? '' : `; the documented profile does only ${slow.fps}`;
    return select(best.profile, true, `${others}${fps}${not}`);
  }
  const last = known.at(-1)!;
  return select(
    last.profile,
    false,
    `the fastest step there is, but ${last.fps} pictures a second are too few for ${rate}; choose a smaller size or rate`,
  );
}

/** `1920×1080 at 60` */
export const sizeText = ({ width, height, fps }: VideoFormat): string =>
  `${width}×${height} at ${formatRate(fps)}`;
