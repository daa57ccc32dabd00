import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { syncCollection, writeCollection } from '../support/collections';
import { commandLine, TestEngine } from '../support/engine';
import { makeSyncClip } from '../support/media-fixtures';
import { Obs } from '../support/obs';
import { programPath, requires } from '../support/requires';
import { clipOffsetsMs, decodeStream, median } from '../support/sync-reader';

const program = ['--size', '320x180', '--fps', '30', '--bitrate', '500'];

describe.skipIf(!requires('ffmpeg'))('stream keys at the running engine', () => {
  let folder: string;
  let engine: TestEngine;
  const publishers: ChildProcess[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ingest-'));
    engine = await TestEngine.ready([...program, '--collection', syncCollection(folder, 320, 180)]);
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => {
    for (const publisher of publishers.splice(0)) publisher.kill('SIGKILL');
  });

  /** another encoder, as a phone or OBS would be */
  function publish(key: string): { ended: Promise<number | null>; process: ChildProcess } {
    const args =
      '-v error -re -f lavfi -i testsrc2=size=320x180:rate=30 -f lavfi -i sine=frequency=440:sample_rate=48000 -c:v libx264 -preset ultrafast -tune zerolatency -g 30 -c:a aac -f flv';
    const child = spawn(programPath('ffmpeg'), [...args.split(' '), `${engine.rtmpUrl}/${key}`], {
      stdio: 'ignore',
    });
    publishers.push(child);
    return { process: child, ended: new Promise((resolve) => child.once('close', resolve)) };
  }

  it('a created key lets an encoder publish, is not what players ask for, and revoking it cuts the publisher off', async () => {
    const { id, key, publicName } = await engine.call('key.create', { name: 'Phone' });
    expect(publicName).not.toContain(key);
    const publisher = publish(key);
    const { streams } = await engine.until(({ streams: found }) =>
      expect(found.find(({ name }) => name === publicName)).toMatchObject({
        app: 'live',
        codecs: { video: expect.any(String), audio: expect.any(String) },
      }),
    );
    expect(streams.find(({ name }) => name === publicName)?.bytesIn).toBeGreaterThan(0);
    const watched = await decodeStream(`${engine.rtmpUrl}/${publicName}`, { seconds: 1, deadlineMs: 15_000 });
    expect(watched.frames.length).toBeGreaterThan(20);
    await engine.call('key.revoke', { id });
    const revokedAt = Date.now();
    expect(await publisher.ended).not.toBe(0);
    expect(Date.now() - revokedAt).toBeLessThan(2000);
    await engine.until(({ streams: left, keys }) => {
      expect(left.map(({ name }) => name)).toEqual(['program']);
      expect(keys).toEqual([]);
    });
  });

  it('a wrong key is refused, and counted', async () => {
    const before = await engine.metric('rtmp_connections_total');
    expect(await publish('not-a-key').ended).not.toBe(0);
    expect((await engine.snapshot()).streams.map(({ name }) => name)).toEqual(['program']);
    await expect
      .poll(() => engine.metric('rtmp_connections_total'), { timeout: 5000 })
      .toBeGreaterThan(before);
    const text = await (await fetch(`${engine.origin}/metrics`)).text();
    expect(text).toMatch(/rtmp_errors_total\{kind="[\w-]+"\} [1-9]/);
  });

  it('nobody can publish under the reserved name of the program', async () => {
    const begun = await decodeStream(`${engine.rtmpUrl}/program`, { seconds: 0.5, deadlineMs: 15_000 });
    expect(begun.frames[0]?.counter).not.toBeNull();
    expect(await publish('program').ended).not.toBe(0);
    // A player begins with the cached group of pictures, so the first ones may be those of before.
    const still = await decodeStream(`${engine.rtmpUrl}/program`, { seconds: 3, deadlineMs: 20_000 });
    const counters = still.frames.map(({ counter }) => counter ?? -1);
    expect(counters).not.toContain(-1);
    expect(counters.at(-1)).toBeGreaterThan(begun.frames.at(-1)?.counter ?? Infinity);
  });

  it('the RTMP server is back within seconds when it is killed, and the program with it', async () => {
    const serverPid = (): number | undefined =>
      engine.children().find((child) => /rtmp-server/.test(commandLine(child)));
    const pid = serverPid();
    process.kill(pid ?? -1, 'SIGKILL');
    const killedAt = Date.now();
    await expect.poll(serverPid, { timeout: 10_000 }).not.toBe(pid);
    await expect.poll(serverPid, { timeout: 10_000 }).toBeDefined();
    await engine.until(({ ingest, outputs }) => {
      expect(ingest).toMatchObject({ state: 'running', error: null });
      expect(outputs[0]?.status.state).toBe('live');
    });
    expect(Date.now() - killedAt).toBeLessThan(10_000);
    const watched = await decodeStream(`${engine.rtmpUrl}/program`, { seconds: 0.5, deadlineMs: 15_000 });
    expect(watched.frames[0]?.counter).not.toBeNull();
  });
});

