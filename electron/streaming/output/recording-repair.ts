import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { RecordingFormat } from '../../../shared/contract/recordings';
import type { ReadAt, RecordingEnd } from '../media/recording-file';
import { codeOf, describeDiskError } from './disk-error';
import { recordingFormats } from './recording-formats';

/** What became of a recording that was cut off. */
export type Repair =
  /** its engine had finished it, and could not say so any more */
  | { readonly is: 'finished'; readonly bytes: number; readonly durationSec: number }
  /** `cutBytes`: of the piece that was being written */
  | {
      readonly is: 'repaired';
      readonly bytes: number;
      readonly durationSec: number;
      readonly cutBytes: number;
    }
  /** it is not there, or there is no room: another time */
  | { readonly is: 'postponed'; readonly reason: string }
  /** there is nothing that could be repaired; whatever lies there is not touched */
  | { readonly is: 'broken'; readonly reason: string };

/**
 * Finishes a recording that was cut off, as if it had been stopped when its last whole piece was written. May itself be
 * cut off at any moment, and done again. Another file of that name is not touched: a recording is known by its mark.
 * @param mark 8 bytes
 * @throws the signal's reason
 */
export async function repairRecording(
  recording: { readonly path: string; readonly format: RecordingFormat; readonly mark: Uint8Array },
  signal: AbortSignal,
): Promise<Repair> {
  const { path, format, mark } = recording;
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r+');
    const found = await recordingFormats[format].scan(reading(file, signal));
    const { size } = await file.stat();
    if (found.is === 'foreign') return { is: 'broken', reason: 'another file lies in its place' };
    if (found.is === 'finished') return { ...found, bytes: size };
    if (found.is === 'unfinished' && !Buffer.from(mark).equals(found.mark))
      return { is: 'broken', reason: 'another recording lies in its place' };
    if (found.is === 'empty' || found.durationSec === 0)
      return { is: 'broken', reason: 'it ended before its first picture was written' };
    const { durationSec, length } = found;
    const cutBytes = size - length;
    try {
      return { is: 'repaired', bytes: await conclude(file, length, found.end()), durationSec, cutBytes };
    } catch (error) {
      if (codeOf(error) !== 'EFBIG') throw error;
      // It will never have room for its index, and plays without.
      return { is: 'finished', bytes: length, durationSec };
    }
  } catch (error) {
    signal.throwIfAborted();
    if (codeOf(error) === undefined) throw error;
    return { is: 'postponed', reason: describeDiskError(error) };
  } finally {
    await file?.close().catch(() => undefined);
  }
}

/** @returns the size of the finished file */
async function conclude(file: FileHandle, length: number, { tail, patch }: RecordingEnd): Promise<number> {
  await file.truncate(length);
  const index = Buffer.concat(tail);
  try {
    await writeAt(file, index, length);
  } catch (error) {
    await file.truncate(length);
    throw error;
  }
  await file.datasync();
  await writeAt(file, patch.bytes, patch.offset);
  await file.datasync();
  return length + index.length;
}

async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at);
    if (bytesWritten === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    at += bytesWritten;
  }
}

/** @returns as much as there is */
function reading(file: FileHandle, signal: AbortSignal): ReadAt {
  return async (offset, length) => {
    signal.throwIfAborted();
    const buffer = Buffer.alloc(length);
    let read = 0;
    while (read < length) {
      const { bytesRead } = await file.read(buffer, read, length - read, offset + read);
      if (bytesRead === 0) break;
      read += bytesRead;
    }
    return buffer.subarray(0, read);
  };
}
