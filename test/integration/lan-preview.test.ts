import { createServer, get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordPassword } from '../../electron/streaming/lan-preview/password';
import { encodeFixture, flvTags } from '../support/encoded-fixture';
import type { EncodedFixture } from '../support/encoded-fixture';
import { LanStudio, basic, lanPassword } from '../support/lan-studio';
import { requires } from '../support/requires';
import { waitFor } from '../support/wait-for';

/** a player: what it has got, and when */
interface Player {
  readonly response: IncomingMessage;
  readonly chunks: Buffer[];
  longestGapMs(): number;
  hasEnded(): boolean;
}

function watch(url: string, headers: Record<string, string>): Promise<Player> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      let [lastMs, longest, hasEnded] = [performance.now(), 0, false];
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        longest = Math.max(longest, performance.now() - lastMs);
        lastMs = performance.now();
      });
      response.on('close', () => (hasEnded = true));
      response.on('error', () => undefined);
      resolve({ response, chunks, longestGapMs: () => longest, hasEnded: () => hasEnded });
    }).once('error', reject);
  });
}

const pictures = (chunks: readonly Buffer[]): number[] =>
  [...flvTags(Buffer.concat(chunks))].filter(({ type }) => type === 9).map(({ timeMs }) => timeMs);

const logIn = (origin: string, password: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${origin}/login`, { method: 'POST', body: new URLSearchParams({ password }), headers });

async function cookieOf(origin: string): Promise<string> {
  const response = await logIn(origin, lanPassword);
  return (response.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
}

const socketUrl = (url: string): string => url.replace('http:', 'ws:');

/** resolves with the HTTP status that a WebSocket was refused with */
const refusedWith = (url: string, headers: Record<string, string>): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers });
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode));
    socket.once('open', () => reject(new Error('it was let in')));
    socket.on('error', () => undefined);
  });

describe.skipIf(!requires('ffmpeg'))('the preview for the local network', () => {
  let fixture: EncodedFixture;
  let studio: LanStudio;
  let origin: string;
  let live: string;
  beforeAll(async () => {
    fixture = encodeFixture({ seconds: 2 });
    studio = await LanStudio.start(fixture, { lockoutFailures: 1000 });
    origin = await studio.origin();
    live = await studio.liveUrl();
  });
  afterAll(() => studio[Symbol.asyncDispose]());

  it('shows strangers its page and nothing else', async () => {
    const page = await fetch(`${origin}/`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
    const script = /src="\.(\/assets\/viewer-[^"]+)"/.exec(await page.text())?.[1] ?? '';
    expect((await fetch(origin + script)).headers.get('content-type')).toContain('text/javascript');
    const player = await fetch(live);
    expect([player.status, player.headers.get('www-authenticate')]).toEqual([
      401,
      'Basic realm="Program preview", charset="UTF-8"',
    ]);
    // A browser would ask in a window of its own.
    const status = await fetch(`${origin}/status`);
    expect([status.status, status.headers.get('www-authenticate')]).toEqual([401, null]);
    const answers = [
      '/index.html',
      '/metrics',
      '/api/call',
      '/ws',
      '/..%2fviewer.html',
      '/live/program.flv/',
      '//',
    ];
    for (const path of answers) expect((await fetch(origin + path)).status, path).toBe(404);
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'POST'])
      expect((await fetch(live, { method, headers: basic() })).status, method).toBe(405);
    expect((await logIn(origin, 'x'.repeat(2000))).status).toBe(413);
    expect(player.headers.has('access-control-allow-origin')).toBe(false);
  });

  it('plays for the password, as players send it and as the page does', async () => {
    expect((await fetch(live, { headers: basic('wrong-password') })).status).toBe(401);
    expect((await logIn(origin, 'wrong-password')).status).toBe(401);
    const login = await logIn(origin, lanPassword);
    expect(login.status).toBe(204);
    expect(login.headers.get('set-cookie')).toMatch(
      /^viewer_\d+=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/,
    );
    const cookie = await cookieOf(origin);
    expect((await fetch(`${origin}/status`, { headers: { cookie } })).status).toBe(204);
    expect((await fetch(`${origin}/status`, { headers: { cookie: `${cookie.slice(0, -1)}_` } })).status).toBe(
      401,
    );
    for (const headers of [basic(), { cookie }] as Record<string, string>[]) {
      const player = await watch(live, headers);
      await waitFor(() => pictures(player.chunks).length > 20, 'pictures');
      expect(pictures(player.chunks)[0]).toBe(0);
      player.response.destroy();
    }
    await waitFor(() => studio.preview.stats.viewers === 0, 'them to be gone');
    await waitFor(() => studio.preview.stats.refused.password === 2, 'both wrong ones to be counted');
    expect(studio.preview.stats.bytesSent).toBeGreaterThan(10_000);
  });

  it('lets no page of another site in, whatever the browser adds', async () => {
    const foreign = { ...basic(), Origin: 'http://evil.example' };
    expect((await fetch(live, { headers: foreign })).status).toBe(403);
    expect((await logIn(origin, lanPassword, { Origin: 'http://evil.example' })).status).toBe(403);
    expect(await refusedWith(socketUrl(live), foreign)).toBe(403);
    expect(await refusedWith(socketUrl(live), { ...foreign, cookie: await cookieOf(origin) })).toBe(403);
    expect(await refusedWith(socketUrl(live), {})).toBe(401);
    expect(await refusedWith(`${socketUrl(origin)}/ws`, basic())).toBe(404);
  });

  it('sends the same FLV over a WebSocket, to viewers that only watch', async () => {
    const socket = new WebSocket(socketUrl(live), {
      headers: { cookie: await cookieOf(origin), Origin: origin },
    });
    const chunks: Buffer[] = [];
    socket.on('message', (data: Buffer, isBinary) => isBinary && chunks.push(data));
    await waitFor(() => pictures(chunks).length > 20, 'pictures');
    expect(Buffer.concat(chunks).subarray(0, 3).toString()).toBe('FLV');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.send('hello');
    expect(await closed).toBe(1008);
    await waitFor(() => studio.preview.stats.viewers === 0, 'it to be gone');
  });

  it('goes on for its viewers when the program is another, as soon as they come again', async () => {
    const before = await watch(live, basic());
    await waitFor(() => pictures(before.chunks).length > 5, 'pictures');
    studio.replaceProgram();
    await waitFor(() => before.hasEnded(), 'the viewer to be told');
    await studio.liveUrl();
    const after = await watch(live, basic());
    await waitFor(() => pictures(after.chunks).length > 5, 'the other program');
    after.response.destroy();
  });

  it('lets nothing that strangers do reach a viewer', { timeout: 40_000 }, async () => {
    const neighbour = await watch(live, basic());
    await waitFor(() => pictures(neighbour.chunks).length > 10, 'the neighbour');
    const { port } = new URL(origin);
    const open: Socket[] = [];
    const raw = (text: string): void => {
      const socket = connect(Number(port), '127.0.0.1');
      open.push(socket);
      socket.on('error', () => undefined);
      socket.end(text);
    };
    const attacks: ((turn: number) => unknown)[] = [
      (turn) => fetch(live, { headers: basic(`guess number ${turn}`) }).catch(() => undefined),
      () => raw(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(64_000)}\r\n\r\n`),
      () => raw('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'),
      () => raw(`POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\npassword=`),
      () =>
        raw(`GET /live/program.flv HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`),
      () => raw('GET http://127.0.0.1:7780/api/call HTTP/1.1\r\nHost: "><script>\r\n\r\n'),
      () => open.push(connect(Number(port), '127.0.0.1').on('error', () => undefined)),
    ];
    const answers = Array.from({ length: 100 }, (_, turn) => attacks[turn % attacks.length]!(turn));
    await Promise.all(answers);
    await sleep(500);
    expect(neighbour.hasEnded()).toBe(false);
    expect(neighbour.longestGapMs()).toBeLessThan(500);
    const times = pictures(neighbour.chunks);
    const steps = times.slice(2).map((time, index) => time - times[index + 1]!);
    // 30 pictures a second, none left out.
    expect(Math.max(...steps)).toBeLessThanOrEqual(35);
    for (const socket of open) socket.destroy();
    neighbour.response.destroy();
    const { refused } = studio.preview.stats;
    expect(refused.request).toBeGreaterThan(10);
  });

  it('asks for the new password as soon as there is another', async () => {
    const cookie = await cookieOf(origin);
    const player = await watch(live, { cookie });
    const { port } = new URL(origin);
    const programUrl = 'http://127.0.0.1:9/';
    const password = await recordPassword('another password');
    studio.preview.wish = { host: '127.0.0.1', port: 0, programUrl, password };
    await waitFor(() => player.hasEnded(), 'the viewer to be sent away');
    const again = await studio.origin();
    expect(new URL(again).port).toBe(port);
    for (const headers of [{ cookie }, basic()] as Record<string, string>[])
      expect((await fetch(`${again}/status`, { headers })).status).toBe(401);
    // Let in, and told that there is nothing to see.
    expect((await fetch(`${again}/status`, { headers: basic('another password') })).status).toBe(503);
  });
});