/** Another studio's picture and sound, all the way to viewers of ours. */
describe.skipIf(!requires('ffmpeg', 'obs', 'Xvfb'))('OBS as a source of the program', () => {
  const fps = 30;
  let folder: string;
  let engine: TestEngine;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'obs-show-'));
    const [ready] = await Promise.all([
      TestEngine.ready([
        ...program,
        '--collection',
        writeCollection(folder, { sources: [], scenes: [{ id: 's', name: 'S', items: [] }] }),
      ]),
      makeSyncClip({ path: join(folder, 'clap.mp4'), width: 320, height: 180, fps, seconds: 60 }),
    ]);
    engine = ready;
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is seen and heard in step, and gives way to a card within a second of its end', async () => {
    const { id, key, publicName } = await engine.call('key.create', { name: 'Second PC' });
    const source = { id: 'obs', name: 'Second PC', kind: 'ingest', keyId: id } as const;
    const item = { id: 'obs-item', sourceId: 'obs', x: 0, y: 0, width: 320, height: 180 };
    await engine.call('show.edit', {
      edits: [
        { type: 'source.add', source },
        { type: 'item.add', sceneId: 's', item },
      ],
      label: 'Add the second PC',
    });
    const obs = await Obs.publish({ url: engine.rtmpUrl, key }, { w: 320, h: 180 }, join(folder, 'clap.mp4'));
    try {
      await engine.until(({ sources }) => expect(sources[0]?.state).toBe('ok'), 60_000);
      // What OBS itself lets drift apart is not ours: its stream is measured beside the program.
      const offsetMs = async (name: string): Promise<number> => {
        const watched = await decodeStream(`${engine.rtmpUrl}/${name}`, { seconds: 2, deadlineMs: 20_000 });
        const offsets = clipOffsetsMs(watched, fps);
        expect(offsets.length, `pictures of ${name} with a beep`).toBeGreaterThan(20);
        return median(offsets);
      };
      await vi.waitFor(
        async () => {
          const [incoming, outgoing] = [await offsetMs(publicName), await offsetMs('program')];
          expect(Math.abs(outgoing - incoming), `${outgoing} of ${incoming} ms`).toBeLessThanOrEqual(40);
        },
        { timeout: 60_000 },
      );

      let firstSec: number | undefined;
      let gone: Promise<void> | undefined;
      const { frames, beepsSec } = await decodeStream(`${engine.rtmpUrl}/program`, {
        seconds: 6,
        deadlineMs: 30_000,
        onFrame: ({ ptsSec, counter }) => {
          firstSec ??= ptsSec;
          if (counter !== null && ptsSec - firstSec > 2) gone ??= obs[Symbol.asyncDispose]();
        },
      });
      await gone;
      const last = frames.findLast(({ counter }) => counter !== null);
      const held = frames.filter(({ counter }) => counter === last?.counter).length / fps;
      expect(last?.counter).toBeGreaterThan(0);
      expect(held, 's that the last picture stood').toBeLessThanOrEqual(1.1);
      const cardSec = (frames.at(-1)?.ptsSec ?? 0) - (last?.ptsSec ?? 0);
      expect(cardSec, 's of the card').toBeGreaterThan(1.5);
      expect(beepsSec.filter((sec) => sec > (last?.ptsSec ?? 0))).toEqual([]);
      const { sources } = await engine.snapshot();
      expect(sources[0]?.error).toEqual({ code: 'ingest-silent', details: { key: 'Second PC' } });
    } finally {
      await obs[Symbol.asyncDispose]();
    }
  });
});
