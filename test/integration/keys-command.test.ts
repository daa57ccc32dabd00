import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DataFolder } from '../../electron/studio/data-folder';
import { runKeysCommand } from '../../electron/studio/keys-command';

let folder: DataFolder;
let server: Server | undefined;
beforeEach(() => {
  folder = new DataFolder(mkdtempSync(join(tmpdir(), 'keys-command-')));
});
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  rmSync(folder.path, { recursive: true, force: true });
});

/** Something at the address of an engine that is said to run, and whose process (this one) holds the folder. */
async function answerWith(listener: RequestListener): Promise<void> {
  const listening = (server = createServer(listener));
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  folder.lock();
  announce((listening.address() as AddressInfo).port);
}

const announce = (port: number): void =>
  folder.announce({
    pid: process.pid,
    uiUrl: `http://127.0.0.1:${port}/#token=t`,
    rtmpUrl: null,
    startedAt: 1,
  });

const add = { action: 'add', name: 'phone', key: undefined } as const;

it('says that an engine hangs, and does not change the keys behind its back', async () => {
  await answerWith(() => undefined);
  await expect(runKeysCommand(add, folder, 100)).rejects.toMatchObject({
    code: 'engine-unreachable',
    details: { pid: process.pid, reason: 'it said nothing for 0.1 s' },
  });
  expect(existsSync(folder.file('keys.json'))).toBe(false);
});

it.each([
  ['hangs up', (request) => request.socket.destroy(), /UND_ERR_SOCKET|ECONNRESET/],
  ['is another program', (_request, response) => response.end('<html>'), /makes no sense/],
] as [string, RequestListener, RegExp][])(
  'says so when what is there %s',
  async (_what, listener, reason) => {
    await answerWith(listener);
    await expect(runKeysCommand({ action: 'list' }, folder)).rejects.toMatchObject({
      code: 'engine-unreachable',
      details: { reason: expect.stringMatching(reason) as string },
    });
  },
);

it('hands on what the engine itself refuses', async () => {
  await answerWith((_request, response) => {
    response.statusCode = 400;
    response.end(JSON.stringify({ code: 'key-name-taken', details: { name: 'phone' } }));
  });
  await expect(runKeysCommand(add, folder)).rejects.toMatchObject({ code: 'key-name-taken' });
});

it('changes the file when a crashed engine left its mark and another process has its id', async () => {
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
  const { port } = gone.address() as AddressInfo;
  await new Promise((resolve) => gone.close(resolve));
  folder.lock();
  announce(port);
  expect(await runKeysCommand(add, folder)).toMatch(/^[\w-]{43}\n$/);
  expect(await runKeysCommand({ action: 'list' }, folder)).toBe('phone\n');
  expect(readFileSync(folder.file('keys.json'), 'utf8')).toContain('phone');
});

it('sends its token to nobody that does not hold the folder', async () => {
  let wasAsked = false;
  await answerWith((_request, response) => {
    wasAsked = true;
    response.end('{}');
  });
  folder.unlock();
  announce((server?.address() as AddressInfo).port);
  expect(await runKeysCommand(add, folder)).toMatch(/^[\w-]{43}\n$/);
  expect(wasAsked).toBe(false);
});
