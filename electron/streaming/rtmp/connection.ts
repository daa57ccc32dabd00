import type { Socket } from 'node:net';
import type { IngestErrorKind, IngestLimits, KeyEntry } from '../../../shared/contract/rtmp-server';
import { rtmpType, rtmpUserEvent } from '../media/rtmp-chunks';
import type { RtmpMessage } from '../media/rtmp-chunks';
import { handshakeRandomBytes } from '../media/rtmp-handshake';
import { ByteWindow } from './byte-window';
import type { Gatekeeper } from './gatekeeper';
import { programName } from './gatekeeper';
import { Inbound } from './inbound';
import type { LiveStreams, StreamPlayer, StreamPublisher } from './live-streams';
import { classifyMedia, codecOf } from './media-class';
import { appOf, readMetadata, streamNameOf } from './peer-message';
import type { PeerCommand, PeerMessage } from './peer-message';
import { PlayerQueue } from './player-queue';
import type { QueueBudget } from './player-queue';
import { Relay } from './relay';
import * as replies from './replies';
import { judge } from './session-state';
import type { SessionPhase } from './session-state';

/** What a connection needs of the server it belongs to. */
export interface ConnectionHost {
  readonly limits: IngestLimits;
  readonly gatekeeper: Gatekeeper;
  readonly streams: LiveStreams;
  readonly queueBudget: QueueBudget;
  randomBytes(length: number): Uint8Array;
  count(kind: IngestErrorKind): void;
  /** a fault of ours, not of the peer */
  reportFault(error: unknown): void;
  /** a video packet of the program is with its players */
  onProgramPacket(timestampMs: number): void;
}

/** streams that one connection may create (honest clients create one) */
const createdStreamsMax = 8;
/** what a player has to say in ten seconds: acknowledgements and a few commands */
const playerBytesMax = 64 * 1024;
const playerBytesWindowMs = 10_000;
/** replies that may wait for a peer that asks without reading */
const unreadRepliesMax = 64 * 1024;
/** a refused peer gets this long to read why; then the socket is destroyed */
const lingerMs = 500;

/**
 * One RTMP connection. Everything a peer sends is read, judged and answered here; node-media-server (`Relay`) is behind
 * it only from the moment a publisher or a player has been accepted. Whatever goes wrong costs this connection alone:
 * every entry from outside (socket, timer, promise) ends in `#guard`.
 */
export class Connection implements StreamPublisher, StreamPlayer {
  readonly address: string;
  readonly peer: string;
  readonly socket: Socket;
  readonly #host: ConnectionHost;
  readonly #inbound: Inbound;
  readonly #openedAtMs = performance.now();
  /** accepted beyond the limit of connections: only for the engine's own program */
  readonly #isReserve: boolean;
  #phase: SessionPhase = 'opened';
  #closeAtMs = Infinity;
  #lastDataAtMs = this.#openedAtMs;
  #createdStreams = 0;
  #relay: Relay | null = null;
  #queue: PlayerQueue | null = null;
  #streamName: string | null = null;
  #key: KeyEntry | null = null;
  #refusalTimer: NodeJS.Timeout | undefined;
  /** a player on a stream that nobody publishes */
  #waitingSinceMs: number | null = null;
  readonly #played = new ByteWindow(playerBytesMax, playerBytesWindowMs);
  /** the message stream that was asked to publish or play */
  #streamId = 1;

  constructor(socket: Socket, address: string, host: ConnectionHost, isReserve: boolean) {
    this.socket = socket;
    this.address = address;
    this.peer = `${address}:${socket.remotePort ?? 0}`;
    this.#host = host;
    this.#isReserve = isReserve;
    this.#inbound = new Inbound(host.randomBytes(handshakeRandomBytes), host.limits);
    socket.on('data', (bytes: Buffer) => this.#guard(() => this.#receive(bytes)));
    // 'close' follows and does the work.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#guard(() => this.#release()));
  }

  get bytesIn(): number {
    return this.socket.bytesRead;
  }

  get isPublishing(): boolean {
    return this.#phase === 'publishing';
  }

  /** A phone that lost its network comes back long before this connection is known to be dead. */
  giveWay(): boolean {
    const isSilent = performance.now() - this.#lastDataAtMs >= this.#host.limits.takeoverSilenceMs;
    if (isSilent) this.#guard(() => this.#fail('timeout'));
    return isSilent;
  }

  /** Cuts a publisher off whose key is no longer in the directory. */
  checkKey(): void {
    if (this.#phase !== 'publishing' || !this.#key || this.#host.gatekeeper.isValid(this.#key.id)) return;
    this.#refuse('revoked', [
      this.#status('error', 'NetStream.Publish.BadName', 'The stream key was revoked.'),
    ]);
  }

