/** characters that the undo menu's line may have */
const mostLabel = 120;

/** What the undo menu calls an edit. Names may be longer than its line. */
export const editLabel = (text: string): string => text.slice(0, mostLabel);
