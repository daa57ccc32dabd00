/**
 * The RTMP chunk stream (Adobe's "Real Time Messaging Protocol" 1.0, clauses cited as §): messages are cut into chunks
 * so that a large picture does not hold up a small sound. Any malformed input is a RangeError.
 */

/** Message types: protocol control §5.4, user control §6.2, commands and media §7.1. */
export const rtmpType = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowAckSize: 5,
  setPeerBandwidth: 6,
  audio: 8,
  video: 9,
  dataAmf3: 15,
  commandAmf3: 17,
  dataAmf0: 18,
  commandAmf0: 20,
  aggregate: 22,
} as const;

/** Event types of a user control message, §7.1.7 */
export const rtmpUserEvent = {
  streamBegin: 0,
  streamEof: 1,
  streamDry: 2,
  setBufferLength: 3,
  streamIsRecorded: 4,
  pingRequest: 6,
  pingResponse: 7,
} as const;

/** before any Set Chunk Size, §5.4.1 */
export const defaultChunkSize = 128;
/** a message cannot be longer (24-bit length field, §5.3.1.2.1) */
const maxMessageLength = 0xffffff;
/** from here on a timestamp or delta stands in its own field, §5.3.1.3 */
const extendedMark = 0xffffff;
/** bytes of the message header by fmt, §5.3.1.2 */
const messageHeaderBytes = [11, 7, 3, 0] as const;
/** basic header 3 + message header 11 + extended timestamp 4 */
const longestHeader = 18;

export interface RtmpMessage {
  readonly typeId: number;
  readonly streamId: number;
  /** milliseconds modulo 2³² */
  readonly timestamp: number;
  readonly payload: Buffer;
  readonly chunkStreamId: number;
}

export interface ChunkLimits {
  /** longest message accepted, bytes */
  readonly messageBytes: number;
  /** a smaller bound for messages of this type, bytes */
  readonly messageBytesOfType?: (typeId: number) => number;
  /** memory for unfinished messages of all chunk streams together, bytes */
  readonly bufferedBytes: number;
  /** chunk streams that may exist at once */
  readonly chunkStreams: number;
}
const defaultLimits: ChunkLimits = {
  messageBytes: 4 * 1024 * 1024,
  bufferedBytes: 8 * 1024 * 1024,
  chunkStreams: 64,
};

interface IncomingStream {
  timestamp: number;
  /** added when a fmt 3 chunk begins the next message */
  delta: number;
  length: number;
  typeId: number;
  streamId: number;
  isExtended: boolean;
  /** the unfinished message; null between messages */
  body: Buffer | null;
  filled: number;
}

/**
 * Chunks → messages, fed with bytes as they come. Set Chunk Size and Abort act on the reader itself and are handed out
 * like any other message. After a RangeError the reader is of no more use.
 */
export class ChunkReader {
  #limits: ChunkLimits;
  readonly #streams = new Map<number, IncomingStream>();
  readonly #header = Buffer.alloc(longestHeader);
  #headerFilled = 0;
  /** the stream whose chunk is being read, and how much of that chunk is still to come */
  #current: IncomingStream | null = null;
  #currentId = 0;
  #chunkLeft = 0;
  #chunkSize = defaultChunkSize;
  #bufferedBytes = 0;

  constructor(limits: Partial<ChunkLimits> = {}) {
    this.#limits = { ...defaultLimits, ...limits };
  }

  /** Other limits from the next message on: a peer that has shown who it is may send more. */
  limit(limits: Partial<ChunkLimits>): void {
    this.#limits = { ...this.#limits, ...limits };
  }

  /** the peer's chunk size in force */
  get chunkSize(): number {
    return this.#chunkSize;
  }

  /** memory reserved for unfinished messages */
  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /**
   * @returns the messages that these bytes complete; their payloads are copies
   * @throws RangeError when the bytes break the protocol or a limit
   */
  push(bytes: Uint8Array): RtmpMessage[] {
    const messages: RtmpMessage[] = [];
    let at = 0;
    while (at < bytes.length) {
      if (!this.#current) {
        at = this.#fillHeader(bytes, at);
        if (!this.#current) break;
      }
      at = this.#fillBody(bytes, at, messages);
    }
    return messages;
  }

  #fillHeader(bytes: Uint8Array, from: number): number {
    let at = from;
    for (;;) {
      const missing = this.#headerLength() - this.#headerFilled;
      if (missing === 0) break;
      const taken = Math.min(missing, bytes.length - at);
      if (taken === 0) return at;
      this.#header.set(bytes.subarray(at, at + taken), this.#headerFilled);
      this.#headerFilled += taken;
      at += taken;
    }
    this.#beginChunk();
    this.#headerFilled = 0;
    return at;
  }

