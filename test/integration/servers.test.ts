import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IngestList } from '../../electron/studio/ingest-list';
import { measureServers } from '../../electron/studio/nearest-server';
import { ServerDesk } from '../../electron/studio/server-desk';
import { NameLookup } from '../../electron/streaming/rtmp/name-lookup';
import { Egress } from '../../electron/studio/egress';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { PacketHub } from '../../electron/streaming/output/packet-hub';
import { plainDestination } from '../support/plain-destination';
import { RtmpPeer } from '../support/rtmp-peer';
import { waitFor } from '../support/wait-for';

const dayMs = 24 * 3600 * 1000;
const never = new AbortController().signal;
const isTest = (host: string): boolean => host.endsWith('.contribute.live-video.net');
const entry = (label: string, port = 443) => {
  const host = `${label}.contribute.live-video.net:${port}`;
  return {
    ...{ name: label, url_template: `rtmp://${host}/app/{stream_key}` },
    url_template_secure: `rtmps://${host}/app/{stream_key}`,
  };
};
const listOf = (...entries: object[]): string => JSON.stringify({ ingests: entries });

let folder: string;
let path: string;
const open: Server[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'servers-'));
  path = join(folder, 'servers.json');
});
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  rmSync(folder, { recursive: true, force: true });
});

