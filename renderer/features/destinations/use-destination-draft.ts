import { useRef, useState } from 'react';
import { withoutRevealedKey } from './destination-draft';
import type { DestinationDraft } from './destination-draft';
import { unsavedDestinations } from './unsaved-destinations';

/** makes the next draft of the newest one: what was typed while an answer was awaited is in it */
export type DraftChange = (now: DestinationDraft) => DestinationDraft;

/**
 * What is being typed for one destination; kept while the page lives, until it is saved or given up.
 * @param draftKey the id of a saved one, or `newDestinationKey`
 */
export function useDestinationDraft(draftKey: string, first: DestinationDraft) {
  const [draft, setDraft] = useState(() => unsavedDestinations.get(draftKey) ?? first);
  const newest = useRef(draft);
  const show = (change: DraftChange): DestinationDraft => {
    newest.current = change(newest.current);
    setDraft(newest.current);
    return newest.current;
  };
  return {
    draft,
    /** @returns the draft after it */
    change: (change: DraftChange): DestinationDraft => {
      const next = show(change);
      unsavedDestinations.keep(draftKey, withoutRevealedKey(next));
      return next;
    },
    /** It is on the screen and nowhere else. */
    show,
    forget: () => {
      unsavedDestinations.forget(draftKey);
    },
  };
}
