import type { LookupAddress } from 'node:dns';
import { createServer, connect, Socket } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { interleaved, raceAddresses } from '../../electron/streaming/rtmp/address-race';
import { NameLookup } from '../../electron/streaming/rtmp/name-lookup';
import { waitFor } from '../support/wait-for';

const v4 = (last: number): LookupAddress => ({ address: `192.0.2.${last}`, family: 4 });
const v6 = (last: number): LookupAddress => ({ address: `2001:db8::${last}`, family: 6 });
const never = new AbortController().signal;
const hangs = (): Promise<never> => new Promise(() => undefined);
const codeOf = async (attempt: Promise<unknown>): Promise<unknown> => {
  try {
    await attempt;
    return null;
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    return typeof code === 'string' ? code : name;
  }
};

describe('looking names up', () => {
  it('asks nobody for an address', async () => {
    const names = new NameLookup({ lookup: () => Promise.reject(new Error('asked')) });
    expect(await names.resolve('192.0.2.1', never)).toEqual([v4(1)]);
    expect(await names.resolve('2001:db8::1', never)).toEqual([v6(1)]);
  });

  it('remembers the last good answer for a day, and fails as the system does without one', async () => {
    let now = 0;
    let fails = false;
    const names = new NameLookup({
      now: () => now,
      lookup: () =>
        fails ? Promise.reject(Object.assign(new Error(), { code: 'EAI_AGAIN' })) : Promise.resolve([v4(7)]),
    });
    await names.resolve('live.example', never);
    fails = true;
    now = 24 * 3600 * 1000;
    expect(await names.resolve('live.example', never)).toEqual([v4(7)]);
    expect(await codeOf(names.resolve('other.example', never))).toBe('EAI_AGAIN');
    now++;
    expect(await codeOf(names.resolve('live.example', never))).toBe('EAI_AGAIN');
  });

  it('gives a resolver that hangs no more than two threads, asks once a name, and waits for nobody too long', async () => {
    const asked: string[] = [];
    const answers = new Map<string, (addresses: LookupAddress[]) => void>();
    const names = new NameLookup({
      limitMs: 30,
      lookup: (host) => {
        asked.push(host);
        return new Promise((resolve) => answers.set(host, resolve));
      },
    });
    const late = ['a', 'b', 'c', 'a'].map((host) => codeOf(names.resolve(host, never)));
    expect(await Promise.all(late)).toEqual(['ETIMEOUT', 'ETIMEOUT', 'ETIMEOUT', 'ETIMEOUT']);
    expect(asked).toEqual(['a', 'b']);
    answers.get('a')!([v4(1)]);
    await waitFor(() => asked.length === 3, 'the next in the queue to be asked');
    expect(asked).toEqual(['a', 'b', 'c']);
    // A name that is being asked for already is not asked for again: its answer serves both.
    const again = names.resolve('b', never);
    answers.get('b')!([v4(2)]);
    expect(await again).toEqual([v4(2)]);
    expect(asked).toHaveLength(3);
  });

  it('an abort ends the wait, not the question', async () => {
    const stop = new AbortController();
    const waiting = codeOf(new NameLookup({ lookup: hangs }).resolve('live.example', stop.signal));
    stop.abort();
    expect(await waiting).toBe('AbortError');
  });
});

describe('racing the addresses of a name', () => {
  const sockets: Socket[] = [];
  const servers: Server[] = [];
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    for (const server of servers.splice(0)) server.close();
  });

  const listening = async (): Promise<number> => {
    const server = createServer((socket) => sockets.push(socket));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  /** addresses ending in 1 answer, in 2 refuse, all others swallow whatever is sent to them */
  const network = (port: number): { tried: string[]; connect: (address: LookupAddress) => Socket } => {
    const tried: string[] = [];
    return {
      tried,
      connect: ({ address }) => {
        tried.push(address);
        const socket = address.endsWith('1')
          ? connect({ port, host: '127.0.0.1', noDelay: true })
          : address.endsWith('2')
            ? connect({ port: 1, host: '127.0.0.1' })
            : new Socket();
        sockets.push(socket);
        return socket;
      },
    };
  };

  it('lets the families take turns, beginning with the system’s favourite', () => {
    expect(interleaved([v6(1), v6(2), v6(3), v4(1), v4(2)])).toEqual([v6(1), v4(1), v6(2), v4(2), v6(3)]);
    expect(interleaved([v4(1)])).toEqual([v4(1)]);
  });

  it('goes on after 250 ms of silence, takes the first to connect, and cuts the others', async () => {
    const port = await listening();
    const { tried, connect: open } = network(port);
    const startedAt = performance.now();
    const won = await raceAddresses([v6(8), v6(1), v4(9), v4(1)], { port, connect: open }, never);
    expect(performance.now() - startedAt).toBeGreaterThan(450);
    expect(tried).toEqual(['2001:db8::8', '192.0.2.9', '2001:db8::1']);
    expect([won.remotePort, won.destroyed]).toEqual([port, false]);
    expect(
      sockets.filter((socket) => socket !== won && !socket.remotePort).every(({ destroyed }) => destroyed),
    ).toBe(true);
  });

  it('asks the kernel to send small messages at once (TCP_NODELAY)', async () => {
    const port = await listening();
    const won = await raceAddresses([{ address: '127.0.0.1', family: 4 }], { port }, never);
    sockets.push(won);
    // No system tells it of a socket; Node keeps it under a symbol of its own.
    const kept = Object.getOwnPropertySymbols(won).find(({ description }) => description === 'kSetNoDelay')!;
    expect(Reflect.get(won, kept)).toBe(true);
  });

  it('goes on at once where an address refuses', async () => {
    const port = await listening();
    const { tried, connect: open } = network(port);
    const startedAt = performance.now();
    await raceAddresses([v6(2), v4(1)], { port, connect: open }, never);
    expect(performance.now() - startedAt).toBeLessThan(200);
    expect(tried).toEqual(['2001:db8::2', '192.0.2.1']);
  });

  it('fails with the first reason when all have failed, and ends with its signal', async () => {
    const { connect: open } = network(0);
    expect(await codeOf(raceAddresses([v6(2), v4(2)], { port: 1, connect: open }, never))).toBe(
      'ECONNREFUSED',
    );
    const stop = new AbortController();
    const racing = codeOf(raceAddresses([v4(9)], { port: 1, connect: open }, stop.signal));
    stop.abort();
    expect(await racing).toBe('AbortError');
    expect(sockets.at(-1)!.destroyed).toBe(true);
  });
});
