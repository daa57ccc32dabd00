import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeError } from '../../shared/contract/error-text';
import type { WireError } from '../../shared/contract/errors';
import { editSchema } from '../../shared/model/edit';
import { TestEngine } from '../support/engine';
import { decodeFile, probeFile } from '../support/probe';
import { requires } from '../support/requires';
import { SmallDisk } from '../support/small-disk';
import { waitFor } from '../support/wait-for';

describe.skipIf(!requires('ffmpeg', 'ffprobe'))('a disk that is really full', () => {
  let disk: SmallDisk;
  beforeEach(() => (disk = new SmallDisk()));
  afterEach(() => disk[Symbol.dispose]());

  const notice = async (engine: TestEngine, codes: readonly string[]): Promise<WireError> => {
    const { error } = await waitFor(
      async () => (await engine.snapshot()).notices.find(({ error: { code } }) => codes.includes(code)),
      `a notice of ${codes.join(' or ')}`,
    );
    return error;
  };

  it('ends a recording with a file that plays, says what to do, and costs the program nothing', async () => {
    await using engine = await TestEngine.ready(['--size', '640x360', '--fps', '30', '--bitrate', '4000'], {
      dataDir: disk.folder,
    });
    const { path } = await engine.call('recording.start', {});
    await waitFor(() => statSizeOf(path) > 150_000, 'a recording that grows');
    const [ticksBefore, lateBefore] = await ticksAndLate(engine);
    disk.fill(engine.pid, 40_000, path);
    const ended = await engine.until(({ recording }) => expect(recording.state).not.toBe('recording'));
    const error = await notice(engine, ['recording-failed', 'disk-full']);
    expect(describeError(error).remedy).not.toBe('');
    await engine.advance(60);
    expect(ended.recording.path).toBe(path);
    expect(decodeFile(path).complaints).toBe('');
    const { durationSec, packets } = probeFile(path);
    expect(durationSec).toBeGreaterThan(1);
    expect(packets.length).toBeGreaterThan(30);
    // Finished: all of it is one mdat and its index.
    expect(readFileSync(path).subarray(0, 64).includes('mdat')).toBe(true);
    expect(readFileSync(path).includes('co64')).toBe(true);
    // Not none: the machine may be busy with other tests. Writing that held up the program would cost nearly all.
    const [ticks, late] = await ticksAndLate(engine);
    expect((late - lateBefore) / (ticks - ticksBefore)).toBeLessThan(0.1);
    disk.empty(engine.pid);
    const { path: next } = await engine.call('recording.start', {});
    await waitFor(() => statSizeOf(next) > 50_000, 'another recording once there is room');
    await engine.call('recording.stop', {});
    expect(decodeFile(next).complaints).toBe('');
  });

  it('refuses what it cannot keep, and says what helps and what does not', async () => {
    await using engine = await TestEngine.ready(['--size', '320x180', '--fps', '30'], {
      dataDir: disk.folder,
    });
    disk.fill(engine.pid, 0);
    const refusal = async (call: Promise<unknown>): Promise<WireError> =>
      call.then(
        () => Promise.reject(new Error('it was kept')),
        (error: unknown) => (error as { wire: WireError }).wire,
      );
    const destination = { name: 'Far', url: 'rtmp://127.0.0.1:1/live', key: 'k' };
    expect(await refusal(engine.call('destination.add', destination))).toMatchObject({
      ...{ code: 'file-unwritable', details: { path: join(disk.folder, 'destinations.json') } },
    });
    expect(await refusal(engine.call('key.create', { name: 'Camera' }))).toMatchObject({
      ...{ code: 'file-unwritable', details: { path: join(disk.folder, 'keys.json') } },
    });
    expect(await refusal(engine.call('show.saveRestorePoint', { label: 'Before' }))).toMatchObject({
      ...{ code: 'restore-point-unsaved', details: { label: 'Before' } },
    });
    const { outputs, keys, notices } = await engine.snapshot();
    expect([outputs.map(({ kind }) => kind), keys, notices]).toEqual([['local'], [], []]);
    disk.empty(engine.pid);
    const { id } = await engine.call('destination.add', destination);
    await engine.call('show.saveRestorePoint', { label: 'Before' });
    expect(readFileSync(join(disk.folder, 'destinations.json'), 'utf8')).toContain(id);
  });

  it('does not keep an engine that was killed from coming back', async () => {
    const { folder } = disk;
    const settings = ['--size', '320x180', '--fps', '30'];
    const killed = await TestEngine.ready(settings, { dataDir: folder });
    disk.fill(killed.pid, 0);
    expect(() => writeFileSync(join(folder, 'any'), 'more')).toThrow('ENOSPC');
    rmSync(join(folder, 'any'), { force: true });
    killed.process.kill('SIGKILL');
    await killed.ended;
    await using engine = await TestEngine.ready(settings, { dataDir: folder });
    await engine.advance(30);
    // Whoever starts a second one is told of this one.
    expect(JSON.parse(readFileSync(join(folder, 'engine.json'), 'utf8'))).toMatchObject({ pid: engine.pid });
  });

  it('says what to do where there is no room at all for a start, and that it is worth another try', async () => {
    writeFileSync(join(disk.folder, 'filling'), Buffer.alloc(8192));
    disk.fill(process.pid, 0);
    const engine = new TestEngine(['--http', '0', '--rtmp', '0'], { dataDir: disk.folder });
    const { code, stderr } = await engine.ended;
    expect([code, stderr]).toEqual([
      75,
      expect.stringContaining(`The disk of the folder ${disk.folder} is full.`),
    ]);
    expect(readdirSync(disk.folder)).toEqual(['filling']);
  });

  it('loses nothing that was edited or set meanwhile', async () => {
    await using engine = await TestEngine.ready(['--size', '320x180', '--fps', '30'], {
      dataDir: disk.folder,
    });
    disk.fill(engine.pid, 0);
    await engine.call('show.edit', {
      edits: [editSchema.parse({ type: 'collection.rename', name: 'Made on a full disk' })],
      label: 'Rename the show',
    });
    await engine.call('settings.update', { patch: { recordingName: '{show} {time}', fps: 25 } });
    for (const code of ['show-unsaved', 'settings-unsaved'])
      expect(describeError(await notice(engine, [code])).remedy).toContain('tried again by itself');
    const during = await engine.snapshot();
    expect(during.show.name).toBe('Made on a full disk');
    expect(during.settings).toMatchObject({ recordingName: '{show} {time}' });
    // What was begun and could not be written takes no room.
    expect(readdirSync(disk.folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    disk.empty(engine.pid);
    await engine.until(({ notices }) =>
      expect(notices.filter(({ error }) => error.code.endsWith('-unsaved'))).toEqual([]),
    );
    const saved = (name: string): unknown => JSON.parse(readFileSync(join(disk.folder, name), 'utf8'));
    expect(saved('show.json')).toMatchObject({ name: 'Made on a full disk' });
    expect(saved('settings.json')).toMatchObject({ recordingName: '{show} {time}', fps: 25 });
  });
});

const statSizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** frames so far, and those of them that were repeated or left out */
async function ticksAndLate(engine: TestEngine): Promise<[number, number]> {
  const names = ['compositor_ticks_total', 'compositor_lagged_frames_total', 'encoder_dropped_frames'];
  const [ticks = 0, lagged = 0, skipped = 0] = await Promise.all(names.map((name) => engine.metric(name)));
  return [ticks, lagged + skipped];
}
