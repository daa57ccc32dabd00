import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { StudioError, toWireError } from '../streaming/lib/errors';
import type { Logger } from '../streaming/lib/logger';
import { isToken } from '../streaming/websocket';
import type { ShowDesk } from './show-desk';

export interface ShowExchangeOptions {
  readonly token: string;
  /** undefined: the engine is still starting */
  readonly desk: () => ShowDesk | undefined;
  readonly logger: Logger;
}

/** What is still coming in after a refusal is thrown away for so long: who does not read the answer must be told by force. */
const drainMs = 5000;

/** Files and whole shows over HTTP, in and out, with the folder's token as bearer. Failures answer as `/api/call` does. */
export class ShowExchange {
  readonly #options: ShowExchangeOptions;

  constructor(options: ShowExchangeOptions) {
    this.#options = options;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const token = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
      if (!isToken(token, this.#options.token)) throw new StudioError('unauthorised', {});
      const desk = this.#options.desk();
      if (!desk) throw new StudioError('invalid-request', { reason: 'the engine is still starting' });
      await this.#route(new URL(request.url ?? '/', 'http://studio'), desk, request, response);
    } catch (error) {
      if (!(error instanceof StudioError))
        this.#options.logger.error({ err: error }, 'an exchange of files failed');
      if (response.headersSent) response.destroy();
      else refuse(request, response, error);
    }
  }

  async #route(
    { pathname, searchParams }: URL,
    desk: ShowDesk,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const route = `${request.method} ${pathname}`;
    const length = request.headers['content-length'];
    const file = { content: request, bytes: length === undefined ? null : Number(length) };
    if (route === 'POST /api/files')
      return answer(response, {
        path: await desk.takeFile({ ...file, name: searchParams.get('name') ?? '' }),
      });
    if (route === 'POST /api/show/import') {
      const mayCapture = searchParams.get('captures') === 'start';
      return answer(response, await desk.importShow(file, mayCapture));
    }
    if (route === 'GET /api/show/export') return this.#export(desk, response);
    throw new StudioError('invalid-request', { reason: `there is no ${route}` });
  }

  async #export(desk: ShowDesk, response: ServerResponse): Promise<void> {
    const { name, fileCount, fileBytes, content } = await desk.exportShow();
    response.writeHead(200, {
      'Content-Type': 'application/zip',
      'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(`${name}.zip`)}`,
      'Cache-Control': 'no-store',
      // So that the page can say what goes out.
      'X-Show-Files': String(fileCount),
      'X-Show-File-Bytes': String(fileBytes),
    });
    try {
      await pipeline(content, response);
    } catch (error) {
      // Clients leave in the middle as they like.
      if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    }
  }
}

function answer(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(body));
}

const statusOf: Partial<Record<string, number>> = {
  unauthorised: 401,
  'import-captures': 409,
  'upload-too-large': 413,
  'upload-no-room': 507,
  internal: 500,
};

/** The sender is still sending: it hears the answer only if what it sends is taken. */
function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const wire = toWireError(error);
  response.writeHead(statusOf[wire.code] ?? 400, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    Connection: 'close',
  });
  response.end(JSON.stringify(wire));
  const timer = setTimeout(() => request.destroy(), drainMs);
  request.once('close', () => clearTimeout(timer));
  request.resume();
}
