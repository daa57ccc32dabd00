import type { DestinationDraft } from './destination-draft';

/** the draft of one that does not exist yet, in the dialog as in the first steps */
export const newDestinationKey = 'new';

/**
 * What was typed and neither saved nor given up, while this page lives: a dialog that was closed by a slip or by another
 * step shows it again. Keys lie nowhere but in the memory of the page.
 */
const drafts = new Map<string, DestinationDraft>();

export const unsavedDestinations = {
  get: (key: string): DestinationDraft | undefined => drafts.get(key),
  keep: (key: string, draft: DestinationDraft): void => {
    drafts.set(key, draft);
  },
  forget: (key: string): void => {
    drafts.delete(key);
  },
};
