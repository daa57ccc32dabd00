import type { OutputView } from '../../../shared/contract/snapshot';
import type { Tone } from '../../ui/status';

export interface LiveSummary {
  tone: Tone;
  text: string;
  isBusy: boolean;
}

/** The one sentence on all destinations: "live" is only said of what really is. */
export function liveSummary(isLive: boolean, outputs: readonly OutputView[], isOnline = true): LiveSummary {
  if (!isOnline) return { tone: 'calm', text: 'Last seen live', isBusy: false };
  if (!isLive) return { tone: 'calm', text: 'Off air', isBusy: false };
  // Those that a person has off are not missing.
  const destinations = outputs.filter(({ kind, isWanted }) => kind === 'destination' && isWanted);
  const count = (state: OutputView['status']['state']): number =>
    destinations.filter(({ status }) => status.state === state).length;
  const total = destinations.length;
  if (total === 0) return { tone: 'warn', text: 'No destination', isBusy: false };
  const live = count('live');
  const of = (part: number): string => (total === 1 ? '' : `${part} of ${total} `);
  if (live === total) return { tone: 'air', text: 'ON AIR', isBusy: false };
  const failed = count('failed');
  if (failed > 0) return { tone: 'warn', text: `${of(failed)}failed`.replace(/^f/, 'F'), isBusy: false };
  const lost = count('reconnecting');
  if (lost > 0) return { tone: 'warn', text: `${of(lost)}reconnecting`.replace(/^r/, 'R'), isBusy: true };
  const connecting = count('connecting');
  if (connecting > 0)
    return { tone: 'warn', text: `${of(connecting)}connecting`.replace(/^c/, 'C'), isBusy: true };
  const waiting = count('waiting');
  if (waiting > 0) return { tone: 'warn', text: `${of(waiting)}held back`.replace(/^h/, 'H'), isBusy: true };
  return { tone: 'warn', text: `${of(total - live)}not live`.replace(/^n/, 'N'), isBusy: false };
}
