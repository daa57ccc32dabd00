import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PacketReader, PacketSource, StreamUnit } from '../../electron/streaming/interfaces/packet';
import { systemClock } from '../../electron/streaming/lib/clock';
import type { StudioError } from '../../electron/streaming/lib/errors';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { PacketHub } from '../../electron/streaming/output/packet-hub';
import { EncodePipeline } from '../../electron/streaming/output/pipeline';
import { profileByName } from '../../electron/streaming/output/profiles';
import { RecordingJournal } from '../../electron/studio/recording-journal';
import { ReplayDesk } from '../../electron/studio/replay-desk';
import { configsOf, encodeFixture, repeated } from '../support/encoded-fixture';
import { testBuilds } from '../support/ffmpeg-builds';
import { decodeFile, probeFile } from '../support/probe';
import { readPictureCounter, SyncFrames } from '../support/sync-frames';
import { waitFor } from '../support/wait-for';

const [width, height, fps] = [320, 180, 60];
const builds = await testBuilds();
let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'replay-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function deskOf(hub: PacketSource, seconds: number): { desk: ReplayDesk; journal: RecordingJournal } {
  const journal = new RecordingJournal({ path: join(folder, `${seconds}.json`) });
  const recordings = {
    newPath: (prefix = '') => Promise.resolve(join(folder, `${prefix}of ${seconds} s.mp4`)),
  };
  return {
    desk: new ReplayDesk({
      journal,
      recordings,
      hub: () => hub,
      sound: () => 'aac',
      wantedSec: () => seconds,
    }),
    journal,
  };
}

function countersIn(path: string): (number | null)[] {
  const args = ['-v', 'error', '-i', path, '-vsync', '0', '-f', 'rawvideo', '-pix_fmt', 'yuv420p', 'pipe:1'];
  const { stdout } = spawnSync(builds[0]!.path, args, { maxBuffer: 1e9 });
  const size = (width * height * 3) / 2;
  return Array.from({ length: Math.floor(stdout.length / size) }, (_, at) =>
    readPictureCounter(stdout.subarray(at * size, (at + 1) * size), width, height),
  );
}

const videoOf = (units: readonly StreamUnit[]): number[] =>
  units.flatMap((unit) => (unit.kind === 'video' ? [unit.frameIndex] : []));
function drain(reader: PacketReader): StreamUnit[] {
  const units: StreamUnit[] = [];
  for (let unit = reader.poll(); unit; unit = reader.poll()) units.push(unit);
  return units;
}

it.skipIf(builds.length === 0)(
  'saves the last seconds of a running program, twice, and its other readers miss nothing',
  async () => {
    const notices: StudioError[] = [];
    const pipeline = new EncodePipeline({
      onNotice: (notice) => notices.push(notice),
      ...{ build: builds[0]!, profile: profileByName('veryfast-2t') },
      ...{ clock: systemClock, logger: silentLogger, format: { width, height, fps, bitrateKbps: 1000 } },
    });
    await pipeline.start();
    const { desk, journal } = deskOf(pipeline.hub, 3);
    await desk.start();
    await expect(desk.save()).rejects.toMatchObject({ code: 'replay-empty' });
    const other = pipeline.hub.subscribe({
      ...{ name: 'other', from: 'next', dropMs: Infinity, flushMs: Infinity },
    });
    const frames = new SyncFrames(width, height, fps);
    const silence = new Float32Array((2 * 48_000) / fps);
    let index = 0;
    const runTo = async (end: number): Promise<void> => {
      for (; index < end; index++) {
        while (pipeline.counters.queue > pipeline.setup.profile.delayFrames + 8) await sleep(1);
        expect(pipeline.offerFrame(frames.make(index))).toBe('accepted');
        pipeline.writeAudio(index, silence);
      }
    };
    const saveWhileItRuns = async (at: number) => {
      await runTo(at);
      const saving = desk.save();
      await runTo(at + 60);
      const { paths, durationSec } = await saving;
      expect(paths).toHaveLength(1);
      return { path: paths[0]!, durationSec, counters: countersIn(paths[0]!) };
    };
    const first = await saveWhileItRuns(300);
    const second = await saveWhileItRuns(510);
    await pipeline.stop();
    await desk.stop();

    expect(notices).toEqual([]);
    expect([first, second].map(({ path }) => basename(path))).toEqual([
      'Replay of 3 s.mp4',
      'Replay of 3 s (2).mp4',
    ]);
    for (const { path, durationSec, counters } of [first, second]) {
      // Whole GOPs of two seconds: three seconds at least, below five. The encoder delivers a little behind.
      expect(counters[0]! % 120).toBe(0);
      // It may end between a picture and the B-frames shown before it, as a recording may that is stopped.
      const whole = counters.slice(0, -1);
      expect(whole).toEqual(whole.map((_, at) => counters[0]! + at));
      expect(counters.at(-1)! - whole.at(-1)!).toBeGreaterThan(0);
      expect(counters.at(-1)! - whole.at(-1)!).toBeLessThan(5);
      expect(counters.length / fps).toBeGreaterThanOrEqual(3);
      expect(counters.length / fps).toBeLessThan(5.02);
      expect(Math.abs(durationSec * fps - counters.length)).toBeLessThan(5);
      expect(decodeFile(path).complaints).toBe('');
      const probed = probeFile(path);
      expect(probed.streams.map(({ codec }) => codec)).toEqual(['h264', 'aac']);
      expect(probed.streams[1]!.duration).toBeGreaterThan(durationSec - 0.3);
    }
    // Up to what the encoder had delivered when it was asked for.
    expect(first.counters.at(-1)).toBeGreaterThan(270);
    expect(second.counters.at(-1)).toBeGreaterThan(480);
    expect(videoOf(drain(other)).sort((one, next) => one - next)).toEqual([...Array(570).keys()]);
    expect(journal.entries.map(({ state }) => state)).toEqual(['finished', 'finished']);
    await journal.stop();
  },
);

it.skipIf(builds.length === 0)('has 30 s of some 20 MB on disk within a second', async () => {
  const fixture = encodeFixture({ seconds: 1, width: 1280, height: 720, bitrateKbps: 9000 });
  const hub = new PacketHub();
  const { desk, journal } = deskOf(hub, 30);
  await desk.start();
  for (const unit of [...configsOf(fixture), ...repeated(fixture, 40)]) hub.push(unit);
  await waitFor(() => hub.readerCount === 1, 'the buffer to read');
  await sleep(0);
  const startMs = performance.now();
  const { paths, durationSec } = await desk.save();
  const tookMs = performance.now() - startMs;
  const { size } = statSync(paths[0]!);
  console.log(
    `a replay of ${durationSec.toFixed(1)} s, ${(size / 1e6).toFixed(1)} MB: ${tookMs.toFixed(0)} ms`,
  );
  expect(durationSec).toBeGreaterThanOrEqual(30);
  expect(durationSec).toBeLessThan(31.1);
  expect(size).toBeGreaterThan(15e6);
  expect(tookMs).toBeLessThan(1000);
  await desk.stop();
  hub.end();
  await journal.stop();
});
