import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WireError } from '../../shared/contract/errors';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { PatientDisks } from '../../electron/streaming/lib/patient-disks';
import type { DiskAnswer } from '../../electron/streaming/lib/patient-disks';
import { DiskSilent, RepairFile } from '../../electron/streaming/output/recording-repair-file';
import { RecordingJournal } from '../../electron/studio/recording-journal';
import { RecordingRepairs } from '../../electron/studio/recording-repairs';
import { waitFor } from '../support/wait-for';

/** Disks that answer so many questions, and the next one when they are let. */
class DyingDisks extends PatientDisks {
  asked = 0;
  answer = (): void => undefined;
  readonly #answers: number;
  readonly #hang = new Promise<void>((resolve) => (this.answer = resolve));

  constructor(answers: number, silentAfterMs: number) {
    super({ silentAfterMs });
    this.#answers = answers;
  }

  override ask<T>(path: string, question: () => Promise<T>): Promise<DiskAnswer<T>> {
    const hangs = ++this.asked > this.#answers;
    return super.ask(path, () => (hangs ? this.#hang.then(question) : question()));
  }
}

describe('the repairs at the start', () => {
  let folder: string;
  let path: string;
  let journal: RecordingJournal;
  let said: WireError[];
  let mended = 0;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'repairs-'));
    path = join(folder, 'film.mkv');
    said = [];
    writeFileSync(path, 'A letter to somebody, of some length');
    const killed = new RecordingJournal({ path: join(folder, 'recordings.json') });
    await killed.begun({ path, format: 'mkv', mark: Buffer.from('8 bytes!') });
    await killed.stop();
    journal = next();
  });
  afterEach(async () => {
    await journal.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const next = (): RecordingJournal => {
    const onChanged = (): void => {
      mended++;
    };
    const loaded = new RecordingJournal({ path: join(folder, 'recordings.json'), onChanged });
    loaded.load();
    return loaded;
  };
  const repairs = (disks?: PatientDisks): RecordingRepairs => {
    const notices = { add: (error: WireError) => void said.push(error) };
    return new RecordingRepairs({ journal, notices, logger: silentLogger, ...(disks && { disks }) });
  };

  it.each([0, 1])(
    'let the studio end though a disk hangs after %i answers, whose thread is known of',
    async (answers) => {
      const disks = new DyingDisks(answers, 60_000);
      const hanging = repairs(disks);
      await hanging.start();
      await waitFor(() => disks.asked > answers && disks.isWaiting, 'the disk to hang');
      const stoppedAtMs = performance.now();
      await hanging.stop();
      expect(performance.now() - stoppedAtMs).toBeLessThan(1000);
      expect(disks.isWaiting).toBe(true);
      disks.answer();
      await waitFor(() => !disks.isWaiting, 'the answer');
      // What comes after the end belongs to the next start.
      expect(journal.entries).toMatchObject([{ state: 'unfinished', reason: null }]);
      expect(said).toEqual([]);
    },
  );

  it('put a recording off whose disk falls silent, and ask it nothing more', async () => {
    const disks = new DyingDisks(1, 20);
    await using hanging = repairs(disks);
    await hanging.start();
    await waitFor(() => said.length > 0, 'the report');
    expect(said).toMatchObject([
      { code: 'recording-unrepaired', details: { path, reason: 'its disk does not answer' } },
    ]);
    expect(journal.entries).toMatchObject([{ state: 'unfinished', reason: 'its disk does not answer' }]);
    expect(disks.asked).toBe(2);
    disks.answer();
    await waitFor(() => !disks.isWaiting, 'the answer');
    expect(readFileSync(path, 'utf8')).toContain('A letter');
  });

  it('tell once of a file that was deleted, and look for it at every start', async () => {
    const bytes = readFileSync(path);
    const start = async (): Promise<void> => {
      const before = mended;
      await using mending = repairs();
      await mending.start();
      await waitFor(() => mended > before, 'the repair');
    };
    rmSync(path);
    await start();
    await journal.stop();
    journal = next();
    await start();
    expect(journal.entries).toMatchObject([{ state: 'unfinished', reason: 'the file is not there' }]);
    expect(said.map(({ code }) => code)).toEqual(['recording-unrepaired']);
    writeFileSync(path, bytes);
    await start();
    expect(said).toHaveLength(2);
    expect(journal.entries).toMatchObject([
      { state: 'broken', reason: 'it ended before its first picture was written' },
    ]);
  });

  it('hold one thread of a disk that falls silent in the middle of a file, known of until it answers', async () => {
    const disks = new PatientDisks({ silentAfterMs: 20 });
    let resolve: (read: { bytesRead: number }) => void = () => undefined;
    const answer = new Promise<{ bytesRead: number }>((answering) => (resolve = answering));
    const calls: string[] = [];
    const handle = {
      read: (...[, , length, position]: [Buffer, number, number, number]) => {
        calls.push(`read ${position}`);
        return position < 8 ? Promise.resolve({ bytesRead: length }) : answer;
      },
      close: () => Promise.resolve(void calls.push('close')),
    } as unknown as FileHandle;
    const file = await RepairFile.open(
      path,
      (question) => disks.ask(path, question),
      () => Promise.resolve(handle),
    );
    expect(await file.read(0, 8)).toHaveLength(8);
    await expect(file.read(8, 8)).rejects.toThrow(DiskSilent);
    await file.close();
    expect(calls).toEqual(['read 0', 'read 8']);
    expect(disks.isWaiting).toBe(true);
    resolve({ bytesRead: 0 });
    await waitFor(() => !disks.isWaiting, 'the end of its thread');
    expect(calls).toEqual(['read 0', 'read 8', 'close']);
  });
});
