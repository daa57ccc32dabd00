import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StreamUnit } from '../../electron/streaming/interfaces/packet';
import type { StudioError } from '../../electron/streaming/lib/errors';
import { nalType, nalUnits, typeOf } from '../../electron/streaming/media/nal-units';
import { realDisk } from '../../electron/streaming/output/recording-file';
import type { RecordingDisk } from '../../electron/streaming/output/recording-file';
import { PacketHub } from '../../electron/streaming/output/packet-hub';
import { Recording } from '../../electron/streaming/output/recording';
import { OutputSupervisor } from '../../electron/streaming/output/supervisor';
import { configsOf, encodeFixture, repeated, shifted } from '../support/encoded-fixture';
import type { EncodedFixture } from '../support/encoded-fixture';
import { decodeFile, probeFile } from '../support/probe';
import { requires } from '../support/requires';
import { TestPacketReader } from '../support/test-packets';
import { waitFor } from '../support/wait-for';

/** Its fragments are one `mdat`, and behind that lies its index. */
function isFinished(path: string): boolean {
  const file = readFileSync(path);
  const at = file.readUInt32BE(0);
  const end = at + Number(file.readBigUInt64BE(at + 8));
  return (
    file.toString('latin1', at + 4, at + 8) === 'mdat' && file.toString('latin1', end + 4, end + 8) === 'moov'
  );
}

const never = new AbortController().signal;

