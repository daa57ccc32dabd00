import { useState } from 'react';
import type { SoundSettings } from '../../../shared/model/sound';
import type { SourceView } from '../../../shared/contract/show';
import { editLabel } from '../../actions/edit-label';
import { useStudio } from '../../studio-context';

export interface SoundEdits {
  /** what is set, or what the hand is setting just now */
  readonly sound: SoundSettings;
  /** Shown at once; one step of undo for each gesture. */
  change(patch: Partial<SoundSettings>, label: string, gesture?: string): void;
}

/** Changes how a source sounds. What a hand sets is shown before the engine answers, and whatever it answers after. */
export function useSoundEdits(source: SourceView, saved: SoundSettings): SoundEdits {
  const { liveEdits } = useStudio();
  const [drafts, setDrafts] = useState<readonly SoundSettings[]>([]);
  const sound = drafts.at(-1) ?? saved;
  return {
    sound,
    change: (patch, label, gesture) => {
      const next = { ...sound, ...patch };
      setDrafts((before) => [...before, next]);
      const edit = { type: 'source.update' as const, sourceId: source.id, patch: { sound: next } };
      void liveEdits.send([edit], editLabel(`${label} ${source.name}`), gesture).then(() => {
        setDrafts((before) => before.filter((draft) => draft !== next));
      });
    },
  };
}
