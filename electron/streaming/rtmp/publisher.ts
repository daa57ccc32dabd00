import type { Output } from '../interfaces/output';
import type { PacketReader, VideoCodec } from '../interfaces/packet';
import { StudioError } from '../lib/errors';
import { FlvStream } from '../media/flv-stream';
import type { LinkReading, PublishConnection } from './publish-connection';
import { dialPublisher, goodbyeMs } from './publish-dial';
import type { DialOptions } from './publish-dial';
import { parseRtmpUrl } from './rtmp-url';
import type { RtmpTarget } from './rtmp-url';

/** The key is never logged, never part of an error. */
export interface RtmpPublisherOptions extends Omit<
  DialOptions,
  'isRefusalRetryable' | 'onMeasured' | 'videoCodec'
> {
  readonly id: string;
  readonly name: string;
  readonly kind: 'local' | 'destination';
  /** `rtmp(s)://host[:port]/app`, without the key */
  readonly url: string;
  /** our own server may not know the key yet: try again; a platform's refusal is final */
  readonly retryRefused?: boolean;
  readonly reading?: Output['reading'];
  /** where the times on the wire begin; `program` lets the engine know each packet again at our own server */
  readonly timeOrigin?: 'first-packet' | 'program';
  /**
   * Where to go at each attempt, in place of `url`: another server of the same service. Told the address that the former
   * attempt found out of order; null: none was
   */
  readonly address?: ((failed: string | null) => Promise<string>) | undefined;
  /** how the metadata names this program */
  readonly encoderName?: string;
}

/** our side never has more media than this on its way beyond the path's own round trip: the hub's queue must see
 * congestion, and drop */
const maxInFlightMs = 400;

/**
 * Publishes one stream to an RTMP or RTMPS server: H.264, or VP9 where the server takes it, and AAC; times from 0 on each
 * connection.
 * @throws StudioError from `run`: destination-lost and those of `dialPublisher`
 */
export class RtmpPublisher implements Output {
  readonly id: string;
  readonly name: string;
  readonly kind: 'local' | 'destination';
  readonly hasKey: boolean;
  readonly counters = { bytes: 0 };
  readonly reading: Output['reading'];
  readonly #options: RtmpPublisherOptions;
  #target: RtmpTarget;
  /** the address that could not be published to */
  #failed: string | null = null;
  #link: Omit<LinkReading, 'inFlightMs'> | null = null;

  /** @throws StudioError destination-url-invalid */
  constructor(options: RtmpPublisherOptions) {
    this.#options = options;
    this.#target = parseRtmpUrl(options.url);
    this.id = options.id;
    this.name = options.name;
    this.kind = options.kind;
    this.hasKey = options.key !== '';
    this.reading = options.reading ?? {
      from: options.kind === 'local' ? 'cached' : 'next',
      dropMs: 500,
      flushMs: 1000,
    };
  }

  /** where it goes now, or went last */
  get url(): string {
    return this.#target.tcUrl;
  }

  /** what has arrived of the present connection, a few times a second; null: there is none */
  get link(): Omit<LinkReading, 'inFlightMs'> | null {
    return this.#link;
  }

  async run(reader: PacketReader, signal: AbortSignal, onLive: () => void): Promise<void> {
    try {
      signal.throwIfAborted();
      const videoCodec = reader.videoCodec ?? 'h264';
      const connection = await this.#dial(videoCodec, reader, signal);
      try {
        await this.#send({ connection, videoCodec }, reader, signal, onLive);
      } finally {
        await connection.close(goodbyeMs);
        reader.inFlightMs = 0;
        this.#link = null;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #dial(videoCodec: VideoCodec, reader: PacketReader, signal: AbortSignal): Promise<PublishConnection> {
    const { address, retryRefused = false } = this.#options;
    if (address) this.#target = parseRtmpUrl(await address(this.#failed));
    signal.throwIfAborted();
    this.#failed = this.#target.tcUrl;
    const onMeasured: DialOptions['onMeasured'] = ({ inFlightMs, arrivedBytes, outstandingBytes }) => {
      reader.inFlightMs = inFlightMs;
      this.#link = { arrivedBytes, outstandingBytes };
    };
    const options = { ...this.#options, videoCodec, isRefusalRetryable: retryRefused, onMeasured };
    const connection = await dialPublisher(this.#target, options, signal);
    this.#failed = null;
    return connection;
  }

  async #send(
    { connection, videoCodec }: { connection: PublishConnection; videoCodec: VideoCodec },
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
      if (unit.kind === 'video-config' && unit.codec !== videoCodec) throw this.#otherCodec(unit.codec);
      for (const message of stream.push(unit)) this.counters.bytes += connection.send(message);
      await connection.room(maxInFlightMs, signal);
    }
  }

  /** The server was asked for another one, before the encoder had made anything: that takes a new connection. */
  #otherCodec(codec: VideoCodec): StudioError {
    const reason = `the program is ${codec.toUpperCase()}, which the server was not asked about`;
    return new StudioError('destination-lost', { host: this.#target.host, reason }, { retryable: true });
  }
}