describe.skipIf(!requires('ffmpeg', 'ffprobe'))('recording', () => {
  let fixture: EncodedFixture;
  let folder: string;
  beforeAll(() => {
    fixture = encodeFixture({ seconds: 3, hasFiller: true, bitrateKbps: 1500 });
    folder = mkdtempSync(join(tmpdir(), 'recording-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const recordingTo = (name: string, disk?: RecordingDisk): Recording =>
    new Recording({ id: 'r', name: 'R', path: join(folder, name), ...(disk && { disk }) });
  const units = (times = 1): StreamUnit[] => [...configsOf(fixture), ...repeated(fixture, times)];
  const frames = (given: readonly StreamUnit[]): number =>
    given.filter(({ kind }) => kind === 'video').length;
  const record = async (recording: Recording, given: Iterable<StreamUnit>): Promise<unknown> =>
    recording
      .run(new TestPacketReader(given, { atEnd: 'end' }), never, () => undefined)
      .then(() => null)
      .catch((error: unknown) => error);

  it('keeps every frame, without the filler, in folders that it makes', async () => {
    const hasFiller = fixture.packets.some(
      (packet) =>
        packet.kind === 'video' && [...nalUnits(packet.data)].some((unit) => typeOf(unit) === nalType.filler),
    );
    expect(hasFiller).toBe(true);
    const recording = recordingTo('new/folders/show.mp4');
    let liveCalls = 0;
    await recording.run(new TestPacketReader(units(2), { atEnd: 'end' }), never, () => liveCalls++);
    expect(liveCalls).toBe(1);
    expect(recording.paths).toEqual([join(folder, 'new/folders/show.mp4')]);
    expect(recording.counters.bytes).toBe(statSync(recording.path).size);
    const sent = units(2).reduce((sum, unit) => sum + unit.data.length, 0);
    expect(recording.counters.bytes).toBeLessThan(0.9 * sent);
    expect(recording.durationSec).toBeCloseTo(6, 2);
    const decoded = decodeFile(recording.path);
    expect(decoded.complaints).toBe('');
    expect(decoded.videoFrames).toBe(frames(units(2)));
    expect(probeFile(recording.path).streams.map(({ codec }) => codec)).toEqual(['h264', 'aac']);
  });

  it('begins with a keyframe and waits a little for the sound’s configuration', async () => {
    const packets = [...repeated(fixture, 1)];
    const inner = packets.findIndex((packet) => packet.kind === 'video' && !packet.isKeyframe);
    const given = [
      fixture.video,
      ...packets.slice(inner, inner + 60),
      fixture.audio,
      ...packets.slice(inner + 60),
    ];
    const recording = recordingTo('late.mp4');
    expect(await record(recording, given)).toBeNull();
    expect(recording.paths).toHaveLength(1);
    const probed = probeFile(recording.path);
    expect(probed.streams.map(({ codec }) => codec)).toEqual(['h264', 'aac']);
    expect(probed.packets.find(({ stream }) => stream === 0)!.isKey).toBe(true);
    expect(decodeFile(recording.path).complaints).toBe('');
  });

  it('is finished when it is stopped, at any moment', async () => {
    const recording = recordingTo('stopped.mp4');
    const stop = new AbortController();
    const reader = new TestPacketReader(units(100), { isPaced: true });
    const running = recording.run(reader, stop.signal, () => undefined);
    await waitFor(() => reader.pulledMs > 1300, '1.3 s of programme');
    stop.abort();
    await running;
    expect(isFinished(recording.path)).toBe(true);
    const decoded = decodeFile(recording.path);
    expect(decoded.complaints).toBe('');
    expect(decoded.videoFrames).toBeGreaterThanOrEqual(38);
    // Stopped between a picture and the B-frames shown before it, which were still to come.
    expect(Math.abs(recording.durationSec * 30 - decoded.videoFrames)).toBeLessThan(3.5);
  });

  it('goes on in a new file when the parameter sets change', async () => {
    const other = encodeFixture({ seconds: 2, width: 480, height: 270 });
    const sameAgain = { ...fixture.video, bitrateKbps: 900 };
    const second = [...shifted(other, fixture.durationUs)];
    writeFileSync(join(folder, 'change (2).mp4'), 'somebody else’s');
    const recording = recordingTo('change.mp4');
    expect(await record(recording, [...units(), sameAgain, other.video, ...second])).toBeNull();
    expect(recording.paths).toEqual([join(folder, 'change.mp4'), join(folder, 'change (3).mp4')]);
    expect(recording.paths.map((path) => decodeFile(path))).toEqual([
      { videoFrames: frames(units()), complaints: '' },
      { videoFrames: frames(second), complaints: '' },
    ]);
    expect(probeFile(recording.path).streams[0]!.width).toBe(480);
    expect(recording.durationSec).toBeCloseTo(5, 2);
  });

  it('is cut at keyframes by its limit: the files together hold every picture and all the sound once', async () => {
    const recording = new Recording({
      ...{ id: 'r', name: 'R', path: join(folder, 'long.mp4') },
      split: { by: 'time', us: 2_000_000 },
    });
    expect(await record(recording, units(2))).toBeNull();
    expect(recording.paths.map((path) => basename(path))).toEqual([
      ...['long.mp4', 'long (2).mp4', 'long (3).mp4'],
    ]);
    expect(recording.paths.map((path) => decodeFile(path))).toEqual(
      Array.from({ length: 3 }, () => ({ videoFrames: 60, complaints: '' })),
    );
    const sent = units(2).filter(({ kind }) => kind === 'audio').length;
    const unheard = 4; // of before the first picture
    const kept = recording.paths.map(
      (path) => probeFile(path).packets.filter(({ stream }) => stream === 1).length,
    );
    const total = kept.reduce((sum, count) => sum + count, 0);
    expect(total).toBeGreaterThanOrEqual(sent - unheard);
    expect(total).toBeLessThanOrEqual(sent);
  });

  it('goes on in another file where the file system allows none larger, without losing a picture', async () => {
    const largest = 450_000;
    const disk: RecordingDisk = {
      ...realDisk,
      create: async (path) => {
        const handle = await realDisk.create(path);
        return {
          write: handle.write.bind(handle),
          datasync: handle.datasync.bind(handle),
          truncate: handle.truncate.bind(handle),
          close: handle.close.bind(handle),
          writev: async (buffers: readonly NodeJS.ArrayBufferView[], position = 0) => {
            const room = largest - position;
            if (room <= 0) throw Object.assign(new Error('EFBIG: file too large'), { code: 'EFBIG' });
            const part = Buffer.concat(buffers as readonly Uint8Array[]).subarray(0, room);
            await handle.write(part, 0, part.length, position);
            return { bytesWritten: part.length, buffers };
          },
        } as Awaited<ReturnType<RecordingDisk['create']>>;
      },
    };
    const recording = recordingTo('large.mp4', disk);
    expect(await record(recording, units(3))).toBeNull();
    expect(recording.paths.length).toBeGreaterThanOrEqual(3);
    const decoded = recording.paths.map((path) => decodeFile(path));
    expect(decoded.map(({ complaints }) => complaints).join('')).toBe('');
    const total = decoded.reduce((sum, { videoFrames }) => sum + videoFrames, 0);
    // Each of the later ones begins with the keyframe whose pictures the former holds in part.
    expect(total).toBeGreaterThanOrEqual(frames(units(3)));
    expect(total).toBeLessThanOrEqual(frames(units(3)) + 30 * (decoded.length - 1));
    for (const path of recording.paths) expect(statSync(path).size).toBeLessThanOrEqual(largest);
  });

  it('stays playable on a disk that fills up, and says why it ended', async () => {
    let room = 120_000;
    const disk: RecordingDisk = {
      ...realDisk,
      create: async (path) => {
        const handle = await open(path, 'wx');
        return {
          write: handle.write.bind(handle),
          datasync: handle.datasync.bind(handle),
          // What was written in vain is free again.
          truncate: async (length = 0) => {
            room += (await handle.stat()).size - length;
            await handle.truncate(length);
          },
          close: handle.close.bind(handle),
          // As the kernel does it: a short write first, then the error.
          writev: async (buffers: readonly NodeJS.ArrayBufferView[], position?: number) => {
            const all = Buffer.concat(buffers as readonly Uint8Array[]);
            if (room === 0) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
            const part = all.subarray(0, room);
            room -= part.length;
            await handle.write(part, 0, part.length, position);
            return { bytesWritten: part.length, buffers };
          },
        } as Awaited<ReturnType<RecordingDisk['create']>>;
      },
    };
    const recording = recordingTo('full.mp4', disk);
    const error = await record(recording, units(3));
    expect((error as StudioError).toWire()).toEqual({
      code: 'recording-failed',
      details: { path: recording.path, reason: 'the disk is full' },
    });
    expect(recording.counters.bytes).toBe(statSync(recording.path).size);
    const decoded = decodeFile(recording.path);
    expect(decoded.complaints).toBe('');
    expect(decoded.videoFrames).toBeGreaterThan(10);
    // The piece that found no room left some for the index and the duration.
    expect(isFinished(recording.path)).toBe(true);
    // Cut between a picture and the B-frames shown before it.
    expect(Math.abs(recording.durationSec * 30 - decoded.videoFrames)).toBeLessThan(3.5);
  });

  it('ends when the disk takes nothing, with a file that plays and the memory free, and costs others nothing', async () => {
    let answer = (): void => undefined;
    const stalled = new Promise<void>((resolve) => (answer = resolve));
    let writes = 0;
    let isClosed = false;
    const disk: RecordingDisk = {
      ...realDisk,
      create: async (path) => {
        const handle = await realDisk.create(path);
        return {
          write: handle.write.bind(handle),
          datasync: handle.datasync.bind(handle),
          truncate: handle.truncate.bind(handle),
          close: async () => {
            await handle.close();
            isClosed = true;
          },
          writev: async (buffers: readonly NodeJS.ArrayBufferView[], position?: number) => {
            if (++writes > 5) await stalled;
            return handle.writev(buffers, position);
          },
        } as Awaited<ReturnType<RecordingDisk['create']>>;
      },
    };
    const hub = new PacketHub();
    const recording = recordingTo('stalled.mp4', disk);
    const supervisor = new OutputSupervisor({ output: recording, source: hub });
    const other = hub.subscribe({ name: 'other', from: 'next', dropMs: Infinity, flushMs: Infinity });
    await supervisor.start();
    let pushed = 0;
    for (const unit of units(15)) {
      hub.push(unit);
      if (unit.kind === 'video') pushed++;
      if (pushed === 300) await waitFor(() => writes > 5, 'the disk to stall');
    }
    await waitFor(() => supervisor.state.state === 'failed', 'the recording to be given up');
    expect(supervisor.lastError).toEqual({
      code: 'recording-failed',
      details: { path: recording.path, reason: expect.stringContaining('the disk takes nothing') as string },
    });
    expect(hub.readerCount).toBe(1);
    expect(decodeFile(recording.path).complaints).toBe('');
    let received = 0;
    for (let unit = other.poll(); unit; unit = other.poll()) if (unit.kind === 'video') received++;
    expect(received).toBe(pushed);
    // If it ever answers, the file gets its end as usual.
    answer();
    await waitFor(() => isClosed, 'the end of the file');
    expect(isFinished(recording.path)).toBe(true);
    expect(decodeFile(recording.path).complaints).toBe('');
    await supervisor.stop();
  });

  it('never touches a file that exists: it takes the next free name, and says which', async () => {
    writeFileSync(join(folder, 'mine.mp4'), 'precious');
    mkdirSync(join(folder, 'mine (2).mp4'));
    const recording = recordingTo('mine.mp4');
    expect(recording).toMatchObject({ hasFile: false, path: join(folder, 'mine.mp4') });
    expect(await record(recording, units())).toBeNull();
    expect(readFileSync(join(folder, 'mine.mp4'), 'utf8')).toBe('precious');
    expect(recording).toMatchObject({ hasFile: true, path: join(folder, 'mine (3).mp4') });
    expect(decodeFile(recording.path)).toEqual({ videoFrames: frames(units()), complaints: '' });
    // Started again with the same arguments, as after a crash.
    const again = recordingTo('mine.mp4');
    expect(await record(again, units())).toBeNull();
    expect(again.paths).toEqual([join(folder, 'mine (4).mp4')]);
  });

  it('names what is in the way', async () => {
    writeFileSync(join(folder, 'a-file'), '');
    const below = recordingTo('a-file/inside.mp4');
    const blocked = await record(below, units());
    expect((blocked as StudioError).toWire()).toEqual({
      code: 'recording-failed',
      details: { path: below.path, reason: 'a folder of the path is a file' },
    });
    expect(below.hasFile).toBe(false);
    mkdirSync(join(folder, 'a-folder'));
    const onFolder = await record(recordingTo('a-folder'), units());
    expect((onFolder as StudioError).details).toMatchObject({ reason: 'the path is a folder' });
    expect(existsSync(join(folder, 'a-folder (2)'))).toBe(false);
    const unfit = await record(recordingTo('vp9.mp4'), [
      { ...fixture.video, codec: 'vp9' },
      ...units().slice(1),
    ]);
    expect((unfit as StudioError).message).toContain('vp9');
    expect(existsSync(join(folder, 'vp9.mp4'))).toBe(false);
  });
});
