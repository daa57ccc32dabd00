import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { WireError } from '../../shared/contract/errors';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { PacketHub } from '../../electron/streaming/output/packet-hub';
import { diskLimits } from '../../electron/studio/disk-watch';
import { Egress } from '../../electron/studio/egress';
import type { Notices } from '../../electron/studio/notices';
import { RecordingDesk } from '../../electron/studio/recording-desk';
import type { WantedRecording } from '../../electron/studio/recording-desk';
import { RecordingJournal } from '../../electron/studio/recording-journal';
import { configsOf, encodeFixture, repeated } from '../support/encoded-fixture';
import type { EncodedFixture } from '../support/encoded-fixture';
import { decodeFile } from '../support/probe';
import { requires } from '../support/requires';
import { waitFor } from '../support/wait-for';

describe.skipIf(!requires('ffmpeg', 'ffprobe'))('recordings as a person starts them', () => {
  let fixture: EncodedFixture;
  let folder: string;
  let hub: PacketHub;
  let egress: Egress;
  let journal: RecordingJournal;
  let said: { error: WireError; severity: string; atMs: number }[];
  beforeAll(() => void (fixture = encodeFixture({ seconds: 3 })));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'recording-desk-'));
    hub = new PacketHub();
    egress = new Egress(hub, silentLogger);
    said = [];
    journal = new RecordingJournal({ path: join(folder, 'recordings.json') });
  });
  afterEach(async () => {
    hub.end();
    await egress.stop();
    await journal.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** on the real disk, whatever is free there; where it counts as low and full is up to the test */
  const deskWith = (
    limits: { lowBytes: number; fullBytes: number },
    wanted: Partial<WantedRecording> = {},
  ): RecordingDesk =>
    new RecordingDesk({
      ...{ egress, limits, logger: silentLogger },
      notices: {
        add: (error: WireError, severity: string) => said.push({ error, severity, atMs: performance.now() }),
        clear: () => undefined,
      } as unknown as Notices,
      wanted: () => ({
        folder,
        name: 'take',
        codec: 'h264',
        format: 'mp4',
        split: { by: 'none' },
        ...wanted,
      }),
      facts: () => ({ show: 'Show', scene: 'Scene' }),
      journal,
      onChanged: () => undefined,
    });

  it('are warned of below 5 GB and ended below 0.5 GB', () => {
    expect(diskLimits).toEqual({ lowBytes: 5e9, fullBytes: 0.5e9 });
  });

  it('end whole and with a notice while there is still room for their end', async () => {
    const limits = { lowBytes: 0, fullBytes: 0 };
    await using desk = deskWith(limits);
    await desk.start();
    const path = await desk.startRecording();
    await waitFor(() => hub.readerCount === 1, 'the recording to read');
    for (const unit of [...configsOf(fixture), ...fixture.packets]) hub.push(unit);
    const emptyAtMs = performance.now();
    await waitFor(() => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 50_000, 'a file that grows');
    expect(said).toEqual([]);

    const ofDisk = (): typeof said => said.filter(({ error }) => error.code.startsWith('disk-'));
    limits.lowBytes = Infinity;
    await waitFor(() => ofDisk().length > 0, 'the warning');
    expect(ofDisk()).toMatchObject([
      { severity: 'warning', error: { code: 'disk-low', details: { path: folder } } },
    ]);
    expect(egress.recording().state).toBe('recording');
    // The hub is empty: what does not grow is told of, too, until it ends.
    await waitFor(() => desk.alarm !== null, 'the alarm');
    const stalled = said.find(({ error }) => error.code === 'recording-stalled')!;
    expect(stalled).toMatchObject({
      ...{ severity: 'error', error: { details: { path, reason: 'encoder' } } },
    });
    expect(stalled.atMs - emptyAtMs).toBeLessThan(2000 + 250);
    expect(journal.entries).toMatchObject([{ path, state: 'recording' }]);

    limits.fullBytes = Infinity;
    await waitFor(() => egress.recording().state === 'idle', 'the end of the recording');
    expect(ofDisk().slice(1)).toMatchObject([
      { severity: 'error', error: { code: 'disk-full', details: { path: folder } } },
    ]);
    const pictures = fixture.packets.filter(({ kind }) => kind === 'video').length;
    expect(decodeFile(path)).toEqual({ videoFrames: pictures, complaints: '' });
    expect(journal.entries).toMatchObject([{ path, state: 'finished', bytes: statSync(path).size }]);
    await waitFor(() => desk.alarm === null, 'the end of the alarm');
    await expect(desk.startRecording()).rejects.toMatchObject({ code: 'disk-full' });

    limits.fullBytes = 0;
    expect(await desk.startRecording()).not.toBe(path);
  });

  it('are of the format and as long as it is set, and each file is in the list', async () => {
    await using desk = deskWith(
      { lowBytes: 0, fullBytes: 0 },
      { format: 'mkv', split: { by: 'minutes', minutes: 1 } },
    );
    await desk.start();
    const path = await desk.startRecording();
    expect(path).toBe(join(folder, 'take.mkv'));
    await waitFor(() => hub.readerCount === 1, 'the recording to read');
    for (const config of configsOf(fixture)) hub.push(config);
    let pictures = 0;
    for (const packet of repeated(fixture, 21)) {
      hub.push(packet);
      // Not faster than the disk: a minute of the program must not wait for it.
      if (packet.kind === 'video' && ++pictures % 90 === 0)
        await waitFor(() => (egress.recordingSummary?.durationSec ?? 0) > pictures / 30 - 3, 'the disk');
    }
    await egress.stopRecording();
    expect(journal.entries).toMatchObject([
      ...[{ path: join(folder, 'take (2).mkv'), format: 'mkv', state: 'finished' }],
      ...[{ path, format: 'mkv', state: 'finished', durationSec: expect.closeTo(60, 1) as number }],
    ]);
    expect(journal.entries.map((entry) => decodeFile(entry.path))).toEqual([
      { videoFrames: 90, complaints: '' },
      { videoFrames: 1800, complaints: '' },
    ]);
  });
});