describe.skipIf(!requires('ffmpeg'))('the bounds of the preview for the local network', () => {
  let fixture: EncodedFixture;
  beforeAll(() => {
    // Large pictures fill a connection's buffers soon.
    fixture = encodeFixture({ seconds: 2, width: 640, height: 360, bitrateKbps: 24_000, hasFiller: true });
  });

  it('locks out who guesses, though the guess be right, and not who watches already', async () => {
    await using studio = await LanStudio.start(fixture, { lockoutFailures: 3, lockoutMs: 2000 });
    const origin = await studio.origin();
    const cookie = await cookieOf(origin);
    for (const guess of ['first guess', 'second guess', 'third guess'])
      expect((await logIn(origin, guess)).status).toBe(401);
    const locked = await logIn(origin, lanPassword);
    expect([locked.status, locked.headers.get('retry-after')]).toEqual([429, '2']);
    expect((await fetch(`${origin}/status`, { headers: { cookie } })).status).not.toBe(401);
    await waitFor(
      async () => (await logIn(origin, lanPassword)).status === 204,
      'the end of the lock-out',
      5000,
    );
  });

  it(
    'cuts off who takes nothing, lets in so many of one address, and leaves nothing behind',
    { timeout: 40_000 },
    async () => {
      const studio = await LanStudio.start(fixture, {
        stallMs: 700,
        viewersPerAddress: 2,
        connectionsPerAddress: 6,
      });
      const live = await studio.liveUrl();
      const { port } = new URL(live);
      const reading = await watch(live, basic());
      const stalled = connect(Number(port), '127.0.0.1').pause();
      stalled.on('error', () => undefined);
      const { Authorization } = basic();
      stalled.write(
        `GET /live/program.flv HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${Authorization}\r\n\r\n`,
      );
      await waitFor(() => studio.preview.stats.viewers === 2, 'both to watch');
      expect((await fetch(live, { headers: basic() })).status).toBe(503);
      await waitFor(() => studio.preview.stats.viewers === 1, 'the stalled one to be cut off');
      expect(reading.hasEnded()).toBe(false);
      const idle = Array.from({ length: 12 }, () =>
        connect(Number(port), '127.0.0.1').on('error', () => undefined),
      );
      await waitFor(
        () => idle.filter(({ destroyed }) => destroyed).length >= 6,
        'what is too many to be cut off',
      );
      const { pid } = studio.preview;
      await studio[Symbol.asyncDispose]();
      expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH');
      await waitFor(() => reading.hasEnded(), 'the last viewer to be told');
      for (const socket of [...idle, stalled]) socket.destroy();
      const next = createServer();
      await new Promise<void>((resolve) => next.listen(Number(port), '127.0.0.1', resolve));
      next.close();
    },
  );

  it('keeps no place for who was refused and does not go, or asks for a page and does not read it', async () => {
    await using studio = await LanStudio.start(fixture, { connectionsPerAddress: 6, idleMs: 1000 });
    const origin = await studio.origin();
    const port = Number(new URL(origin).port);
    const upgrade = 'GET /other HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';
    const open = Array.from({ length: 6 }, () => {
      // It never says goodbye by itself.
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      socket.on('error', () => undefined).resume();
      socket.write(upgrade);
      return socket;
    });
    await waitFor(
      () =>
        fetch(`${origin}/`).then(
          ({ status }) => status === 200,
          () => false,
        ),
      'room for others',
      8000,
    );
    const page = await (await fetch(`${origin}/`)).text();
    const script = /src="\.(\/assets\/viewer-[^"]+)"/.exec(page)?.[1] ?? '';
    const asking = Array.from({ length: 6 }, () => {
      const socket = connect({ port, host: '127.0.0.1' }).pause();
      socket.on('error', () => undefined);
      for (let turn = 0; turn < 40; turn++) socket.write(`GET ${script} HTTP/1.1\r\nHost: x\r\n\r\n`);
      return socket;
    });
    await waitFor(
      () =>
        fetch(`${origin}/`).then(
          ({ status }) => status === 200,
          () => false,
        ),
      'room beside who does not read',
      8000,
    );
    for (const socket of [...open, ...asking]) socket.destroy();
  });

  it('lets who comes too many say what they like', async () => {
    await using studio = await LanStudio.start(fixture, { viewersPerAddress: 1 });
    const live = await studio.liveUrl();
    const reading = await watch(live, basic());
    await waitFor(() => reading.chunks.length > 0, 'a viewer');
    const { Authorization } = basic();
    const socket = connect(Number(new URL(live).port), '127.0.0.1');
    const key = 'dGhlIHNhbXBsZSBub25jZQ==';
    socket.on('error', () => undefined).resume();
    // After its upgrade a frame without a mask, which breaks the protocol (RFC 6455 5.1).
    socket.write(
      `GET /live/program.flv HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nAuthorization: ${Authorization}\r\n\r\n`,
    );
    socket.once('data', () => socket.write(Buffer.of(0x82, 0x02, 1, 2)));
    await new Promise((resolve) => socket.once('close', resolve));
    const { pid } = studio.preview;
    const before = reading.chunks.length;
    await waitFor(() => reading.chunks.length > before + 5, 'the viewer to go on');
    expect([studio.preview.pid, reading.hasEnded()]).toEqual([pid, false]);
  });

  it('says that its port is taken, and comes up once it is free', async () => {
    const holder = createTcpServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const { port } = holder.address() as AddressInfo;
    await using studio = await LanStudio.start(fixture, {}, port);
    await waitFor(() => studio.preview.state.state === 'failed', 'the failure');
    expect(studio.preview.state).toEqual({
      state: 'failed',
      error: { code: 'lan-port-in-use', details: { port } },
    });
    await new Promise((resolve) => holder.close(resolve));
    expect(await studio.origin()).toBe(`http://127.0.0.1:${port}`);
    // A process that dies costs its viewers a moment, and nobody else.
    process.kill(studio.preview.pid ?? 0, 'SIGKILL');
    await waitFor(() => studio.preview.state.state === 'failed', 'the crash');
    expect(await studio.origin()).toBe(`http://127.0.0.1:${port}`);
    await studio.liveUrl();
  });
});
