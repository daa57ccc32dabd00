import type { RecordingEntry } from '../../../shared/contract/recordings';
import { formatBytes } from '../../ui/format';
import type { Tone } from '../../ui/status';

interface RecordingStory {
  readonly tone: Tone;
  readonly word: string;
  /** what happened to it and what that means; null: nothing did */
  readonly story: string | null;
}

/** What became of a recording, in a word and a sentence. */
export function recordingStory({ state, reason, repair }: RecordingEntry): RecordingStory {
  const why = reason === null ? null : `It ended early: ${reason}.`;
  switch (state) {
    case 'recording':
      return { tone: 'air', word: 'Recording', story: null };
    case 'finished':
      return { tone: 'calm', word: 'Finished', story: why };
    case 'unfinished':
      return {
        tone: 'warn',
        word: 'Waiting for repair',
        story: `${why ?? 'It was cut off.'} It plays as it is; the repair gives it its index, at the latest with the next start.`,
      };
    case 'repaired': {
      const cutBytes = repair?.cutBytes ?? 0;
      const cut =
        cutBytes > 0
          ? `the last ${formatBytes(cutBytes)}, which were being written, were taken away`
          : 'nothing had to be taken away';
      return { tone: 'good', word: 'Repaired', story: `It was cut off and repaired: ${cut}.` };
    }
    case 'broken':
      return {
        tone: 'air',
        word: 'Broken',
        story: `There is nothing to play${reason === null ? '' : `: ${reason}`}.`,
      };
  }
}
