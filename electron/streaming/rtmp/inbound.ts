import type { IngestLimits } from '../../../shared/contract/rtmp-server';
import { ChunkReader } from '../media/rtmp-chunks';
import { ServerHandshake } from './handshake';
import { messageBytesOfType, readPeerMessage } from './peer-message';
import type { PeerMessage } from './peer-message';

const unauthenticatedChunkStreams = 8;
const chunkStreamsMax = 32;
const ackWindowMax = 2_500_000;
/** an acknowledgement for every few bytes would be an amplifier */
const ackWindowMin = 4096;

/** The bytes of a peer, checked as they come: handshake, then chunks, then messages whose form is right. */
export class Inbound {
  readonly #limits: IngestLimits;
  readonly #handshake: ServerHandshake;
  readonly #reader: ChunkReader;
  /** bytes of chunks (RTMP 1.0 §5.4.3 counts what follows the handshake) */
  #received = 0;
  #acknowledged = 0;
  #ackWindow = ackWindowMax;

  constructor(random: Uint8Array, limits: IngestLimits) {
    this.#limits = limits;
    this.#handshake = new ServerHandshake(random);
    this.#reader = new ChunkReader({
      messageBytes: limits.unauthenticatedBytes,
      bufferedBytes: limits.unauthenticatedBytes,
      chunkStreams: unauthenticatedChunkStreams,
      messageBytesOfType: (typeId) => messageBytesOfType(typeId, limits.videoMessageBytes),
    });
  }

  get isHandshakeDone(): boolean {
    return this.#handshake.isDone;
  }

  /**
   * @returns the answer to the handshake (once) and the messages that these bytes complete
   * @throws RangeError for anything malformed
   */
  push(bytes: Buffer): { reply: Buffer; messages: NonNullable<PeerMessage>[] } {
    const { reply, rest } = this.#handshake.isDone
      ? { reply: Buffer.alloc(0), rest: bytes }
      : this.#handshake.push(bytes);
    this.#received += rest.length;
    const messages = this.#reader.push(rest).map(readPeerMessage);
    return { reply, messages: messages.filter((message) => message !== null) };
  }

  /** An accepted publisher may send pictures. */
  allowMedia(): void {
    this.#reader.limit({
      messageBytes: this.#limits.videoMessageBytes,
      bufferedBytes: 2 * this.#limits.videoMessageBytes,
      chunkStreams: chunkStreamsMax,
    });
  }

  /** the window that the peer asked for (§5.4.4) */
  set ackWindow(bytes: number) {
    this.#ackWindow = Math.min(Math.max(bytes, ackWindowMin), ackWindowMax);
  }

  /** the number to acknowledge now, or null while the window is not full */
  takeAcknowledgement(): number | null {
    if (this.#received - this.#acknowledged < this.#ackWindow) return null;
    this.#acknowledged = this.#received;
    return this.#received;
  }
}
