import type { CostBasis, VariantView } from '../../../shared/contract/variants';
import { variantCorePercent } from '../../../shared/model/variant-cost';
import { formatKbps } from '../../ui/format';

interface Size {
  readonly width: number;
  readonly height: number;
}

export type CostedVariant = Pick<VariantView, 'width' | 'height' | 'fps' | 'bitrateKbps'>;

/** What costs are reckoned for. */
export interface CostPlace {
  readonly canvas: Size;
  readonly basis: CostBasis;
  readonly cores: number;
}

/** of the sound, which every destination gets */
export const soundKbps = 160;

/** `35 % of one core`, `1.4 cores` */
export const coresText = (corePercent: number): string =>
  corePercent < 95
    ? `${Math.max(1, Math.round(corePercent))} % of one core`
    : `${(corePercent / 100).toFixed(1)} cores`;

/** `35 %`, `1.4 cores`: beside one that says of what */
export const shortCoresText = (corePercent: number): string =>
  coresText(corePercent).replace(' of one core', '');

/** in steps: it is an estimate */
const roughly = (corePercent: number): number => Math.max(5, Math.round(corePercent / 5) * 5);

export const reckonedPercent = (variant: CostedVariant, { canvas, basis }: CostPlace): number =>
  variantCorePercent(variant, canvas, basis.msPerMegapixel);

/** What a variant takes, before it is chosen. */
export function costText(variant: CostedVariant, place: CostPlace): string {
  const corePercent = reckonedPercent(variant, place);
  const share = Math.max(1, Math.round(corePercent / place.cores));
  const upload = formatKbps(variant.bitrateKbps + soundKbps);
  return `About ${coresText(roughly(corePercent))} (${share} % of this computer) while it is in use, and ${upload} of upload for each destination.`;
}

/** How much that is worth. */
export const originText = ({ origin }: CostBasis): string =>
  ({
    running: 'Reckoned from what the program’s own encoder takes now.',
    measured: 'Reckoned from what was measured on this computer.',
    table: 'Reckoned from another computer: on this one nothing was measured yet.',
  })[origin];

/** What speaks against it, as sentences; it can be had all the same. */
export function costWarnings(variant: CostedVariant, place: CostPlace, isRunning: boolean): string[] {
  const { canvas, basis } = place;
  const { width, height } = variant;
  const idle = basis.idleCorePercent;
  const isTight = !isRunning && idle !== null && reckonedPercent(variant, place) > idle;
  const isStretched = Math.abs((width * canvas.height) / (height * canvas.width) - 1) > 0.01;
  return [
    ...(isTight
      ? [
          `This computer has about ${idle < 10 ? 'nothing' : coresText(idle)} to spare now: pictures may be left out.`,
        ]
      : []),
    ...(width > canvas.width || height > canvas.height
      ? ['It is larger than the canvas: that costs more and shows nothing more.']
      : []),
    ...(isStretched ? ['It has another shape than the canvas: the picture is stretched.'] : []),
  ];
}
