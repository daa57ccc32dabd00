import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StudioError } from '../../electron/streaming/lib/errors';
import { RtmpPublisher } from '../../electron/streaming/rtmp/publisher';
import { TestAuthority } from '../support/certificates';
import { configsOf, encodeFixture, flvTags, repeated } from '../support/encoded-fixture';
import type { EncodedFixture } from '../support/encoded-fixture';
import { freePort, NginxServer } from '../support/nginx-server';
import { programPath, requires } from '../support/requires';
import { startRtmpServer } from '../support/rtmp-server';
import { TestPacketReader } from '../support/test-packets';
import { TlsFront } from '../support/tls-front';
import { waitFor } from '../support/wait-for';

/** A server of somebody else's, ready for one publisher. */
interface FarEnd extends AsyncDisposable {
  readonly port: number;
  readonly key: string;
  /** waits until it has noticed that its publisher left, and returns what it received, as FLV */
  readonly received: () => Promise<Buffer>;
}

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

let folder: string;

async function ffmpeg(key: string): Promise<FarEnd> {
  const port = await freePort();
  const path = join(folder, `${key}.flv`);
  const url = `rtmp://127.0.0.1:${port}/live/${key}`;
  const args = ['-v', 'error', '-listen', '1', '-f', 'flv', '-i', url, '-c', 'copy', path];
  const child = spawn(programPath('ffmpeg'), args, { stdio: 'ignore' });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  return {
    port,
    key,
    received: async () => {
      await exited;
      return readFileSync(path);
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function nginx(key: string): Promise<FarEnd> {
  const server = await NginxServer.start();
  return {
    port: server.port,
    key,
    received: async () => {
      await waitFor(() => server.unpublished.includes(key), 'nginx to see its publisher leave');
      return server.recording(key);
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

async function nodeMediaServer(key: string): Promise<FarEnd> {
  const port = await freePort();
  const module = createRequire(import.meta.url).resolve('node-media-server');
  const store = mkdtempSync(join(folder, 'nms-'));
  const script = `
    const Server = require(${JSON.stringify(module)});
    const server = new Server({ bind: '127.0.0.1', rtmp: { port: ${port} }, record: { path: '.' }, store: { path: './store' } });
    // It would wait half a minute for the same publisher to return; what is not on disk by then is lost.
    server.on('postPublish', ({ broadcast }) => (broadcast.publishGraceMs = 400));
    server.on('doneRecord', () => process.send('done'));
    server.run();`;
  const child = spawn(process.execPath, ['-e', script], {
    cwd: store,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const done = new Promise((resolve) => child.once('message', resolve));
  await waitFor(() => isListening(port), 'node-media-server to listen');
  return {
    port,
    key,
    received: async () => {
      await Promise.race([done, exited]);
      const recorded = join(store, 'live', key);
      return readFileSync(join(recorded, readdirSync(recorded)[0]!));
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

describe.skipIf(!requires('ffmpeg', 'nginx', 'openssl'))('the publisher and real servers', () => {
  let fixture: EncodedFixture;
  let authority: TestAuthority;
  beforeAll(() => {
    fixture = encodeFixture({ seconds: 1 });
    folder = mkdtempSync(join(tmpdir(), 'servers-'));
    authority = new TestAuthority();
  });
  afterAll(() => {
    authority[Symbol.dispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const publish = async (url: string, key: string): Promise<RtmpPublisher> => {
    const certificateAuthority = authority.certificate;
    const publisher = new RtmpPublisher({
      id: 'p',
      name: 'P',
      kind: 'destination',
      url,
      key,
      certificateAuthority,
    });
    // FFmpeg needs a moment to listen, and cannot be asked: it listens once.
    await waitFor(async () => {
      const units = [...configsOf(fixture), ...repeated(fixture, 1)];
      try {
        await publisher.run(
          new TestPacketReader(units, { atEnd: 'end' }),
          new AbortController().signal,
          () => undefined,
        );
        return true;
      } catch (error) {
        expect((error as StudioError).code).toBe('destination-unreachable');
        return false;
      }
    }, 'the server to take the stream');
    return publisher;
  };
  const payloadsOf = (flv: Buffer, type: 8 | 9): string[] =>
    [...flvTags(flv)]
      .filter((tag) => tag.type === type && tag.body[1] === 1)
      .map(({ body }) => body.subarray(type === 9 ? 5 : 2).toString('base64'));
  const sent = (kind: 'audio' | 'video'): string[] =>
    [...repeated(fixture, 1)]
      .filter((packet) => packet.kind === kind)
      .map(({ data }) => Buffer.from(data).toString('base64'));

  it.each([
    ['FFmpeg', 'TCP', ffmpeg],
    ['FFmpeg', 'TLS', ffmpeg],
    ['nginx-rtmp', 'TCP', nginx],
    ['nginx-rtmp', 'TLS', nginx],
    ['node-media-server', 'TCP', nodeMediaServer],
    ['node-media-server', 'TLS', nodeMediaServer],
  ] as const)(
    '%s, reached by %s, receives every packet, and sees the stream end',
    async (name, way, start) => {
      await using server = await start(`key-${name}-${way}`);
      const isTls = way === 'TLS';
      const front = isTls ? await TlsFront.start(authority.issue('localhost'), server.port) : null;
      try {
        const url = front ? `rtmps://localhost:${front.port}/live` : `rtmp://127.0.0.1:${server.port}/live`;
        await publish(url, server.key);
        const flv = await server.received();
        expect(payloadsOf(flv, 9)).toEqual(sent('video'));
        expect(payloadsOf(flv, 8)).toEqual(sent('audio'));
        expect(new Set(front?.names)).toEqual(new Set(isTls ? ['localhost'] : []));
      } finally {
        await front?.stop();
      }
    },
  );

  it('this studio’s own server counts every byte, over TLS to an address without a name too', async () => {
    await using own = await startRtmpServer();
    const { key } = await own.keys.add('Camera');
    const front = await TlsFront.start(authority.issue('127.0.0.1'), own.server.port);
    try {
      const before = own.server.stats.bytesIn;
      const { counters } = await publish(`rtmps://127.0.0.1:${front.port}/live`, key);
      await waitFor(() => own.server.stats.bytesIn - before >= counters.bytes, 'all bytes to be counted');
      await waitFor(() => own.server.activeStreams().length === 0, 'the end of the stream');
      expect(own.server.stats.errors).toEqual({});
      // RFC 6066 §3: an address is no server name.
      expect(front.names).toEqual([null]);
    } finally {
      await front.stop();
    }
  });

  it('understands what real servers refuse', async () => {
    await using own = await startRtmpServer();
    await using theirs = await nginx('taken');
    const [ownUrl, theirUrl] = [own.server.port, theirs.port].map((port) => `rtmp://127.0.0.1:${port}/live`);
    const { key } = await own.keys.add('Camera');
    const publisher = (url: string, streamKey: string): RtmpPublisher =>
      new RtmpPublisher({ id: 'p', name: 'P', kind: 'destination', url, key: streamKey });
    const failure = async (url: string, streamKey: string): Promise<unknown[]> => {
      const reader = new TestPacketReader(configsOf(fixture), { atEnd: 'wait' });
      const running = publisher(url, streamKey).run(reader, new AbortController().signal, () => undefined);
      const error: unknown = await running.catch((reason: unknown) => reason);
      return error instanceof StudioError ? [error.code, error.retryable] : [error];
    };
    const stop = new AbortController();
    const taking = [
      [ownUrl!, key],
      [theirUrl!, theirs.key],
    ] as const;
    let live = 0;
    const taken = taking.map(([url, streamKey]) => {
      const units = [...configsOf(fixture), ...repeated(fixture, 1)];
      return publisher(url, streamKey).run(new TestPacketReader(units), stop.signal, () => live++);
    });
    try {
      await waitFor(() => live === 2, 'both keys to be taken');
      for (const [url, streamKey] of taking)
        expect(await failure(url, streamKey)).toEqual(['destination-in-use', true]);
      expect(await failure(ownUrl!, 'no-key')).toEqual(['destination-key-refused', false]);
      expect(await failure(ownUrl!.replace('live', 'other'), key)).toEqual([
        'destination-app-refused',
        false,
      ]);
      // nginx hangs up on an application that it does not have.
      expect(await failure(theirUrl!.replace('live', 'other'), 'k')).toEqual([
        'destination-unaccepted',
        true,
      ]);
    } finally {
      stop.abort();
      await Promise.all(taken);
    }
  });
});