  /** length of the header as far as it is known; grows as its bytes arrive */
  #headerLength(): number {
    if (this.#headerFilled === 0) return 1;
    const first = this.#header[0]!;
    const basic = basicHeaderBytes(first & 0x3f);
    if (this.#headerFilled < basic) return basic;
    const format = first >>> 6;
    const plain = basic + messageHeaderBytes[format as 0 | 1 | 2 | 3];
    if (this.#headerFilled < plain) return plain;
    const isExtended =
      format === 3
        ? // §5.3.1.3: present when the latest fmt 0, 1 or 2 chunk of this chunk stream had it.
          this.#streams.get(this.#chunkStreamId())?.isExtended === true
        : this.#header.readUIntBE(basic, 3) === extendedMark;
    return isExtended ? plain + 4 : plain;
  }

  /** §5.3.1.1 */
  #chunkStreamId(): number {
    const low = this.#header[0]! & 0x3f;
    if (low === 0) return this.#header[1]! + 64;
    if (low === 1) return this.#header[2]! * 256 + this.#header[1]! + 64;
    return low;
  }

  #beginChunk(): void {
    const id = this.#chunkStreamId();
    const format = this.#header[0]! >>> 6;
    const basic = basicHeaderBytes(this.#header[0]! & 0x3f);
    const plain = basic + messageHeaderBytes[format as 0 | 1 | 2 | 3];
    const known = this.#streams.get(id);
    // §5.3.1.2.1 wants fmt 0 first, but librtmp's user control messages begin with fmt 1, which says all that is needed.
    if (!known && format > 1)
      throw new RangeError(`RTMP: chunk stream ${id} begins without a full header (fmt ${format})`);
    const stream = known ?? this.#addStream(id);
    const isContinued = stream.body !== null;
    if (isContinued && format !== 3)
      throw new RangeError(`RTMP: a new message begins inside another on chunk stream ${id}`);
    if (format !== 3) {
      const field = this.#header.readUIntBE(basic, 3);
      stream.isExtended = field === extendedMark;
      // §5.3.1.2.1: absolute in fmt 0, a delta otherwise. A fmt 3 chunk that begins a message after a fmt 0 one adds
      // that timestamp as its delta (§5.3.1.2.4).
      stream.delta = stream.isExtended ? this.#header.readUInt32BE(plain) : field;
      if (format <= 1) {
        stream.length = this.#header.readUIntBE(basic + 3, 3);
        stream.typeId = this.#header[basic + 6]!;
      }
      if (format === 0) {
        stream.streamId = this.#header.readUInt32LE(basic + 7);
        stream.timestamp = 0;
      }
    }
    if (!isContinued) this.#beginMessage(stream);
    this.#current = stream;
    this.#currentId = id;
    this.#chunkLeft = Math.min(this.#chunkSize, stream.length - stream.filled);
  }

  #addStream(id: number): IncomingStream {
    if (this.#streams.size >= this.#limits.chunkStreams)
      throw new RangeError(`RTMP: more than ${this.#limits.chunkStreams} chunk streams`);
    const stream: IncomingStream = {
      timestamp: 0,
      delta: 0,
      length: 0,
      typeId: 0,
      streamId: 0,
      isExtended: false,
      body: null,
      filled: 0,
    };
    this.#streams.set(id, stream);
    return stream;
  }

  #beginMessage(stream: IncomingStream): void {
    const allowed = Math.min(
      this.#limits.messageBytes,
      this.#limits.messageBytesOfType?.(stream.typeId) ?? Infinity,
    );
    if (stream.length > allowed)
      throw new RangeError(`RTMP: a message of ${stream.length} bytes, ${allowed} are allowed`);
    stream.timestamp = (stream.timestamp + stream.delta) >>> 0;
    stream.filled = 0;
    this.#reserve(stream, Math.min(stream.length, this.#chunkSize, 4096));
  }

  /** Memory follows the bytes that came, not the length that was declared. */
  #reserve(stream: IncomingStream, needed: number): void {
    const held = stream.body?.length ?? 0;
    if (stream.body && needed <= held) return;
    const size = Math.min(stream.length, Math.max(needed, held * 2));
    this.#bufferedBytes += size - held;
    if (this.#bufferedBytes > this.#limits.bufferedBytes)
      throw new RangeError(
        `RTMP: unfinished messages need more than ${this.#limits.bufferedBytes} bytes in all`,
      );
    const grown = Buffer.allocUnsafeSlow(size);
    if (stream.body) stream.body.copy(grown, 0, 0, stream.filled);
    stream.body = grown;
  }

  #fillBody(bytes: Uint8Array, at: number, messages: RtmpMessage[]): number {
    const stream = this.#current!;
    const taken = Math.min(this.#chunkLeft, bytes.length - at);
    if (taken > 0) {
      this.#reserve(stream, stream.filled + taken);
      stream.body!.set(bytes.subarray(at, at + taken), stream.filled);
      stream.filled += taken;
      this.#chunkLeft -= taken;
    }
    if (this.#chunkLeft === 0) {
      this.#current = null;
      if (stream.filled === stream.length) messages.push(this.#finish(stream));
    }
    return at + taken;
  }

  #finish(stream: IncomingStream): RtmpMessage {
    const payload = stream.body!;
    this.#bufferedBytes -= payload.length;
    stream.body = null;
    const { typeId, streamId, timestamp } = stream;
    if (typeId === rtmpType.setChunkSize) this.#chunkSize = chunkSizeIn(payload);
    else if (typeId === rtmpType.abort) this.#abort(payload);
    return { typeId, streamId, timestamp, payload, chunkStreamId: this.#currentId };
  }

  /** §5.4.2: the rest of that chunk stream's message will not come. */
  #abort(payload: Buffer): void {
    if (payload.length < 4) throw new RangeError(`RTMP: Abort of ${payload.length} bytes, expected 4`);
    const stream = this.#streams.get(payload.readUInt32BE(0));
    if (!stream?.body) return;
    this.#bufferedBytes -= stream.body.length;
    stream.body = null;
    stream.filled = 0;
  }
}

