import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { decodeAmf0, encodeAmf0 } from '../../electron/streaming/media/amf0';
import type { Amf0Value } from '../../electron/streaming/media/amf0';
import { ChunkReader, ChunkWriter, rtmpType } from '../../electron/streaming/media/rtmp-chunks';
import type { RtmpMessage } from '../../electron/streaming/media/rtmp-chunks';

export interface PeerBehaviour {
  /** what answers `publish`; undefined: Publish.Start */
  readonly publishStatus?: { level: string; code: string; description: string } | undefined;
  /** answers `connect` with an error */
  readonly rejectsConnect?: boolean;
  /** what else its answer to `connect` holds */
  readonly connectProperties?: Readonly<Record<string, Amf0Value>>;
  /** ends the connection instead of answering `publish`, as servers do that do not like a key */
  readonly hangsUpOnKey?: 'in order' | 'by a reset';
  /** accepts the connection and says nothing, ever */
  readonly isSilent?: boolean;
  /** stops reading once the stream has begun */
  readonly stopsReading?: boolean;
  /** lets nobody in but whoever knows this, by Adobe's authentication */
  readonly login?: { readonly user: string; readonly password: string };
  /** acknowledges what it read, as often as its client's window asks for */
  readonly acknowledges?: boolean;
  /** does this in place of its answer to the handshake, to a command, or to the first picture */
  readonly attack?: { readonly at: PeerMoment; readonly with: (socket: Socket) => void } | undefined;
  readonly tls?: { key: string; cert: string };
}
export type PeerMoment = 'hello' | 'connect' | 'createStream' | 'publish' | 'picture';

/** one message, as servers send it before they have announced a chunk size */
export function rtmpChunks(typeId: number, payload: Uint8Array, chunkStreamId = 3): Buffer {
  const message = { chunkStreamId, typeId, streamId: 0, timestamp: 0, payload: [payload] };
  return Buffer.concat(new ChunkWriter().write(message));
}

/** A scripted RTMP server: it does what it is told, also the things that real servers do only on bad days. */
export class RtmpPeer {
  readonly messages: RtmpMessage[] = [];
  readonly commands: Amf0Value[][] = [];
  readonly sockets: Socket[] = [];
  /** told of each message as it comes */
  onMessage: (message: RtmpMessage) => void = () => undefined;
  connections = 0;
  chunkSizeSeen = 128;
  readonly #server: Server;
  readonly #behaviour: PeerBehaviour;
  readonly #attacked = new Set<Socket>();

  constructor(behaviour: PeerBehaviour = {}) {
    this.#behaviour = behaviour;
    const onSocket = (socket: Socket): void => this.#serve(socket);
    this.#server = behaviour.tls ? createTlsServer(behaviour.tls, onSocket) : createServer(onSocket);
  }

  async listen(port = 0): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  commandNames(): Amf0Value[] {
    return this.commands.map(([name]) => name);
  }
  media(typeId: number): RtmpMessage[] {
    return this.messages.filter((message) => message.typeId === typeId);
  }
  /** one message to the newest client */
  send(typeId: number, payload: Uint8Array): void {
    this.sockets.at(-1)!.write(rtmpChunks(typeId, payload, 2));
  }

