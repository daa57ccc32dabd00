import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { syncCollection } from '../support/collections';
import { TestEngine } from '../support/engine';
import { testBuilds } from '../support/ffmpeg-builds';
import { decodeFile, probeFile } from '../support/probe';
import { requires } from '../support/requires';
import { decodeStream, reportSync } from '../support/sync-reader';
import type { DecodedStream } from '../support/sync-reader';

const size = { width: 640, height: 360 };
const fps = 30;
const program = ['--size', '640x360', '--fps', String(fps), '--bitrate', '1200'];

let folder: string;
let collection: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'program-'));
  collection = syncCollection(folder, size.width, size.height);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!requires('ffmpeg', 'ffprobe'))('the main job: compose, encode, serve, watch', async () => {
  const builds = await testBuilds();

  it('has both FFmpeg builds to be tested on', () => {
    expect(builds.map(({ origin }) => origin)).toEqual(expect.arrayContaining(['@ffmpeg-installer/ffmpeg']));
    expect(builds.length).toBeGreaterThanOrEqual(2);
  });

  // A minute is long: it is watched while the other tests run.
  let watched: TestEngine;
  let minute: Promise<DecodedStream>;
  beforeAll(async () => {
    watched = await TestEngine.ready([...program, '--collection', collection]);
    minute = decodeStream(`${watched.rtmpUrl}/program`, { seconds: 61, deadlineMs: 100_000 });
  });
  afterAll(() => watched[Symbol.asyncDispose]());

  describe.each(builds)('with FFmpeg $version from $origin', (build) => {
    it('a player over RTMP and one over HTTP-FLV see every frame once, with its sound', async () => {
      await using engine = await TestEngine.ready([...program, '--collection', collection], {
        env: { FFMPEG_BIN: build.path },
      });
      expect((await engine.snapshot()).ffmpeg).toMatchObject({ path: build.path, version: build.version });
      const [rtmp, http] = await Promise.all([
        decodeStream(`${engine.rtmpUrl}/program`, { seconds: 6 }),
        decodeStream(`${engine.origin}/live/program.flv`, { seconds: 6 }),
      ]);
      // A picture may stand for two ticks only where the compositor was late and said so.
      await engine.advance(fps);
      const lagged = await engine.metric('compositor_lagged_frames_total');
      for (const stream of [rtmp, http]) {
        expect(stream.frames.length).toBeGreaterThan(5 * fps);
        const report = reportSync(stream, fps);
        expect(report).toMatchObject({ unreadable: 0, isRising: true });
        expect(report.repeated).toBeLessThanOrEqual(lagged);
        expect(report.missing).toBeLessThanOrEqual(lagged);
        expect(report.offsetsMs.length).toBeGreaterThanOrEqual(4);
        expect(report.maxOffsetMs).toBeLessThanOrEqual(40);
      }
      // RTMP carries the program's own time: frame n is at n / fps.
      const fresh = rtmp.frames.filter(({ counter }, index) => counter !== rtmp.frames[index - 1]?.counter);
      for (const { counter, ptsSec } of fresh) expect(counter).toBe(Math.round(ptsSec * fps));
    });

    it('as fast as it goes: every tick is composed, encoded and recorded, whatever the machine does', async () => {
      const take = join(folder, `take-${build.version}.mp4`);
      const summaryPath = join(folder, 'summary.json');
      await using engine = new TestEngine(
        [
          ...program,
          '--http',
          '0',
          '--rtmp',
          '0',
          '--profile',
          'superfast-2t',
          '--collection',
          collection,
          '--clock',
          'max',
          '--duration',
          '20',
          '--record',
          take,
          '--summary',
          summaryPath,
        ],
        { env: { FFMPEG_BIN: build.path } },
      );
      expect((await engine.ended).code).toBe(0);
      expect(engine.readSummary(summaryPath).frames).toEqual({
        ticks: 600,
        composed: 600,
        lagged: 0,
        encoded: 600,
        skipped: 0,
      });
      const recorded = await decodeStream(take);
      expect(recorded.frames.map(({ counter }) => counter)).toEqual(
        Array.from({ length: 600 }, (_, index) => index),
      );
      expect(reportSync(recorded, fps).maxOffsetMs).toBeLessThanOrEqual(25);
      expect(decodeFile(take).complaints).toBe('');
      const { streams } = probeFile(take);
      expect(streams.map(({ codec }) => codec).sort()).toEqual(['aac', 'h264']);
    });
  });

  it('a scene switch is a cut on one frame, and a hidden item is gone', async () => {
    const take = join(folder, 'cut.mp4');
    await using engine = await TestEngine.ready([...program, '--collection', collection, '--record', take]);
    await engine.advance(2 * fps);
    await engine.call('scene.switch', { sceneId: 'grey-scene' });
    expect((await engine.snapshot()).program.sceneId).toBe('grey-scene');
    await engine.advance(fps);
    await engine.call('scene.switch', { sceneId: 'sync-scene' });
    await engine.advance(fps);
    await engine.call('show.edit', {
      edits: [{ type: 'item.update', itemId: 'sync-item', patch: { visible: false } }],
      label: 'Hide',
    });
    await engine.advance(fps);
    await expect(engine.call('scene.switch', { sceneId: 'nowhere' })).rejects.toMatchObject({
      wire: { code: 'scene-not-found' },
    });
    await engine.stop();
    const { frames } = await decodeStream(take);
    const isSync = frames.map(
      ({ counter }, index) => counter !== null && Math.abs(counter - (frames[0]?.counter ?? 0) - index) <= 1,
    );
    const cuts = isSync.flatMap((now, index) => (index > 0 && now !== isSync[index - 1] ? [index] : []));
    // sync → grey → sync → hidden: each a clean cut, no frame in between that is neither.
    expect(cuts).toHaveLength(3);
    expect(isSync[0]).toBe(true);
    expect(isSync.at(-1)).toBe(false);
  });

  it('sound and picture stay together for 60 s at the player', async () => {
    const report = reportSync(await minute, fps);
    expect(report.offsetsMs.length).toBeGreaterThanOrEqual(58);
    expect(report.maxOffsetMs).toBeLessThanOrEqual(40);
    expect(report).toMatchObject({ unreadable: 0, isRising: true });
    // Not drifting: the last ten are where the first ten were.
    const mean = (values: readonly number[]): number =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(
      Math.abs(mean(report.offsetsMs.slice(-10)) - mean(report.offsetsMs.slice(0, 10))),
    ).toBeLessThanOrEqual(5);
  });
});