const basicHeaderBytes = (low: number): number => (low === 0 ? 2 : low === 1 ? 3 : 1);

/** §5.4.1: 31 bits, at least 1; more than a message's largest length is the same as that. */
function chunkSizeIn(payload: Buffer): number {
  const size = payload.length >= 4 ? payload.readUInt32BE(0) : 0;
  if (size < 1 || size > 0x7fffffff) throw new RangeError(`RTMP: chunk size ${size}`);
  return Math.min(size, maxMessageLength);
}

export interface OutgoingMessage {
  /** 2 for protocol control (§5.4), 3…65599 otherwise */
  readonly chunkStreamId: number;
  readonly typeId: number;
  readonly streamId: number;
  /** milliseconds; taken modulo 2³² */
  readonly timestamp: number;
  /** the payload in pieces, sent as they are: a picture is never copied */
  readonly payload: readonly Uint8Array[];
}

/** Messages → chunks. The result refers to the payload's bytes: they must not change until written. */
export class ChunkWriter {
  readonly #streams = new Map<number, { timestamp: number; streamId: number }>();
  #chunkSize = defaultChunkSize;

  get chunkSize(): number {
    return this.#chunkSize;
  }

  /** @returns the Set Chunk Size message (§5.4.1); what is written after it is cut to the new size */
  setChunkSize(size: number): Uint8Array[] {
    if (!Number.isInteger(size) || size < 1 || size > maxMessageLength)
      throw new RangeError(`RTMP: chunk size ${size}`);
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(size);
    const chunks = this.write({
      chunkStreamId: 2,
      typeId: rtmpType.setChunkSize,
      streamId: 0,
      timestamp: 0,
      payload: [payload],
    });
    this.#chunkSize = size;
    return chunks;
  }

  /** @throws RangeError when the message is longer than the protocol can say */
  write(message: OutgoingMessage): Uint8Array[] {
    const length = message.payload.reduce((sum, part) => sum + part.length, 0);
    if (length > maxMessageLength) throw new RangeError(`RTMP: a message of ${length} bytes`);
    const { header, extended } = this.#header(message, length);
    const result: Uint8Array[] = [header];
    let continuation: Buffer | undefined;
    let room = this.#chunkSize;
    for (const part of message.payload) {
      for (let at = 0; at < part.length;) {
        if (room === 0) {
          continuation ??= Buffer.concat([basicHeader(3, message.chunkStreamId), extended]);
          result.push(continuation);
          room = this.#chunkSize;
        }
        const taken = Math.min(room, part.length - at);
        result.push(taken === part.length ? part : part.subarray(at, at + taken));
        at += taken;
        room -= taken;
      }
    }
    return result;
  }

  #header(message: OutgoingMessage, length: number): { header: Buffer; extended: Buffer } {
    const timestamp = (message.timestamp % 2 ** 32) >>> 0;
    const last = this.#streams.get(message.chunkStreamId);
    const delta = last ? (timestamp - last.timestamp) >>> 0 : 0;
    // §5.3.1.2.1: a full header first, and whenever time goes back (a delta is never negative).
    const isFull = !last || last.streamId !== message.streamId || delta >= 2 ** 31;
    this.#streams.set(message.chunkStreamId, { timestamp, streamId: message.streamId });
    const time = isFull ? timestamp : delta;
    const isExtended = time >= extendedMark;
    const basic = basicHeader(isFull ? 0 : 1, message.chunkStreamId);
    const fields = Buffer.alloc(isFull ? 11 : 7);
    fields.writeUIntBE(isExtended ? extendedMark : time, 0, 3);
    fields.writeUIntBE(length, 3, 3);
    fields[6] = message.typeId;
    if (isFull) fields.writeUInt32LE(message.streamId, 7);
    const extended = Buffer.alloc(isExtended ? 4 : 0);
    if (isExtended) extended.writeUInt32BE(time);
    return { header: Buffer.concat([basic, fields, extended]), extended };
  }
}

/** §5.3.1.1 */
function basicHeader(format: number, id: number): Buffer {
  if (!Number.isInteger(id) || id < 2 || id > 65_599) throw new RangeError(`RTMP: chunk stream id ${id}`);
  if (id < 64) return Buffer.of((format << 6) | id);
  if (id < 320) return Buffer.of(format << 6, id - 64);
  return Buffer.of((format << 6) | 1, (id - 64) & 0xff, (id - 64) >>> 8);
}
