import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BaseComponent } from './lib/component';
import { StudioError } from './lib/errors';
import type { Logger } from './lib/logger';

export interface HttpRoutes {
  /** null: ready */
  notReadyReason(): string | null;
  metrics(): Promise<{ contentType: string; text: string }>;
  /** serves the program in this form until the client leaves */
  program(form: 'flv' | 'webm', request: IncomingMessage, response: ServerResponse): void;
  /** `/api/files` and `/api/show/…`: authenticated, of any size, answered when all of it has been dealt with */
  exchange(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** `/api/recordings/ID`: a recording for a page that has a ticket for it */
  recording(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** one authenticated command; resolves to what the response body says */
  call(authorization: string | undefined, body: string): Promise<{ status: number; body: unknown }>;
  /** the windows' WebSocket, `/ws` */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** the WebSocket of pages that capture, `/capture` */
  capture(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.map': 'application/json',
};

/** Commands are small: a body past this is refused unread. */
const bodyLimit = 256 * 1024;

/** for a whole request with its body */
const transferLimitMs = 6 * 3_600_000;

/**
 * The engine's HTTP face: the UI's files, `/healthz`, `/metrics`, `/live/program.flv` and `.webm`, `/api/call`, files and shows in and out, and the upgrades
 * to a WebSocket. Requests whose Host is not this very address are refused, so that no web page can reach it by DNS rebinding.
 */
export class HttpServer extends BaseComponent {
  readonly #options: { host: string; port: number; folder: string; routes: HttpRoutes; logger: Logger };
  readonly #server: Server;
  readonly #upgraded = new Set<Duplex>();

  constructor(options: { host: string; port: number; folder: string; routes: HttpRoutes; logger: Logger }) {
    super();
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        options.logger.error({ err: error }, 'an HTTP request failed');
        if (!response.headersSent) send(response, 500, 'text/plain', 'internal error\n');
        else response.destroy();
      });
    });
    // A film over a slow network takes longer than Node's five minutes.
    this.#server.requestTimeout = transferLimitMs;
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      // A socket that breaks before the WebSocket owns it must not end the process.
      socket.on('error', () => socket.destroy());
      // Node's server lets go of it here, refused or not: stopping must end it all the same.
      this.#upgraded.add(socket);
      socket.once('close', () => this.#upgraded.delete(socket));
      const path = pathOf(request);
      if (
        !this.isOwnHost(request.headers.host) ||
        (path !== '/ws' && path !== '/capture') ||
        !this.#isOwnOrigin(request.headers.origin)
      ) {
        socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      if (path === '/ws') options.routes.upgrade(request, socket, head);
      else options.routes.capture(request, socket, head);
    });
  }

  /** the port it really listens on */
  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? this.#options.port;
  }

  /** `http://127.0.0.1:7780` */
  get origin(): string {
    const { host } = this.#options;
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.port}`;
  }

  protected onStart(): Promise<void> {
    const { host, port, logger } = this.#options;
    return new Promise((resolve, reject) => {
      const onError = (error: NodeJS.ErrnoException): void =>
        reject(
          error.code === 'EADDRINUSE' || error.code === 'EACCES'
            ? new StudioError('port-in-use', { port, purpose: 'http' }, { cause: error })
            : error,
        );
      this.#server.once('error', onError);
      this.#server.listen(port, host, () => {
        this.#server.off('error', onError);
        // No file descriptor for one more connection, say: that costs this connection, not the show.
        this.#server.on('error', (error) => logger.error({ err: error }, 'the HTTP listener failed'));
        resolve();
      });
    });
  }

  protected onStop(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#server.listening) return resolve();
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
      for (const socket of this.#upgraded) socket.destroy();
    });
  }

  isOwnHost(host: string | undefined): boolean {
    return host !== undefined && this.#hosts().includes(host.toLowerCase());
  }

  /** Programs send no Origin; pages of this server send it exactly. */
  #isOwnOrigin(origin: string | undefined): boolean {
    return origin === undefined || this.#hosts().some((host) => origin === `http://${host}`);
  }

  #hosts(): string[] {
    return [`127.0.0.1:${this.port}`, `localhost:${this.port}`, `[::1]:${this.port}`];
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { routes } = this.#options;
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
    if (!this.isOwnHost(request.headers.host))
      return send(response, 421, 'text/plain', 'this address is not served here\n');
    const path = pathOf(request);
    if (path === '/api/call' && request.method === 'POST') {
      if (!this.#isOwnOrigin(request.headers.origin))
        return send(response, 403, 'text/plain', 'foreign origin\n');
      const body = await readBody(request);
      if (body === null) return send(response, 413, 'text/plain', 'the request is too large\n');
      const answer = await routes.call(request.headers.authorization, body);
      return send(response, answer.status, 'application/json', JSON.stringify(answer.body));
    }
    if (path === '/api/files' || path.startsWith('/api/show/')) {
      if (!this.#isOwnOrigin(request.headers.origin))
        return send(response, 403, 'text/plain', 'foreign origin\n');
      return routes.exchange(request, response);
    }
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return send(response, 405, 'text/plain', 'only GET is understood here\n');
    if (path === '/healthz') {
      const reason = routes.notReadyReason();
      return send(
        response,
        reason === null ? 200 : 503,
        'application/json',
        JSON.stringify(reason === null ? { ready: true } : { ready: false, reason }),
      );
    }
    if (path === '/metrics') {
      const { contentType, text } = await routes.metrics();
      return send(response, 200, contentType, text);
    }
    if (path.startsWith('/api/recordings/')) return routes.recording(request, response);
    const form = /^\/live\/program\.(flv|webm)$/.exec(path)?.[1];
    if (form === 'flv' || form === 'webm') return routes.program(form, request, response);
    return this.#file(path === '/' ? '/index.html' : path, response);
  }

  async #file(path: string, response: ServerResponse): Promise<void> {
    const { folder } = this.#options;
    const file = normalize(join(folder, path));
    let size: number;
    try {
      const found = statSync(file);
      if (!file.startsWith(folder + sep) || !found.isFile()) throw new Error('not a file of the UI');
      size = found.size;
    } catch {
      return send(response, 404, 'text/plain', 'there is nothing here\n');
    }
    response.writeHead(200, {
      'Content-Type': contentTypes[extname(file)] ?? 'application/octet-stream',
      'Content-Length': size,
      // Vite puts a hash into the names of assets, so they never change; the page itself must always be fresh.
      'Cache-Control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      'Content-Security-Policy':
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self' ws://127.0.0.1:* ws://localhost:*; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'",
      'Referrer-Policy': 'no-referrer',
    });
    const content = createReadStream(file);
    try {
      await pipeline(content, response);
    } catch (error) {
      // Clients leave in the middle as they like; what is wrong with the file is news.
      if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    }
  }
}

function pathOf(request: IncomingMessage): string {
  const raw = (request.url ?? '/').split('?', 1)[0] ?? '/';
  try {
    return decodeURIComponent(raw);
  } catch {
    return '/';
  }
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, {
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  });
  response.end(body);
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  // A declared length is refused unread; one that was not declared ends the connection when it grows past the limit.
  if (Number(request.headers['content-length'] ?? 0) > bodyLimit) return null;
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > bodyLimit) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