  #serve(socket: Socket): void {
    this.connections++;
    this.sockets.push(socket);
    socket.on('error', () => undefined);
    if (this.#behaviour.isSilent) {
      socket.resume();
      return;
    }
    const reader = new ChunkReader({ messageBytes: 16 * 1024 * 1024, bufferedBytes: 64 * 1024 * 1024 });
    const writer = new ChunkWriter();
    let greeting = Buffer.alloc(0);
    let hasGreeted = false;
    let isChunks = false;
    const answer = (values: readonly Amf0Value[], streamId = 0): void => {
      const payload = [encodeAmf0(...values)];
      const typeId = rtmpType.commandAmf0;
      for (const chunk of writer.write({ chunkStreamId: 3, typeId, streamId, timestamp: 0, payload }))
        socket.write(chunk);
    };
    let received = 0;
    let acknowledged = 0;
    let window = Infinity;
    socket.on('data', (bytes: Buffer) => {
      let rest = bytes;
      received += bytes.length;
      if (!isChunks) {
        if (this.#attacks('hello', socket)) return;
        greeting = Buffer.concat([greeting, bytes]);
        if (!hasGreeted && greeting.length >= 1537) {
          hasGreeted = true;
          // S0, S1 and S2 at once, as many servers do.
          socket.write(Buffer.concat([Buffer.of(3), Buffer.alloc(1536, 1), greeting.subarray(1, 1537)]));
        }
        if (greeting.length < 1537 + 1536) return;
        isChunks = true;
        rest = greeting.subarray(1537 + 1536);
      }
      for (const message of reader.push(rest)) {
        this.chunkSizeSeen = reader.chunkSize;
        this.messages.push(message);
        this.onMessage(message);
        if (message.typeId === rtmpType.commandAmf0)
          this.#command(decodeAmf0(message.payload), answer, socket);
        else if (message.typeId === rtmpType.windowAckSize) window = message.payload.readUInt32BE(0);
        else if (message.typeId === rtmpType.video && this.#behaviour.stopsReading) socket.pause();
        else if (message.typeId === rtmpType.video) this.#attacks('picture', socket);
      }
      if (!this.#behaviour.acknowledges || received - acknowledged < window) return;
      acknowledged = received;
      const payload = Buffer.alloc(4);
      payload.writeUInt32BE(received % 2 ** 32);
      socket.write(rtmpChunks(rtmpType.acknowledgement, payload, 2));
    });
  }

  /** once a connection. @returns whether this is the moment for it */
  #attacks(moment: PeerMoment, socket: Socket): boolean {
    const { attack } = this.#behaviour;
    if (attack?.at !== moment) return false;
    if (!this.#attacked.has(socket)) attack.with(socket);
    this.#attacked.add(socket);
    return true;
  }

  #command(
    values: Amf0Value[],
    answer: (values: readonly Amf0Value[], streamId?: number) => void,
    socket: Socket,
  ): void {
    this.commands.push(values);
    const [name, id] = values;
    if (this.#attacks(name as PeerMoment, socket)) return;
    const barred = name === 'connect' ? this.#barred(values[2]) : null;
    if (barred !== null) {
      const description = `[ AccessManager.Reject ] : [ ${barred}`;
      answer(['_error', id, null, { level: 'error', code: 'NetConnection.Connect.Rejected', description }]);
      socket.end();
    } else if (name === 'connect' && this.#behaviour.rejectsConnect) {
      const description = 'application is not known';
      answer(['_error', id, null, { level: 'error', code: 'NetConnection.Connect.Rejected', description }]);
    } else if (name === 'connect')
      answer([
        ...['_result', id, { fmsVer: 'FMS/3,0,1,123', ...this.#behaviour.connectProperties }],
        { code: 'NetConnection.Connect.Success' },
      ]);
    else if (name === 'releaseStream') answer(['_error', id, null, null]);
    else if (name === 'createStream') answer(['_result', id, null, 1]);
    else if (name === 'publish' && this.#behaviour.hangsUpOnKey === 'in order') socket.end();
    else if (name === 'publish' && this.#behaviour.hangsUpOnKey) socket.resetAndDestroy();
    else if (name === 'publish') {
      const start = { level: 'status', code: 'NetStream.Publish.Start', description: 'go' };
      answer(['onStatus', 0, null, this.#behaviour.publishStatus ?? start], 1);
    }
  }

  /** @returns what it wants to hear of whoever connects so; null: may come in */
  #barred(connect: Amf0Value | undefined): string | null {
    const { login } = this.#behaviour;
    if (!login) return null;
    const { app } = connect as { app: string };
    const said = new Map(
      app
        .slice(app.indexOf('?') + 1)
        .split('&')
        .map((member) => [member.split('=', 1)[0]!, member.slice(member.indexOf('=') + 1)] as const),
    );
    if (said.get('authmod') !== 'adobe') return 'code=403 need auth; authmod=adobe ] : ';
    if (said.get('user') !== login.user) return 'authmod=adobe ] : ?reason=nosuchuser';
    const nonce = said.get('challenge');
    if (nonce === undefined)
      return `authmod=adobe ] : ?reason=needauth&user=${login.user}&salt=${salt}&challenge=${challenge}&opaque=${challenge}`;
    const secret = md5(`${login.user}${salt}${login.password}`);
    const isRight = said.get('response') === md5(`${secret}${challenge}${nonce}`);
    return isRight && said.get('opaque') === challenge
      ? null
      : `authmod=adobe ] : ?reason=authfailed&opaque=${challenge}`;
  }
}

const salt = 'c2FsdA==';
const challenge = 'Y2hhbGxl+mdl/Q==';
const md5 = (text: string): string => createHash('md5').update(text, 'utf8').digest('base64');
