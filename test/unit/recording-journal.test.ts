import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordingsSliceSchema } from '../../shared/contract/recordings';
import type { StudioError } from '../../electron/streaming/lib/errors';
import { RecordingJournal } from '../../electron/studio/recording-journal';
import { waitFor } from '../support/wait-for';

const mark = Uint8Array.of(0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4);

describe('the list of recordings', () => {
  let folder: string;
  let path: string;
  let now: number;
  const said: (string | null)[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'journal-'));
    path = join(folder, 'recordings.json');
    now = 1000;
    said.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const open = (): RecordingJournal => {
    const onSaved = (error: StudioError | null) => said.push(error && error.code);
    return new RecordingJournal({ path, now: () => now++, retryMs: 20, onSaved });
  };
  const begin = (journal: RecordingJournal, file: string): Promise<void> =>
    journal.begun({ path: file, format: 'mp4', mark });
  const ended = { bytes: 5000, durationSec: 4, isFinished: true, reason: null };

  it('has a file written down before that is made, and how it ended', async () => {
    const journal = open();
    expect(journal.load()).toBeNull();
    await begin(journal, '/films/one.mp4');
    expect(readFileSync(path, 'utf8')).toContain('"deadbeef01020304"');
    await begin(journal, '/films/two.mp4');
    journal.ended('/films/one.mp4', ended);
    journal.ended('/films/two.mp4', { ...ended, isFinished: false, reason: 'the disk is full' });
    await journal.stop();
    const next = open();
    expect(next.load()).toBeNull();
    expect(next.entries).toEqual(journal.entries);
    expect(recordingsSliceSchema.parse(next.entries)).toMatchObject([
      { path: '/films/two.mp4', state: 'unfinished', reason: 'the disk is full', startedAt: 1001 },
      { path: '/films/one.mp4', state: 'finished', bytes: 5000, durationSec: 4, endedAt: 1002 },
    ]);
    expect(JSON.stringify(next.entries)).not.toContain('deadbeef');
    expect(next.unfinished.map((entry) => [entry.path, entry.mark])).toEqual([
      ['/films/two.mp4', 'deadbeef01020304'],
    ]);
  });

  it('knows what was being written when its engine was killed, and what the repair came to', async () => {
    const killed = open();
    for (const name of ['a', 'b', 'c', 'd']) await begin(killed, `/films/${name}.mp4`);
    const journal = open();
    journal.load();
    expect(journal.unfinished.map((entry) => entry.path[7])).toEqual(['d', 'c', 'b', 'a']);
    const [d, c, b, a] = journal.unfinished.map(({ id }) => id);
    // One that this engine writes under the same name is another.
    await begin(journal, '/films/a.mp4');
    journal.mended(a!, { is: 'repaired', bytes: 70, durationSec: 2.5, cutBytes: 9 });
    journal.mended(b!, { is: 'finished', bytes: 60, durationSec: 2 });
    journal.mended(c!, { is: 'broken', reason: 'another file lies in its place' });
    journal.mended(d!, { is: 'postponed', reason: 'the file is not there' });
    expect(journal.entries.map(({ state, bytes, reason, repair }) => [state, bytes, reason, repair])).toEqual(
      [
        ['recording', 0, null, null],
        ['unfinished', 0, 'the file is not there', null],
        ['broken', 0, 'another file lies in its place', null],
        ['finished', 60, null, null],
        ['repaired', 70, null, { at: expect.any(Number) as number, cutBytes: 9 }],
      ],
    );
    expect(journal.unfinished.map(({ id }) => id)).toEqual([d]);
    await journal.stop();
  });

  it('forgets what it is told to, never the one that runs, and names that were taken', async () => {
    const journal = open();
    await begin(journal, '/films/mine.mp4');
    journal.taken('/films/mine.mp4');
    expect(journal.entries).toEqual([]);
    await begin(journal, '/films/mine (2).mp4');
    const [running] = journal.entries;
    expect(() => journal.forget(running!.id)).toThrow(expect.objectContaining({ code: 'on-air' }) as Error);
    journal.ended(running!.path, ended);
    journal.forget(running!.id);
    expect(journal.entries).toEqual([]);
    expect(() => journal.forget(running!.id)).toThrow(
      expect.objectContaining({ code: 'recording-not-found' }) as Error,
    );
    await journal.stop();
  });

  it('lets nobody wait for a file that could not be made, or got no picture', async () => {
    const journal = open();
    await begin(journal, '/films/never.mp4');
    const reason = 'no permission to write there';
    journal.ended('/films/never.mp4', { bytes: 0, durationSec: 0, isFinished: false, reason });
    expect(journal.entries).toMatchObject([{ state: 'broken', reason }]);
    expect(journal.unfinished).toEqual([]);
    await journal.stop();
  });

  it('forgets none that waits for its repair or runs before all others are forgotten', async () => {
    const journal = open();
    await begin(journal, '/films/runs.mp4');
    await begin(journal, '/films/waits.mp4');
    journal.ended('/films/waits.mp4', { ...ended, isFinished: false, reason: 'the disk is full' });
    await Promise.all(
      Array.from({ length: 200 }, (_, number) => {
        const beginning = begin(journal, `/films/${number}.mp4`);
        journal.ended(`/films/${number}.mp4`, ended);
        return beginning;
      }),
    );
    expect(journal.entries).toHaveLength(200);
    const paths = journal.entries.map((entry) => entry.path);
    expect(paths.slice(-3)).toEqual(['/films/2.mp4', '/films/waits.mp4', '/films/runs.mp4']);
    expect(journal.unfinished).toHaveLength(1);
    await journal.stop();
  });

  it('keeps the newest 200', async () => {
    const journal = open();
    await Promise.all(
      Array.from({ length: 203 }, (_, number) => {
        const beginning = begin(journal, `/films/${number}.mp4`);
        journal.ended(`/films/${number}.mp4`, ended);
        return beginning;
      }),
    );
    expect(journal.entries).toHaveLength(200);
    expect(journal.entries[0]!.path).toBe('/films/202.mp4');
    await journal.stop();
  });

  it('puts a file aside that it cannot read, and says so', async () => {
    writeFileSync(path, '{"version":1,"recordings":[{}]}');
    const journal = open();
    expect(journal.load()).toMatchObject({ code: 'recordings-unreadable' });
    await begin(journal, '/films/one.mp4');
    await journal.stop();
    expect(readdirSync(folder).filter((name) => name.includes('.broken-'))).toHaveLength(1);
    expect(open().load()).toBeNull();
  });

  it('lets a recording begin where it cannot be written, says so, and writes it as soon as it can', async () => {
    path = join(folder, 'not-yet', 'recordings.json');
    const journal = open();
    await begin(journal, '/films/one.mp4');
    expect(said).toContain('recordings-unsaved');
    mkdirSync(join(folder, 'not-yet'));
    await waitFor(() => said.at(-1) === null, 'the list to be saved');
    expect(readFileSync(path, 'utf8')).toContain('/films/one.mp4');
    await journal.stop();
  });
});
