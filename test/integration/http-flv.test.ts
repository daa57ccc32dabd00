import { createServer, get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PacketReader, StreamUnit } from '../../electron/streaming/interfaces/packet';
import { serveHttpFlv } from '../../electron/streaming/output/http-flv';
import { PacketHub } from '../../electron/streaming/output/packet-hub';
import { configsOf, encodeFixture, flvTags, repeated } from '../support/encoded-fixture';
import type { EncodedFixture } from '../support/encoded-fixture';
import { decodeFile } from '../support/probe';
import { requires } from '../support/requires';
import { TestPacketReader } from '../support/test-packets';
import { waitFor } from '../support/wait-for';

describe.skipIf(!requires('ffmpeg'))('HTTP-FLV', () => {
  let fixture: EncodedFixture;
  let folder: string;
  beforeAll(() => {
    fixture = encodeFixture({ seconds: 2 });
    folder = mkdtempSync(join(tmpdir(), 'http-flv-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function* units(times: number): Generator<StreamUnit> {
    yield* configsOf(fixture);
    yield* repeated(fixture, times);
  }

  /** serves one request from this reader */
  async function request(
    reader: PacketReader,
    options: { stallMs?: number } = {},
  ): Promise<{
    response: IncomingMessage;
    served: Promise<unknown>;
    close(): Promise<void>;
  }> {
    let served: Promise<unknown> = Promise.resolve();
    const server = createServer((_, answer) => {
      served = serveHttpFlv(reader, answer, new AbortController().signal, options).catch(
        (error: unknown) => error,
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const response = await new Promise<IncomingMessage>((resolve, reject) =>
      get({ port, host: '127.0.0.1', agent: false }, resolve).once('error', reject),
    );
    return {
      response,
      served,
      close: async () => {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        await closed;
      },
    };
  }

  it('gives a player a file that decodes, from time 0, without opening it to other origins', async () => {
    const reader = new TestPacketReader(units(2), { atEnd: 'end' });
    const { response, served, close } = await request(reader);
    expect(response.headers['content-type']).toBe('video/x-flv');
    expect(response.headers).not.toHaveProperty('access-control-allow-origin');
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    expect(await served).toBeUndefined();
    const file = Buffer.concat(chunks);
    const tags = [...flvTags(file)];
    expect(tags.slice(0, 3).map(({ type }) => type)).toEqual([18, 9, 8]);
    expect(tags[3]!.timeMs).toBe(0);
    const path = join(folder, 'got.flv');
    writeFileSync(path, file);
    const decoded = decodeFile(path);
    expect(decoded.complaints).toBe('');
    expect(decoded.videoFrames).toBe(2 * fixture.packets.filter(({ kind }) => kind === 'video').length);
    expect(reader.isDisposed).toBe(true);
    await close();
  });

  it('pulls no more than a slow client takes, and ends when it leaves', async () => {
    const reader = new TestPacketReader(units(100_000));
    const { response, served, close } = await request(reader);
    response.pause();
    let pulled = -1;
    await waitFor(async () => {
      const before = pulled;
      pulled = reader.pulledPackets;
      await new Promise((resolve) => setTimeout(resolve, 300));
      return before === pulled;
    }, 'the server to wait');
    response.destroy();
    expect(await served).toBeUndefined();
    expect(reader.isDisposed).toBe(true);
    await close();
  });

  it('cuts off a client that stands still, and leaves the others alone', async () => {
    const hub = new PacketHub();
    for (const config of configsOf(fixture)) hub.push(config);
    const open = (stallMs: number): ReturnType<typeof request> =>
      request(hub.subscribe({ name: 'player', from: 'next' }), { stallMs });
    const stalled = await open(300);
    const reading = await open(300);
    stalled.response.pause();
    let received = 0;
    reading.response.on('data', (chunk: Buffer) => (received += chunk.length));
    let hasEnded = false;
    void stalled.served.then(() => (hasEnded = true));
    // Pictures large enough that the system's own buffers are soon full.
    const padding = Buffer.alloc(200_000);
    const packets = repeated(fixture, 1000);
    let sent = 0;
    await waitFor(() => {
      const { value } = packets.next() as { value: StreamUnit };
      hub.push(value.kind === 'video' ? { ...value, data: Buffer.concat([value.data, padding]) } : value);
      sent += value.kind === 'video' ? padding.length : 0;
      return hasEnded;
    }, 'the stalled client to be cut off');
    expect(await stalled.served).toBeUndefined();
    expect(hub.readerCount).toBe(1);
    await waitFor(() => received > sent / 2, 'the other one to receive the program');
    reading.response.destroy();
    expect(await reading.served).toBeUndefined();
    expect(hub.readerCount).toBe(0);
    await Promise.all([stalled.close(), reading.close()]);
  });
});
