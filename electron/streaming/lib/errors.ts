import { describeError } from '../../../shared/contract/error-text';
import type { ErrorCode, ErrorDetails, WireError } from '../../../shared/contract/errors';

/** An operational error: something a user or the world did. The code and its details cross the wire, a stack never does. */
export class StudioError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code;
  readonly details: ErrorDetails[Code];
  /** whether trying again may succeed without anybody changing anything */
  readonly retryable: boolean;

  constructor(
    code: Code,
    details: ErrorDetails[Code],
    options: { retryable?: boolean; cause?: unknown } = {},
  ) {
    const text = describeError({ code, details } as WireError);
    super(
      `${text.sentence} ${text.remedy}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'StudioError';
    this.code = code;
    this.details = details;
    this.retryable = options.retryable ?? false;
  }

  toWire(): WireError {
    return { code: this.code, details: this.details } as WireError;
  }
}

/** Cancelled is not an error: it is never logged as one. */
export function isCancelled(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === 'AbortError' ||
      error.name === 'TimeoutError' ||
      (error as { code?: unknown }).code === 'ABORT_ERR')
  );
}

/** Anything → what may cross the wire. A bug becomes `internal` with its message only. */
export function toWireError(error: unknown): WireError {
  if (error instanceof StudioError) return error.toWire();
  return { code: 'internal', details: { reason: error instanceof Error ? error.message : String(error) } };
}
