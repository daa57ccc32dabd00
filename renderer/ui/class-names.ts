/** Joins what is there: `classNames('a', isB && 'b')`. */
export const classNames = (...parts: readonly (string | false | null | undefined)[]): string =>
  parts.filter(Boolean).join(' ');
