import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EngineError } from '../../renderer/client/engine-error';
import { EngineFiles } from '../../renderer/client/engine-files';
import { exportedText } from '../../renderer/features/show-menu/show-files';

let server: Server | undefined;
afterEach(() => {
  vi.unstubAllGlobals();
  server?.closeAllConnections();
  server?.close();
});

/** A page's fetch, which takes paths of its own origin, and an engine there that answers like this. */
async function engineThat(answers: RequestListener): Promise<IncomingMessage[]> {
  const requests: IncomingMessage[] = [];
  const listening = (server = createServer((request, response) => {
    requests.push(request);
    answers(request, response);
  }));
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
  const { fetch } = globalThis;
  vi.stubGlobal('fetch', (path: string, init?: RequestInit) => fetch(new URL(path, origin), init));
  return requests;
}

const wireOf = async (work: Promise<unknown>): Promise<unknown> => {
  const error = await work.then(
    () => new Error('it was no error'),
    (thrown: unknown) => thrown,
  );
  return error instanceof EngineError ? error.wire : error;
};

describe('the show as a file', () => {
  it('comes with what is in it', async () => {
    const requests = await engineThat((_request, response) => {
      response.writeHead(200, { 'X-Show-Files': '3', 'X-Show-File-Bytes': '12300000' });
      response.end('the archive');
    });
    const { archive, ...files } = await new EngineFiles('secret').exportShow();
    expect(requests[0]?.headers.authorization).toBe('Bearer secret');
    expect(await archive.text()).toBe('the archive');
    expect(exportedText('show.zip', files)).toBe(
      'Saved as show.zip, with 3 files of this computer (12.3 MB).',
    );
    expect(exportedText('show.zip', { fileCount: 0, fileBytes: 0 })).toContain('without any files');
  });

  it('that breaks off in the middle is a lost connection, as it is before', async () => {
    await engineThat((_request, response) => {
      response.writeHead(200, { 'Content-Length': '1000' });
      response.write('the first bytes', () => response.destroy());
    });
    const lost = { code: 'connection-lost', details: { reason: expect.any(String) } };
    expect(await wireOf(new EngineFiles('secret').exportShow())).toMatchObject(lost);
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
    expect(await wireOf(new EngineFiles('secret').exportShow())).toMatchObject(lost);
  });

  it('that the engine refuses is what it says', async () => {
    const wire = { code: 'unauthorised', details: {} };
    await engineThat((_request, response) => {
      response.writeHead(401);
      response.end(JSON.stringify(wire));
    });
    expect(await wireOf(new EngineFiles('secret').exportShow())).toEqual(wire);
  });
});
