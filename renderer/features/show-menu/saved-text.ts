import type { Snapshot } from '../../../shared/contract/snapshot';
import { formatClock } from '../../ui/format';

/** `12:03`, local time */
const timeOf = (unixMs: number): string => formatClock(unixMs).slice(0, 5);

/** Whether the show is safe on the disk, in three words. */
export function savedText(show: Pick<Snapshot['show'], 'savedAt' | 'saveError'>): {
  text: string;
  isProblem: boolean;
} {
  if (show.saveError) return { text: 'Not saved', isProblem: true };
  return { text: show.savedAt === null ? 'Saved' : `Saved ${timeOf(show.savedAt)}`, isProblem: false };
}
