import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import type { RawData } from 'ws';
import { commands } from '../../shared/contract/commands';
import type { CommandHandlers, CommandName } from '../../shared/contract/commands';
import type { EventName, EventPayload } from '../../shared/contract/events';
import { clientMessageSchema, protocolVersion } from '../../shared/contract/messages';
import type { ClientMessage, ServerMessage, Topic } from '../../shared/contract/messages';
import { monitorHeaderBytes, writeMonitorHeader } from '../../shared/contract/monitor-block';
import { previewHeaderBytes, writePreviewHeader } from '../../shared/contract/preview-frame';
import type { SliceName, Snapshot } from '../../shared/contract/snapshot';
import { StudioError, toWireError } from './lib/errors';
import type { Logger } from './lib/logger';
import type { ProgramSound } from './interfaces/audio-input';
import type { PreviewPicture } from './interfaces/frame';

/** What the endpoint needs of the studio. */
export interface ContractPeer {
  readonly token: string;
  readonly handlers: CommandHandlers;
  state(): { revision: number; snapshot: Readonly<Snapshot> };
  onStateChanged(
    listener: (change: { revision: number; slice: SliceName; value: Snapshot[SliceName] }) => void,
  ): () => void;
  /** the widest preview anyone wants, or null when nobody looks */
  wantPreview(width: number | null): void;
  now(): { unixMs: number; monotonicUs: number };
  /** how long a connection may stay silent before it says hello; 5 s unless given */
  readonly helloTimeoutMs?: number;
  /** how often a connection is asked whether it still lives; it is ended after two unanswered turns. 15 s unless given */
  readonly pingIntervalMs?: number;
}

/** More than this waiting in a socket means that it cannot keep up. */
const highVolumeLimitBytes = 256 * 1024;
/** State is never left out, so a page that has stopped reading (a frozen tab) is sent away before it fills the memory. */
const unsentLimitBytes = 4 * 1024 * 1024;
const unansweredPingLimit = 2;
/** A slow screen gets fewer frames, not old ones: no more than this many are under way to it. */
const previewWindow = 2;
/** so many blocks of sound may wait for a socket; half a second, whatever else it has to carry */
const monitorWindow = 30;
const closeUnauthorised = 4401;
const closeInvalid = 4400;
/** RFC 6455's registry: try again later */
const closeOverloaded = 1013;

interface Client {
  readonly socket: WebSocket;
  isWelcome: boolean;
  helloTimer: NodeJS.Timeout | undefined;
  pingTimer: NodeJS.Timeout | undefined;
  unansweredPings: number;
  topics: ReadonlySet<Topic>;
  previewWidth: number;
  /** preview frames sent and not yet on that screen */
  previewUnderWay: number[];
  /** blocks of sound that the socket has not taken yet */
  monitorUnderWay: number;
}

/**
 * Runs one command: input checked by its schema, handler called, output as its schema says. Both heads of the RPC
 * (WebSocket, `/api/call`) come through here.
 * @throws StudioError `invalid-request` when the input does not fit
 */
export async function callCommand(
  handlers: CommandHandlers,
  command: CommandName,
  input: unknown,
): Promise<unknown> {
  const parsed = commands[command].input.safeParse(input ?? {});
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new StudioError('invalid-request', {
      reason: `${command}: ${issue?.path.join('.') || 'input'}: ${issue?.message ?? 'does not fit'}`,
    });
  }
  const handler = handlers[command] as (input: unknown) => unknown;
  return commands[command].output.parse(await handler(parsed.data));
}

/** Compares in constant time, whatever the lengths. */
export function isToken(found: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(found), digest(expected));
}

