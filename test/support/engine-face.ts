import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { CommandHandlers } from '../../shared/contract/commands';
import { serverMessageSchema } from '../../shared/contract/messages';
import type { ServerMessage } from '../../shared/contract/messages';
import { parseCommandLine } from '../../electron/studio/options';
import { rpcCall } from '../../electron/studio/rpc-call';
import { programFormat } from '../../electron/studio/program-format';
import type { RecordingEntry } from '../../shared/contract/recordings';
import { RecordingPlayback } from '../../electron/studio/recording-playback';
import { RecordingTickets } from '../../electron/studio/recording-tickets';
import { settingsSchema } from '../../shared/contract/settings';
import { initialSnapshot } from '../../electron/studio/snapshot';
import { StudioState } from '../../electron/studio/state';
import { BrowserFeedTable } from '../../electron/streaming/browser-feeds';
import { CaptureEndpoint } from '../../electron/streaming/capture-endpoint';
import { HttpServer } from '../../electron/streaming/http';
import { StudioError } from '../../electron/streaming/lib/errors';
import { silentLogger } from '../../electron/streaming/lib/logger';
import type { Logger } from '../../electron/streaming/lib/logger';
import { WebSocketEndpoint } from '../../electron/streaming/websocket';

export const faceToken = 'the-right-token';

const unused = (): never => {
  throw new StudioError('internal', { reason: 'not part of this test' });
};
const handlers: CommandHandlers = {
  'scene.switch': ({ sceneId }) => {
    if (sceneId !== 'known') throw new StudioError('scene-not-found', { scene: sceneId });
    return {};
  },
  'key.list': () => ({ keys: [] }),
  'show.edit': unused,
  'show.undo': unused,
  'show.redo': unused,
  'show.restorePoints': unused,
  'show.saveRestorePoint': unused,
  'show.restore': unused,
  'media.play': unused,
  'media.pause': unused,
  'media.seek': unused,
  'devices.refresh': unused,
  'destination.update': unused,
  'destination.revealKey': unused,
  'destination.test': unused,
  'destination.servers': unused,
  'destination.testBandwidth': unused,
  'destination.cancelBandwidthTest': unused,
  'preflight.run': unused,
  'settings.update': unused,
  'recording.openFolder': unused,
  'recording.ticket': unused,
  'encoder.calibrate': unused,
  'encoder.cancelCalibration': unused,
  'profile.save': unused,
  'profile.remove': unused,
  'variant.save': unused,
  'variant.remove': unused,
  'live.start': () => {
    throw new TypeError('a bug with /secret/paths in its stack');
  },
  'live.stop': unused,
  'recording.start': unused,
  'recording.stop': unused,
  'replay.save': unused,
  'key.create': unused,
  'key.revoke': unused,
  'destination.add': unused,
  'destination.remove': unused,
  'destination.start': unused,
  'destination.stop': unused,
  'destination.retryNow': unused,
  'ingest.setPort': unused,
  'lanPreview.setPassword': unused,
  'recording.forget': unused,
  'notice.dismiss': unused,
};

