import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeError } from '../../shared/contract/error-text';
import { writeCollection } from '../support/collections';
import { commandLine, TestEngine } from '../support/engine';
import { makeSyncClip } from '../support/media-fixtures';
import { requires } from '../support/requires';
import { decodeStream } from '../support/sync-reader';

const program = ['--size', '320x180', '--fps', '30', '--bitrate', '500'];
const sync = { id: 'sync', name: 'Sync', kind: 'sync' as const };
const syncItem = { id: 'sync-item', sourceId: 'sync', width: 320, height: 180 };

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'bad-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The program goes on: its counter is read from the stream. */
async function expectProgramRuns(engine: TestEngine): Promise<void> {
  const { frames } = await decodeStream(`${engine.rtmpUrl}/program`, { seconds: 1, deadlineMs: 20_000 });
  expect(frames.filter(({ counter }) => counter !== null).length).toBeGreaterThan(20);
}

describe.skipIf(!requires('ffmpeg'))('bad input costs its own part and nothing else', () => {
  it('a missing and a broken image: each its sentence; a repaired file is back by itself', async () => {
    writeFileSync(join(folder, 'broken.png'), 'this is no picture');
    const collection = writeCollection(folder, {
      sources: [
        sync,
        { id: 'missing', name: 'Missing', kind: 'image', path: 'missing.png' },
        { id: 'broken', name: 'Broken', kind: 'image', path: 'broken.png' },
      ],
      scenes: [
        {
          id: 's',
          name: 'S',
          items: [
            syncItem,
            { id: 'm', sourceId: 'missing', x: 0, y: 64, width: 16, height: 16 },
            { id: 'b', sourceId: 'broken', x: 32, y: 64, width: 16, height: 16 },
          ],
        },
      ],
    });
    await using engine = await TestEngine.ready([...program, '--collection', collection]);
    const { sources } = await engine.until(({ sources: found }) =>
      expect(found.map(({ state }) => state)).toEqual(['ok', 'failed', 'failed']),
    );
    expect(sources[1]?.error).toEqual({
      code: 'source-file-missing',
      details: { path: join(folder, 'missing.png') },
    });
    expect(sources[2]?.error).toMatchObject({
      code: 'source-file-unreadable',
      details: { path: join(folder, 'broken.png') },
    });
    for (const { error } of sources.slice(1)) if (error) expect(describeError(error).remedy).toMatch(/file/);
    await expectProgramRuns(engine);
    const { default: sharp } = await import('sharp');
    await sharp({ create: { width: 16, height: 16, channels: 3, background: 'red' } })
      .png()
      .toFile(join(folder, 'missing.png'));
    await engine.until(({ sources: found }) => expect(found[1]).toMatchObject({ state: 'ok', error: null }));
  });

  it('a media file that ends in garbage: what is good plays, then the error shows', async () => {
    const clip = join(folder, 'clip.mp4');
    const videoArgs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '30', '-movflags', '+faststart'];
    await makeSyncClip({ path: clip, width: 160, height: 90, fps: 30, seconds: 4, videoArgs });
    const bytes = readFileSync(clip);
    const garbage = (at: number): number => (at * 7919 + (at >> 3) * 31) & 0xff;
    writeFileSync(
      clip,
      bytes.map((byte, at) => (at < bytes.length * 0.6 ? byte : garbage(at))),
    );
    const collection = writeCollection(folder, {
      sources: [sync, { id: 'clip', name: 'Clip', kind: 'media', path: 'clip.mp4', loop: false }],
      scenes: [
        {
          id: 's',
          name: 'S',
          items: [syncItem, { id: 'c', sourceId: 'clip', x: 0, y: 64, width: 32, height: 18 }],
        },
      ],
    });
    await using engine = await TestEngine.ready([...program, '--collection', collection]);
    const { sources } = await engine.until(
      ({ sources: found }) => expect(found[1]?.state).toBe('failed'),
      30_000,
    );
    expect(sources[1]?.error).toMatchObject({ code: 'media-decode-failed', details: { path: clip } });
    await expectProgramRuns(engine);
  });

  it('a source of an unknown kind is named, left out, and kept word for word', async () => {
    const collection = writeCollection(folder, {
      sources: [sync, { id: 'future', name: 'Hologram', kind: 'hologram', depth: { metres: 3 } }],
      scenes: [{ id: 's', name: 'S', items: [syncItem, { id: 'h', sourceId: 'future' }] }],
    });
    const before = readFileSync(collection, 'utf8');
    await using engine = await TestEngine.ready([...program, '--collection', collection]);
    const { sources } = await engine.snapshot();
    expect(sources[1]).toMatchObject({
      name: 'Hologram',
      state: 'failed',
      error: { code: 'source-kind-unknown', details: { kind: 'hologram', name: 'Hologram' } },
    });
    await expectProgramRuns(engine);
    await engine.stop();
    expect(readFileSync(collection, 'utf8')).toBe(before);
  });

  it.each([
    ['not JSON', '{"version":1,'],
    ['of another form', '{"version":1,"sources":[],"scenes":[]}'],
    ['of a later version', '{"version":99,"sources":[],"scenes":[{"id":"a","name":"A","items":[]}]}'],
  ])('a collection that is %s: the demo runs, the file stays as it is', async (_what, content) => {
    const path = join(folder, 'show.json');
    writeFileSync(path, content);
    await using engine = await TestEngine.ready([
      ...program,
      '--collection',
      path,
      '--scene',
      'Of the broken one',
    ]);
    const { notices, scenes } = await engine.snapshot();
    expect(notices.map(({ error }) => error)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          code: 'collection-unreadable',
          details: expect.objectContaining({ path }),
        }),
      ]),
    );
    expect(scenes.map(({ name }) => name)).toContain('Demo');
    await engine.stop();
    expect(readFileSync(path, 'utf8')).toBe(content);
  });

  it('a broken keys file is kept aside, and the studio goes on', async () => {
    writeFileSync(join(folder, 'keys.json'), 'no keys here');
    const collection = writeCollection(folder, {
      sources: [sync],
      scenes: [{ id: 's', name: 'S', items: [syncItem] }],
    });
    await using engine = await TestEngine.ready([...program, '--collection', collection], {
      dataDir: folder,
    });
    const { notices, keys } = await engine.snapshot();
    expect(keys).toEqual([]);
    expect(notices.map(({ error }) => error.code)).toContain('keys-unreadable');
    await engine.call('key.create', { name: 'New' });
  });

  it('a killed video encoder is back within a second or so, with the outputs still connected', async () => {
    const take = join(folder, 'take.mp4');
    const collection = writeCollection(folder, {
      sources: [sync],
      scenes: [{ id: 's', name: 'S', items: [syncItem] }],
    });
    await using engine = await TestEngine.ready([...program, '--collection', collection, '--record', take]);
    await engine.advance(60);
    const encoder = engine.children().find((pid) => commandLine(pid).includes('matroska'));
    expect(encoder).toBeDefined();
    process.kill(encoder ?? -1, 'SIGKILL');
    await engine.until(({ notices }) =>
      expect(notices.map(({ error }) => error.code)).toContain('ffmpeg-crashed'),
    );
    await engine.advance(90);
    const { outputs, program: state } = await engine.snapshot();
    expect(state.state).toBe('running');
    expect(outputs.map(({ status, reconnects }) => [status.state, reconnects])).toEqual([
      ['live', 0],
      ['live', 0],
    ]);
    await engine.stop();
    const { frames } = await decodeStream(take);
    const counters = frames.map(({ counter }) => counter ?? -1);
    expect(counters).not.toContain(-1);
    const gaps = counters.slice(1).map((counter, index) => counter - (counters[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0);
    // 30 frames a second: a gap of a second and what a loaded machine adds.
    expect(Math.max(...gaps)).toBeLessThanOrEqual(60);
  });

  it('a recording whose engine is killed plays up to the last second', async () => {
    const take = join(folder, 'take.mp4');
    const collection = writeCollection(folder, {
      sources: [sync],
      scenes: [{ id: 's', name: 'S', items: [syncItem] }],
    });
    await using engine = await TestEngine.ready([...program, '--collection', collection, '--record', take]);
    await engine.advance(150);
    const encoded = (await engine.metric('encoder_frame_seconds_count')) - 1;
    await engine.stop('SIGKILL');
    const { frames, messages } = await decodeStream(take);
    expect(frames.length).toBeGreaterThanOrEqual(encoded - 30);
    expect(frames.map(({ counter }) => counter)).not.toContain(null);
    expect(messages.filter((line) => /error|invalid/i.test(line))).toEqual([]);
  });

  it('a recording that cannot be written says so, and the program goes on', async () => {
    const collection = writeCollection(folder, {
      sources: [sync],
      scenes: [{ id: 's', name: 'S', items: [syncItem] }],
    });
    writeFileSync(join(folder, 'file'), '');
    await using engine = await TestEngine.ready([
      ...program,
      '--collection',
      collection,
      '--record',
      join(folder, 'file', 'take.mp4'),
    ]);
    const { recording } = await engine.until(({ recording: found }) => expect(found.state).toBe('failed'));
    expect(recording.error?.code).toBe('recording-failed');
    await expectProgramRuns(engine);
    const { path } = await engine.call('recording.start', {});
    await engine.until(({ recording: found }) => expect(found).toMatchObject({ state: 'recording', path }));
  });
});
