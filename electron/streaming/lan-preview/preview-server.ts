import { STATUS_CODES, createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { LanLimits, LanRefusal } from '../../../shared/contract/lan-preview';
import type { PacketReader } from '../interfaces/packet';
import { BaseComponent } from '../lib/component';
import { serveHttpFlv } from '../output/http-flv';
import type { Doorkeeper } from './doorkeeper';
import { serveFlvSocket } from './flv-socket';
import type { ProgramFeed } from './program-feed';
import type { PageFile } from './viewer-page';
import {
  basicPassword,
  cookieOf,
  formPassword,
  hostOf,
  isOwnOrigin,
  livePath,
  pathOf,
} from './viewer-request';
import type { Visitors } from './visitors';

export interface PreviewServerOptions {
  /** null: all addresses */
  readonly host: string | null;
  /** 0: any free one */
  readonly port: number;
  readonly limits: LanLimits;
  readonly page: ReadonlyMap<string, PageFile>;
  readonly keeper: Doorkeeper;
  readonly visitors: Visitors;
  readonly feed: Pick<ProgramFeed, 'program'>;
  /** a bug that cost one request; tells nothing of what the peer sent */
  readonly onFault: (reason: string) => void;
}

/** A refusal: what HTTP says of it, and in words. */
interface Refusal {
  readonly status: 400 | 401 | 403 | 404 | 405 | 406 | 413 | 429 | 503;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

// More patient than for destinations: a Wi-Fi with hiccups shows pictures late rather than not at all.
const dropMs = 2000;
const flushMs = 4000;
/** Node looks for connections that are past their time so often */
/** for the goodbye of who was refused */
const goodbyeMs = 1000;
const checkEveryMs = 1000;

/**
 * The preview's own HTTP server, the one part of the studio that strangers of the local network reach. It serves the
 * viewers' page with its files, `/login`, `/status` and the program, as HTTP-FLV and WebSocket-FLV; nothing else, and
 * nothing from the disk. Without a session (cookie) or the password (HTTP Basic) only the page and `/login` answer.
 */
export class PreviewServer extends BaseComponent {
  readonly #options: PreviewServerOptions;
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  #viewing = new AbortController();

  constructor(options: PreviewServerOptions) {
    super();
    this.#options = options;
    const { headerBytes, headersMs, requestMs, keepAliveMs, idleMs } = options.limits;
    this.#server = createServer(
      {
        maxHeaderSize: headerBytes,
        headersTimeout: headersMs,
        requestTimeout: requestMs,
        keepAliveTimeout: keepAliveMs,
        connectionsCheckingInterval: checkEveryMs,
        noDelay: true,
      },
      (request, response) => void this.#answer(request, response),
    );
    // A page that is asked for and not read; what is watched is never idle.
    this.#server.timeout = idleMs;
    // Viewers have nothing to say: what is longer than a control frame ends it.
    this.#sockets = new WebSocketServer({ noServer: true, maxPayload: 125, perMessageDeflate: false });
    this.#server.on('connection', (socket: Socket) => options.visitors.connected(socket));
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      void this.#upgrade(request, socket, head);
    });
    this.#server.on('clientError', (_error, socket: Duplex) => {
      options.visitors.refuse('request');
      if (socket.writable) refuseUpgrade(socket, 400);
      else socket.destroy();
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** All viewers have to come again: with another password, say. */
  endViewers(): void {
    this.#viewing.abort();
    this.#viewing = new AbortController();
  }

  /** @throws NodeJS.ErrnoException when it cannot listen there */
  protected onStart(): Promise<void> {
    const { host, port, onFault } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, ...(host !== null && { host }) }, () => {
        this.#server.off('error', reject);
        // No file descriptor for one more connection, say: that costs this connection.
        this.#server.on('error', (error: NodeJS.ErrnoException) => onFault(error.code ?? error.name));
        resolve();
      });
    });
  }

  protected async onStop(): Promise<void> {
    this.#viewing.abort();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#options.visitors.sendAway();
    this.#sockets.close();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#serve(request, response);
    } catch (error) {
      // A peer that breaks off in the middle of its form is no fault of ours.
      if (!request.destroyed) this.#options.onFault(error instanceof Error ? error.name : 'unknown');
      response.destroy();
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { page } = this.#options;
    const path = pathOf(request);
    setCommonHeaders(response);
    if (hostOf(request) === null) return this.#refuse(response, malformed, 'request');
    if (!isOwnOrigin(request)) return this.#refuse(response, foreignOrigin, 'origin');
    if (path === '/login') return this.#login(request, response);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return this.#refuse(response, { ...wrongMethod, headers: { Allow: 'GET, HEAD' } }, 'request');
    const file = page.get(path);
    if (file) return sendFile(request, response, file);
    if (path !== livePath && path !== '/status')
      return this.#refuse(response, { status: 404, text: 'There is nothing here.' }, 'request');
    const refusal = (await this.#admission(request)) ?? this.#trouble();
    if (response.destroyed) return;
    if (refusal) return this.#refuse(response, refusal);
    if (path === '/status') return void response.writeHead(204).end();
    if (request.method === 'HEAD')
      return void response.writeHead(200, { 'Content-Type': 'video/x-flv' }).end();
    await this.#stream(request, response);
  }

  /** The page's form: a session for the right password. */
  async #login(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { keeper, limits } = this.#options;
    if (request.method !== 'POST')
      return this.#refuse(response, { ...wrongMethod, headers: { Allow: 'POST' } }, 'request');
    const password = await formPassword(request, limits.bodyBytes);
    if (password === null) return this.#refuse(response, tooLarge, 'request');
    const refusal = await this.#check(password, request);
    if (response.destroyed) return;
    if (refusal) return this.#refuse(response, refusal);
    const age = Math.floor(limits.sessionMs / 1000);
    const cookie = `${this.#cookieName}=${keeper.openSession()}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict`;
    response.writeHead(204, { 'Set-Cookie': cookie }).end();
  }

  async #stream(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const seat = this.#takeSeat(request);
    if ('status' in seat) return this.#refuse(response, seat);
    const { stallMs } = this.#options.limits;
    await serveHttpFlv(seat.reader, response, this.#viewing.signal, { stallMs }).finally(seat.leave);
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { limits, visitors } = this.#options;
    const isMeant = pathOf(request) === livePath && hostOf(request) !== null;
    let refusal: Refusal | null = null;
    if (!isMeant) visitors.refuse('request');
    else if (!isOwnOrigin(request)) visitors.refuse('origin');
    else refusal = (await this.#admission(request)) ?? this.#trouble();
    if (socket.destroyed) return;
    if (!isMeant) return refuseUpgrade(socket, 404);
    if (!isOwnOrigin(request)) return refuseUpgrade(socket, 403);
    if (refusal) return refuseUpgrade(socket, refusal.status);
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      // What it still sends while it is turned away must not end everybody's preview.
      webSocket.on('error', () => webSocket.terminate());
      const seat = this.#takeSeat(request);
      if ('status' in seat) return webSocket.close(1013, 'try again later');
      void serveFlvSocket(seat.reader, webSocket, this.#viewing.signal, limits).finally(seat.leave);
    });
  }

  #takeSeat(request: IncomingMessage): { reader: PacketReader; leave: () => void } | Refusal {
    const { feed, visitors } = this.#options;
    const { program } = feed;
    if (!('subscribe' in program)) return { status: program.status, text: program.reason };
    const leave = visitors.watch(request.socket.remoteAddress ?? '');
    if (!leave) return { ...tooMany, text: 'Too many people are watching.' };
    return { reader: program.subscribe({ name: 'LAN preview', from: 'cached', dropMs, flushMs }), leave };
  }

  /** null: there is something to watch */
  #trouble(): Refusal | null {
    const { program } = this.#options.feed;
    return 'subscribe' in program ? null : { status: program.status, text: program.reason };
  }

  /** null: it may watch */
  async #admission(request: IncomingMessage): Promise<Refusal | null> {
    const cookie = cookieOf(request, this.#cookieName);
    if (cookie !== null && this.#options.keeper.hasSession(cookie)) return null;
    const password = basicPassword(request);
    // Players ask without one first (RFC 7235 2.1): that is no failure.
    if (password === null) return cookie === null && pathOf(request) === livePath ? challenge : loginNeeded;
    return this.#check(password, request);
  }

  async #check(password: string, request: IncomingMessage): Promise<Refusal | null> {
    const { keeper, visitors } = this.#options;
    const address = request.socket.remoteAddress;
    if (address === undefined) return loginNeeded;
    const verdict = await keeper.check(password, address);
    if (verdict === 'right') return null;
    visitors.refuse(verdict === 'wrong' ? 'password' : verdict === 'locked' ? 'locked' : 'limit');
    if (verdict === 'busy') return tooMany;
    if (verdict === 'wrong') return { ...loginNeeded, text: 'The password is wrong.' };
    return {
      status: 429,
      text: 'Too many wrong passwords from here.',
      headers: { 'Retry-After': String(keeper.retryAfterSec(address)) },
    };
  }

  /** Cookies know no ports: two studios on one computer must not take each other's. */
  get #cookieName(): string {
    return `viewer_${this.port}`;
  }

  #refuse(response: ServerResponse, { status, text, headers }: Refusal, kind?: LanRefusal): void {
    if (kind) this.#options.visitors.refuse(kind);
    response.writeHead(status, {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Length': Buffer.byteLength(text),
      'Cache-Control': 'no-store',
      // What a refused request still has to say is not listened to.
      ...(status !== 401 && status !== 503 && { Connection: 'close' }),
      ...headers,
    });
    response.end(text);
  }
}

