import type { ErrorCode, ErrorDetails } from './errors';

export interface ErrorText {
  /** what was expected and what was found */
  sentence: string;
  /** what the person can do about it */
  remedy: string;
}

/** Error code → what a person is told of it. */
export type ErrorTexts = { readonly [Code in ErrorCode]: (details: ErrorDetails[Code]) => ErrorText };

/**
 * What helps where something cannot be written.
 * @param reason the system's code; @param otherwise the remedy where the disk is not full
 */
export const remedyOfWriting = (reason: string, otherwise: string): string =>
  reason === 'ENOSPC' || reason === 'EDQUOT' ? 'Make room on that disk, then try again.' : otherwise;
