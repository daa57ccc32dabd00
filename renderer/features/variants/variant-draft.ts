import type { Variant } from '../../../shared/contract/variants';
import { formatRate } from '../../../shared/model/frame-rate';
import { rateOf, ticksPerFrame } from '../../../shared/model/variant-rate';
import { sizePresets, suggestedKbps } from '../settings/video-draft';

/** A variant as it is being set up; '' of a name: what it is will name it. */
export type VariantDraft = Omit<Variant, 'id'>;

interface Program {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}

const mostLeftOut = 6;

/** The rates that a variant can have beside a program at this rate, the highest first. */
export const variantRates = (programFps: number): number[] =>
  Array.from({ length: mostLeftOut }, (_, at) => at + 1)
    .filter((ticks) => ticksPerFrame(programFps, programFps / ticks) === ticks)
    .map((ticks) => rateOf(programFps, ticks));

/** `Every picture`, `Every 2nd picture` */
export function pictureShare(programFps: number, fps: number): string {
  const ticks = Math.round(programFps / fps);
  if (ticks === 1) return 'every picture of the program';
  return `every ${ticks}${ticks === 2 ? 'nd' : ticks === 3 ? 'rd' : 'th'} picture`;
}

/** `720p30` */
export const nameOf = ({ width, height }: Pick<VariantDraft, 'width' | 'height'>, fps: number): string =>
  `${Math.min(width, height)}p${formatRate(fps)}`;

/** What a weaker platform takes of such a program: a usual size of its shape with half of its pixels at most, 30 a second. */
export function newVariant({ width, height, fps }: Program): VariantDraft {
  const smaller = sizePresets.find(
    (size) =>
      size.width * size.height <= (width * height) / 2 &&
      Math.abs((size.width * height) / (size.height * width) - 1) < 0.01,
  );
  const half = { width: Math.max(16, (width >> 2) * 2), height: Math.max(16, (height >> 2) * 2) };
  const size = { ...(smaller ?? half) };
  const maxFps = fps > 31 ? rateOf(fps, ticksPerFrame(fps, 30)) : fps;
  return { name: '', ...size, maxFps, bitrateKbps: suggestedKbps(size, maxFps) };
}

/** The bitrate that was suggested follows to what suits another size or rate; one that was set stays. */
export function withSuggestedRate(before: VariantDraft, now: VariantDraft): VariantDraft {
  const isSuggested = before.bitrateKbps === suggestedKbps(before, before.maxFps);
  const isOther = before.bitrateKbps !== now.bitrateKbps;
  return isSuggested && !isOther ? { ...now, bitrateKbps: suggestedKbps(now, now.maxFps) } : now;
}
