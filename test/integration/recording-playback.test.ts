import { mkdirSync, readdirSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RecordingEntry } from '../../shared/contract/recordings';
import { PatientDisks } from '../../electron/streaming/lib/patient-disks';
import { RecordingPlayback } from '../../electron/studio/recording-playback';
import { EngineFace } from '../support/engine-face';

let face: EngineFace;
let films: string;
beforeEach(async () => {
  face = await EngineFace.start();
  films = join(face.folder, 'films');
  mkdirSync(films);
});
afterEach(() => face[Symbol.asyncDispose]());

const content = Buffer.from(Array.from({ length: 700_001 }, (_, index) => (index * 7) % 251));

function recorded(id: string, more: Partial<RecordingEntry> = {}): RecordingEntry {
  const path = join(films, `${encodeURIComponent(id)}.mp4`);
  writeFileSync(path, content);
  const entry: RecordingEntry = {
    ...{ id, path, format: 'mp4', startedAt: 0, endedAt: 1, state: 'finished', bytes: content.length },
    ...{ durationSec: 3, reason: null, repair: null },
    ...more,
  };
  face.recordings.push(entry);
  return entry;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}
const ask = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> =>
  new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: face.server.port, path, method, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(parts),
        }),
      );
      response.on('error', reject);
    })
      .on('error', reject)
      .end();
  });

describe('a recording over HTTP', () => {
  it('comes whole and in ranges, byte for byte', async () => {
    recorded('a/ß?');
    const { url, bytes, contentType } = await face.playback.ticket('a/ß?');
    expect([bytes, contentType]).toEqual([content.length, 'video/mp4']);
    const whole = await ask(url);
    expect([whole.status, whole.body.equals(content)]).toEqual([200, true]);
    expect(whole.headers).toMatchObject({
      'content-type': 'video/mp4',
      'content-length': `${content.length}`,
      'accept-ranges': 'bytes',
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    });
    for (const [range, start, end] of [
      ['bytes=0-', 0, 700_000],
      ['bytes=262143-262144', 262_143, 262_144],
      ['bytes=600000-9999999', 600_000, 700_000],
      ['bytes=-10', 699_991, 700_000],
    ] as const) {
      const part = await ask(url, { Range: range });
      expect(part.status, range).toBe(206);
      expect(part.headers['content-range']).toBe(`bytes ${start}-${end}/700001`);
      expect(part.body.equals(content.subarray(start, end + 1)), range).toBe(true);
    }
    expect(await ask(url, { Range: 'bytes=700001-' })).toMatchObject({
      status: 416,
      headers: { 'content-range': 'bytes */700001' },
    });
    const head = await ask(url, {}, 'HEAD');
    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, '700001', 0]);
    expect((await ask(url, {}, 'DELETE')).status).toBe(405);
  });

  it('is for who has a ticket for it alone', async () => {
    recorded('a');
    recorded('b');
    writeFileSync(join(films, 'private.txt'), 'private');
    const { url } = await face.playback.ticket('a');
    const ticket = url.slice(url.indexOf('?'));
    for (const path of [
      '/api/recordings/a',
      '/api/recordings/a?ticket=',
      `/api/recordings/a${ticket}x`,
      `/api/recordings/b${ticket}`,
      `/api/recordings/${ticket}`,
      `/api/recordings/private.txt${ticket}`,
      `/api/recordings/..%2Ffilms%2Fprivate.txt${ticket}`,
      `/api/recordings/a/../private.txt${ticket}`,
    ])
      expect((await ask(path)).status, path).toBe(403);
    expect((await ask(url)).status).toBe(200);
    expect((await ask(url, { Host: 'evil.example' })).status).toBe(421);
    face.nowMs += 31 * 60_000;
    expect((await ask(url)).status).toBe(403);
  });

  it('says beforehand what is wrong with it', async () => {
    const gone = recorded('gone');
    const folder = recorded('folder', { path: films });
    rmSync(gone.path);
    await expect(face.playback.ticket('nothing')).rejects.toMatchObject({ code: 'recording-not-found' });
    await expect(face.playback.ticket('gone')).rejects.toMatchObject({
      code: 'recording-file-gone',
      details: { path: gone.path },
    });
    await expect(face.playback.ticket('folder')).rejects.toMatchObject({
      code: 'recording-file-unreadable',
      details: { path: folder.path, reason: 'not a file' },
    });
    const entry = recorded('later');
    const { url } = await face.playback.ticket('later');
    rmSync(entry.path);
    expect((await ask(url)).status).toBe(404);
  });

  it('is what there was of it, of one that still grows', async () => {
    const entry = recorded('growing', { state: 'recording' });
    truncateSync(entry.path, 1000);
    const { url, bytes } = await face.playback.ticket('growing');
    expect(bytes).toBe(1000);
    writeFileSync(entry.path, content);
    expect((await ask(url, { Range: 'bytes=900-' })).headers['content-range']).toBe('bytes 900-999/1000');
  });

  it('breaks off where the file was cut meanwhile, so that nobody takes that for its end', async () => {
    const entry = recorded('cut');
    const disks = new PatientDisks();
    let reads = 0;
    vi.spyOn(disks, 'ask').mockImplementation(async (_, question) => {
      if (++reads === 4) truncateSync(entry.path, 1000);
      return { value: await question() };
    });
    const playback = new RecordingPlayback({ entries: () => [entry], disks, tickets: face.tickets });
    vi.spyOn(face.playback, 'serve').mockImplementation((...exchange) => playback.serve(...exchange));
    const { url } = await playback.ticket('cut');
    await expect(ask(url)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('of a disk that does not answer is told of at once, and holds nothing up', async () => {
    const entry = recorded('far');
    const disks = new PatientDisks({ driveOf: (path) => path, silentAfterMs: 30 });
    const playback = new RecordingPlayback({ entries: () => [entry], disks, tickets: face.tickets });
    vi.spyOn(face.playback, 'serve').mockImplementation((...exchange) => playback.serve(...exchange));
    const { url } = await playback.ticket('far');
    let wake = (): void => undefined;
    void disks.ask(entry.path, () => new Promise<void>((resolve) => (wake = resolve)));
    await vi.waitFor(() => expect(disks.isWaiting).toBe(true));
    await expect(playback.ticket('far')).rejects.toMatchObject({ code: 'folder-silent' });
    expect((await ask(url)).status).toBe(503);
    wake();
    await vi.waitFor(async () => expect((await ask(url)).status).toBe(200));
  });

  it.skipIf(process.platform !== 'linux')('closes its file whenever a client leaves', async () => {
    const entry = recorded('left');
    writeFileSync(entry.path, Buffer.alloc(64 * 1024 * 1024));
    const { url } = await face.playback.ticket('left');
    const isOpen = (): boolean =>
      readdirSync('/proc/self/fd').some((descriptor) => {
        try {
          return readlinkSync(`/proc/self/fd/${descriptor}`) === entry.path;
        } catch {
          // The one that listed them.
          return false;
        }
      });
    await new Promise<void>((resolve) => {
      const sent = request({ host: '127.0.0.1', port: face.server.port, path: url }, (response) =>
        response.once('data', () => {
          expect(isOpen()).toBe(true);
          sent.destroy();
          resolve();
        }),
      );
      sent.on('error', () => undefined).end();
    });
    await vi.waitFor(() => expect(isOpen()).toBe(false), { timeout: 10_000 });
    expect(face.logged).toEqual([]);
  });
});
