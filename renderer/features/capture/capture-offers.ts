import type { CameraLimits } from '../../capture/camera-limits';
import type { Choice } from '../../ui/select-field';

const usualHeights = [1080, 720, 480] as const;
const usualRates = [15, 24, 30, 60] as const;

/** The usual values that it reaches, and its largest. */
const within = (usual: readonly number[], most: number | null): number[] =>
  most === null ? [...usual] : [...new Set([...usual.filter((value) => value <= most), most])];

/** Sizes to be captured at most, the largest first. @param limits null: nothing is known of the device yet */
export function sizeOffers(limits: CameraLimits | null): Choice<string>[] {
  const heights = within(usualHeights, limits?.mostHeight ?? null).sort((one, other) => other - one);
  return [
    { value: '', label: 'As the canvas' },
    ...heights.map((height) => ({ value: String(height), label: `${height} lines` })),
  ];
}

/** Pictures a second, the fewest first. @param limits null: nothing is known of the device yet */
export function rateOffers(limits: CameraLimits | null): Choice<string>[] {
  const rates = within(usualRates, limits?.mostFps ?? null).sort((one, other) => one - other);
  return rates.map((rate) => ({ value: String(rate), label: String(rate) }));
}

/** What stands for a choice that is none of the offers: made for another camera, or before this one was known. */
export const strayOffer = (value: number, unit: string, most: number | null): string =>
  `${value}${unit}${most !== null && value > most ? ` (this camera: ${most})` : ''}`;