/** The UI's endpoint: RPC, state slices, subscriptions, preview frames (design §5). */
export class WebSocketEndpoint {
  readonly #peer: ContractPeer;
  readonly #logger: Logger;
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: 1024 * 1024,
    perMessageDeflate: false,
  });
  readonly #clients = new Set<Client>();
  readonly #unsubscribe: () => void;
  /** the widest that was asked for; 0: none */
  #previewWidth = 0;

  constructor(peer: ContractPeer, logger: Logger) {
    this.#peer = peer;
    this.#logger = logger;
    this.#unsubscribe = peer.onStateChanged((change) => this.#broadcast({ type: 'slice', ...change }));
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#accept(webSocket));
  }

  close(): void {
    this.#unsubscribe();
    for (const client of this.#clients) {
      clearInterval(client.pingTimer);
      client.socket.close(1001, 'the engine stops');
    }
    this.#server.close();
  }

  publish<Name extends EventName>(event: Name, payload: EventPayload<Name>): void {
    let text: string | undefined;
    for (const client of this.#clients) {
      if (
        !client.isWelcome ||
        !client.topics.has(event) ||
        client.socket.bufferedAmount > highVolumeLimitBytes
      )
        continue;
      client.socket.send(
        (text ??= JSON.stringify({ type: 'event', event, payload } satisfies ServerMessage)),
      );
    }
  }

  publishPreview(picture: PreviewPicture): void {
    let message: Uint8Array | undefined;
    for (const client of this.#clients) {
      if (
        !client.isWelcome ||
        !client.topics.has('preview') ||
        client.previewUnderWay.length >= previewWindow
      )
        continue;
      if (!message) {
        const { unixMs, monotonicUs } = this.#peer.now();
        // The picture is only lent until the next one, and the socket may hold it longer.
        message = new Uint8Array(previewHeaderBytes + picture.data.length);
        writePreviewHeader(message, {
          width: picture.width,
          height: picture.height,
          frameIndex: picture.index,
          tickUnixMs: unixMs - (monotonicUs - picture.tickUs) / 1000,
        });
        message.set(picture.data, previewHeaderBytes);
      }
      client.previewUnderWay.push(picture.index);
      client.socket.send(message);
    }
  }

  /** @param block lent; copied only when somebody listens */
  publishMonitor(block: ProgramSound): void {
    let message: Uint8Array | undefined;
    for (const client of this.#clients) {
      if (!client.isWelcome || !client.topics.has('monitor') || client.monitorUnderWay >= monitorWindow)
        continue;
      if (!message) {
        const { unixMs, monotonicUs } = this.#peer.now();
        const { samples } = block;
        message = new Uint8Array(monitorHeaderBytes + samples.byteLength);
        writeMonitorHeader(message, {
          firstSample: block.firstSample,
          tickUnixMs: unixMs - (monotonicUs - block.tickUs) / 1000,
        });
        message.set(
          new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength),
          monitorHeaderBytes,
        );
      }
      client.monitorUnderWay += 1;
      client.socket.send(message, () => (client.monitorUnderWay -= 1));
    }
  }

  #accept(socket: WebSocket): void {
    const client: Client = {
      socket,
      isWelcome: false,
      helloTimer: undefined,
      pingTimer: undefined,
      unansweredPings: 0,
      topics: new Set(),
      previewWidth: 0,
      previewUnderWay: [],
      monitorUnderWay: 0,
    };
    this.#clients.add(client);
    client.helloTimer = setTimeout(
      () => socket.close(closeUnauthorised, 'no hello'),
      this.#peer.helloTimeoutMs ?? 5000,
    );
    client.pingTimer = setInterval(() => this.#ping(client), this.#peer.pingIntervalMs ?? 15_000);
    socket.on('pong', () => (client.unansweredPings = 0));
    socket.on('message', (data: RawData, isBinary: boolean) => {
      if (isBinary) return socket.close(1003, 'text only');
      this.#receive(client, data).catch((error: unknown) =>
        this.#logger.error({ err: error }, 'a WebSocket message failed'),
      );
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      clearTimeout(client.helloTimer);
      clearInterval(client.pingTimer);
      this.#clients.delete(client);
      this.#adjustPreview();
    });
  }

  async #receive(client: Client, data: RawData): Promise<void> {
    const message = parseMessage(data);
    if (!message)
      return this.#refuse(
        client,
        new StudioError('invalid-request', { reason: 'the message is of no known form' }),
      );
    if (message.type === 'hello') return this.#welcome(client, message);
    if (!client.isWelcome) return this.#refuse(client, new StudioError('unauthorised', {}));
    if (message.type === 'previewShown') {
      client.previewUnderWay = client.previewUnderWay.filter((index) => index > message.frameIndex);
      return;
    }
    if (message.type === 'resync') return this.#sendSnapshot(client);
    if (message.type === 'subscribe') {
      client.topics = new Set(message.topics);
      client.previewUnderWay = [];
      client.previewWidth = client.topics.has('preview') ? (message.previewWidth ?? 960) : 0;
      return this.#adjustPreview();
    }
    try {
      const output = await callCommand(this.#peer.handlers, message.command, message.input);
      this.#send(client, { type: 'result', id: message.id, output });
    } catch (error) {
      if (!(error instanceof StudioError))
        this.#logger.error({ err: error, command: message.command }, 'a command failed');
      this.#send(client, { type: 'failed', id: message.id, error: toWireError(error) });
    }
  }

  #welcome(client: Client, hello: Extract<ClientMessage, { type: 'hello' }>): void {
    if (!isToken(hello.token, this.#peer.token))
      return this.#refuse(client, new StudioError('unauthorised', {}));
    if (hello.version !== protocolVersion) {
      return this.#refuse(
        client,
        new StudioError('invalid-request', {
          reason: `the page speaks version ${hello.version}, the engine ${protocolVersion}`,
        }),
      );
    }
    clearTimeout(client.helloTimer);
    client.isWelcome = true;
    this.#sendSnapshot(client);
  }

  #refuse(client: Client, error: StudioError): void {
    this.#send(client, { type: 'refused', error: error.toWire() });
    client.socket.close(error.code === 'unauthorised' ? closeUnauthorised : closeInvalid, error.code);
  }

  #sendSnapshot(client: Client): void {
    this.#send(client, { type: 'welcome', version: protocolVersion, ...this.#peer.state() });
  }

  #broadcast(message: ServerMessage): void {
    const text = JSON.stringify(message);
    for (const client of this.#clients) if (client.isWelcome) this.#sendText(client, text);
  }

  #send(client: Client, message: ServerMessage): void {
    this.#sendText(client, JSON.stringify(message));
  }

  #sendText({ socket }: Client, text: string): void {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (socket.bufferedAmount > unsentLimitBytes) socket.close(closeOverloaded, 'too slow');
    else socket.send(text);
  }

  #ping(client: Client): void {
    if (client.unansweredPings >= unansweredPingLimit) return client.socket.terminate();
    client.unansweredPings++;
    client.socket.ping();
  }

  #adjustPreview(): void {
    const widest = Math.max(0, ...[...this.#clients].map((client) => client.previewWidth));
    if (widest === this.#previewWidth) return;
    this.#previewWidth = widest;
    this.#peer.wantPreview(widest > 0 ? widest : null);
  }
}

function parseMessage(data: RawData): ClientMessage | null {
  try {
    const text = Array.isArray(data)
      ? Buffer.concat(data).toString('utf8')
      : Buffer.from(data as ArrayBuffer).toString('utf8');
    const parsed = clientMessageSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
