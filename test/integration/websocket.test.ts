import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, mkdirSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { CommandHandlers } from '../../shared/contract/commands';
import { serverMessageSchema } from '../../shared/contract/messages';
import type { ServerMessage } from '../../shared/contract/messages';
import { readPreviewFrame } from '../../shared/contract/preview-frame';
import { rpcCall } from '../../electron/studio/rpc-call';
import { parseCommandLine } from '../../electron/studio/options';
import { initialSnapshot } from '../../electron/studio/snapshot';
import { StudioState } from '../../electron/studio/state';
import { HttpServer } from '../../electron/streaming/http';
import { StudioError } from '../../electron/streaming/lib/errors';
import { silentLogger } from '../../electron/streaming/lib/logger';
import type { Logger } from '../../electron/streaming/lib/logger';
import { WebSocketEndpoint } from '../../electron/streaming/websocket';

const token = 'the-right-token';
let folder: string;
let server: HttpServer;
let endpoint: WebSocketEndpoint;
let state: StudioState;
let wantedPreview: (number | null)[];
let notReady: string | null;
/** long enough to play no part, but where a test says otherwise before it opens a page */
let pingIntervalMs: number;
/** what the server logged as errors */
let logged: unknown[];

const unused = (): never => {
  throw new StudioError('internal', { reason: 'not part of this test' });
};
const handlers: CommandHandlers = {
  'scene.switch': ({ sceneId }) => {
    if (sceneId !== 'known') throw new StudioError('scene-not-found', { scene: sceneId });
    return {};
  },
  'key.list': () => ({ keys: [] }),
  'item.update': unused,
  'live.start': () => {
    throw new TypeError('a bug with /secret/paths in its stack');
  },
  'live.stop': unused,
  'recording.start': unused,
  'recording.stop': unused,
  'key.create': unused,
  'key.revoke': unused,
  'destination.add': unused,
  'destination.remove': unused,
  'destination.retryNow': unused,
  'ingest.setPort': unused,
  'notice.dismiss': unused,
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'http-'));
  mkdirSync(join(folder, 'ui', 'assets'), { recursive: true });
  writeFileSync(join(folder, 'ui', 'index.html'), '<!doctype html>hello');
  writeFileSync(join(folder, 'ui', 'assets', 'a-1.js'), '1');
  writeFileSync(join(folder, 'secret'), 'secret');
  notReady = null;
  logged = [];
  pingIntervalMs = 60_000;
  wantedPreview = [];
  const line = parseCommandLine([]);
  if (line.command !== 'run') throw new Error('no options');
  state = new StudioState(
    initialSnapshot(line.options, '/data', {
      path: '/f',
      origin: 'PATH',
      version: '5',
      encoders: [],
      hasFpsMode: true,
    }),
  );
  endpoint = new WebSocketEndpoint(
    {
      token,
      handlers,
      state: () => ({ revision: state.revision, snapshot: state.snapshot }),
      onStateChanged: (listener) => state.onChanged(listener),
      wantPreview: (width) => wantedPreview.push(width),
      helloTimeoutMs: 300,
      get pingIntervalMs() {
        return pingIntervalMs;
      },
      now: () => ({ unixMs: 10_000, monotonicUs: 500_000 }),
    },
    silentLogger,
  );
  server = new HttpServer({
    host: '127.0.0.1',
    port: 0,
    folder: join(folder, 'ui'),
    logger: Object.assign(Object.create(silentLogger) as Logger, {
      error: (details: unknown) => logged.push(details),
    }),
    routes: {
      notReadyReason: () => notReady,
      metrics: () => Promise.resolve({ contentType: 'text/plain', text: 'metric 1\n' }),
      programFlv: (_request, response) => void response.end('FLV'),
      call: (authorization, body) => rpcCall(handlers, token, authorization, body, silentLogger),
      upgrade: (incoming, socket, head) => endpoint.upgrade(incoming, socket, head),
    },
  });
  await server.start();
});
afterEach(async () => {
  endpoint.close();
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** A raw request: fetch would not let a test choose the Host or a path with dots. */
function get(
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
  body = '',
): Promise<{ status: number; body: string; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: server.port, path, method, headers }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => (text += part.toString()));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers }),
      );
    });
    sent.on('error', reject).end(body);
  });
}

