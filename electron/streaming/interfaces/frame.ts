/**
 * A composed program picture, lent to the encoder. `data` is I420 (BT.709 limited) in shared memory: Y width×height,
 * then U and V at half size, tightly packed. Not copied: it may be read until `release()` is called, which every
 * receiver must do exactly once (for a pipe: in the write's callback, not when write returns).
 */
export interface ProgramFrame {
  /** tick number since the start of the program; rises by one per tick without gaps */
  readonly index: number;
  /** when the tick fell due, microseconds of CLOCK_MONOTONIC */
  readonly tickUs: number;
  /** the compositor was late and repeats its last picture */
  readonly isLagged: boolean;
  /** null: no free buffer was left (the encoder is far behind), so there is no picture for this tick */
  readonly data: Uint8Array | null;
  /** time spent composing, milliseconds; 0 for a repeated picture */
  readonly composeMs: number;
  release(): void;
}

/** A small copy of a program frame for the UI: I420, even size, same layout. Valid until the next one. */
export interface PreviewPicture {
  readonly index: number;
  readonly tickUs: number;
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}