/** a service that answers so. @returns its address, and how often it was asked */
async function service(answer: RequestListener): Promise<{ url: string; asked: () => number }> {
  let count = 0;
  const server = createHttpServer((request, response) => {
    count += 1;
    answer(request, response);
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ingests`, asked: () => count };
}

describe('the list of a service', () => {
  it('is asked for once a day, kept over restarts, and had again when a person wants it', async () => {
    let text = listOf(entry('one'), entry('two'));
    const { url, asked } = await service((_, response) => response.end(text));
    let now = 1_800_000_000_000;
    const list = (): IngestList => new IngestList({ url, path, now: () => now });
    const first = list();
    const answers = await Promise.all([first.servers(), first.servers()]);
    expect(answers[1]).toMatchObject({ origin: 'service', at: now, problem: null });
    expect(answers[0].servers.map(({ name }) => name)).toEqual(['one', 'two']);
    expect(asked()).toBe(1);

    now += dayMs - 1;
    const second = list();
    expect((await second.servers()).servers).toHaveLength(2);
    expect(asked()).toBe(1);
    text = listOf(entry('three'));
    expect((await second.servers(true)).servers.map(({ name }) => name)).toEqual(['three']);
    expect(asked()).toBe(2);
    now += dayMs;
    await second.servers();
    expect(asked()).toBe(3);
  });

  it.each<[string, RequestListener, string]>([
    ['garbage', (_, response) => response.end('<html>'), 'it is no JSON'],
    ['another form', (_, response) => response.end('{"servers":[]}'), 'of another form'],
    [
      'hosts of others',
      (_, response) =>
        response.end('{"ingests":[{"name":"x","url_template":"rtmp://evil.example/app/{stream_key}"}]}'),
      'names no server',
    ],
    ['an error', (_, response) => response.writeHead(503).end(), 'it answered 503'],
    [
      'an answer without end',
      (_, response) => {
        const timer = setInterval(() => response.write(' '.repeat(65_536)), 5);
        response.on('close', () => clearInterval(timer));
      },
      'longer than 256 KiB',
    ],
    ['silence', () => undefined, 'it does not answer'],
    [
      'another address',
      (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      'cannot be reached',
    ],
  ])('in place of %s, what was known counts, and the reason is told', async (_, answer, reason) => {
    const { url, asked } = await service(answer);
    const list = new IngestList({ url, path, timeoutMs: 300 });
    const { servers, origin, problem } = await list.servers();
    expect(origin).toBe('built-in');
    expect(servers.map(({ host }) => host)).toContain('euc10.contribute.live-video.net');
    expect(problem?.code).toBe('servers-unlisted');
    expect(problem?.details.reason).toContain(reason.replace('it is no JSON', 'no JSON'));
    // Not again with every look.
    expect((await list.servers()).problem).toEqual(problem);
    expect(asked()).toBe(1);
  });

  it('is an older copy where there is one, unless somebody put other hosts in it', async () => {
    const at = 1_800_000_000_000;
    const url = 'http://127.0.0.1:1/ingests';
    writeFileSync(path, JSON.stringify({ version: 1, at, ingests: [entry('one')] }));
    const now = (): number => at + 30 * dayMs;
    expect(await new IngestList({ url, path, now }).servers()).toMatchObject({
      ...{ origin: 'saved', at, problem: { code: 'servers-unlisted' } },
      servers: [{ name: 'one' }],
    });
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('contribute.live-video.net', 'evil.example'));
    expect((await new IngestList({ url, path, now }).servers()).origin).toBe('built-in');
  });
});

async function listeners(count: number): Promise<{ ports: number[]; close: () => Promise<unknown> }> {
  const servers = Array.from({ length: count }, () =>
    createServer((socket) => socket.on('error', () => undefined).resume()),
  );
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ports.push((server.address() as AddressInfo).port);
  }
  const close = () => Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return { ports, close };
}
const names = new NameLookup({ lookup: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]) });

describe('the time of connections', () => {
  it('is had of those that answer; those that refuse or keep silent cost no more than their time', async () => {
    const near = await listeners(2);
    // One name is never answered.
    const lookup = new NameLookup({
      lookup: (host) =>
        host === 'lost'
          ? new Promise(() => undefined)
          : Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
    });
    try {
      const servers = [
        { host: 'one', port: near.ports[0]! },
        { host: 'two', port: near.ports[1]! },
        { host: 'refuses', port: 1 },
        { host: 'lost', port: 443 },
      ];
      const startedAt = performance.now();
      const times = await measureServers(servers, { names: lookup, timeoutMs: 400 }, never);
      expect(performance.now() - startedAt).toBeLessThan(1500);
      expect([...times.keys()].sort()).toEqual(['one', 'two']);
      for (const ms of times.values()) expect(ms).toBeLessThan(200);
      const whole = await measureServers(servers, { names: lookup, wholeMs: 200 }, never);
      expect([...whole.keys()].sort()).toEqual(['one', 'two']);
      await expect(
        measureServers(servers, { names: lookup }, AbortSignal.abort(new Error('over'))),
      ).rejects.toThrow('over');
    } finally {
      await near.close();
    }
  });
});

describe('a destination that takes the nearest server', () => {
  const made: RtmpPeer[] = [];
  afterEach(() => Promise.all(made.splice(0).map((peer) => peer.close())));

  it('goes to it, to the next one when that fails, and back to its own address for want of any', async () => {
    const peer = new RtmpPeer();
    made.push(peer);
    const port = await peer.listen();
    // Takes connections, and speaks no RTMP.
    const broken = createServer((socket) => socket.on('error', () => undefined).end('no'));
    await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve));
    const brokenPort = (broken.address() as AddressInfo).port;
    const { url } = await service((_, response) =>
      response.end(listOf(entry('good', port), entry('bad', brokenPort))),
    );
    const list = new IngestList({ url, path, isOwnHost: isTest });
    const servers = new ServerDesk({
      lists: new Map([['twitch', list]]),
      stopping: never,
      limits: { names },
    });
    const own = `rtmp://127.0.0.1:${port}/app`;
    try {
      // Not asked before somebody wants it, and then in no more than a second.
      expect(servers.describe('rtmp://good.contribute.live-video.net/app')).toBeNull();
      const choice = await servers.choice('twitch', false);
      expect(choice.servers.map(({ name, connectMs }) => [name, typeof connectMs])).toEqual([
        ['good', 'number'],
        ['bad', 'number'],
      ]);
      expect(['good', 'bad']).toContain(choice.nearest?.split('.')[0]);
      const first = await servers.address('rtmp://live.twitch.tv/app', null);
      expect(first).toMatch(/^rtmp:\/\/(good|bad)\.contribute/);
      const second = await servers.address('rtmp://live.twitch.tv/app', first);
      expect(second).toMatch(/^rtmp:\/\/(good|bad)\.contribute/);
      expect(second).not.toBe(first);
      expect(await servers.address('rtmp://live.twitch.tv/app', second)).toBe('rtmp://live.twitch.tv/app');
      servers.networkChanged();
      expect(await servers.address('rtmps://live.twitch.tv/app', null)).toMatch(/^rtmps:/);
      expect(servers.describe(first)?.connectMs).toBeTypeOf('number');
      // A key is told to no server of another service, whatever its list says.
      expect(await servers.address(own, null)).toBe(own);
      expect(await servers.choice('youtube', false)).toMatchObject({ servers: [], nearest: null });
    } finally {
      await new Promise((resolve) => broken.close(resolve));
    }
  });

  it('tries the next one by itself, and shows where it is', async () => {
    const peer = new RtmpPeer();
    made.push(peer);
    const good = `rtmp://127.0.0.1:${await peer.listen()}/app`;
    const asked: (string | null)[] = [];
    const hub = new PacketHub();
    const egress = new Egress(hub, silentLogger, {
      servers: {
        address: (_, failed) =>
          Promise.resolve((asked.push(failed), failed === null ? 'rtmp://127.0.0.1:1/app' : good)),
        describe: (url) => (url === good ? { name: 'Frankfurt', connectMs: 9 } : null),
        networkChanged: () => undefined,
      },
    });
    const own = { name: 'Twitch', url: 'rtmps://live.twitch.tv/app', key: 'canary', serviceId: 'twitch' };
    const id = egress.addDestination({ ...own, ...plainDestination, isNearest: true });
    const view = () => egress.outputs().find((output) => output.id === id);
    expect(view()).toMatchObject({ url: own.url, nearest: { name: null, connectMs: null } });
    egress.goLive();
    await waitFor(() => view()?.status.state === 'live', 'the next server takes it');
    expect(asked).toEqual([null, 'rtmp://127.0.0.1:1/app']);
    expect(view()).toMatchObject({ url: own.url, nearest: { name: 'Frankfurt', connectMs: 9 } });
    hub.end();
    await egress.stop();
  });
});
