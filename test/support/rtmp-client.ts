import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { decodeAmf0, encodeAmf0, isAmf0Object } from '../../electron/streaming/media/amf0';
import type { Amf0Value } from '../../electron/streaming/media/amf0';
import { ChunkReader, ChunkWriter, rtmpType } from '../../electron/streaming/media/rtmp-chunks';
import type { RtmpMessage } from '../../electron/streaming/media/rtmp-chunks';
import { ClientHandshake } from '../../electron/streaming/media/rtmp-handshake';

/** A raw RTMP peer for tests: says exactly what it is told to, in any order, and keeps everything the server says. */
export class RtmpClient {
  readonly socket: Socket;
  readonly messages: RtmpMessage[] = [];
  isClosed = false;
  /** all bytes that came, the handshake included */
  bytesReceived = 0;
  readonly #reader = new ChunkReader({ messageBytes: 16 * 1024 * 1024, bufferedBytes: 32 * 1024 * 1024 });
  readonly #writer = new ChunkWriter();
  readonly #handshake = new ClientHandshake(randomBytes(1528));
  #waiters: (() => void)[] = [];
  #transaction = 1;

  constructor(port: number, localAddress = '127.0.0.1') {
    this.socket = connect({ port, host: '127.0.0.1', localAddress });
    this.socket.setNoDelay(true);
    this.socket.on('data', (bytes: Buffer) => this.#take(bytes));
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.isClosed = true;
      this.#wake();
    });
    this.socket.write(this.#handshake.hello);
  }

  /** handshake, connect, createStream; media then goes in chunks of 64 kB */
  static async ready(port: number, localAddress?: string): Promise<RtmpClient> {
    const client = new RtmpClient(port, localAddress);
    await client.until(() => client.#handshake.isDone, 'handshake');
    client.command('connect', { app: 'live', tcUrl: `rtmp://127.0.0.1:${port}/live` });
    await client.answer('_result');
    client.command('createStream', null);
    await client.until(() => client.commands().filter(([name]) => name === '_result').length === 2, 'stream');
    for (const bytes of client.#writer.setChunkSize(65_536)) client.socket.write(bytes);
    return client;
  }

  /** as `ready`, then publish; resolves with the code of the server's answer, or null when it just closed */
  static async publish(port: number, key: string): Promise<{ client: RtmpClient; code: string | null }> {
    const client = await RtmpClient.ready(port);
    client.command('publish', null, key, 'live');
    return { client, code: await client.status() };
  }

  static async play(port: number, name: string): Promise<{ client: RtmpClient; code: string | null }> {
    const client = await RtmpClient.ready(port);
    client.command('play', null, name);
    return { client, code: await client.status() };
  }

  get isHandshakeDone(): boolean {
    return this.#handshake.isDone;
  }

  command(name: string, ...values: Amf0Value[]): void {
    this.send(rtmpType.commandAmf0, encodeAmf0(name, this.#transaction++, ...values));
  }

  send(typeId: number, payload: Uint8Array, timestamp = 0): void {
    const message = { chunkStreamId: typeId + 2, typeId, streamId: 1, timestamp, payload: [payload] };
    this.socket.write(Buffer.concat(this.#writer.write(message)));
  }

  /** all that `say` sends leaves in one piece */
  together(say: () => void): void {
    this.socket.cork();
    say();
    this.socket.uncork();
  }

  /** H.264 as FLV wants it: a sequence header or a picture filled with `fill` */
  video(kind: 'config' | 'keyframe' | 'inter', timestamp: number, size = 200, fill = 0): void {
    const body = Buffer.alloc(size, fill);
    body.set([kind === 'inter' ? 0x27 : 0x17, kind === 'config' ? 0 : 1, 0, 0, 0]);
    this.send(rtmpType.video, body, timestamp);
  }

  commands(): Amf0Value[][] {
    return this.messages
      .filter((message) => message.typeId === rtmpType.commandAmf0)
      .map((message) => decodeAmf0(message.payload));
  }

  /** codes of all onStatus messages so far */
  codes(): string[] {
    return this.commands()
      .filter(([name]) => name === 'onStatus')
      .map(([, , , info]) => {
        const code = info !== undefined && isAmf0Object(info) ? info['code'] : undefined;
        return typeof code === 'string' ? code : '';
      });
  }

  media(typeId: number): RtmpMessage[] {
    return this.messages.filter((message) => message.typeId === typeId);
  }

  async answer(name: string): Promise<void> {
    await this.until(() => this.commands().some(([found]) => found === name), name);
  }

  /** the first status, or null when the connection closed without one */
  async status(): Promise<string | null> {
    await this.until(() => this.isClosed || this.codes().length > 0, 'status');
    return this.codes()[0] ?? null;
  }

  async closed(timeoutMs = 10_000): Promise<void> {
    await this.until(() => this.isClosed, 'close', timeoutMs);
  }

  async until(condition: () => boolean, what: string, timeoutMs = 10_000): Promise<void> {
    const giveUpAt = performance.now() + timeoutMs;
    while (!condition()) {
      const left = giveUpAt - performance.now();
      if (left <= 0) throw new Error(`RTMP client: no ${what} within ${timeoutMs} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left, 200));
        this.#waiters.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  destroy(): void {
    this.socket.destroy();
  }

  #take(bytes: Buffer): void {
    this.bytesReceived += bytes.length;
    const step = this.#handshake.push(bytes);
    if (step.reply.length > 0) this.socket.write(step.reply);
    this.messages.push(...this.#reader.push(step.rest));
    this.#wake();
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}
