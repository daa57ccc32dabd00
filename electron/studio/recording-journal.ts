import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { maxRecordingEntries, recordingEntrySchema } from '../../shared/contract/recordings';
import type { RecordingEntry, RecordingFormat } from '../../shared/contract/recordings';
import { StudioError } from '../streaming/lib/errors';
import { replaceFile } from '../streaming/lib/replace-file';
import { Turns } from '../streaming/lib/turns';
import type { RecordingFileEnd, RecordingLog } from '../streaming/output/recording';
import type { Repair } from '../streaming/output/recording-repair';

/** `mark`: 8 bytes in hex, of which the file is known while it is unfinished */
const storedSchema = recordingEntrySchema.extend({ mark: z.string().regex(/^[0-9a-f]{16}$/) });
export type StoredRecording = z.infer<typeof storedSchema>;
const fileSchema = z.object({ version: z.literal(1), recordings: z.array(storedSchema) });

/** A disk that does not answer must not keep a recording on another from its beginning. */
const maxWaitMs = 1500;

export interface RecordingJournalOptions {
  /** its file */
  readonly path: string;
  readonly onChanged?: () => void;
  /** told of each saving; null: it is saved */
  readonly onSaved?: (error: StudioError | null) => void;
  /** unix milliseconds */
  readonly now?: () => number;
  /** between two attempts to write what could not be written */
  readonly retryMs?: number;
}

/**
 * Which recordings there are, in `recordings.json`: an entry is there before its file is, so that one which was cut off
 * is found again at the next start, whatever ended the engine.
 */
export class RecordingJournal implements RecordingLog {
  readonly #options: Required<RecordingJournalOptions>;
  readonly #turns = new Turns();
  /** newest first */
  #stored: readonly StoredRecording[] = [];
  #isUnsaved = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: RecordingJournalOptions) {
    const nothing = (): void => undefined;
    this.#options = { onChanged: nothing, onSaved: nothing, now: Date.now, retryMs: 2000, ...options };
  }

  /**
   * What was written down. Blocks: for the start, when nothing runs yet. A file that cannot be read is put aside.
   * @returns what is wrong with it; null: nothing, or there is none
   */
  load(): StudioError | null {
    const { path, now } = this.#options;
    try {
      const { recordings } = fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
      // What an engine before this one was writing has no one who writes it any more.
      this.#stored = recordings.map((entry) =>
        entry.state === 'recording' ? { ...entry, state: 'unfinished' } : entry,
      );
      return null;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      const reason = error instanceof z.ZodError ? 'it is not of the known form' : reasonOf(error);
      try {
        renameSync(path, `${path}.broken-${now()}`);
      } catch {
        // It is overwritten by the next one: it says nothing to anybody.
      }
      return new StudioError('recordings-unreadable', { path, reason }, { cause: error });
    }
  }

  /** newest first */
  get entries(): RecordingEntry[] {
    return this.#stored.map(({ mark: _, ...entry }) => entry);
  }

  /** those that were cut off before this engine, or could not be finished */
  get unfinished(): StoredRecording[] {
    return this.#stored.filter(({ state }) => state === 'unfinished');
  }

  async begun(file: { path: string; format: RecordingFormat; mark: Uint8Array }): Promise<void> {
    const { path, format } = file;
    const entry: StoredRecording = {
      ...{ id: randomUUID(), path, format, startedAt: this.#options.now(), endedAt: null },
      ...{ state: 'recording', bytes: 0, durationSec: 0, reason: null, repair: null },
      mark: Buffer.from(file.mark).toString('hex'),
    };
    this.#set(withoutOldest([entry, ...this.#stored]));
    await Promise.race([this.#turns.over(), delay(maxWaitMs, undefined, { ref: false })]);
  }

  taken(path: string): void {
    this.#set(this.#stored.filter((entry) => entry.state !== 'recording' || entry.path !== path));
  }

  ended(path: string, { bytes, durationSec, isFinished, reason }: RecordingFileEnd): void {
    const endedAt = this.#options.now();
    // Without a picture there is nothing that a repair could finish, and often no file.
    const unfinished = durationSec > 0 ? 'unfinished' : 'broken';
    const state = isFinished ? 'finished' : unfinished;
    this.#change(
      (entry) => entry.state === 'recording' && entry.path === path,
      (entry) => ({ ...entry, state, endedAt, bytes, durationSec, reason }),
    );
  }

  /** What the repair came to, of one that was unfinished. */
  mended(id: string, repair: Repair): void {
    const at = this.#options.now();
    this.#change(
      (entry) => entry.id === id && entry.state === 'unfinished',
      (entry): StoredRecording => {
        if (repair.is === 'broken') return { ...entry, state: 'broken', reason: repair.reason };
        if (repair.is === 'postponed') return { ...entry, reason: repair.reason };
        const { bytes, durationSec } = repair;
        if (repair.is === 'finished') return { ...entry, state: 'finished', bytes, durationSec };
        const report = { at, cutBytes: repair.cutBytes };
        return { ...entry, state: 'repaired', bytes, durationSec, reason: null, repair: report };
      },
    );
  }

  /** The file stays. @throws StudioError `recording-not-found`; `on-air` for the one that runs */
  forget(id: string): void {
    const found = this.#stored.find((entry) => entry.id === id);
    if (!found) throw new StudioError('recording-not-found', { id });
    if (found.state === 'recording')
      throw new StudioError('on-air', { what: 'Taking the running recording from the list' });
    this.#set(this.#stored.filter((entry) => entry !== found));
  }

  /** What could not be written yet is tried a last time. */
  async stop(): Promise<void> {
    await this.#turns.over();
    clearTimeout(this.#retry);
    if (this.#isUnsaved) await this.#write();
    clearTimeout(this.#retry);
  }

  #change(
    isMeant: (entry: StoredRecording) => boolean,
    change: (entry: StoredRecording) => StoredRecording,
  ): void {
    this.#set(this.#stored.map((entry) => (isMeant(entry) ? change(entry) : entry)));
  }

  #set(stored: readonly StoredRecording[]): void {
    this.#stored = stored;
    this.#options.onChanged();
    this.#save();
  }

  #save(): void {
    this.#isUnsaved = true;
    void this.#turns.take(() => (this.#isUnsaved ? this.#write() : undefined));
  }

  /** never rejects */
  async #write(): Promise<void> {
    const { path, onSaved, retryMs } = this.#options;
    clearTimeout(this.#retry);
    this.#isUnsaved = false;
    try {
      await replaceFile(path, `${JSON.stringify({ version: 1, recordings: this.#stored }, null, 1)}\n`);
      onSaved(null);
    } catch (cause) {
      this.#isUnsaved = true;
      this.#retry = setTimeout(() => this.#save(), retryMs).unref();
      onSaved(new StudioError('recordings-unsaved', { path, reason: reasonOf(cause) }, { cause }));
    }
  }
}

/** The oldest beyond what is kept; one that runs or waits for its repair only when there is no other. */
function withoutOldest(stored: readonly StoredRecording[]): readonly StoredRecording[] {
  if (stored.length <= maxRecordingEntries) return stored;
  const done = stored.findLast(({ state }) => state !== 'recording' && state !== 'unfinished');
  const dropped = done ?? stored.at(-1);
  return stored.filter((entry) => entry !== dropped);
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
