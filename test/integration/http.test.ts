import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HttpServer } from '../../electron/streaming/http';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { EngineFace, faceToken } from '../support/engine-face';

let face: EngineFace;
beforeEach(async () => (face = await EngineFace.start()));
afterEach(() => face[Symbol.asyncDispose]());

describe('the HTTP face', () => {
  it('serves the UI with a strict policy, and nothing outside of it', async () => {
    const page = await face.get('/');
    expect(page).toMatchObject({ status: 200, body: '<!doctype html>hello' });
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    expect((await face.get('/assets/a-1.js')).headers['cache-control']).toContain('immutable');
    for (const path of ['/../secret', '/%2e%2e/secret', '/..%2fsecret', '/nothing', '/assets'])
      expect((await face.get(path)).status, path).toBe(404);
    expect((await face.get('/%ff')).body).not.toContain('secret');
  });

  it('answers only under its own address', async () => {
    expect((await face.get('/healthz', { Host: 'evil.example' })).status).toBe(421);
    expect((await face.get('/healthz', { Host: `localhost:${face.server.port}` })).status).toBe(200);
  });

  it('says ready, or why not', async () => {
    expect(await face.get('/healthz')).toMatchObject({ status: 200, body: '{"ready":true}' });
    face.notReady = 'no picture yet';
    expect(await face.get('/healthz')).toMatchObject({
      status: 503,
      body: '{"ready":false,"reason":"no picture yet"}',
    });
  });

  it('serves metrics and the program', async () => {
    expect(await face.get('/metrics')).toMatchObject({ status: 200, body: 'metric 1\n' });
    expect((await face.get('/live/program.flv')).body).toBe('as flv');
    expect((await face.get('/live/program.webm')).body).toBe('as webm');
    expect((await face.get('/live/program.webmx')).status).toBe(404);
  });

  it('runs commands for who has the token', async () => {
    const call = (authorization: string, body: string, headers = {}) =>
      face.get('/api/call', { Authorization: authorization, ...headers }, 'POST', body);
    expect(await call(`Bearer ${faceToken}`, '{"command":"key.list"}')).toMatchObject({
      status: 200,
      body: '{"keys":[]}',
    });
    expect((await call('Bearer wrong', '{"command":"key.list"}')).status).toBe(401);
    expect((await call(`Bearer ${faceToken}`, '{"command":"format.disk"}')).status).toBe(400);
    expect((await call(`Bearer ${faceToken}`, 'not json')).status).toBe(400);
    expect(
      (await call(`Bearer ${faceToken}`, '{"command":"key.list"}', { Origin: 'http://evil.example' })).status,
    ).toBe(403);
    expect((await call(`Bearer ${faceToken}`, 'x'.repeat(300 * 1024))).status).toBe(413);
  });

  it.skipIf(process.platform !== 'linux')(
    'closes the file of a client that leaves in the middle',
    async () => {
      const path = join(face.folder, 'ui', 'assets', 'large.js');
      writeFileSync(path, Buffer.alloc(32 * 1024 * 1024));
      const openFiles = (): string[] =>
        readdirSync('/proc/self/fd').flatMap((descriptor) => {
          try {
            return [readlinkSync(`/proc/self/fd/${descriptor}`)];
          } catch {
            // The one that listed them.
            return [];
          }
        });
      for (let client = 0; client < 3; client++)
        await new Promise<void>((resolve, reject) => {
          const sent = request(
            { host: '127.0.0.1', port: face.server.port, path: '/assets/large.js' },
            (response) =>
              response.once('data', () => {
                expect(openFiles()).toContain(path);
                sent.destroy();
                resolve();
              }),
          );
          sent.on('error', reject).end();
        });
      await vi.waitFor(() => expect(openFiles()).not.toContain(path), { timeout: 10_000 });
      expect(face.logged).toEqual([]);
    },
  );

  it('outlives errors of its listener, and logs them', async () => {
    let listener: Server | undefined;
    const onRequest = (message: unknown): void => void (listener = (message as { server: Server }).server);
    subscribe('http.server.request.start', onRequest);
    try {
      await face.get('/healthz');
    } finally {
      unsubscribe('http.server.request.start', onRequest);
    }
    for (let time = 0; time < 2; time++)
      listener?.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
    expect(face.logged).toHaveLength(2);
    expect((await face.get('/healthz')).status).toBe(200);
  });

  it('a taken port is a typed error', async () => {
    const second = new HttpServer({
      host: '127.0.0.1',
      port: face.server.port,
      folder: face.folder,
      logger: silentLogger,
      routes: {} as never,
    });
    await expect(second.start()).rejects.toMatchObject({
      code: 'port-in-use',
      details: { port: face.server.port, purpose: 'http' },
    });
  });
});
