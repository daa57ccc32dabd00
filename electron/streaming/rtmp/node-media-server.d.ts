/**
 * The parts of node-media-server 4.4.3 that we use; the package has no types. Its version is pinned: `relay.ts` relies
 * on what its sources do, not only on what they promise.
 */
declare module 'node-media-server/src/session/rtmp_session.js' {
  import type { EventEmitter } from 'node:events';
  import type { AvPacket, Broadcast } from 'node-media-server/src/server/broadcast_server.js';

  /** what a session asks of its socket: the events data, close and error, and these */
  export interface SessionSocket extends EventEmitter {
    readonly remoteAddress: string;
    readonly remotePort: number;
    write(bytes: Buffer): boolean;
    end(): void;
  }

  export default class RtmpSession {
    constructor(socket: SessionSocket);
    readonly id: string;
    readonly broadcast: Broadcast;
    readonly isPublisher: boolean;
    readonly rtmp: { flv: object | null; onPacketCallback: (packet: AvPacket) => void };
    run(): void;
    onPacket(packet: AvPacket): void;
  }
}

declare module 'node-media-server/src/server/broadcast_server.js' {
  export interface AvPacket {
    /** 8 audio, 9 video, 18 data */
    readonly codec_type: number;
    /** 0 audio header, 1 audio, 2 video header, 3 keyframe, 4 other frame, 5 metadata; anything else is not cached */
    flags: number;
    readonly dts: number;
    readonly size: number;
    /** longer than `size`: a buffer that is used again */
    readonly data: Buffer;
  }

  export interface Broadcast {
    readonly publisher: object | null;
    flvGopCache: Set<Buffer> | null;
    rtmpGopCache: Set<Buffer> | null;
    /** ends a publish at once, without the grace time in which its path stays taken */
    _finishPublish(): void;
  }
}

declare module 'node-media-server/src/core/logger.js' {
  const logger: { log: (message: string, level?: string) => void };
  export default logger;
}