  /** Called a few times a second: whatever depends on time alone. */
  sweep(nowMs: number): void {
    this.#guard(() => {
      const { limits } = this.#host;
      switch (this.#phase) {
        case 'closing':
          if (nowMs >= this.#closeAtMs) this.socket.destroy();
          return;
        case 'publishing':
          if (nowMs - this.#lastDataAtMs > limits.publisherSilenceMs) this.#fail('timeout');
          return;
        case 'playing':
          if (this.#queue?.isStalled) this.#fail('slow-player');
          else if (this.#waitingSinceMs !== null && nowMs - this.#waitingSinceMs > limits.playWaitMs) {
            this.#refuse('timeout', [
              this.#status('error', 'NetStream.Play.StreamNotFound', 'The stream is not on air.'),
            ]);
          }
          return;
        default:
          if (nowMs - this.#openedAtMs > limits.unauthenticatedMs) this.#fail('timeout');
      }
    });
  }

  destroy(): void {
    this.#release();
    this.socket.destroy();
  }

  onPublished(): void {
    this.#waitingSinceMs = null;
    this.#queue?.awaitKeyframe();
  }

  onUnpublished(isOver: boolean): void {
    if (isOver) this.#endPlayback();
    else this.#waitingSinceMs = performance.now();
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      // Readers of malformed bytes throw RangeErrors; anything else is a fault of ours.
      if (error instanceof RangeError) this.#fail(this.#inbound.isHandshakeDone ? 'protocol' : 'handshake');
      else {
        this.#host.reportFault(error);
        this.#fail('internal');
      }
    }
  }

  #receive(bytes: Buffer): void {
    if (this.#phase === 'closing') return;
    this.#lastDataAtMs = performance.now();
    if (!this.#isWithinBytes(bytes.length)) {
      this.#fail('limit');
      return;
    }
    const { reply, messages } = this.#inbound.push(bytes);
    if (reply.length > 0) this.#reply(reply);
    for (const message of messages) this.#take(message);
    const acknowledged = this.isPublishing ? this.#inbound.takeAcknowledgement() : null;
    if (acknowledged !== null) this.#reply(replies.acknowledgement(acknowledged));
  }

  /** A connection may say little before it is accepted, and a player little at any time. */
  #isWithinBytes(length: number): boolean {
    if (this.#phase === 'publishing') return true;
    if (this.#phase !== 'playing') return this.socket.bytesRead <= this.#host.limits.unauthenticatedBytes;
    return this.#played.take(length, this.#lastDataAtMs);
  }

  #take(message: NonNullable<PeerMessage>): void {
    const verdict = judge(this.#phase, message.input);
    if (verdict.type === 'ignore') return;
    if (verdict.type === 'violation') {
      this.#fail(verdict.kind);
      return;
    }
    switch (message.input) {
      case 'media':
        this.#publishMedia(message.message, message.isMetadata);
        return;
      case 'control':
        this.#control(message.message);
        return;
      case 'connect':
        this.#connect(message.command);
        return;
      case 'createStream':
        this.#phase = verdict.next;
        if (++this.#createdStreams > createdStreamsMax) this.#fail('limit');
        else this.#reply(replies.streamCreated(message.command.transactionId, this.#createdStreams));
        return;
      case 'publish':
        this.#phase = verdict.next;
        this.#streamId = message.command.streamId;
        this.#checkPublisher(streamNameOf(message.command) ?? '');
        return;
      case 'play':
        this.#streamId = message.command.streamId;
        this.#play(streamNameOf(message.command) ?? '');
        return;
      case 'end':
        this.#release();
        this.#finish([]);
        return;
      case 'otherCommand':
        return;
    }
  }

  #control(message: RtmpMessage): void {
    if (message.typeId === rtmpType.windowAckSize) {
      this.#inbound.ackWindow = message.payload.readUInt32BE(0);
    } else if (message.typeId === rtmpType.userControl) {
      const isPing =
        message.payload.readUInt16BE(0) === rtmpUserEvent.pingRequest && message.payload.length >= 6;
      if (isPing) this.#reply(replies.userControl('pingResponse', message.payload.readUInt32BE(2)));
    }
  }

  #connect(command: PeerCommand): void {
    if (appOf(command) !== 'live') {
      this.#refuse('not-found', [
        replies.connectRejected(command.transactionId, 'There is no such application; use live.'),
      ]);
      return;
    }
    this.#phase = 'connected';
    this.#reply(replies.connectAccepted(command.transactionId, 0, command.values[0]));
  }

  #checkPublisher(key: string): void {
    void this.#host.gatekeeper.admit(key, this.address).then(
      (entry) => this.#guard(() => this.#decide(entry)),
      (error: unknown) =>
        this.#guard(() => {
          throw error;
        }),
    );
  }

  #decide(entry: KeyEntry | null): void {
    // It may have hung up, or sent media too early, meanwhile.
    if (this.#phase !== 'checking') return;
    const badName = (description: string): Buffer[] => [
      this.#status('error', 'NetStream.Publish.BadName', description),
    ];
    if (!entry) {
      this.#host.count('key');
      this.#phase = 'closing';
      this.#refusalTimer = setTimeout(
        () => this.#guard(() => this.#finish(badName('This stream key is not known.'))),
        this.#host.gatekeeper.refusalDelayMs(),
      );
      return;
    }
    if (this.#isReserve && entry.publicName !== programName) this.#refuse('limit', []);
    else if (!this.#host.streams.claim(entry.publicName, this, Date.now()))
      this.#refuse('occupied', badName('This stream key is in use.'));
    else this.#acceptPublisher(entry);
  }

  #acceptPublisher(entry: KeyEntry): void {
    this.#phase = 'publishing';
    this.#key = entry;
    this.#streamName = entry.publicName;
    this.#inbound.allowMedia();
    this.#relay = this.#newRelay((bytes) => this.#reply(bytes));
    this.#relay.publish(entry.publicName, this.#streamId);
  }

  #play(name: string): void {
    if (this.#isReserve) {
      this.#refuse('limit', []);
      return;
    }
    if (!this.#host.gatekeeper.isKnownName(name)) {
      this.#refuse('not-found', [
        this.#status('error', 'NetStream.Play.StreamNotFound', 'There is no such stream.'),
      ]);
      return;
    }
    const { limits, streams, queueBudget } = this.#host;
    this.#phase = 'playing';
    this.#streamName = name;
    this.#waitingSinceMs = streams.hasPublisher(name) ? null : performance.now();
    const queue = new PlayerQueue(this.socket, limits, queueBudget);
    this.#queue = queue;
    streams.join(name, this);
    this.#relay = this.#newRelay((bytes) => queue.push(bytes));
    this.#relay.play(name, this.#streamId);
  }

  #newRelay(onOutput: (bytes: Buffer) => void): Relay {
    return new Relay(
      {
        remoteAddress: this.address,
        remotePort: this.socket.remotePort ?? 0,
        onOutput,
        onRefused: () => {
          throw new Error('node-media-server refused what the guard had accepted');
        },
      },
      this.#host.limits.gopCacheBytes,
    );
  }

  #publishMedia(message: RtmpMessage, isMetadata: boolean): void {
    const { typeId, timestamp, payload } = message;
    const name = this.#streamName;
    if (!this.#relay || name === null) return;
    if (isMetadata) {
      const metadata = readMetadata(message);
      if (metadata) this.#relay.media(rtmpType.dataAmf0, timestamp, metadata);
      return;
    }
    // Aggregates are not in use. Empty messages put players out of step, and short ones are not what they say.
    if (typeId === rtmpType.aggregate) return;
    const mediaClass = classifyMedia(typeId, payload);
    if (mediaClass === 'malformed') return;
    const isVideo = typeId === rtmpType.video;
    if (mediaClass !== 'other')
      this.#host.streams.setCodec(name, isVideo ? 'video' : 'audio', codecOf(typeId, payload));
    this.#relay.media(typeId, timestamp, payload);
    if (name === programName && (mediaClass === 'keyframe' || mediaClass === 'inter'))
      this.#host.onProgramPacket(timestamp);
  }

  #reply(bytes: Buffer): void {
    if (this.#queue) this.#queue.push(bytes);
    else if (this.socket.writableLength < unreadRepliesMax) this.socket.write(bytes);
  }

  #status(level: 'status' | 'error', code: string, description: string): Buffer {
    return replies.status(this.#streamId, level, code, description);
  }

  #endPlayback(): void {
    if (this.#phase !== 'playing') return;
    const goodbye = [
      replies.userControl('streamEof', this.#streamId),
      this.#status('status', 'NetStream.Play.UnpublishNotify', 'The stream has ended.'),
    ];
    this.#queue?.flush();
    this.#release();
    this.#finish(goodbye);
  }

  /** Says why, closes, and reads nothing more. */
  #refuse(kind: IngestErrorKind, words: Buffer[]): void {
    this.#host.count(kind);
    this.#release();
    this.#finish(words);
  }

  /** Closes without a word. */
  #fail(kind: IngestErrorKind): void {
    if (this.#phase === 'closing') return;
    this.#host.count(kind);
    this.destroy();
  }

  #finish(words: Buffer[]): void {
    this.#phase = 'closing';
    this.#closeAtMs = performance.now() + lingerMs;
    for (const bytes of words) this.socket.write(bytes);
    this.socket.end();
  }

  /** Leaves the stream at once, whatever becomes of the socket. */
  #release(): void {
    const wasPublishing = this.#phase === 'publishing';
    this.#phase = 'closing';
    this.#closeAtMs = Math.min(this.#closeAtMs, performance.now() + lingerMs);
    clearTimeout(this.#refusalTimer);
    const relay = this.#relay;
    const name = this.#streamName;
    this.#queue?.clear();
    this.#relay = this.#queue = this.#streamName = null;
    try {
      relay?.close();
    } finally {
      if (name !== null && wasPublishing) this.#host.streams.release(name, this);
      else if (name !== null) this.#host.streams.leave(name, this);
    }
  }
}
