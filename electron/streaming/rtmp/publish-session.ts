import { decodeAmf0, encodeAmf0, isAmf0Object } from '../media/amf0';
import type { Amf0Value } from '../media/amf0';
import type { TimedFlvMessage } from '../media/flv-stream';
import { ChunkReader, ChunkWriter, rtmpType, rtmpUserEvent } from '../media/rtmp-chunks';
import type { RtmpMessage } from '../media/rtmp-chunks';
import { ClientHandshake } from '../media/rtmp-handshake';
import { ByteWindow } from './byte-window';
import { isNamed, namedCodecs, publishOffer } from './codec-offer';
import type { RefusalWords } from './publish-status';

/** Chunk streams: commands, sound, data, pictures, each its own, so that time deltas stay small. */
const chunkStream = { control: 2, command: 3, audio: 4, data: 5, video: 6, publish: 8 } as const;
const transaction = {
  connect: 1,
  releaseStream: 2,
  fcPublish: 3,
  createStream: 4,
  publish: 5,
  end: 6,
} as const;
/** RTMP 1.0 names 65536 the most that is sensible; larger chunks save headers, and pictures need not be cut small. */
const ourChunkSize = 60_000;
/** How many bytes the peer may receive before it acknowledges them: a quarter of a second at 500 kbit/s. */
const acknowledgementWindow = 16_384;
/** an acknowledgement for every few bytes would be an amplifier */
const peerWindowMin = 4096;
/** what a server has to say to a publisher is short */
const limits = { messageBytes: 64 * 1024, bufferedBytes: 256 * 1024, chunkStreams: 32 };
const amfLimits = { depth: 8, values: 1000 };
/** characters of a refusal that are looked at */
const mostWords = 1000;
/** servers ping once in some seconds */
const pongsPerSecond = 4;

/** The far end said no. */
export class RtmpRefusal extends Error {
  /** as they came: they may hold the key */
  readonly words: RefusalWords;

  /** @param reason the words for people, without the key */
  constructor(words: RefusalWords, reason: string) {
    super(reason);
    this.name = 'RtmpRefusal';
    this.words = words;
  }
}

/** The far end does not take the codec. */
export class CodecRefusal extends Error {
  /** what it takes; null: it says nothing about codecs */
  readonly named: readonly string[] | null;

  constructor(named: readonly string[] | null) {
    super('the codec is not among those that the server names');
    this.name = 'CodecRefusal';
    this.named = named;
  }
}

export interface PublishSessionOptions {
  readonly tcUrl: string;
  readonly app: string;
  readonly key: string;
  /** of a codec that a server must be known to take; null: the pictures are H.264, which all do */
  readonly fourCc?: string | null;
  /** a server that says nothing about codecs takes it all the same, as a person knows */
  readonly isSilenceConsent?: boolean;
  /** 1528 bytes for the handshake */
  readonly random: Uint8Array;
  /** monotonic, milliseconds */
  readonly now?: () => number;
}

type Phase = 'handshake' | 'connect' | 'create' | 'publish' | 'published' | 'ended';

/**
 * The client's side of publishing one stream (RTMP 1.0 §5.2, §7.2), without a socket: bytes in, bytes out. The order
 * and the extra commands (releaseStream, FCPublish) are those of Flash Media Live Encoder, which every server knows.
 */
export class PublishSession {
  readonly #options: PublishSessionOptions;
  readonly #handshake: ClientHandshake;
  readonly #reader = new ChunkReader(limits);
  readonly #writer = new ChunkWriter();
  #phase: Phase = 'handshake';
  #streamId = 0;
  #receivedBytes = 0;
  #acknowledgedBytes = 0;
  /** the peer wants to hear of every so many bytes; 0 until it says so */
  #peerWindow = 0;
  #announcedWindow = 0;
  #heardBytes: number | null = null;
  readonly #pongs = new ByteWindow(pongsPerSecond, 1000);

  constructor(options: PublishSessionOptions) {
    this.#options = options;
    this.#handshake = new ClientHandshake(options.random);
  }

  /** to be sent as soon as the connection is open */
  get hello(): Uint8Array {
    return this.#handshake.hello;
  }

  get isPublished(): boolean {
    return this.#phase === 'published';
  }

  /** the peer knows what shall be published, and with which key */
  get hasAsked(): boolean {
    return this.#phase === 'connect' || this.#phase === 'create' || this.#phase === 'publish';
  }

  /** bytes (modulo 2³²) that the peer said it received; null while it said nothing */
  get heardBytes(): number | null {
    return this.#heardBytes;
  }

