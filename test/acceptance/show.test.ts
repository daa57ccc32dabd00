import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import type { Snapshot } from '../../shared/contract/snapshot';
import { TestEngine } from '../support/engine';
import { requires } from '../support/requires';

const program = ['--size', '320x180', '--fps', '30', '--bitrate', '500'];

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'own-show-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What makes a show, without how its sources fare at the moment. */
const showOf = ({ show, scenes, sources, program: { sceneId } }: Snapshot) => ({
  ...{ name: show.name, transition: show.transition, scenes, sceneId },
  sources: sources.map(({ id, name, kind, settings }) => ({ id, name, kind, settings })),
});

/** A scene of one's own with a red area, on program. */
async function makeScene(engine: TestEngine): Promise<void> {
  await engine.call('show.edit', {
    edits: [
      { type: 'collection.rename', name: 'My own' },
      { type: 'scene.add', scene: { id: 'mine', name: 'Mine', items: [] }, index: 0 },
      {
        type: 'source.add',
        source: { id: 'red', name: 'Red', kind: 'color', color: '#ff0000', width: 64, height: 64 },
      },
      { type: 'item.add', sceneId: 'mine', item: { id: 'red-item', sourceId: 'red', x: 10 } },
    ],
    label: 'Make a scene',
  });
  await engine.call('scene.switch', { sceneId: 'mine' });
}

describe.skipIf(!requires('ffmpeg'))('a show of one’s own', () => {
  it('is made from the demo, seen by everybody, taken back and redone, and survives a kill', async () => {
    const engine = await TestEngine.ready(program, { dataDir: folder });
    try {
      const first = await engine.snapshot();
      expect(first.show).toMatchObject({ name: 'Demo', savedAt: null, undoLabel: null });
      expect(readdirSync(folder)).not.toContain('show.json');

      await makeScene(engine);
      await engine.until(({ sources }) => expect(sources.find(({ id }) => id === 'red')?.state).toBe('ok'));
      const [one, other] = await Promise.all([engine.snapshot(), engine.snapshot()]);
      expect(showOf(one)).toEqual(showOf(other));
      expect(one.show).toMatchObject({ name: 'My own', undoLabel: 'Make a scene', redoLabel: null });
      expect(one.program.sceneId).toBe('mine');

      await engine.call('show.undo', {});
      const undone = await engine.snapshot();
      expect(showOf(undone)).toEqual(showOf(first));
      expect(undone.show.redoLabel).toBe('Make a scene');
      await engine.call('show.redo', {});
      await engine.call('scene.switch', { sceneId: 'mine' });
      const made = await engine.until(({ show }) => expect(show.savedAt).not.toBeNull());
      expect(showOf(made)).toEqual(showOf(one));
      // What was changed a second ago is safe.
      await engine.until(() =>
        expect(JSON.parse(readFileSync(join(folder, 'show.json'), 'utf8'))).toMatchObject({
          name: 'My own',
          programSceneId: 'mine',
        }),
      );

      await engine.stop('SIGKILL');
      await using next = await TestEngine.ready(program, { dataDir: folder });
      const again = await next.snapshot();
      expect(showOf(again)).toEqual(showOf(one));
      expect(again.show).toMatchObject({ savedAt: null, undoLabel: null, path: join(folder, 'show.json') });
    } finally {
      await engine.stop('SIGKILL');
    }
  });

  it('that cannot be read is put aside, with a notice that says where', async () => {
    writeFileSync(join(folder, 'show.json'), 'not a show');
    await using engine = await TestEngine.ready(program, { dataDir: folder });
    const { notices, show } = await engine.snapshot();
    expect(show.name).toBe('Demo');
    const aside = readdirSync(folder).find((name) => name.startsWith('show.json.broken-')) ?? '';
    expect(readFileSync(join(folder, aside), 'utf8')).toBe('not a show');
    expect(notices.map(({ error }) => error)).toContainEqual({
      code: 'show-recovered',
      details: expect.objectContaining({ keptAs: join(folder, aside), versionAt: null }),
    });
  });
});

/** An archive without files. */
async function archiveOf(collection: object): Promise<Uint8Array<ArrayBuffer>> {
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(JSON.stringify(collection)), 'collection.json');
  zip.end();
  return new Uint8Array(await buffer(zip.outputStream));
}

