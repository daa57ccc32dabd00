import type { ProfileView } from '../../../shared/contract/encoder';
import type { Snapshot } from '../../../shared/contract/snapshot';

type Figures = NonNullable<ProfileView['figures']>;

/** `+42 %`, `−31 %` */
export const headroomText = ({ headroomPercent }: Figures): string =>
  `${headroomPercent < 0 ? '−' : '+'}${Math.abs(headroomPercent)} %`;

/** `0.9587`; an en dash where it was not looked at */
export const ssimText = (ssim: number | null): string => (ssim === null ? '–' : ssim.toFixed(4));

/** `38 %`; an en dash where the system does not say */
export const cpuText = (percent: number | null): string => (percent === null ? '–' : `${percent} %`);

export function measuredText(measuredWith: Snapshot['encoder']['measuredWith']): string {
  if (!measuredWith) return 'Not measured yet.';
  const at = new Date(measuredWith.at);
  const day = at.toLocaleDateString('en-GB', { day: 'numeric', month: 'long' });
  const time = at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  return `Measured with ${measuredWith.content}, on ${day} at ${time}.`;
}
