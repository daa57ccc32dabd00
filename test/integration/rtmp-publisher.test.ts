import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Packet, StreamUnit } from '../../electron/streaming/interfaces/packet';
import { StudioError } from '../../electron/streaming/lib/errors';
import { decodeAmf0 } from '../../electron/streaming/media/amf0';
import { rtmpType } from '../../electron/streaming/media/rtmp-chunks';
import { RtmpPublisher } from '../../electron/streaming/rtmp/publisher';
import type { RtmpPublisherOptions } from '../../electron/streaming/rtmp/publisher';
import { configsOf, encodeFixture, flvTags, repeated } from '../support/encoded-fixture';
import type { EncodedFixture } from '../support/encoded-fixture';
import { decodeFile } from '../support/probe';
import { programPath, requires } from '../support/requires';
import { RtmpPeer } from '../support/rtmp-peer';
import type { PeerBehaviour } from '../support/rtmp-peer';
import { TestPacketReader } from '../support/test-packets';
import { waitFor } from '../support/wait-for';

const key = 'canary-key-7f3a';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe.skipIf(!requires('ffmpeg', 'ffprobe'))('RTMP publisher', () => {
  let fixture: EncodedFixture;
  let folder: string;
  const peers: RtmpPeer[] = [];

  beforeAll(() => {
    fixture = encodeFixture({ seconds: 3 });
    folder = mkdtempSync(join(tmpdir(), 'publisher-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(async () => {
    await Promise.all(peers.splice(0).map((peer) => peer.close()));
  });

  const packets = (): Packet[] => [...repeated(fixture, 1)];
  const units = (times = 1): StreamUnit[] => [...configsOf(fixture), ...repeated(fixture, times)];
  function* endless(): Generator<StreamUnit> {
    yield* configsOf(fixture);
    yield* repeated(fixture, 100_000);
  }
  const publisherTo = (port: number, options: Partial<RtmpPublisherOptions> = {}): RtmpPublisher =>
    new RtmpPublisher({
      id: 'a',
      name: 'A',
      kind: 'destination',
      url: `rtmp://127.0.0.1:${port}/live`,
      key,
      ...options,
    });
  const peerThat = async (behaviour: PeerBehaviour = {}): Promise<{ peer: RtmpPeer; port: number }> => {
    const peer = new RtmpPeer(behaviour);
    peers.push(peer);
    return { peer, port: await peer.listen() };
  };
  /** runs to the end and returns the error it ended with */
  const failureOf = async (
    publisher: RtmpPublisher,
    given: Iterable<StreamUnit> = units(),
  ): Promise<StudioError> => {
    const reader = new TestPacketReader(given);
    const error: unknown = await publisher
      .run(reader, new AbortController().signal, () => undefined)
      .then(
        () => null,
        (reason: unknown) => reason,
      );
    expect(error).toBeInstanceOf(StudioError);
    expect(JSON.stringify((error as StudioError).toWire()) + (error as StudioError).message).not.toContain(
      key,
    );
    return error as StudioError;
  };

  it('feeds an FFmpeg server: every packet arrives, at its time, and decodes', async () => {
    const port = await freePort();
    const path = join(folder, 'received.flv');
    const url = `rtmp://127.0.0.1:${port}/live/${key}`;
    const server = spawn(
      programPath('ffmpeg'),
      ['-v', 'error', '-listen', '1', '-f', 'flv', '-i', url, '-c', 'copy', path],
      {
        stdio: 'ignore',
      },
    );
    const exited = new Promise((resolve) => server.once('exit', resolve));
    const publisher = publisherTo(port);
    let liveCalls = 0;
    // FFmpeg needs a moment to listen, and listens once: try as the supervisor would.
    await waitFor(async () => {
      try {
        const reader = new TestPacketReader(units(), { atEnd: 'end' });
        await publisher.run(reader, new AbortController().signal, () => liveCalls++);
        return true;
      } catch (error) {
        expect((error as StudioError).code).toBe('destination-unreachable');
        return false;
      }
    }, 'FFmpeg to take the stream');
    await exited;
    expect(liveCalls).toBe(1);
    const tags = [...flvTags(readFileSync(path))];
    const sent = packets();
    const payloads = (type: number): string[] =>
      tags
        .filter((tag) => tag.type === type && tag.body[1] === 1)
        .map(({ body }) => body.subarray(type === 9 ? 5 : 2).toString('base64'));
    const wanted = (kind: string): string[] =>
      sent
        .filter((packet) => packet.kind === kind)
        .map((packet) => Buffer.from(packet.data).toString('base64'));
    expect(payloads(9)).toEqual(wanted('video'));
    expect(payloads(8)).toEqual(wanted('audio'));
    expect(publisher.counters.bytes).toBeGreaterThan(
      sent.reduce((sum, packet) => sum + packet.data.length, 0),
    );
    const decoded = decodeFile(path);
    expect(decoded.complaints).toBe('');
    expect(decoded.videoFrames).toBe(fixture.packets.filter((packet) => packet.kind === 'video').length);
  });

  it('says what servers expect to hear: commands, chunk size, metadata, headers, rising times from 0, goodbye', async () => {
    const { peer, port } = await peerThat();
    await publisherTo(port).run(
      new TestPacketReader(units(), { atEnd: 'end' }),
      new AbortController().signal,
      () => undefined,
    );
    await waitFor(() => peer.commandNames().includes('deleteStream'), 'the goodbye');
    expect(peer.commandNames()).toEqual([
      'connect',
      'releaseStream',
      'FCPublish',
      'createStream',
      'publish',
      'FCUnpublish',
      'deleteStream',
    ]);
    expect(peer.commands[0]![2]).toMatchObject({ app: 'live', tcUrl: `rtmp://127.0.0.1:${port}/live` });
    expect(peer.commands[4]!.slice(3)).toEqual([key, 'live']);
    expect(peer.chunkSizeSeen).toBe(60_000);
    const stream = peer.messages.filter((message) => [8, 9, 18].includes(message.typeId));
    expect(decodeAmf0(stream[0]!.payload).slice(0, 2)).toEqual(['@setDataFrame', 'onMetaData']);
    expect(stream.slice(1, 3).map(({ typeId, payload }) => [typeId, payload[1]])).toEqual([
      [9, 0],
      [8, 0],
    ]);
    expect(stream[3]!.timestamp).toBe(0);
    expect(peer.media(rtmpType.audio).filter(({ payload }) => payload[1] === 1)).toHaveLength(
      packets().filter((packet) => packet.kind === 'audio').length,
    );
    for (const typeId of [8, 9]) {
      const times = peer.media(typeId).map((message) => message.timestamp);
      expect(times).toEqual([...times].sort((one, other) => one - other));
    }
  });

  it('sends new headers when the encoder was exchanged', async () => {
    const { peer, port } = await peerThat();
    const changed = { ...fixture.video, bitrateKbps: 250 };
    const given = [...units(), changed, ...[...repeated(fixture, 2)].slice(fixture.packets.length)];
    await publisherTo(port).run(
      new TestPacketReader(given, { atEnd: 'end' }),
      new AbortController().signal,
      () => undefined,
    );
    expect(peer.media(rtmpType.dataAmf0)).toHaveLength(2);
    expect(peer.media(rtmpType.video).filter((message) => message.payload[1] === 0)).toHaveLength(2);
  });

  it('answers pings, bandwidth limits and acknowledgement windows', async () => {
    const { peer, port } = await peerThat();
    const stop = new AbortController();
    const running = publisherTo(port).run(new TestPacketReader(units()), stop.signal, () => undefined);
    await waitFor(() => peer.media(rtmpType.video).length > 0, 'the stream');
    peer.send(rtmpType.windowAckSize, Buffer.from('00001000', 'hex'));
    peer.send(rtmpType.setPeerBandwidth, Buffer.from('0026259f02', 'hex'));
    peer.send(rtmpType.userControl, Buffer.from('000601020304', 'hex'));
    for (let index = 0; index < 20; index++) peer.send(rtmpType.userControl, Buffer.alloc(250));
    await waitFor(() => peer.media(rtmpType.acknowledgement).length > 0, 'an acknowledgement');
    expect(peer.media(rtmpType.userControl).map(({ payload }) => payload.toString('hex'))).toEqual([
      '000701020304',
    ]);
    expect(peer.media(rtmpType.windowAckSize)).toHaveLength(1);
    stop.abort();
    await running;
    expect(peer.commandNames()).toContain('deleteStream');
  });

  it.each([
    [
      'a refused key',
      { publishStatus: { level: 'error', code: 'NetStream.Publish.BadName', description: `no ${key}` } },
      'destination-key-refused',
    ],
    ['a rejected connect', { rejectsConnect: true }, 'destination-app-refused'],
  ] satisfies [string, PeerBehaviour, string][])(
    '%s is a refusal, final for platforms only',
    async (_, behaviour, code) => {
      const { port } = await peerThat(behaviour);
      const refused = await failureOf(publisherTo(port));
      expect([refused.code, refused.retryable]).toEqual([code, false]);
      const own = await failureOf(publisherTo(port, { retryRefused: true, kind: 'local' }));
      expect([own.code, own.retryable]).toEqual([code, true]);
    },
  );

  it.each(['in order', 'by a reset'] as const)(
    'a server that hangs up %s on the key has not accepted it, and is tried again',
    async (hangsUpOnKey) => {
      const { port } = await peerThat({ hangsUpOnKey });
      const failure = await failureOf(publisherTo(port));
      expect(failure.toWire()).toEqual({ code: 'destination-unaccepted', details: { host: '127.0.0.1' } });
      expect(failure.retryable).toBe(true);
    },
  );

  it('an unreachable port, a silent server and one that speaks HTTP are unreachable', async () => {
    const refused = await failureOf(publisherTo(await freePort()));
    expect([refused.code, refused.retryable]).toEqual(['destination-unreachable', true]);
    const { port } = await peerThat({ isSilent: true });
    const silent = await failureOf(publisherTo(port, { acceptTimeoutMs: 300 }));
    expect(silent.toWire()).toMatchObject({
      code: 'destination-unreachable',
      details: { host: '127.0.0.1', port },
    });
    const http = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const other = await failureOf(publisherTo((http.address() as AddressInfo).port));
    expect(other.message).toContain('does not speak RTMP');
    http.close();
  });

  it('a reset or closed connection is lost, and worth another try', async () => {
    const { peer, port } = await peerThat();
    const failed = failureOf(publisherTo(port));
    await waitFor(() => peer.media(rtmpType.video).length > 0, 'the stream');
    peer.sockets[0]!.resetAndDestroy();
    const lost = await failed;
    expect([lost.code, lost.retryable]).toEqual(['destination-lost', true]);
    const failedAgain = failureOf(publisherTo(port));
    await waitFor(
      () => peer.sockets.length === 2 && peer.media(rtmpType.dataAmf0).length === 2,
      'the second stream',
    );
    peer.sockets[1]!.end();
    expect((await failedAgain).code).toBe('destination-lost');
  });

  it('stops pulling when the server stops reading, reports it as congestion, and still ends in time', async () => {
    const { peer, port } = await peerThat({ stopsReading: true });
    const reader = new TestPacketReader(endless());
    const stop = new AbortController();
    const running = publisherTo(port).run(reader, stop.signal, () => undefined);
    // First the buffers of both kernels fill up.
    await waitFor(async () => {
      const pulled = reader.pulledMs;
      await delay(500);
      return peer.media(rtmpType.video).length > 0 && reader.pulledMs === pulled;
    }, 'the publisher to stop pulling');
    expect(reader.inFlightMs).toBeGreaterThanOrEqual(400);
    expect(reader.inFlightMs).toBeLessThan(500);
    const stoppedAt = performance.now();
    stop.abort();
    await running;
    expect(performance.now() - stoppedAt).toBeLessThan(3000);
  });

  it('gives a stalled connection up', async () => {
    const { port } = await peerThat({ stopsReading: true });
    const lost = await failureOf(publisherTo(port, { stallTimeoutMs: 600 }), endless());
    expect([lost.code, lost.retryable]).toEqual(['destination-lost', true]);
    expect(lost.message).toContain('took no data');
  });

  it('does without the kernel’s figures: acknowledgements, or what Node still holds', async () => {
    const { peer, port } = await peerThat();
    const reader = new TestPacketReader(units(3), { atEnd: 'end' });
    await publisherTo(port, { readUnsentBytes: () => null }).run(
      reader,
      new AbortController().signal,
      () => undefined,
    );
    expect(peer.media(rtmpType.video).filter(({ payload }) => payload[1] === 1)).toHaveLength(
      3 * fixture.packets.filter((packet) => packet.kind === 'video').length,
    );
  });

  it.each([['before the connection'], ['while it is silent']])(
    'an abort %s ends it quietly',
    async (moment) => {
      const { port, peer } = await peerThat({ isSilent: true });
      const stop = new AbortController();
      if (moment === 'before the connection') stop.abort();
      const running = publisherTo(port).run(new TestPacketReader(units()), stop.signal, () => undefined);
      if (!stop.signal.aborted) {
        await waitFor(() => peer.connections === 1, 'the connection');
        stop.abort();
      }
      await running;
    },
  );

  it('speaks TLS to a server whose certificate is known, and to no other', async () => {
    const file = (name: string): string => join(folder, name);
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost',
        '-keyout',
        file('key.pem'),
        '-out',
        file('cert.pem'),
      ],
      { stdio: 'ignore' },
    );
    const cert = readFileSync(file('cert.pem'), 'utf8');
    const { peer, port } = await peerThat({ tls: { key: readFileSync(file('key.pem'), 'utf8'), cert } });
    const url = `rtmps://localhost:${port}/live`;
    const unknown = await failureOf(publisherTo(port, { url }));
    expect(unknown.toWire()).toEqual({
      code: 'certificate-invalid',
      details: { host: 'localhost', reason: 'its certificate is self-signed' },
    });
    const wrongName = await failureOf(
      publisherTo(port, { url: `rtmps://127.0.0.1:${port}/live`, certificateAuthority: cert }),
    );
    expect(wrongName.message).toContain('for another name');
    const reader = new TestPacketReader(units(), { atEnd: 'end' });
    await publisherTo(port, { url, certificateAuthority: cert }).run(
      reader,
      new AbortController().signal,
      () => undefined,
    );
    await waitFor(() => peer.commandNames().includes('deleteStream'), 'the goodbye over TLS');
  });
});
