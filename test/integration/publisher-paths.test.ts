import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { StreamUnit } from '../../electron/streaming/interfaces/packet';
import type { StudioError } from '../../electron/streaming/lib/errors';
import { rtmpType } from '../../electron/streaming/media/rtmp-chunks';
import { NameLookup } from '../../electron/streaming/rtmp/name-lookup';
import { RtmpPublisher } from '../../electron/streaming/rtmp/publisher';
import type { RtmpPublisherOptions } from '../../electron/streaming/rtmp/publisher';
import { findTxQueue, readUnsentBytes } from '../../electron/streaming/rtmp/unsent-bytes';
import type { Endpoint } from '../../electron/streaming/rtmp/unsent-bytes';
import { TestAuthority } from '../support/certificates';
import { configsOf, encodeFixture, repeated } from '../support/encoded-fixture';
import type { EncodedFixture } from '../support/encoded-fixture';
import { programPath, requires } from '../support/requires';
import { RtmpPeer } from '../support/rtmp-peer';
import type { PeerBehaviour } from '../support/rtmp-peer';
import { TestPacketReader } from '../support/test-packets';
import { waitFor } from '../support/wait-for';

/** A proxy that takes everything at once, and hands on so many bytes a second. */
async function slowProxy(behind: number, bytesPerSecond: number): Promise<Server> {
  const server = createServer((front) => {
    const back = connect(behind, '127.0.0.1');
    const kept: Buffer[] = [];
    const handOn = async (): Promise<void> => {
      for (; !back.destroyed; await delay(10)) {
        const held = Buffer.concat(kept.splice(0));
        const part = held.subarray(0, bytesPerSecond / 100);
        back.write(part);
        if (part.length < held.length) kept.push(held.subarray(part.length));
      }
    };
    front.on('data', (bytes: Buffer) => kept.push(bytes));
    back.pipe(front);
    front.on('error', () => undefined).once('close', () => back.destroy());
    back.on('error', () => undefined).once('close', () => front.destroy());
    void handOn();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
const portOf = (server: Server): number => (server.address() as AddressInfo).port;

describe.skipIf(!requires('ffmpeg', 'openssl'))('the publisher’s way to its server', () => {
  let fixture: EncodedFixture;
  beforeAll(() => {
    fixture = encodeFixture({ seconds: 2 });
  });
  const peers: RtmpPeer[] = [];
  afterEach(() => Promise.all(peers.splice(0).map((peer) => peer.close())));
  const peerThat = async (behaviour: PeerBehaviour): Promise<{ peer: RtmpPeer; port: number }> => {
    const peer = new RtmpPeer(behaviour);
    peers.push(peer);
    return { peer, port: await peer.listen() };
  };
  const publisherTo = (url: string, options: Partial<RtmpPublisherOptions> = {}): RtmpPublisher =>
    new RtmpPublisher({ id: 'a', name: 'A', kind: 'destination', url, key: 'k', ...options });
  const never = new AbortController().signal;
  function* endless(): Generator<StreamUnit> {
    yield* configsOf(fixture);
    yield* repeated(fixture, 1000);
  }

  it('shows congestion behind a proxy that takes everything, by the server’s own word', async () => {
    const { peer, port } = await peerThat({ acknowledges: true });
    const proxy = await slowProxy(port, 40_000);
    const reader = new TestPacketReader(endless(), { isPaced: true });
    const stop = new AbortController();
    const running = publisherTo(`rtmp://127.0.0.1:${portOf(proxy)}/live`).run(
      reader,
      stop.signal,
      () => undefined,
    );
    try {
      await waitFor(() => peer.media(rtmpType.video).length > 0, 'the stream');
      await waitFor(() => reader.inFlightMs >= 400, 'the congestion to be seen');
      // To the kernel everything has arrived.
      expect(reader.pulledMs).toBeGreaterThan(400);
    } finally {
      stop.abort();
      await running;
      await new Promise((resolve) => proxy.close(resolve));
    }
  });

  it.runIf(process.platform === 'linux').each(['TCP', 'TLS'])(
    'resets a stalled connection over %s: the kernel keeps nothing of it',
    async (way) => {
      using authority = new TestAuthority();
      const tls = authority.issue('localhost');
      const { peer, port } = await peerThat({ stopsReading: true, ...(way === 'TLS' && { tls }) });
      let [heldBytes, own]: [number, Endpoint | undefined] = [0, undefined];
      const readUnsent = (socket: Socket): number | null => {
        own = { address: socket.localAddress!, port: socket.localPort! };
        return readUnsentBytes(socket);
      };
      const url = way === 'TLS' ? `rtmps://localhost:${port}/live` : `rtmp://127.0.0.1:${port}/live`;
      let stoppedAt = 0;
      const error: unknown = await publisherTo(url, {
        certificateAuthority: authority.certificate,
        stallTimeoutMs: 500,
        readUnsentBytes: (socket) => {
          stoppedAt = performance.now();
          return (heldBytes = readUnsent(socket) ?? 0);
        },
      })
        .run(new TestPacketReader(endless()), never, () => undefined)
        .catch((reason: unknown) => reason);
      expect(performance.now() - stoppedAt).toBeLessThan(500);
      expect((error as StudioError).message).toContain('took no data');
      expect(heldBytes).toBeGreaterThan(0);
      const table = readFileSync('/proc/self/net/tcp', 'latin1');
      expect(findTxQueue(table, own!, { address: '127.0.0.1', port })).toBeNull();
      expect(peer.connections).toBe(1);
    },
  );

  it('takes the address that answers, asks for the name in TLS, and fails in time where no name is found', async () => {
    using authority = new TestAuthority();
    const { peer, port } = await peerThat({ tls: authority.issue('live.example') });
    const names = new NameLookup({
      limitMs: 100,
      lookup: (host) =>
        host === 'live.example'
          ? // A documentation address (RFC 3849): a way there is missing, or it is a black hole.
            Promise.resolve([
              { address: '2001:db8::1', family: 6 },
              { address: '127.0.0.1', family: 4 },
            ])
          : new Promise(() => undefined),
    });
    const options = { names, certificateAuthority: authority.certificate };
    await publisherTo(`rtmps://live.example:${port}/live`, options).run(
      new TestPacketReader(configsOf(fixture), { atEnd: 'end' }),
      never,
      () => undefined,
    );
    await waitFor(() => peer.commandNames().includes('deleteStream'), 'the goodbye over TLS');
    expect(peer.sockets[0]).toMatchObject({ servername: 'live.example' });
    const error: unknown = await publisherTo(`rtmp://gone.example:${port}/live`, options)
      .run(new TestPacketReader([]), never, () => undefined)
      .catch((reason: unknown) => reason);
    expect((error as StudioError).toWire()).toEqual({
      code: 'destination-unreachable',
      details: { host: 'gone.example', port, reason: 'the name could not be looked up in time' },
    });
  });

  describe('to a server that asks for a user name and a password', () => {
    const login = { user: 'me@home', password: 'canary-password-9e' };
    const attempt = async (given: RtmpPublisherOptions['login'], behaviour: PeerBehaviour = { login }) => {
      const { peer, port } = await peerThat(behaviour);
      const reader = new TestPacketReader(configsOf(fixture), { atEnd: 'end' });
      const error: unknown = await publisherTo(`rtmp://127.0.0.1:${port}/live?room=1`, {
        login: given ?? null,
      })
        .run(reader, never, () => undefined)
        .then(
          () => null,
          (reason: unknown) => reason,
        );
      expect(JSON.stringify(peer.commands)).not.toContain('canary');
      if (error !== null)
        expect((error as StudioError).message + JSON.stringify((error as StudioError).details)).not.toContain(
          'canary',
        );
      return { peer, error: error as StudioError | null };
    };

    it('proves who it is, and publishes', async () => {
      const { peer, error } = await attempt(login);
      expect(error).toBeNull();
      expect(peer.connections).toBe(3);
      expect(peer.commandNames().slice(0, 3)).toEqual(['connect', 'connect', 'connect']);
      const { app, tcUrl } = peer.commands[2]![2] as { app: string; tcUrl: string };
      expect(app).toMatch(
        /^live\?room=1&authmod=adobe&user=me@home&challenge=[0-9a-f]{8}&response=\S{24}&opaque=/,
      );
      expect(tcUrl.endsWith(`/${app}`)).toBe(true);
      await waitFor(() => peer.commandNames().includes('deleteStream'), 'the goodbye');
    });

    it.each([
      ['no login', null, 1, false],
      ['another user', { ...login, user: 'you' }, 2, true],
      ['another password', { ...login, password: 'canary-other' }, 3, true],
    ])('gives up with %s', async (_, given, connections, isGiven) => {
      const { peer, error } = await attempt(given);
      expect(error?.toWire()).toEqual({ code: 'destination-login', details: { host: '127.0.0.1', isGiven } });
      expect(error?.retryable).toBe(false);
      expect(peer.connections).toBe(connections);
    });

    it('tells nobody who does not ask', async () => {
      const { peer, error } = await attempt(login, {});
      expect([error, peer.connections]).toEqual([null, 1]);
      expect(JSON.stringify(peer.commands)).not.toContain('me@home');
    });

    it('which FFmpeg gets into as well: our server asks as others do', async () => {
      const known = { user: 'me', password: 'secret' };
      const { peer, port } = await peerThat({ login: known });
      const url = `rtmp://${known.user}:${known.password}@127.0.0.1:${port}/live/k`;
      const source = '-v error -f lavfi -i testsrc2=size=64x64:rate=30 -t 0.2 -c:v libx264 -f flv'.split(' ');
      const child = spawn(programPath('ffmpeg'), [...source, url], { stdio: 'ignore' });
      const exited = new Promise((resolve) => child.once('exit', resolve));
      await waitFor(() => peer.commandNames().includes('publish'), 'FFmpeg to publish');
      await exited;
      expect(peer.connections).toBe(3);
    });
  });
});
