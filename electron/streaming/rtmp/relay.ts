import { EventEmitter } from 'node:events';
import logger from 'node-media-server/src/core/logger.js';
import RtmpSession from 'node-media-server/src/session/rtmp_session.js';
import type { AvPacket } from 'node-media-server/src/server/broadcast_server.js';
import { encodeAmf0 } from '../media/amf0';
import type { Amf0Value } from '../media/amf0';
import { handshakeBytes } from '../media/rtmp-handshake';
import { rtmpType } from '../media/rtmp-chunks';
import { classifyMedia } from './media-class';
import type { MediaClass } from './media-class';

// It prints stream names (facts: keys); nothing of it may reach a terminal.
logger.log = () => undefined;

/** so long a chunk that every message is one */
const wholeMessage = 0xffffff;
/** node-media-server forgets its whole cache beyond 4096 packets, and then hands out pictures without their keyframe */
const gopCachePackets = 4000;

const cacheFlags: Record<MediaClass, (typeId: number) => number> = {
  config: (typeId) => (typeId === rtmpType.audio ? 0 : 2),
  audio: () => 1,
  keyframe: () => 3,
  inter: () => 4,
  metadata: () => 5,
  other: () => 6,
  malformed: () => 6,
};

/** node-media-server's side of one connection: what it takes for the peer's socket. */
class SessionPort extends EventEmitter {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #onOutput: (bytes: Buffer) => void;
  readonly #onRefused: () => void;

  constructor(peer: RelayPeer) {
    super();
    this.remoteAddress = peer.remoteAddress;
    this.remotePort = peer.remotePort;
    this.#onOutput = peer.onOutput;
    this.#onRefused = peer.onRefused;
  }

  write(bytes: Buffer): boolean {
    this.#onOutput(bytes);
    return true;
  }

  /** it closes a connection only to refuse it, which our guard should have done before */
  end(): void {
    this.#onRefused();
  }
}

export interface RelayPeer {
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** what node-media-server has for the peer: its answer to publish or play, then the media */
  readonly onOutput: (bytes: Buffer) => void;
  readonly onRefused: () => void;
}

/**
 * One node-media-server RTMP session, made only after the guard has accepted a publisher or a player.
 *
 * The depth of the guard: our own code speaks with the peer (handshake, chunks, connect, createStream, the check of the
 * key), and a node-media-server session is made behind it and shown a perfectly behaved client: fixed handshake, commands
 * that we wrote, whole messages with full headers. So a peer that has not been accepted never reaches one line of
 * node-media-server, no byte of the peer's commands reaches its AMF decoder, and all it ever sees of a peer is vetted
 * media. It does what it is there for: caching, fan-out, and serving late players.
 * Wrapping its parser instead would have left its declared-size allocations (and a megabyte a session) to anyone.
 */
export class Relay {
  readonly #port: SessionPort;
  readonly #session: RtmpSession;
  readonly #gopCacheBytesMax: number;
  #gopCacheBytes = 0;
  #isClosed = false;

  constructor(peer: RelayPeer, gopCacheBytesMax: number) {
    let isAnswering = false;
    this.#gopCacheBytesMax = gopCacheBytesMax;
    this.#port = new SessionPort({ ...peer, onOutput: (bytes) => isAnswering && peer.onOutput(bytes) });
    this.#session = new RtmpSession(this.#port);
    this.#session.run();
    // A megabyte each, for FLV input that never comes.
    this.#session.rtmp.flv = null;
    this.#session.rtmp.onPacketCallback = (packet) => this.#broadcast(packet);
    // Its answers to this part are thrown away: the guard has given them to the peer already.
    this.#feed(Buffer.concat([Buffer.of(3), Buffer.alloc(2 * handshakeBytes)]));
    const chunkSize = Buffer.alloc(4);
    chunkSize.writeUInt32BE(wholeMessage);
    this.#message(rtmpType.setChunkSize, 0, 0, chunkSize);
    this.#command(0, 'connect', 1, { app: 'live', tcUrl: 'rtmp://localhost/live', objectEncoding: 0 });
    this.#command(0, 'createStream', 2, null);
    isAnswering = true;
  }

  /** @param publicName never the key */
  publish(publicName: string, streamId: number): void {
    this.#command(streamId, 'publish', 0, null, publicName, 'live');
  }

  play(publicName: string, streamId: number): void {
    this.#command(streamId, 'play', 0, null, publicName);
  }

  /** One vetted message of an accepted publisher: to caches and players before this returns. */
  media(typeId: number, timestamp: number, payload: Buffer): void {
    this.#message(typeId, 1, timestamp, payload);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const wasPublisher = this.#session.isPublisher;
    this.#port.emit('close');
    // Its 30 s of grace would keep the path taken and shift the next publisher's timestamps.
    if (wasPublisher && this.#session.broadcast.publisher === this.#session)
      this.#session.broadcast._finishPublish();
  }

  #broadcast(packet: AvPacket): void {
    // Its own classes mistake Enhanced RTMP codecs it does not know for audio headers, and AVC's end of sequence for a keyframe.
    const mediaClass = classifyMedia(packet.codec_type, packet.data.subarray(0, packet.size));
    packet.flags = cacheFlags[mediaClass](packet.codec_type);
    const { broadcast } = this.#session;
    this.#session.onPacket(packet);
    // We serve no FLV from here, so that half of its cache would only cost memory.
    broadcast.flvGopCache = null;
    if (mediaClass === 'keyframe') this.#gopCacheBytes = 0;
    this.#gopCacheBytes += packet.size;
    const packets = broadcast.rtmpGopCache?.size ?? 0;
    // Bounded in bytes: a GOP too long to keep is not kept at all, and players wait for the next keyframe.
    if (this.#gopCacheBytes > this.#gopCacheBytesMax || packets > gopCachePackets)
      broadcast.rtmpGopCache = null;
  }

  #command(streamId: number, ...values: Amf0Value[]): void {
    this.#message(rtmpType.commandAmf0, streamId, 0, encodeAmf0(...values));
  }

  /** A message as one chunk with a full header (RTMP 1.0 §5.3.1.2.1). */
  #message(typeId: number, streamId: number, timestamp: number, payload: Buffer): void {
    const isExtended = timestamp >= 0xffffff;
    const header = Buffer.alloc(isExtended ? 16 : 12);
    header[0] = 3;
    header.writeUIntBE(isExtended ? 0xffffff : timestamp, 1, 3);
    header.writeUIntBE(payload.length, 4, 3);
    header[7] = typeId;
    header.writeUInt32LE(streamId, 8);
    if (isExtended) header.writeUInt32BE(timestamp, 12);
    this.#feed(header);
    this.#feed(payload);
  }

  #feed(bytes: Buffer): void {
    this.#port.emit('data', bytes);
  }
}
