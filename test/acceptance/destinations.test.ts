import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { syncCollection } from '../support/collections';
import { TestEngine } from '../support/engine';
import { requires } from '../support/requires';
import { decodeStream, reportSync } from '../support/sync-reader';

const program = ['--size', '320x180', '--fps', '30', '--bitrate', '500'];

describe.skipIf(!requires('ffmpeg'))('destinations', () => {
  let folder: string;
  let collection: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'destinations-'));
    collection = syncCollection(folder, 320, 180);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('one of three is good: it gets the stream, the others say what is wrong, and no key is told anywhere', async () => {
    // The far end is a second studio's ingest; one address has nobody, one a wrong key.
    await using platform = await TestEngine.ready([...program, '--collection', collection]);
    const { key, publicName } = await platform.call('key.create', { name: 'Channel' });
    const nobody = createServer();
    await new Promise<void>((resolve) => nobody.listen(0, '127.0.0.1', resolve));
    const { port } = nobody.address() as AddressInfo;
    await new Promise((resolve) => nobody.close(resolve));
    const file = join(folder, 'destinations');
    const wrongKey = 'wrong-key-canary-4711';
    writeFileSync(
      file,
      `good ${platform.rtmpUrl} ${key}\nnobody rtmp://127.0.0.1:${port}/live somekey-canary-4711\nrefused ${platform.rtmpUrl} ${wrongKey}\n`,
    );
    await using engine = await TestEngine.ready([
      ...program,
      '--collection',
      collection,
      '--destinations',
      file,
      '--live',
    ]);
    const snapshot = await engine.until(({ live, outputs }) => {
      expect(live.isLive).toBe(true);
      const states = Object.fromEntries(outputs.map(({ name, status }) => [name, status.state]));
      expect(states).toMatchObject({
        'Local RTMP server': 'live',
        good: 'live',
        nobody: 'reconnecting',
        refused: 'failed',
      });
    });
    const errors = Object.fromEntries(
      snapshot.outputs.map(({ name, status }) => [name, 'error' in status ? status.error.code : null]),
    );
    expect(errors).toMatchObject({ nobody: 'destination-unreachable', refused: 'destination-key-refused' });
    const watched = await decodeStream(`${platform.rtmpUrl}/${publicName}`, {
      seconds: 3,
      deadlineMs: 30_000,
    });
    const report = reportSync(watched, 30);
    expect(report).toMatchObject({ unreadable: 0, isRising: true });
    expect(report.maxOffsetMs).toBeLessThanOrEqual(40);
    // Two engines on one machine: a picture stands for two ticks only where the compositor was late and said so.
    await engine.advance(30);
    expect(report.repeated).toBeLessThanOrEqual(await engine.metric('compositor_lagged_frames_total'));

    // Off and on again at once: the former connection leaves before the next one asks for the same key.
    const stopping = engine.call('live.stop', {});
    await engine.call('live.start', {});
    await stopping;
    await engine.until(({ outputs }) => {
      expect(outputs.find(({ name }) => name === 'good')?.status.state).toBe('live');
    });
    await expect(
      engine.call('destination.add', { name: 'good', url: platform.rtmpUrl, key }),
    ).rejects.toMatchObject({
      wire: { code: 'destination-name-taken' },
    });
    await engine.call('live.stop', {});
    await platform.until(({ streams }) => expect(streams.map(({ name }) => name)).toEqual(['program']));
    await engine.call('live.start', {});
    await platform.until(({ streams }) => expect(streams.map(({ name }) => name)).toContain(publicName));
    const everything =
      JSON.stringify(await engine.snapshot()) + (await (await fetch(`${engine.origin}/metrics`)).text());
    const { stdout, stderr } = await engine.stop();
    for (const secret of [key, wrongKey, 'somekey-canary-4711']) {
      for (const text of [
        everything,
        stdout,
        stderr,
        readFileSync(join(engine.dataDir, 'keys.json'), { encoding: 'utf8', flag: 'a+' }),
      ])
        expect(text).not.toContain(secret);
    }
  });

  it('is tried again by itself until the far end is there, and goes on after it was away', async () => {
    await using engine = await TestEngine.ready([...program, '--collection', collection]);
    let platform = await TestEngine.ready([...program, '--collection', collection]);
    const rtmp = new URL(platform.rtmpUrl.replace('rtmp:', 'http:'));
    const { key } = await platform.call('key.create', { name: 'Channel' });
    const { id } = await engine.call('destination.add', { name: 'far', url: platform.rtmpUrl, key });
    await engine.call('live.start', {});
    await engine.until(({ outputs }) =>
      expect(outputs.find((output) => output.id === id)?.status.state).toBe('live'),
    );
    // By itself: it is the only one, so the stream ends and begins with it.
    await engine.call('destination.stop', { id });
    expect((await engine.snapshot()).live.isLive).toBe(false);
    await engine.call('destination.start', { id });
    await engine.until(({ live, outputs }) => {
      expect(live.isLive).toBe(true);
      expect(outputs.find((output) => output.id === id)).toMatchObject({
        ...{ isWanted: true, status: { state: 'live' } },
      });
    });
    const { dataDir } = platform;
    await platform.stop('SIGKILL');
    await engine.until(({ outputs }) =>
      expect(outputs.find((output) => output.id === id)?.status.state).toBe('reconnecting'),
    );
    platform = await TestEngine.ready([...program, '--collection', collection, '--rtmp', rtmp.port], {
      dataDir,
    });
    await engine.call('destination.retryNow', { id });
    const { outputs } = await engine.until(({ outputs: found }) =>
      expect(found.find((output) => output.id === id)?.status.state).toBe('live'),
    );
    expect(outputs.find((output) => output.id === id)?.reconnects).toBeGreaterThanOrEqual(1);
    // A studio that is started again has it still, with its key.
    await engine.stop();
    await using again = await TestEngine.ready([...program, '--collection', collection, '--live'], {
      dataDir: engine.dataDir,
    });
    await again.until(({ outputs: found }) => {
      expect(found.find((output) => output.id === id)).toMatchObject({
        name: 'far',
        hasKey: true,
        status: { state: 'live' },
      });
    });
    await again.call('destination.remove', { id });
    expect(readFileSync(join(engine.dataDir, 'destinations.json'), 'utf8')).not.toContain(id);
    await platform.until(({ streams }) => expect(streams.map(({ name }) => name)).toEqual(['program']));
    await expect(
      again.call('destination.add', { name: 'bad', url: 'http://x/y', key: 'k' }),
    ).rejects.toMatchObject({ wire: { code: 'destination-url-invalid' } });
    await platform.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
});
