import { createServer, get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StreamUnit } from '../../electron/streaming/interfaces/packet';
import { serveHttpFlv } from '../../electron/streaming/output/http-flv';
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
  async function request(reader: TestPacketReader): Promise<{
    response: IncomingMessage;
    served: Promise<unknown>;
    close(): Promise<void>;
  }> {
    let served: Promise<unknown> = Promise.resolve();
    const server = createServer((_, answer) => {
      served = serveHttpFlv(reader, answer, new AbortController().signal).catch((error: unknown) => error);
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
});
