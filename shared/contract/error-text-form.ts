import type { ErrorCode, ErrorDetails } from './errors';

export interface ErrorText {
  /** what was expected and what was found */
  sentence: string;
  /** what the person can do about it */
  remedy: string;
}

/** Error code → what a person is told of it. */
export type ErrorTexts = { readonly [Code in ErrorCode]: (details: ErrorDetails[Code]) => ErrorText };
