import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { paths } from '../../electron/streaming/lib/paths';
import { RtmpServer } from '../../electron/streaming/rtmp/server';
import { StreamKeys } from '../../electron/streaming/rtmp/stream-keys';
import { RtmpClient } from '../support/rtmp-client';
import { startRtmpServer } from '../support/rtmp-server';
import { waitFor } from '../support/wait-for';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A dead process that nobody has waited for (its parent was killed) is dead. */
const isAlive = (pid: number): boolean => {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

describe('the server process', () => {
  it('is back within 2 s on the same port after a SIGKILL, with its keys', async () => {
    const test = await startRtmpServer();
    cleanups.push(() => test.server.stop());
    const { key } = await test.keys.add('Camera');
    const { port, pid } = test.server;
    const states: string[] = [];
    test.server.events.on('changed', () => states.push(test.server.state.state));
    const { client } = await RtmpClient.publish(port, key);
    await waitFor(() => test.server.stats.connections === 1, 'counted');
    const killedAt = performance.now();
    process.kill(pid!, 'SIGKILL');
    await waitFor(() => test.server.state.state === 'restarting', 'noticed');
    await waitFor(() => test.server.state.state === 'running', 'running again');
    expect(performance.now() - killedAt).toBeLessThan(2000);
    expect(test.server.port).toBe(port);
    expect(test.server.pid).not.toBe(pid);
    const again = await RtmpClient.publish(port, key);
    expect(again.code).toBe('NetStream.Publish.Start');
    // Counters of a dead process stay counted.
    await waitFor(() => test.server.stats.connections === 2, 'total');
    for (const each of [client, again.client]) each.destroy();
  });

  it('with its port taken it is degraded, not dead, and goes to another one', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    cleanups.push(() => taken.close());
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    const keys = new StreamKeys({ dataDir: null });
    const internalKey = randomBytes(32).toString('base64url');
    const server = new RtmpServer({ port, keys, internalKey, logger: silentLogger });
    cleanups.push(() => server.stop());
    await server.start();
    expect(server.state).toEqual({
      state: 'degraded',
      error: { code: 'port-in-use', details: { port, purpose: 'rtmp' } },
    });
    await expect(server.setPort(port)).rejects.toMatchObject({ code: 'port-in-use' });
    const other = await server.setPort(0);
    expect(server.state).toEqual({ state: 'running' });
    const { code, client } = await RtmpClient.publish(other, internalKey);
    expect(code).toBe('NetStream.Publish.Start');
    // A publisher stays connected when the port changes.
    await server.setPort(0);
    await waitFor(() => server.activeStreams().length === 1, 'still on air');
    expect(client.isClosed).toBe(false);
    client.destroy();
  });

  it('ends within a second of its parent, however that one goes', async () => {
    const parent = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { spawn } from 'node:child_process';
         const child = spawn(process.execPath, [process.argv[1]], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
         child.once('message', () => console.log(child.pid));`,
        paths.rtmpServer,
      ],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    cleanups.push(() => parent.kill('SIGKILL'));
    const pid = await new Promise<number>((resolve) =>
      parent.stdout.once('data', (line: Buffer) => resolve(Number(line.toString()))),
    );
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await waitFor(() => !isAlive(pid), 'child gone', 1000);
  });

  it('leaves nothing behind: no file in its folder, no process, no listener', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rtmp-cwd-'));
    cleanups.push(() => rmSync(folder, { recursive: true }));
    // The child inherits the folder its parent works in.
    const previous = process.cwd();
    process.chdir(folder);
    const test = await startRtmpServer().finally(() => process.chdir(previous));
    const { client } = await RtmpClient.publish(test.server.port, test.internalKey);
    client.video('keyframe', 0);
    await waitFor(() => test.server.activeStreams().length === 1, 'on air');
    const { pid, port } = test.server;
    await test.server.stop();
    expect(readdirSync(folder)).toEqual([]);
    expect(isAlive(pid!)).toBe(false);
    const late = new RtmpClient(port);
    await late.closed();
    expect(late.bytesReceived).toBe(0);
  });

  it('stop during start ends both', async () => {
    const server = new RtmpServer({
      port: 0,
      keys: new StreamKeys({ dataDir: null }),
      internalKey: randomBytes(32).toString('base64url'),
      logger: silentLogger,
    });
    const starting = server.start();
    starting.catch(() => undefined);
    await server.stop();
    await expect(starting).rejects.toThrow();
    expect(server.pid).toBeUndefined();
  });
});