/** The engine's real HTTP and WebSocket face in front of a studio that only plays its part. */
export class EngineFace implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'http-'));
  readonly wantedPreview: (number | null)[] = [];
  /** what the server logged as errors */
  readonly logged: unknown[] = [];
  readonly state: StudioState;
  readonly endpoint: WebSocketEndpoint;
  readonly captures: CaptureEndpoint;
  readonly feeds = new BrowserFeedTable();
  readonly server: HttpServer;
  /** what its recordings are is up to the test */
  readonly recordings: RecordingEntry[] = [];
  readonly tickets = new RecordingTickets(() => this.nowMs);
  readonly playback = new RecordingPlayback({ entries: () => this.recordings, tickets: this.tickets });
  /** of the tickets */
  nowMs = 0;
  notReady: string | null = null;
  /** long enough to play no part, but where a test says otherwise before it opens a page */
  pingIntervalMs = 60_000;

  private constructor() {
    mkdirSync(join(this.folder, 'ui', 'assets'), { recursive: true });
    writeFileSync(join(this.folder, 'ui', 'index.html'), '<!doctype html>hello');
    writeFileSync(join(this.folder, 'ui', 'assets', 'a-1.js'), '1');
    writeFileSync(join(this.folder, 'secret'), 'secret');
    const line = parseCommandLine([]);
    if (line.command !== 'run') throw new Error('no options');
    const format = programFormat(settingsSchema.parse({}), {});
    const ffmpeg = { path: '/f', origin: 'PATH', version: '5', encoders: [], hasFpsMode: true } as const;
    this.state = new StudioState(initialSnapshot(line.options, format, '/data', ffmpeg));
    const pingIntervalMs = (): number => this.pingIntervalMs;
    this.endpoint = new WebSocketEndpoint(
      {
        token: faceToken,
        handlers,
        state: () => ({ revision: this.state.revision, snapshot: this.state.snapshot }),
        onStateChanged: (listener) => this.state.onChanged(listener),
        wantPreview: (width) => this.wantedPreview.push(width),
        helloTimeoutMs: 300,
        get pingIntervalMs() {
          return pingIntervalMs();
        },
        now: () => ({ unixMs: 10_000, monotonicUs: 500_000 }),
      },
      silentLogger,
    );
    this.captures = new CaptureEndpoint({
      token: faceToken,
      feeds: this.feeds,
      logger: silentLogger,
      helloTimeoutMs: 300,
      get pingIntervalMs() {
        return pingIntervalMs();
      },
    });
    this.server = new HttpServer({
      host: '127.0.0.1',
      port: 0,
      folder: join(this.folder, 'ui'),
      logger: Object.assign(Object.create(silentLogger) as Logger, {
        error: (details: unknown) => this.logged.push(details),
      }),
      routes: {
        notReadyReason: () => this.notReady,
        metrics: () => Promise.resolve({ contentType: 'text/plain', text: 'metric 1\n' }),
        program: (form, _request, response) => void response.end(`as ${form}`),
        exchange: async (_request, response) => void response.end('exchanged'),
        recording: (request, response) => this.playback.serve(request, response),
        call: (authorization, body) => rpcCall(handlers, faceToken, authorization, body, silentLogger),
        upgrade: (incoming, socket, head) => this.endpoint.upgrade(incoming, socket, head),
        capture: (incoming, socket, head) => this.captures.upgrade(incoming, socket, head),
      },
    });
  }

  static async start(): Promise<EngineFace> {
    const face = new EngineFace();
    await face.server.start();
    return face;
  }

  /** A raw request: fetch would not let a test choose the Host or a path with dots. */
  get(
    path: string,
    headers: Record<string, string> = {},
    method = 'GET',
    body = '',
  ): Promise<{ status: number; body: string; headers: Record<string, unknown> }> {
    return new Promise((resolve, reject) => {
      const sent = request(
        { host: '127.0.0.1', port: this.server.port, path, method, headers },
        (response) => {
          let text = '';
          response.on('data', (part: Buffer) => (text += part.toString()));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers }),
          );
        },
      );
      sent.on('error', reject).end(body);
    });
  }

  /** a page that has said hello */
  async welcome(options: { autoPong?: boolean } = {}): Promise<Page> {
    const page = this.page({}, options);
    await page.open();
    page.send({ type: 'hello', version: 1, token: faceToken });
    await page.until('welcome');
    return page;
  }

  page(headers: Record<string, string> = {}, options: { autoPong?: boolean } = {}): Page {
    return new Page(new WebSocket(`ws://127.0.0.1:${this.server.port}/ws`, { headers, ...options }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.endpoint.close();
    this.captures.close();
    await this.server.stop();
    rmSync(this.folder, { recursive: true });
  }
}

/** One window's connection, keeping all it was sent. */
export class Page {
  readonly messages: ServerMessage[] = [];
  readonly binary: ArrayBuffer[] = [];
  closeCode: number | null = null;
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
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
