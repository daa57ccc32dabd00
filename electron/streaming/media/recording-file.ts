import type { Packet } from '../interfaces/packet';

/**
 * The bytes of one recording file, whatever its format; no I/O. Whoever writes them appends each piece whole, so that a
 * file which ends anywhere plays up to its last whole piece.
 */
export interface RecordingWriter {
  /** the file's first bytes */
  readonly header: Uint8Array;
  /** of the video in the pieces that are in the file, seconds */
  readonly durationSec: number;
  /**
   * Takes a packet over, payload by reference.
   * @returns the piece that it closes, to be appended in one write; null while the piece is open
   */
  push(packet: Packet): readonly Uint8Array[] | null;
  /** What is still open, as the last piece; null: nothing. The writer takes no more packets. */
  close(): readonly Uint8Array[] | null;
  /** The piece that was given last is in the file, whole; one that is not is not counted. */
  written(): void;
  /** What finishes a file that ends with the last piece which was written. */
  end(): RecordingEnd;
}

export interface RecordingEnd {
  /** the index, to be appended; until the patch is written the file is what it was */
  readonly tail: readonly Uint8Array[];
  /** one write over the file's beginning that turns it into a finished one */
  readonly patch: { readonly offset: number; readonly bytes: Uint8Array };
}

/** Reads a part of a file; fewer bytes than were asked for: it ends there. */
export type ReadAt = (offset: number, length: number) => Promise<Buffer>;

/** What a file that was to be a recording is found to be. */
export type RecordingScan =
  /** not even its header is whole */
  | { readonly is: 'empty' }
  /** something else */
  | { readonly is: 'foreign' }
  | { readonly is: 'finished'; readonly durationSec: number }
  | {
      readonly is: 'unfinished';
      /** which file it is: given to its writer, 8 bytes */
      readonly mark: Uint8Array;
      /** end of its last whole piece, bytes */
      readonly length: number;
      readonly durationSec: number;
      readonly end: () => RecordingEnd;
    };
