import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Output } from '../interfaces/output';
import type { PacketReader } from '../interfaces/packet';
import { FlvStream } from '../media/flv-stream';
import { handshakeRandomBytes } from '../media/rtmp-handshake';
import { PublishConnection } from './publish-connection';
import { PublishSession } from './publish-session';
import { openSocket } from './rtmp-socket';
import { parseRtmpUrl } from './rtmp-url';
import type { RtmpTarget } from './rtmp-url';
import { readUnsentBytes } from './unsent-bytes';

export interface RtmpPublisherOptions {
  readonly id: string;
  readonly name: string;
  readonly kind: 'local' | 'destination';
  /** `rtmp(s)://host[:port]/app`, without the key */
  readonly url: string;
  /** never logged, never part of an error */
  readonly key: string;
  /** our own server may not know the key yet: try again; a platform's refusal is final */
  readonly retryRefused?: boolean;
  readonly reading?: Output['reading'];
  /** where the times on the wire begin; `program` lets the engine know each packet again at our own server */
  readonly timeOrigin?: 'first-packet' | 'program';
  /** PEM of further certificate authorities for rtmps */
  readonly certificateAuthority?: string;
  /** how the metadata names this program */
  readonly encoderName?: string;
  /** name look-up, TCP and TLS together */
  readonly connectTimeoutMs?: number;
  /** from the start to “publish accepted” */
  readonly acceptTimeoutMs?: number;
  /** nothing arrives for so long: the connection is given up */
  readonly stallTimeoutMs?: number;
  /** bytes in the kernel's queue; null where that is unknown */
  readonly readUnsentBytes?: (socket: Socket) => number | null;
}

/** our side never has more media than this on its way: the hub's queue must see congestion, and drop */
const maxInFlightMs = 400;
const goodbyeMs = 1000;

/**
 * Publishes one stream to an RTMP or RTMPS server: H.264 and AAC, times from 0 on each connection.
 * @throws StudioError from `run`: destination-unreachable, destination-refused, destination-lost
 */
export class RtmpPublisher implements Output {
  readonly id: string;
  readonly name: string;
  readonly kind: 'local' | 'destination';
  readonly url: string;
  readonly hasKey: boolean;
  readonly counters = { bytes: 0 };
  readonly reading: Output['reading'];
  readonly #options: RtmpPublisherOptions;
  readonly #target: RtmpTarget;

  /** @throws StudioError destination-url-invalid */
  constructor(options: RtmpPublisherOptions) {
    this.#options = options;
    this.#target = parseRtmpUrl(options.url);
    this.id = options.id;
    this.name = options.name;
    this.kind = options.kind;
    this.url = this.#target.tcUrl;
    this.hasKey = options.key !== '';
    this.reading = options.reading ?? {
      from: options.kind === 'local' ? 'cached' : 'next',
      dropMs: 500,
      flushMs: 1000,
    };
  }

  async run(reader: PacketReader, signal: AbortSignal, onLive: () => void): Promise<void> {
    try {
      signal.throwIfAborted();
      const connection = await this.#connect(reader, signal);
      try {
        await this.#send(connection, reader, signal, onLive);
      } finally {
        await connection.close(goodbyeMs);
        reader.inFlightMs = 0;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #connect(reader: PacketReader, signal: AbortSignal): Promise<PublishConnection> {
    const target = this.#target;
    const startedAt = performance.now();
    const { connectTimeoutMs = 3000, acceptTimeoutMs = 10_000, certificateAuthority } = this.#options;
    const socket = await openSocket(target, { timeoutMs: connectTimeoutMs, certificateAuthority }, signal);
    const session = new PublishSession({
      tcUrl: target.tcUrl,
      app: target.app,
      key: this.#options.key,
      random: randomBytes(handshakeRandomBytes),
    });
    const connection = new PublishConnection(socket, session, {
      host: target.host,
      port: target.port,
      isRefusalRetryable: this.#options.retryRefused ?? false,
      stallTimeoutMs: this.#options.stallTimeoutMs ?? 10_000,
      readUnsentBytes: this.#options.readUnsentBytes ?? readUnsentBytes,
      onInFlight: (ms) => (reader.inFlightMs = ms),
    });
    try {
      await connection.published(acceptTimeoutMs - (performance.now() - startedAt), signal);
      return connection;
    } catch (error) {
      await connection.close(goodbyeMs);
      throw error;
    }
  }

  async #send(
    connection: PublishConnection,
    reader: PacketReader,
    signal: AbortSignal,
    onLive: () => void,
  ): Promise<void> {
    const either = AbortSignal.any([signal, connection.broken]);
    const stream = new FlvStream(
      this.#options.encoderName ?? 'Stream Manager Studio',
      this.#options.timeOrigin,
    );
    onLive();
    for (;;) {
      either.throwIfAborted();
      const unit = await reader.next(either);
      if (unit === null) return;
      for (const message of stream.push(unit)) this.counters.bytes += connection.send(message);
      await connection.room(maxInFlightMs, signal);
    }
  }
}
