import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Picture } from '../../electron/streaming/interfaces/layer';
import { Emitter } from '../../electron/streaming/lib/emitter';
import { IngestSource } from '../../electron/streaming/sources/ingest-source';
import { ingestSourceSchema } from '../../shared/model/source';
import { plainRequest, TestArena, testContext } from '../support/source-bench';
import type { TestContext } from '../support/source-bench';
import { waitFor } from '../support/wait-for';

const never = new AbortController().signal;

/** An arena that is full whenever the test says so. */
class FillableArena extends TestArena {
  isFull = false;

  override allocate(byteLength: number): ReturnType<TestArena['allocate']> {
    if (this.isFull) throw new RangeError('the memory for pictures is full');
    return super.allocate(byteLength);
  }
}

/** A program in FFmpeg's place that gives on what it is told at the port of its address. */
const program = `#!${process.execPath}
const { port } = new URL(process.argv[process.argv.indexOf('-i') + 1]);
require('node:net').connect(Number(port), '127.0.0.1').pipe(process.stdout);
`;

describe.skipIf(process.platform === 'win32')('a stream as its decoder gives it', () => {
  let folder: string;
  let server: Server;
  let context: TestContext & { readonly arena: FillableArena };
  let source: IngestSource;
  let sending: NodeJS.Timeout | undefined;
  const events = new Emitter<{ changed: undefined }>();
  const sockets: Socket[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'studio-test-'));
    const path = join(folder, 'ffmpeg');
    writeFileSync(path, program);
    chmodSync(path, 0o755);
    server = createServer((socket) => void sockets.push(socket.on('error', () => undefined))).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const arena = new FillableArena();
    context = {
      ...testContext({ fps: 25, ffmpeg: path }),
      arena,
      incoming: {
        urlOf: () => `rtmp://127.0.0.1:${port}/live/phone`,
        keyName: () => 'Phone',
        onChanged: (listener) => events.on('changed', listener),
      },
    };
    source = new IngestSource(
      ingestSourceSchema.parse({ id: 'i', name: 'My phone', kind: 'ingest', keyId: 'k' }),
      context,
    );
    await source.start();
  });
  afterEach(async () => {
    clearInterval(sending);
    await source.stop();
    for (const socket of sockets.splice(0)) socket.destroy();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Another picture 25 times a second. */
  function sendPictures(socket: Socket): void {
    let value = 0;
    sending = setInterval(() => {
      socket.write(pictureOf(++value));
    }, 40);
  }

  const connection = (index: number): Promise<Socket> =>
    waitFor(
      () => {
        events.emit('changed', undefined);
        return sockets[index];
      },
      `connection ${index}`,
      { pollMs: 5 },
    );
  const pictureOf = (value: number): Buffer =>
    Buffer.concat([Buffer.from('FRAME\n'), Buffer.alloc(16 * 8 * 1.5, value)]);
  const header = 'YUV4MPEG2 W16 H8 F25:1 C420jpeg\n';

  async function isLive(): Promise<boolean> {
    const picture: Picture = await source.picture(plainRequest, never);
    picture.release();
    return picture.content.type === 'live';
  }

  it('is not taken for lost because its pictures are slow', async () => {
    const held = source.picture(plainRequest, never);
    const socket = await connection(0);
    const states: string[] = [];
    source.onStateChanged(({ state }) => states.push(state));
    socket.write(header.replace('F25', 'F1'));
    for (let value = 0; value < 5; value += 1) {
      socket.write(pictureOf(value));
      await delay(1000);
    }
    expect(await isLive()).toBe(true);
    expect(states).not.toContain('failed');
    expect(source.state.state).toBe('ok');
    await waitFor(async () => !(await isLive()), 'the card');
    expect(source.state.error?.code).toBe('ingest-stalled');
    (await held).release();
  });

  it('costs that source its picture while memory is full, and nothing else', async () => {
    const held = source.picture(plainRequest, never);
    const first = await connection(0);
    first.write(header);
    sendPictures(first);
    await waitFor(isLive, 'the picture');
    clearInterval(sending);
    first.destroy();
    // Begun again before the card is there, it goes on in the memory that it has; its pictures come after.
    const second = await connection(1);
    second.write(header);
    await waitFor(async () => !(await isLive()), 'the card');
    context.arena.isFull = true;
    sendPictures(second);
    const reason = 'the memory for pictures is full';
    await waitFor(
      () =>
        isDeepStrictEqual(source.state.error, { code: 'device-failed', details: { name: 'Phone', reason } }),
      'the error',
    );
    clearInterval(sending);
    context.arena.isFull = false;
    const last = await waitFor(
      () => sockets.length > 2 && !sockets.at(-1)?.destroyed && sockets.at(-1),
      'another',
    );
    last.write(header);
    sendPictures(last);
    await waitFor(isLive, 'the picture again');
    expect(source.state.state).toBe('ok');
    (await held).release();
  });
});