  /**
   * @returns what to send in answer
   * @throws RangeError when the peer breaks the protocol, RtmpRefusal when it says no, CodecRefusal
   */
  receive(bytes: Uint8Array): Uint8Array[] {
    const { reply, rest } = this.#handshake.push(bytes);
    const out: Uint8Array[] = reply.length > 0 ? [reply] : [];
    if (!this.#handshake.isDone) return out;
    if (this.#phase === 'handshake') {
      this.#phase = 'connect';
      out.push(...this.#connect());
    }
    this.#receivedBytes += rest.length;
    for (const message of this.#reader.push(rest)) out.push(...this.#answer(message));
    out.push(...this.#acknowledge());
    return out;
  }

  /** One audio, video or data message of the stream; only once it is published. */
  media(message: TimedFlvMessage): Uint8Array[] {
    const isData = message.typeId === rtmpType.dataAmf0;
    return this.#writer.write({
      chunkStreamId: isData
        ? chunkStream.data
        : message.typeId === rtmpType.audio
          ? chunkStream.audio
          : chunkStream.video,
      typeId: message.typeId,
      streamId: this.#streamId,
      timestamp: message.timestampMs,
      // The server is to keep the metadata for later players.
      payload: isData ? [encodeAmf0('@setDataFrame'), ...message.parts] : message.parts,
    });
  }

  /** FCUnpublish and deleteStream (§7.2.2.3); empty when there is nothing to end */
  end(): Uint8Array[] {
    const wasOpen = this.#phase === 'publish' || this.#phase === 'published';
    this.#phase = 'ended';
    if (!wasOpen) return [];
    return [
      ...this.#command('FCUnpublish', transaction.end, null, this.#options.key),
      ...this.#command('deleteStream', transaction.end + 1, null, this.#streamId),
    ];
  }

  /** §7.2.1.1. With H.264 nothing is said of codecs: some servers choke on what they do not know. */
  #connect(): Uint8Array[] {
    const { app, tcUrl, fourCc } = this.#options;
    return this.#command('connect', transaction.connect, {
      app,
      type: 'nonprivate',
      flashVer: 'FMLE/3.0 (compatible; StreamManagerStudio)',
      tcUrl,
      ...(fourCc ? publishOffer(fourCc) : {}),
    });
  }

  #answer(message: RtmpMessage): Uint8Array[] {
    const { typeId, payload } = message;
    switch (typeId) {
      case rtmpType.acknowledgement:
        if (payload.length >= 4) this.#heardBytes = payload.readUInt32BE(0);
        return [];
      case rtmpType.windowAckSize:
        if (payload.length >= 4) this.#peerWindow = Math.max(payload.readUInt32BE(0), peerWindowMin);
        return [];
      case rtmpType.setPeerBandwidth:
        return this.#announceWindow();
      case rtmpType.userControl:
        return this.#answerEvent(payload);
      case rtmpType.commandAmf0:
        return this.#answerCommand(decodeAmf0(payload, amfLimits));
      case rtmpType.commandAmf3:
        // An AMF3 command begins with a zero byte and is AMF0 for what follows.
        return this.#answerCommand(decodeAmf0(payload.subarray(1), amfLimits));
      default:
        return [];
    }
  }

  /** §5.4.5: the answer to a bandwidth limit is our window; ours stays the same, small one. */
  #announceWindow(): Uint8Array[] {
    if (this.#announcedWindow === acknowledgementWindow) return [];
    this.#announcedWindow = acknowledgementWindow;
    return this.#control(rtmpType.windowAckSize, acknowledgementWindow);
  }

  /** §7.1.7: a ping carries a time, the answer carries it back. Of a flood of them, only a few are answered. */
  #answerEvent(payload: Buffer): Uint8Array[] {
    if (payload.length < 6 || payload.readUInt16BE(0) !== rtmpUserEvent.pingRequest) return [];
    if (!this.#pongs.take(1, (this.#options.now ?? performance.now.bind(performance))())) return [];
    const pong = Buffer.from(payload.subarray(0, 6));
    pong.writeUInt16BE(rtmpUserEvent.pingResponse);
    return this.#message(rtmpType.userControl, pong);
  }

  #answerCommand(values: readonly Amf0Value[]): Uint8Array[] {
    const [name, id] = values;
    if (name === 'onStatus') return this.#status(values[3]);
    if (name !== '_result' && name !== '_error') return [];
    if (name === '_error') {
      // releaseStream and FCPublish are courtesies; many servers answer them with an error.
      if (id === transaction.connect || id === transaction.createStream || id === transaction.publish)
        throw this.#refusal(values[3] ?? values[2]);
      return [];
    }
    if (id === transaction.connect && this.#phase === 'connect') {
      this.#checkCodec(values.slice(2));
      return this.#createStream();
    }
    if (id === transaction.createStream && this.#phase === 'create') return this.#publish(values[3]);
    return [];
  }

  /** Before the server hears of the key: what it cannot take is never begun. */
  #checkCodec(answer: readonly Amf0Value[]): void {
    const { fourCc, isSilenceConsent = false } = this.#options;
    if (!fourCc) return;
    const named = namedCodecs(answer);
    const isTaken = named ? isNamed(fourCc, named) : isSilenceConsent;
    if (!isTaken) throw new CodecRefusal(named);
  }

  #createStream(): Uint8Array[] {
    this.#phase = 'create';
    const { key } = this.#options;
    return [
      ...this.#announceWindow(),
      ...this.#writer.setChunkSize(ourChunkSize),
      ...this.#command('releaseStream', transaction.releaseStream, null, key),
      ...this.#command('FCPublish', transaction.fcPublish, null, key),
      ...this.#command('createStream', transaction.createStream, null),
    ];
  }

  /** §7.2.2.6 */
  #publish(streamId: Amf0Value): Uint8Array[] {
    if (typeof streamId !== 'number' || !Number.isInteger(streamId) || streamId < 0 || streamId > 0xffffffff)
      throw new RangeError('RTMP: createStream was answered without a stream id');
    this.#phase = 'publish';
    this.#streamId = streamId;
    return this.#writer.write({
      chunkStreamId: chunkStream.publish,
      typeId: rtmpType.commandAmf0,
      streamId,
      timestamp: 0,
      payload: [encodeAmf0('publish', transaction.publish, null, this.#options.key, 'live')],
    });
  }

  #status(info: Amf0Value): Uint8Array[] {
    const { code, level } = isAmf0Object(info) ? info : {};
    if (code === 'NetStream.Publish.Start') {
      if (this.#phase === 'publish') this.#phase = 'published';
    } else if (level === 'error' || code === 'NetStream.Unpublish.Success') throw this.#refusal(info);
    return [];
  }

  /** What the server said, without the key: some servers repeat it. */
  #refusal(info: Amf0Value): RtmpRefusal {
    const { code, description } = isAmf0Object(info) ? info : {};
    const texts = [textIn(code), textIn(description)] as const;
    const said = texts.filter(Boolean).join(': ');
    const clean = secretsOf(this.#options.key)
      .reduce((text, secret) => text.replaceAll(secret, '…'), said)
      .replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, ' ')
      .trim();
    const words = { code: texts[0].slice(0, mostWords), description: texts[1].slice(0, mostWords) };
    return new RtmpRefusal(words, clean.slice(0, 200) || 'it gave no reason');
  }

  /** §5.4.3: due whenever a window's worth has come since the last one */
  #acknowledge(): Uint8Array[] {
    if (this.#peerWindow === 0 || this.#receivedBytes - this.#acknowledgedBytes < this.#peerWindow) return [];
    this.#acknowledgedBytes = this.#receivedBytes;
    return this.#control(rtmpType.acknowledgement, this.#receivedBytes % 2 ** 32);
  }

  #control(typeId: number, value: number): Uint8Array[] {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(value);
    return this.#message(typeId, payload);
  }

  #message(typeId: number, payload: Uint8Array): Uint8Array[] {
    return this.#writer.write({
      chunkStreamId: chunkStream.control,
      typeId,
      streamId: 0,
      timestamp: 0,
      payload: [payload],
    });
  }

  #command(...values: readonly Amf0Value[]): Uint8Array[] {
    return this.#writer.write({
      chunkStreamId: chunkStream.command,
      typeId: rtmpType.commandAmf0,
      streamId: 0,
      timestamp: 0,
      payload: [encodeAmf0(...values)],
    });
  }
}

/** shorter ones (`true`, `1`) are no secret, and a word of theirs may stand anywhere */
const leastSecret = 4;

/** What of a key must not be repeated, the longest first: servers may tell the part before its query, or a value of it. */
function secretsOf(key: string): string[] {
  const [name = '', ...query] = key.split('?');
  const values = query
    .join('?')
    .split('&')
    .map((pair) => pair.slice(pair.indexOf('=') + 1));
  const parts = [name, ...values].filter(({ length }) => length >= leastSecret);
  return [key, ...parts].filter(Boolean).sort((one, other) => other.length - one.length);
}

const textIn = (value: Amf0Value): string => (typeof value === 'string' ? value : '');