class Page {
  readonly messages: ServerMessage[] = [];
  readonly binary: ArrayBuffer[] = [];
  closeCode: number | null = null;
  readonly #socket: WebSocket;

  constructor(headers: Record<string, string> = {}, options: { autoPong?: boolean } = {}) {
    this.#socket = new WebSocket(`ws://127.0.0.1:${server.port}/ws`, { headers, ...options });
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.on('message', (data, isBinary) => {
      if (isBinary) this.binary.push(data as ArrayBuffer);
      else
        this.messages.push(
          serverMessageSchema.parse(JSON.parse(Buffer.from(data as ArrayBuffer).toString())),
        );
    });
    this.#socket.on('close', (code) => (this.closeCode = code));
    this.#socket.on('error', () => (this.closeCode ??= -1));
  }

  static async welcome(options: { autoPong?: boolean } = {}): Promise<Page> {
    const page = new Page({}, options);
    await page.open();
    page.send({ type: 'hello', version: 1, token });
    await page.until('welcome');
    return page;
  }

  open(): Promise<unknown> {
    return vi.waitFor(() => expect(this.#socket.readyState).toBe(WebSocket.OPEN));
  }

  send(message: unknown): void {
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  until<Type extends ServerMessage['type']>(type: Type): Promise<Extract<ServerMessage, { type: Type }>> {
    return vi.waitFor(() => {
      const found = this.messages.find((message) => message.type === type);
      if (!found) throw new Error(`no ${type} yet`);
      return found as Extract<ServerMessage, { type: Type }>;
    });
  }

  close(): void {
    this.#socket.close();
  }

  /** as a frozen tab: nothing is read any more */
  freeze(): void {
    this.#socket.pause();
  }

  thaw(): void {
    this.#socket.resume();
  }
}

describe('the HTTP face', () => {
  it('serves the UI with a strict policy, and nothing outside of it', async () => {
    const page = await get('/');
    expect(page).toMatchObject({ status: 200, body: '<!doctype html>hello' });
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    expect((await get('/assets/a-1.js')).headers['cache-control']).toContain('immutable');
    for (const path of ['/../secret', '/%2e%2e/secret', '/..%2fsecret', '/nothing', '/assets'])
      expect((await get(path)).status, path).toBe(404);
    expect((await get('/%ff')).body).not.toContain('secret');
  });

  it('answers only under its own address', async () => {
    expect((await get('/healthz', { Host: 'evil.example' })).status).toBe(421);
    expect((await get('/healthz', { Host: `localhost:${server.port}` })).status).toBe(200);
  });

  it('says ready, or why not', async () => {
    expect(await get('/healthz')).toMatchObject({ status: 200, body: '{"ready":true}' });
    notReady = 'no picture yet';
    expect(await get('/healthz')).toMatchObject({
      status: 503,
      body: '{"ready":false,"reason":"no picture yet"}',
    });
  });

  it('serves metrics and the program', async () => {
    expect(await get('/metrics')).toMatchObject({ status: 200, body: 'metric 1\n' });
    expect((await get('/live/program.flv')).body).toBe('FLV');
  });

  it('runs commands for who has the token', async () => {
    const call = (authorization: string, body: string, headers = {}) =>
      get('/api/call', { Authorization: authorization, ...headers }, 'POST', body);
    expect(await call(`Bearer ${token}`, '{"command":"key.list"}')).toMatchObject({
      status: 200,
      body: '{"keys":[]}',
    });
    expect((await call('Bearer wrong', '{"command":"key.list"}')).status).toBe(401);
    expect((await call(`Bearer ${token}`, '{"command":"format.disk"}')).status).toBe(400);
    expect((await call(`Bearer ${token}`, 'not json')).status).toBe(400);
    expect(
      (await call(`Bearer ${token}`, '{"command":"key.list"}', { Origin: 'http://evil.example' })).status,
    ).toBe(403);
    expect((await call(`Bearer ${token}`, 'x'.repeat(300 * 1024))).status).toBe(413);
  });

  it.skipIf(process.platform !== 'linux')(
    'closes the file of a client that leaves in the middle',
    async () => {
      const path = join(folder, 'ui', 'assets', 'large.js');
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
            { host: '127.0.0.1', port: server.port, path: '/assets/large.js' },
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
      expect(logged).toEqual([]);
    },
  );

  it('outlives errors of its listener, and logs them', async () => {
    let listener: Server | undefined;
    const onRequest = (message: unknown): void => void (listener = (message as { server: Server }).server);
    subscribe('http.server.request.start', onRequest);
    try {
      await get('/healthz');
    } finally {
      unsubscribe('http.server.request.start', onRequest);
    }
    for (let time = 0; time < 2; time++)
      listener?.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
    expect(logged).toHaveLength(2);
    expect((await get('/healthz')).status).toBe(200);
  });

  it('a taken port is a typed error', async () => {
    const second = new HttpServer({
      host: '127.0.0.1',
      port: server.port,
      folder,
      logger: silentLogger,
      routes: {} as never,
    });
    await expect(second.start()).rejects.toMatchObject({
      code: 'port-in-use',
      details: { port: server.port, purpose: 'http' },
    });
  });
});

describe('the WebSocket', () => {
  it('welcomes with the whole state, then sends slices with rising revisions', async () => {
    const page = await Page.welcome();
    const welcome = await page.until('welcome');
    expect(welcome.snapshot).toEqual(state.snapshot);
    state.set('live', { isLive: true, since: 7 });
    state.set('live', { isLive: true, since: 7 });
    state.set('live', { isLive: false, since: null });
    await vi.waitFor(() => expect(page.messages.filter(({ type }) => type === 'slice')).toHaveLength(2));
    expect(page.messages.slice(1)).toMatchObject([
      { type: 'slice', revision: welcome.revision + 1, slice: 'live', value: { isLive: true } },
      { type: 'slice', revision: welcome.revision + 2, slice: 'live', value: { isLive: false } },
    ]);
    page.send({ type: 'resync' });
    await vi.waitFor(() =>
      expect(page.messages.at(-1)).toMatchObject({ type: 'welcome', revision: welcome.revision + 2 }),
    );
  });

  it.each([
    ['a wrong token', { type: 'hello', version: 1, token: 'wrong' }, 4401],
    ['another version', { type: 'hello', version: 999, token }, 4400],
    ['a call before hello', { type: 'call', id: 1, command: 'key.list', input: {} }, 4401],
    ['something else', 'not even json', 4400],
  ])('refuses %s', async (_what, message, code) => {
    const page = new Page();
    await page.open();
    page.send(message);
    await page.until('refused');
    await vi.waitFor(() => expect(page.closeCode).toBe(code));
    expect(page.messages.some(({ type }) => type === 'welcome')).toBe(false);
  });

  it('closes on who says nothing, and leaves who said hello alone', async () => {
    const welcome = await Page.welcome();
    const silent = new Page();
    await silent.open();
    await vi.waitFor(() => expect(silent.closeCode).toBe(4401), { timeout: 3000 });
    expect(welcome.closeCode).toBeNull();
  });

  it('sends away a page that has stopped reading, before it fills the memory', async () => {
    const [frozen, reading] = [await Page.welcome(), await Page.welcome()];
    frozen.send({ type: 'subscribe', topics: ['preview'], previewWidth: 640 });
    await vi.waitFor(() => expect(wantedPreview).toEqual([640]));
    frozen.freeze();
    const mebibyte = 'x'.repeat(2 ** 20);
    const slices = 64;
    for (let slice = 0; slice < slices; slice++) {
      state.update('engine', (engine) => ({ ...engine, notReadyReason: `${slice} ${mebibyte}` }));
      // One after the other, so that it is not the reading one that falls behind.
      await vi.waitFor(() => expect(reading.messages).toHaveLength(2 + slice), { interval: 2 });
    }
    frozen.thaw();
    await vi.waitFor(() => expect(frozen.closeCode).toBe(1013), { timeout: 10_000 });
    // What the system's buffers and 4 MiB hold, not the rest.
    expect(frozen.messages.length).toBeLessThan(slices / 2);
    expect(reading.closeCode).toBeNull();
    await vi.waitFor(() => expect(wantedPreview).toEqual([640, null]));
  });

  it('ends a connection that answers no ping, and none that does', async () => {
    pingIntervalMs = 100;
    const [alive, dead] = [await Page.welcome(), await Page.welcome({ autoPong: false })];
    const openedAt = performance.now();
    await vi.waitFor(() => expect(dead.closeCode).toBe(1006), { timeout: 10_000 });
    expect(performance.now() - openedAt).toBeGreaterThan(200);
    alive.send({ type: 'resync' });
    await vi.waitFor(() => expect(alive.messages).toHaveLength(2));
    expect(alive.closeCode).toBeNull();
  });

  it('asks for a preview only when the widest is another one', async () => {
    const [one, other] = [await Page.welcome(), await Page.welcome()];
    one.send({ type: 'subscribe', topics: ['preview'], previewWidth: 640 });
    await vi.waitFor(() => expect(wantedPreview).toEqual([640]));
    for (const topics of [['preview'], ['preview', 'meters'], ['meters']])
      other.send({ type: 'subscribe', topics, previewWidth: 320 });
    other.send({ type: 'resync' });
    await vi.waitFor(() => expect(other.messages).toHaveLength(2));
    one.send({ type: 'subscribe', topics: ['preview'], previewWidth: 800 });
    await vi.waitFor(() => expect(wantedPreview.at(-1)).toBe(800));
    other.close();
    one.close();
    await vi.waitFor(() => expect(wantedPreview.at(-1)).toBeNull());
    expect(wantedPreview).toEqual([640, 800, null]);
  });

  it('refuses foreign pages', async () => {
    const foreign = new Page({ Origin: 'http://evil.example' });
    await vi.waitFor(() => expect(foreign.closeCode).not.toBeNull());
    const own = new Page({ Origin: server.origin });
    await own.open();
  });

  it('answers calls with results and typed errors, never with a stack', async () => {
    const page = await Page.welcome();
    page.send({ type: 'call', id: 1, command: 'scene.switch', input: { sceneId: 'known' } });
    page.send({ type: 'call', id: 2, command: 'scene.switch', input: { sceneId: 'other' } });
    page.send({ type: 'call', id: 3, command: 'scene.switch', input: {} });
    page.send({ type: 'call', id: 4, command: 'live.start', input: {} });
    await vi.waitFor(() => expect(page.messages).toHaveLength(5));
    expect(page.messages.slice(1)).toEqual(
      expect.arrayContaining([
        { type: 'result', id: 1, output: {} },
        { type: 'failed', id: 2, error: { code: 'scene-not-found', details: { scene: 'other' } } },
        { type: 'failed', id: 3, error: expect.objectContaining({ code: 'invalid-request' }) },
        {
          type: 'failed',
          id: 4,
          error: { code: 'internal', details: { reason: 'a bug with /secret/paths in its stack' } },
        },
      ]),
    );
    expect(JSON.stringify(page.messages)).not.toContain('at ');
  });

  it('sends high volume topics only to who asked, and the preview of the widest', async () => {
    const [looking, blind] = [await Page.welcome(), await Page.welcome()];
    looking.send({ type: 'subscribe', topics: ['preview', 'meters'], previewWidth: 640 });
    await vi.waitFor(() => expect(wantedPreview.at(-1)).toBe(640));
    endpoint.publish('meters', { peakDb: [-6, -6], rmsDb: [-9, -9] });
    const data = new Uint8Array(24).map((_, at) => at);
    endpoint.publishPreview({ index: 77, tickUs: 400_000, width: 4, height: 4, data });
    await looking.until('event');
    await vi.waitFor(() => expect(looking.binary).toHaveLength(1));
    const frame = readPreviewFrame(looking.binary[0] ?? new ArrayBuffer(0));
    expect(frame).toMatchObject({ width: 4, height: 4, frameIndex: 77, tickUnixMs: 9900 });
    expect([...frame.y, ...frame.u, ...frame.v]).toEqual([...data]);
    expect(blind.messages).toHaveLength(1);
    expect(blind.binary).toHaveLength(0);
    // No more than two under way: the third waits until the first is on the screen.
    for (const index of [78, 79])
      endpoint.publishPreview({ index, tickUs: 400_000, width: 4, height: 4, data });
    await vi.waitFor(() => expect(looking.binary).toHaveLength(2));
    looking.send({ type: 'previewShown', frameIndex: 78 });
    await vi.waitFor(() => {
      endpoint.publishPreview({ index: 80, tickUs: 400_000, width: 4, height: 4, data });
      expect(looking.binary).toHaveLength(4);
    });
    expect(looking.binary.map((message) => readPreviewFrame(message).frameIndex)).toEqual([77, 78, 80, 80]);
    looking.close();
    await vi.waitFor(() => expect(wantedPreview.at(-1)).toBeNull());
  });
});
