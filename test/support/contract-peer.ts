import { soundOf } from '../../shared/model/source';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { commands } from '../../shared/contract/commands';
import type { CommandHandlers, CommandName } from '../../shared/contract/commands';
import type { WireError } from '../../shared/contract/errors';
import { events } from '../../shared/contract/events';
import type { EventName, EventPayload } from '../../shared/contract/events';
import { clientMessageSchema, protocolVersion, serverMessageSchema } from '../../shared/contract/messages';
import type { ClientMessage, ServerMessage, Topic } from '../../shared/contract/messages';
import { monitorHeaderBytes, writeMonitorHeader } from '../../shared/contract/monitor-block';
import { snapshotSchema, snapshotSlices } from '../../shared/contract/snapshot';
import type { SliceName, Snapshot } from '../../shared/contract/snapshot';
import { peerCommands } from './contract-peer-commands';
import { previewMessage } from './contract-peer-picture';
import { believableSnapshot, believableStats } from './contract-peer-state';

const builtUi = fileURLToPath(new URL('../../out/renderer', import.meta.url));
const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.woff2': 'font/woff2',
};
/** What the engine sends too: a UI that needs more than this must fail its tests. */
const contentSecurityPolicy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self' ws://127.0.0.1:*";

interface Client {
  socket: WebSocket;
  isWelcome: boolean;
  topics: Set<Topic>;
  previewWidth: number;
  /** frames sent that the page has not shown yet */
  unshown: number[];
}

/** A command that is to fail the way the engine fails it. */
export class PeerFailure extends Error {
  readonly wire: WireError;
  constructor(wire: WireError) {
    super(wire.code);
    this.wire = wire;
  }
}

/** The engine's are 20; drawn in software they cost an eighth of the time that tests take. */
const metersFps = 2;

export interface ContractPeerOptions {
  snapshot?: Snapshot;
  previewFps?: number;
}

/**
 * The far end of the UI: a real HTTP and WebSocket server that serves the built page and speaks the contract, with a
 * state that tests script. All that goes in or out is held against the contract's schemas, so that it cannot drift.
 */
export class ContractPeer {
  readonly token = randomBytes(16).toString('hex');
  /** every command received, valid ones only */
  readonly calls: { command: CommandName; input: unknown }[] = [];
  /** files that pages have sent */
  readonly files: { name: string; content: Buffer }[] = [];
  /** a file is read no further than its first piece before this is over */
  filesMayCome: Promise<void> = Promise.resolve();
  /** messages and inputs that broke the contract; tests expect none */
  readonly violations: string[] = [];
  /** what each command does; tests replace single ones */
  readonly handlers: CommandHandlers;
  readonly #previewFps: number;
  readonly #clients = new Set<Client>();
  readonly #timers = new Set<ReturnType<typeof setInterval>>();
  #snapshot: Snapshot;
  #revision = 1;
  #server: Server | null = null;
  #sockets: WebSocketServer | null = null;
  #startedAt = Date.now();
  #port = 0;

