import type { RecordingFormat } from '../../../shared/contract/recordings';
import type { RecordingEnd } from '../media/recording-file';
import { codeOf, describeDiskError } from './disk-error';
import { DiskSilent, RepairFile } from './recording-repair-file';
import type { AskDisk } from './recording-repair-file';
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
  /** it is not there, its disk does not answer, or there is no room: another time */
  | { readonly is: 'postponed'; readonly reason: string }
  /** there is nothing that could be repaired; whatever lies there is not touched */
  | { readonly is: 'broken'; readonly reason: string };

/**
 * Finishes a recording that was cut off, as if it had been stopped when its last whole piece was written. May itself be
 * cut off at any moment, and done again. Another file of that name is not touched: a recording is known by its mark.
 * @param ask through it go all questions to the disk
 * @throws the signal's reason
 */
export async function repairRecording(
  recording: { readonly path: string; readonly format: RecordingFormat; readonly mark: Uint8Array },
  signal: AbortSignal,
  ask: AskDisk = async (question) => ({ value: await question() }),
): Promise<Repair> {
  const { path, format, mark } = recording;
  let file: RepairFile | undefined;
  try {
    const opened = (file = await RepairFile.open(path, ask));
    const found = await recordingFormats[format].scan((offset, length) => {
      signal.throwIfAborted();
      return opened.read(offset, length);
    });
    const size = await file.size();
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
    if (error instanceof DiskSilent) return { is: 'postponed', reason: error.message };
    if (codeOf(error) === undefined) throw error;
    return { is: 'postponed', reason: describeDiskError(error) };
  } finally {
    await file?.close();
  }
}

/** @returns the size of the finished file */
async function conclude(file: RepairFile, length: number, { tail, patch }: RecordingEnd): Promise<number> {
  await file.truncate(length);
  const index = Buffer.concat(tail);
  try {
    await file.write(index, length);
  } catch (error) {
    if (!(error instanceof DiskSilent)) await file.truncate(length);
    throw error;
  }
  await file.datasync();
  await file.write(patch.bytes, patch.offset);
  await file.datasync();
  return length + index.length;
}
