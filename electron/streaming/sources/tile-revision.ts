let last = 0;

/** Other pixels, other number, across all sources: the compositor compares nothing else. */
export const nextTileRevision = (): number => (last += 1);
