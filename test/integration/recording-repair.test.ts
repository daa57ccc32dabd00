import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { WireError } from '../../shared/contract/errors';
import { recordingFormatSchema } from '../../shared/contract/recordings';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { realDisk } from '../../electron/streaming/output/recording-file';
import type { RecordingDisk } from '../../electron/streaming/output/recording-file';
import { Recording } from '../../electron/streaming/output/recording';
import { recordingFormats } from '../../electron/streaming/output/recording-formats';
import { repairRecording } from '../../electron/streaming/output/recording-repair';
import { RecordingJournal } from '../../electron/studio/recording-journal';
import { RecordingRepairs } from '../../electron/studio/recording-repairs';
import { configsOf, encodeFixture, repeated } from '../support/encoded-fixture';
import type { EncodedFixture } from '../support/encoded-fixture';
import { encodeWebmFixture } from '../support/webm-fixture';
import { decodeFile, probeFile } from '../support/probe';
import { requires } from '../support/requires';
import { SmallDisk } from '../support/small-disk';
import { TestPacketReader } from '../support/test-packets';
import { waitFor } from '../support/wait-for';

const never = new AbortController().signal;
const mark = Buffer.from('8 bytes!');

/** A disk that goes away when the beginning is to be written over. */
const goneAtTheEnd: RecordingDisk = {
  ...realDisk,
  create: async (path) => {
    const handle = await realDisk.create(path);
    return {
      truncate: handle.truncate.bind(handle),
      close: handle.close.bind(handle),
      datasync: handle.datasync.bind(handle),
      writev: handle.writev.bind(handle),
      write: () => Promise.reject(Object.assign(new Error('gone'), { code: 'EIO' })),
    };
  },
};