describe.skipIf(!requires('ffmpeg'))('a show in the hands of a person', () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await TestEngine.ready(program);
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  type Request = Omit<RequestInit, 'headers'> & { headers?: Record<string, string> };
  const request = (path: string, { headers, ...init }: Request = {}) =>
    fetch(`${engine.origin}${path}`, {
      ...init,
      headers: { Authorization: `Bearer ${engine.token}`, ...headers },
    });
  const post = (path: string, body: Uint8Array<ArrayBuffer>) => request(path, { method: 'POST', body });

  it('refuses what does not fit, all of it, and says what', async () => {
    const before = await engine.snapshot();
    const refused = (edits: Parameters<typeof engine.call<'show.edit'>>[1]['edits']) =>
      expect(engine.call('show.edit', { edits, label: 'Wrong' })).rejects;
    await refused([
      { type: 'scene.rename', sceneId: 'demo', name: 'Half done' },
      { type: 'scene.remove', sceneId: 'nowhere' },
    ]).toMatchObject({ wire: { code: 'scene-not-found' } });
    await refused([
      { type: 'source.update', sourceId: 'headline', patch: { sizePx: 'large' } },
    ]).toMatchObject({
      wire: { code: 'edit-invalid', details: { reason: expect.stringContaining('sizePx') } },
    });
    await refused([{ type: 'item.update', itemId: 'demo-clip', patch: { x: Number.NaN } }]).toMatchObject({
      wire: { code: 'invalid-request' },
    });
    await expect(engine.call('media.pause', { sourceId: 'headline' })).rejects.toMatchObject({
      wire: { code: 'nothing-to-play', details: { name: 'Headline' } },
    });
    await expect(engine.call('media.play', { sourceId: 'nothing' })).rejects.toMatchObject({
      wire: { code: 'source-not-found' },
    });
    expect(showOf(await engine.snapshot())).toEqual(showOf(before));
  });

  it('goes back to a restore point, and back again by undo', async () => {
    await engine.call('show.saveRestorePoint', { label: 'As delivered' });
    const before = showOf(await engine.snapshot());
    await makeScene(engine);
    const { points } = await engine.call('show.restorePoints', {});
    expect(points).toMatchObject([{ label: 'As delivered', name: 'Demo', scenes: 3 }]);
    await engine.call('show.restore', { id: points[0]?.id ?? '' });
    const restored = await engine.snapshot();
    expect(showOf(restored)).toEqual(before);
    expect(restored.show.undoLabel).toBe('Go back to As delivered');
    await engine.call('show.undo', {});
    expect((await engine.snapshot()).program.sceneId).toBe('mine');
    await expect(engine.call('show.restore', { id: 'nothing' })).rejects.toMatchObject({
      wire: { code: 'restore-point-not-found' },
    });
  });

  it('takes a file in, and goes to another studio and back as one file, picture and all', async () => {
    const { default: sharp } = await import('sharp');
    const png = await sharp({ create: { width: 16, height: 16, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const upload = await post('/api/files?name=My%20logo.png', new Uint8Array(png));
    expect(upload.status).toBe(200);
    const { path } = (await upload.json()) as { path: string };
    expect(path).toMatch(/^files\/[0-9a-f]{32}\/My logo\.png$/);
    expect(readFileSync(join(engine.dataDir, path))).toEqual(png);

    await engine.call('show.edit', {
      edits: [
        { type: 'collection.rename', name: 'To go' },
        { type: 'source.add', source: { id: 'logo', name: 'Logo', kind: 'image', path } },
        { type: 'item.add', sceneId: 'mine', item: { id: 'logo-item', sourceId: 'logo' } },
        { type: 'scene.remove', sceneId: 'sync-test' },
      ],
      label: 'Add Logo',
    });
    const isLogoThere = ({ sources }: Snapshot): void =>
      expect(sources.find(({ id }) => id === 'logo')).toMatchObject({ state: 'ok', error: null });
    const whole = showOf(await engine.until(isLogoThere));
    const exported = await request('/api/show/export');
    expect(exported.headers.get('content-disposition')).toContain('To%20go.zip');
    expect(exported.headers.get('x-show-files')).toBe('1');
    expect(exported.headers.get('x-show-file-bytes')).toBe(String(png.length));
    const archive = new Uint8Array(await exported.arrayBuffer());

    // As it would be elsewhere: neither the show nor the file is there.
    await engine.call('show.edit', {
      edits: [
        { type: 'source.remove', sourceId: 'logo' },
        { type: 'scene.remove', sceneId: 'mine' },
      ],
      label: 'Take it all away',
    });
    rmSync(join(engine.dataDir, 'files'), { recursive: true });
    const before = showOf(await engine.snapshot());
    const imported = await post('/api/show/import', archive);
    expect([imported.status, await imported.json()]).toEqual([200, { name: 'To go', missing: [] }]);
    expect(showOf(await engine.until(isLogoThere))).toEqual(whole);
    expect(readFileSync(join(engine.dataDir, path))).toEqual(png);

    const { points } = await engine.call('show.restorePoints', {});
    expect(points.map(({ label }) => label)).toContain('Before the import of To go');
    await engine.call('show.undo', {});
    expect(showOf(await engine.snapshot())).toEqual(before);
  });

  it('takes one in that names a scene on program it does not have, and goes on', async () => {
    const wrong = {
      ...{ version: 1, name: 'From elsewhere', programSceneId: 'nowhere' },
      sources: [{ id: 'red', name: 'Red', kind: 'color', color: '#ff0000', width: 64, height: 64 }],
      scenes: [
        { id: 'first', name: 'First', items: [{ id: 'x', sourceId: 'red' }] },
        { id: 'second', name: 'Second', items: [{ id: 'x', sourceId: 'gone' }] },
      ],
    };
    const imported = await post('/api/show/import', await archiveOf(wrong));
    expect([imported.status, await imported.json()]).toEqual([200, { name: 'From elsewhere', missing: [] }]);
    await engine.until(({ program: { sceneId }, sources, notices }) => {
      expect([sceneId, sources.map(({ state }) => state)]).toEqual(['first', ['ok']]);
      expect(notices.map(({ error }) => error)).toContainEqual({
        code: 'show-repaired',
        details: {
          name: 'From elsewhere',
          repairs: [
            '1 item without a source (left out)',
            'a scene on program that is not there (First is on program)',
          ],
        },
      });
    });
    await engine.call('show.undo', {});
  });

  it('asks before one that comes in begins to capture, and takes nothing of it until then', async () => {
    const device = { id: 'pulse:nobody', name: 'Desk microphone' };
    const archive = await archiveOf({
      ...{ version: 1, name: 'Curious', scenes: [{ id: 'only', name: 'Only', items: [] }] },
      sources: [{ id: 'mic', name: 'Mic', kind: 'microphone', device }],
    });
    const before = showOf(await engine.snapshot());
    const asked = await post('/api/show/import', archive);
    const devices = [{ kind: 'microphone', name: 'Desk microphone' }];
    expect([asked.status, await asked.json()]).toEqual([
      ...[409, { code: 'import-captures', details: { name: 'Curious', devices } }],
    ]);
    expect(showOf(await engine.snapshot())).toEqual(before);
    const agreed = await post('/api/show/import?captures=start', archive);
    expect(agreed.status).toBe(200);
    // What is captured already is no news.
    expect((await post('/api/show/import', archive)).status).toBe(200);
    expect((await engine.snapshot()).sources.map(({ id }) => id)).toEqual(['mic']);
    await engine.call('show.undo', {});
    expect(showOf(await engine.snapshot())).toEqual(before);
  });

  it('lets in neither strangers nor what is no show, and says why', async () => {
    const body = new Uint8Array(Buffer.from('no show'));
    const before = showOf(await engine.snapshot());
    for (const path of ['/api/files?name=a.png', '/api/show/import']) {
      const stranger = await request(path, { method: 'POST', body, headers: { Authorization: 'Bearer x' } });
      expect([stranger.status, await stranger.json()]).toMatchObject([401, { code: 'unauthorised' }]);
      const foreign = await request(path, { method: 'POST', body, headers: { Origin: 'http://evil.test' } });
      expect(foreign.status).toBe(403);
    }
    expect((await request('/api/show/export', { headers: { Authorization: '' } })).status).toBe(401);
    const refused = await post('/api/show/import', body);
    expect([refused.status, await refused.json()]).toMatchObject([400, { code: 'import-refused' }]);
    const empty = await post('/api/files?name=a.png', new Uint8Array());
    expect([empty.status, await empty.json()]).toMatchObject([400, { code: 'upload-incomplete' }]);
    expect(showOf(await engine.snapshot())).toEqual(before);
  });
});