  constructor({ snapshot = believableSnapshot(), previewFps = 5 }: ContractPeerOptions = {}) {
    this.#snapshot = snapshotSchema.parse(snapshot);
    this.#previewFps = previewFps;
    this.handlers = peerCommands(this);
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }
  get port(): number {
    return this.#port;
  }
  /** the page with its token */
  get url(): string {
    return `${this.origin}/#token=${this.token}`;
  }
  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }
  get clientCount(): number {
    return [...this.#clients].filter(({ isWelcome }) => isWelcome).length;
  }
  topicsOf(index: number): { topics: Topic[]; previewWidth: number } | null {
    const client = [...this.#clients][index];
    return client ? { topics: [...client.topics], previewWidth: client.previewWidth } : null;
  }

  /** @param port 0: any free one, the same one again after a `stop()` */
  async start(port = this.#port): Promise<void> {
    if (!existsSync(join(builtUi, 'index.html')))
      throw new Error('The UI is not built: run `npm run build` first.');
    this.#startedAt = Date.now();
    const server = createServer((request, response) => {
      const isUpload = request.method === 'POST' && request.url?.startsWith('/api/files?');
      void (isUpload ? this.#takeFile(request, response) : this.#serveFile(request, response));
    });
    this.#server = server;
    this.#sockets = new WebSocketServer({ server, path: '/ws', maxPayload: 1 << 20 });
    this.#sockets.on('connection', (socket) => {
      this.#accept(socket);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#every(500, () => {
      this.emit('stats', believableStats(Date.now(), this.#startedAt));
    });
    this.#every(1000 / metersFps, () => {
      const swing = (phase: number): number => -14 + 9 * Math.sin(Date.now() / 310 + phase);
      const level = (phase: number) => ({
        peakDb: [swing(phase), swing(phase + 0.7)] as [number, number],
        rmsDb: [swing(phase) - 6, swing(phase + 0.7) - 6] as [number, number],
      });
      const inputs = this.snapshot.sources
        .filter(({ settings }) => soundOf(settings) !== null)
        .map(({ id }, index) => ({ sourceId: id, isClipping: false, ...level(index * 1.7) }));
      this.emit('meters', { ...level(0), limiterDb: 0, isClipping: false, inputs });
    });
    this.#every(1000 / this.#previewFps, () => {
      for (const client of this.#clients) this.#sendPreview(client);
    });
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers.clear();
    for (const { socket } of this.#clients) socket.terminate();
    this.#clients.clear();
    this.#sockets?.close();
    this.#server?.closeAllConnections();
    await new Promise<void>((resolve) => {
      if (this.#server)
        this.#server.close(() => {
          resolve();
        });
      else resolve();
    });
    this.#server = null;
    this.#sockets = null;
  }

  set<Name extends SliceName>(name: Name, value: Snapshot[Name]): void {
    snapshotSlices[name].parse(value);
    this.#snapshot = { ...this.#snapshot, [name]: value };
    this.#revision++;
    this.#broadcast({ type: 'slice', revision: this.#revision, slice: name, value });
  }

  update<Name extends SliceName>(name: Name, change: (value: Snapshot[Name]) => Snapshot[Name]): void {
    this.set(name, change(this.#snapshot[name]));
  }

  /** Changes the state and its revision without telling anybody: the next slice shows a gap. */
  setSilently<Name extends SliceName>(name: Name, value: Snapshot[Name]): void {
    snapshotSlices[name].parse(value);
    this.#snapshot = { ...this.#snapshot, [name]: value };
    this.#revision++;
  }

  emit<Name extends EventName>(name: Name, payload: EventPayload<Name>): void {
    events[name].schema.parse(payload);
    for (const client of this.#clients)
      if (client.topics.has(name)) this.#send(client, { type: 'event', event: name, payload });
  }

  /** A piece of the program's sound, to whoever listens. @param samples interleaved stereo, 48 kHz */
  emitSound(firstSample: number, samples: Float32Array): void {
    const message = new Uint8Array(monitorHeaderBytes + samples.byteLength);
    writeMonitorHeader(message, { firstSample, tickUnixMs: Date.now() });
    message.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength), monitorHeaderBytes);
    for (const client of this.#clients) if (client.topics.has('monitor')) client.socket.send(message);
  }

  /** Fills the charts with the minutes that a test does not want to wait for. */
  emitPastStats(minutes: number): void {
    const now = Date.now();
    for (let at = now - minutes * 60_000; at < now - 400; at += 500)
      this.emit('stats', believableStats(at, now - minutes * 60_000));
  }

  #every(ms: number, action: () => void): void {
    this.#timers.add(setInterval(action, ms));
  }

  #accept(socket: WebSocket): void {
    const client: Client = { socket, isWelcome: false, topics: new Set(), previewWidth: 640, unshown: [] };
    this.#clients.add(client);
    socket.on('close', () => this.#clients.delete(client));
    socket.on('message', (data: Buffer) => {
      const parsed = clientMessageSchema.safeParse(JSON.parse(data.toString()));
      if (parsed.success) void this.#receive(client, parsed.data);
      else this.violations.push(`client message: ${parsed.error.message}`);
    });
  }

  async #receive(client: Client, message: ClientMessage): Promise<void> {
    if (message.type === 'hello') {
      if (message.token === this.token && message.version === protocolVersion) {
        client.isWelcome = true;
        this.#welcome(client);
      } else {
        this.#send(client, { type: 'refused', error: { code: 'unauthorised', details: {} } });
        client.socket.close(4401);
      }
      return;
    }
    if (!client.isWelcome) {
      this.violations.push(`${message.type} before hello`);
      return;
    }
    if (message.type === 'subscribe') {
      client.topics = new Set(message.topics);
      client.previewWidth = message.previewWidth ?? 640;
      client.unshown = [];
      // The engine sends thirty a second: the first one is there at once.
      this.#sendPreview(client);
    } else if (message.type === 'previewShown') {
      client.unshown = client.unshown.filter((frameIndex) => frameIndex > message.frameIndex);
    } else if (message.type === 'resync') this.#welcome(client);
    else await this.#run(client, message);
  }

  async #run(
    client: Client,
    { id, command, input }: Extract<ClientMessage, { type: 'call' }>,
  ): Promise<void> {
    const parsed = commands[command].input.safeParse(input);
    if (!parsed.success) {
      this.violations.push(`input of ${command}: ${parsed.error.message}`);
      this.#send(client, {
        type: 'failed',
        id,
        error: { code: 'invalid-request', details: { reason: 'the input has another shape' } },
      });
      return;
    }
    this.calls.push({ command, input: parsed.data });
    try {
      const handler = this.handlers[command] as (input: unknown) => unknown;
      const output = commands[command].output.parse(await handler(parsed.data));
      this.#send(client, { type: 'result', id, output });
    } catch (thrown) {
      if (!(thrown instanceof PeerFailure)) throw thrown;
      this.#send(client, { type: 'failed', id, error: thrown.wire });
    }
  }

  #welcome(client: Client): void {
    this.#send(client, {
      type: 'welcome',
      version: protocolVersion,
      revision: this.#revision,
      snapshot: this.#snapshot,
    });
  }

  #broadcast(message: ServerMessage): void {
    for (const client of this.#clients) if (client.isWelcome) this.#send(client, message);
  }

  #send(client: Client, message: ServerMessage): void {
    serverMessageSchema.parse(message);
    if (client.socket.readyState === client.socket.OPEN) client.socket.send(JSON.stringify(message));
  }

  #sendPreview(client: Client): void {
    if (!client.topics.has('preview') || client.unshown.length >= 2) return;
    const now = Date.now();
    const frameIndex = Math.floor(((now - this.#startedAt) * this.#snapshot.program.fps) / 1000);
    client.unshown.push(frameIndex);
    const width = client.previewWidth - (client.previewWidth % 2);
    const height = Math.round((width * 9) / 32) * 2;
    client.socket.send(previewMessage(width, height, frameIndex, now));
  }

  async #takeFile(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = new URL(request.url ?? '', 'http://peer').searchParams.get('name') ?? '';
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) {
        chunks.push(chunk as Buffer);
        await this.filesMayCome;
      }
    } catch {
      // Given up on the way: nothing came.
      return;
    }
    const isAllowed = request.headers.authorization === `Bearer ${this.token}`;
    if (!isAllowed) this.violations.push('a file without the token');
    else this.files.push({ name, content: Buffer.concat(chunks) });
    response.writeHead(isAllowed ? 200 : 401, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(isAllowed ? { path: `files/${name}` } : { code: 'unauthorised', details: {} }),
    );
  }

  async #serveFile(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = normalize(new URL(request.url ?? '/', 'http://peer').pathname);
    const file = join(builtUi, path === '/' ? 'index.html' : path);
    try {
      if (!file.startsWith(builtUi)) throw new Error('outside of the folder');
      const content = await readFile(file);
      response.writeHead(200, {
        'content-type': contentTypes[extname(file)] ?? 'application/octet-stream',
        'content-security-policy': contentSecurityPolicy,
        'cache-control': 'no-store',
      });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  }
}