describe.skipIf(!requires('ffmpeg', 'ffprobe')).each(recordingFormatSchema.options)(
  'the repair of a recording that was cut off (%s)',
  (format) => {
    let folder: string;
    let fixture: EncodedFixture;
    /** the file when its last piece is written, and when it is finished */
    let pieces: Buffer;
    let whole: Buffer;
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'repair-'));
      fixture = format === 'webm' ? encodeWebmFixture(3) : encodeFixture({ seconds: 3 });
      const finished = join(folder, `whole.${format}`);
      await record(finished);
      whole = readFileSync(finished);
      const torn = join(folder, `torn.${format}`);
      await expect(record(torn, goneAtTheEnd)).rejects.toMatchObject({ code: 'recording-failed' });
      // What was appended stays: its beginning may say so already.
      expect(statSync(torn).size).toBe(whole.length);
      await cutToPieces(torn);
      pieces = readFileSync(torn);
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    const record = (path: string, disk?: RecordingDisk, times = 2): Promise<void> => {
      const recording = new Recording({
        ...{ id: 'r', name: 'R', path, newMark: () => mark },
        ...(disk && { disk }),
      });
      const units = [...configsOf(fixture), ...repeated(fixture, times)];
      return recording.run(new TestPacketReader(units, { atEnd: 'end' }), never, () => undefined);
    };

    /** as if its engine had been killed when the last one was written */
    const cutToPieces = async (path: string): Promise<void> => {
      const bytes = readFileSync(path);
      const found = await recordingFormats[format].scan((offset, length) =>
        Promise.resolve(bytes.subarray(offset, offset + length)),
      );
      if (found.is !== 'unfinished') throw new Error(`found ${found.is}`);
      truncateSync(path, found.length);
    };

    it('makes of the pieces that were written what a stop there would have made', async () => {
      const path = join(folder, `mended.${format}`);
      writeFileSync(path, pieces);
      expect(await repairRecording({ path, format, mark }, never)).toEqual({
        ...{ is: 'repaired', cutBytes: 0, durationSec: expect.closeTo(6, 2) as number },
        bytes: whole.length,
      });
      expect(readFileSync(path).equals(whole)).toBe(true);
      // Its engine was killed after the last byte, and could not write that down.
      expect(await repairRecording({ path, format, mark }, never)).toEqual({
        ...{ is: 'finished', bytes: whole.length },
        durationSec: expect.closeTo(6, 1) as number,
      });
      expect(readFileSync(path).equals(whole)).toBe(true);
      // … or just before its beginning was written over.
      writeFileSync(path, Buffer.concat([pieces, whole.subarray(pieces.length)]));
      expect(await repairRecording({ path, format, mark }, never)).toMatchObject({ is: 'repaired' });
      expect(readFileSync(path).equals(whole)).toBe(true);
    });

    it('plays to its end wherever it was cut off', async () => {
      const path = join(folder, `cut.${format}`);
      const frames: number[] = [];
      for (const part of [0.3, 0.51, 0.87]) {
        writeFileSync(path, pieces.subarray(0, Math.floor(pieces.length * part)));
        const repair = await repairRecording({ path, format, mark }, never);
        if (repair.is !== 'repaired') throw new Error(JSON.stringify(repair));
        expect(repair.bytes).toBe(statSync(path).size);
        const decoded = decodeFile(path);
        expect(decoded.complaints).toBe('');
        expect(Math.abs(decoded.videoFrames - repair.durationSec * 30)).toBeLessThan(3.5);
        expect(Math.abs(probeFile(path).durationSec - repair.durationSec)).toBeLessThan(0.1);
        frames.push(decoded.videoFrames);
      }
      expect(frames.every((count, index) => count > (frames[index - 1] ?? 20))).toBe(true);
    });

    it('touches nothing that it does not know', async () => {
      const path = join(folder, `other.${format}`);
      const expectUntouched = async (bytes: Buffer, reason: RegExp): Promise<void> => {
        writeFileSync(path, bytes);
        const repair = await repairRecording({ path, format, mark }, never);
        expect(repair).toEqual({ is: 'broken', reason: expect.stringMatching(reason) as string });
        expect(readFileSync(path).equals(bytes)).toBe(true);
      };
      const strange = Buffer.from(pieces);
      strange[pieces.indexOf(mark)]! ^= 1;
      await expectUntouched(strange, /another recording/);
      await expectUntouched(Buffer.from('A letter to somebody, of some length'.repeat(20)), /another file/);
      await expectUntouched(Buffer.alloc(0), /before its first picture/);
      await expectUntouched(pieces.subarray(0, 2000), /before its first picture/);
      rmSync(path);
      expect(await repairRecording({ path, format, mark }, never)).toEqual({
        ...{ is: 'postponed', reason: 'the file is not there' },
      });
    });

    it('leaves a recording as it is while its disk is full, and mends it when there is room', async () => {
      using disk = new SmallDisk();
      const path = join(disk.folder, `full.${format}`);
      // Its index needs more than what is left in the last page of the file.
      await record(path, goneAtTheEnd, 20).catch(() => undefined);
      await cutToPieces(path);
      const torn = readFileSync(path);
      disk.fill(process.pid, 0, path);
      const full = await repairRecording({ path, format, mark }, never);
      disk.empty(process.pid);
      expect(readFileSync(path).equals(torn)).toBe(true);
      // Where nothing may be mounted, the limit is that of a file's size: then it is left without an index.
      expect(['the disk is full', 'finished']).toContain(full.is === 'postponed' ? full.reason : full.is);
      expect(await repairRecording({ path, format, mark }, never)).toMatchObject({ is: 'repaired' });
      expect(decodeFile(path)).toEqual({ videoFrames: 20 * 90, complaints: '' });
    });

    describe('at the next start', () => {
      let journal: RecordingJournal;
      beforeEach(() => (journal = new RecordingJournal({ path: join(folder, `${format}.json`) })));
      afterEach(() => journal.stop());

      it('mends what was being written, tells of each, and leaves the rest alone', async () => {
        const path = join(folder, `evening.${format}`);
        writeFileSync(path, pieces.subarray(0, -100));
        const gone = join(folder, `gone.${format}`);
        await journal.begun({ path: gone, format, mark });
        await journal.begun({ path, format, mark });
        const next = new RecordingJournal({ path: join(folder, `${format}.json`) });
        next.load();
        const said: WireError[] = [];
        const notices = { add: (error: WireError) => void said.push(error) };
        await using repairs = new RecordingRepairs({ journal: next, notices, logger: silentLogger });
        await repairs.start();
        await waitFor(() => said.length === 2, 'both reports');
        expect(said.map(({ code, details }) => [code, details])).toEqual([
          ['recording-repaired', { path, durationSec: expect.any(Number) as number }],
          ['recording-unrepaired', { path: gone, reason: 'the file is not there' }],
        ]);
        expect(next.entries.map(({ state }) => state)).toEqual(['repaired', 'unfinished']);
        expect(next.entries[0]!.bytes).toBe(statSync(path).size);
        expect(decodeFile(path).complaints).toBe('');
        await next.stop();
      });
    });
  },
);