const malformed: Refusal = { status: 400, text: 'Expected a Host header.' };
const foreignOrigin: Refusal = { status: 403, text: 'Pages of other sites may not watch.' };
const wrongMethod: Refusal = { status: 405, text: 'This is not understood here.' };
const tooLarge: Refusal = { status: 413, text: 'Expected a form with a password.' };
const tooMany: Refusal = {
  status: 503,
  text: 'Too many ask at once.',
  headers: { 'Retry-After': '1' },
};
const loginNeeded: Refusal = { status: 401, text: 'The password is needed.' };
/** Only where the page does not come by: a browser would ask for the password in a window of its own. */
const challenge: Refusal = {
  ...loginNeeded,
  headers: { 'WWW-Authenticate': 'Basic realm="Program preview", charset="UTF-8"' },
};

function setCommonHeaders(response: ServerResponse): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader('X-Frame-Options', 'DENY');
  response.setHeader('X-Robots-Tag', 'noindex');
  response.setHeader('Cache-Control', 'no-store');
}

function sendFile(request: IncomingMessage, response: ServerResponse, file: PageFile): void {
  const host = hostOf(request) ?? '';
  // Not every browser counts ws: of the same host as 'self', and none knows IPv6 addresses here (CSP 3, 2.3.1).
  const sources = host.startsWith('[') ? "'self'" : `'self' ws://${host} wss://${host}`;
  response.writeHead(200, {
    'Content-Type': file.contentType,
    'Content-Length': file.body.length,
    'Cache-Control': file.isImmutable ? 'private, max-age=31536000, immutable' : 'no-cache',
    'Content-Security-Policy': `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src blob:; connect-src ${sources}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  });
  response.end(request.method === 'HEAD' ? undefined : file.body);
}

/** A peer that does not say goodbye keeps no place. */
function refuseUpgrade(socket: Duplex, status: number): void {
  const timer = setTimeout(() => socket.destroy(), goodbyeMs).unref();
  socket.once('close', () => clearTimeout(timer));
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
