import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { awaitRunningStudio } from '../../electron/launcher/running-studio';
import { FolderLock, lockFileName } from '../../electron/streaming/lib/folder-lock';

let dataDir: string;
let lock: FolderLock;
let server: Server;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'running-studio-'));
  lock = new FolderLock(join(dataDir, lockFileName));
  server = createServer((_request, response) => response.end('{"ready":true}'));
});
afterEach(() => {
  server.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function announce(): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const uiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/#token=t`;
  writeFileSync(
    join(dataDir, 'engine.json'),
    JSON.stringify({ pid: process.pid, uiUrl, rtmpUrl: null, startedAt: 1 }),
  );
  return uiUrl;
}

it('waits for a studio that is starting', async () => {
  lock.acquire();
  const waitedFor: number[] = [];
  let uiUrl = '';
  const studio = await awaitRunningStudio(dataDir, (pid) => {
    waitedFor.push(pid);
    void announce().then((announced) => (uiUrl = announced));
  });
  expect(studio?.uiUrl).toBe(uiUrl);
  expect(waitedFor).toEqual([process.pid]);
});

it('does not wait where nobody is, nor for somebody who gave up', async () => {
  const never = (): void => expect.unreachable();
  expect(await awaitRunningStudio(dataDir, never)).toBeUndefined();
  lock.acquire();
  expect(await awaitRunningStudio(dataDir, () => lock.release())).toBeUndefined();
});

it('does not wait for ever for a studio that hangs', async () => {
  lock.acquire();
  expect(await awaitRunningStudio(dataDir, () => undefined, { waitMs: 100, pollMs: 10 })).toBeUndefined();
});
