import type { Socket } from 'node:net';
import type { IngestLimits } from '../../../shared/contract/rtmp-server';
import { rtmpType } from '../media/rtmp-chunks';
import { classifyMedia } from './media-class';
import type { MediaClass } from './media-class';

/** what may lie in Node's socket before our own queue begins: enough for a full pipe, little enough to bound */
const socketBytesMax = 256 * 1024;

interface Entry {
  readonly bytes: Buffer;
  readonly kind: MediaClass | 'control';
  readonly queuedAtMs: number;
}

/** Bytes that all queues together hold; a buffer that several queues share counts once. */
export class QueueBudget {
  readonly #references = new Map<Buffer, number>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  retain(bytes: Buffer): void {
    const count = this.#references.get(bytes) ?? 0;
    if (count === 0) this.#bytes += bytes.length;
    this.#references.set(bytes, count + 1);
  }

  release(bytes: Buffer): void {
    const count = this.#references.get(bytes) ?? 0;
    if (count > 1) {
      this.#references.set(bytes, count - 1);
      return;
    }
    if (this.#references.delete(bytes)) this.#bytes -= bytes.length;
  }
}

/** The part of a socket that a queue uses. */
export type QueueSocket = Pick<Socket, 'write' | 'writableLength'>;

/**
 * What one player still has to be sent, by reference to buffers that all players share. A player that reads too slowly
 * loses everything up to the next keyframe (sequence headers stay); `isStalled` tells when it should be cut off.
 */
export class PlayerQueue {
  readonly #socket: QueueSocket;
  readonly #limits: IngestLimits;
  readonly #budget: QueueBudget;
  readonly #nowMs: () => number;
  #entries: Entry[] = [];
  #head = 0;
  #bytes = 0;
  /** when each write began that the kernel has not taken yet, oldest first */
  readonly #unsentSince: number[] = [];
  #awaitsKeyframe = true;
  #hasSeenVideo = false;
  #isDropping = false;

  constructor(
    socket: QueueSocket,
    limits: IngestLimits,
    budget: QueueBudget,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#socket = socket;
    this.#limits = limits;
    this.#budget = budget;
    this.#nowMs = nowMs;
  }

  /** bytes held here, beyond what lies in the socket */
  get bytes(): number {
    return this.#bytes;
  }

  /** nothing reached the kernel for the longest time allowed */
  get isStalled(): boolean {
    const oldest = this.#unsentSince[0];
    return oldest !== undefined && this.#nowMs() - oldest >= this.#limits.playerStalledMs;
  }

  /** @param bytes one message as node-media-server sends it: whole, with a full header */
  push(bytes: Buffer): void {
    const kind = kindOf(bytes);
    if (kind === 'keyframe') {
      this.#awaitsKeyframe = this.#isDropping = false;
      this.#hasSeenVideo = true;
    } else if (kind === 'inter') {
      this.#hasSeenVideo = true;
      if (this.#awaitsKeyframe) return;
    } else if ((kind === 'audio' || kind === 'other') && this.#isDropping) {
      // Without pictures there is no keyframe to wait for: sound goes on when the player has caught up.
      if (this.#hasSeenVideo || this.#unsentSince.length > 0) return;
      this.#isDropping = false;
    }
    // The way of every player that keeps up.
    if (this.#entries.length === 0 && this.#socket.writableLength < socketBytesMax) {
      this.#write(bytes);
      return;
    }
    const now = this.#nowMs();
    this.#keep({ bytes, kind, queuedAtMs: now });
    this.pump();
    const oldest = this.#entries[this.#head];
    if (!oldest) return;
    const isTooLong =
      this.#bytes > this.#limits.playerQueueBytes || now - oldest.queuedAtMs > this.#limits.playerQueueMs;
    if (isTooLong || this.#budget.bytes > this.#limits.playerQueuesTotalBytes) this.#dropToKeyframe();
  }

  /** The publisher changed: what comes next refers to no earlier picture. */
  awaitKeyframe(): void {
    this.#awaitsKeyframe = true;
  }

  /** Moves what fits into the socket. */
  pump(): void {
    while (this.#head < this.#entries.length && this.#socket.writableLength < socketBytesMax)
      this.#sendNext();
    this.#compact();
  }

  /** Everything at once, before an orderly end. */
  flush(): void {
    while (this.#head < this.#entries.length) this.#sendNext();
    this.#compact();
  }

  clear(): void {
    for (const entry of this.#entries.slice(this.#head)) this.#budget.release(entry.bytes);
    this.#entries = [];
    this.#head = this.#bytes = 0;
  }

  #sendNext(): void {
    const { bytes } = this.#entries[this.#head++]!;
    this.#bytes -= bytes.length;
    this.#budget.release(bytes);
    this.#write(bytes);
  }

  #keep(entry: Entry): void {
    this.#entries.push(entry);
    this.#bytes += entry.bytes.length;
    this.#budget.retain(entry.bytes);
  }

  #write(bytes: Buffer): void {
    this.#unsentSince.push(this.#nowMs());
    this.#socket.write(bytes, () => {
      this.#unsentSince.shift();
      if (this.#head < this.#entries.length) this.pump();
    });
  }

  #dropToKeyframe(): void {
    // Only the newest header of each sort still counts, so a publisher that repeats them cannot fill the queue.
    const kept = new Map<string, Entry>();
    for (const entry of this.#entries.slice(this.#head)) {
      if (entry.kind === 'control') kept.set(`control ${kept.size}`, entry);
      else if (entry.kind === 'config' || entry.kind === 'metadata')
        kept.set(`${entry.kind} ${entry.bytes[7]}`, entry);
    }
    this.clear();
    this.#awaitsKeyframe = this.#isDropping = true;
    for (const entry of kept.values()) this.#keep({ ...entry, queuedAtMs: this.#nowMs() });
  }

  #compact(): void {
    if (this.#head === this.#entries.length) {
      this.#entries = [];
      this.#head = 0;
    } else if (this.#head > 1024) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
  }
}

/** node-media-server writes each message with a one-byte basic header and a full message header (RTMP 1.0 §5.3.1.2.1). */
function kindOf(message: Buffer): MediaClass | 'control' {
  const chunkStreamId = message[0]! & 0x3f;
  const typeId = message[7];
  const isMedia = chunkStreamId === 4 || chunkStreamId === 5 || chunkStreamId === 6;
  if (!isMedia || typeId === undefined) return 'control';
  if (typeId === rtmpType.dataAmf0) return 'metadata';
  const isExtended = message.readUIntBE(1, 3) === 0xffffff;
  return classifyMedia(typeId, message.subarray(isExtended ? 16 : 12));
}
