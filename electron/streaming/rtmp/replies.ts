import { encodeAmf0 } from '../media/amf0';
import type { Amf0Value } from '../media/amf0';
import { rtmpType, rtmpUserEvent } from '../media/rtmp-chunks';
import { relayAnswer } from './codec-offer';

/**
 * What the guard itself says to a peer. Every message is written as one chunk with a full header, as node-media-server
 * writes its own, so that both can share a connection; so each must fit the chunk size in force.
 */

/** node-media-server cuts its messages to this size; announced before it says anything */
const chunkSize = 65_535;
const ackWindowBytes = 5_000_000;

function message(chunkStreamId: number, typeId: number, streamId: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(12);
  header[0] = chunkStreamId;
  header.writeUIntBE(payload.length, 4, 3);
  header[7] = typeId;
  header.writeUInt32LE(streamId, 8);
  return Buffer.concat([header, payload]);
}

function uint32(value: number, ...more: number[]): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return Buffer.concat([bytes, Buffer.from(more)]);
}

const command = (streamId: number, ...values: Amf0Value[]): Buffer =>
  message(3, rtmpType.commandAmf0, streamId, encodeAmf0(...values));

/**
 * RTMP 1.0 §7.2.1.1: window, peer bandwidth (dynamic), chunk size, then the result.
 * @param connect the object of the command: who told of codecs there is told of ours
 */
export function connectAccepted(transactionId: number, objectEncoding: number, connect: Amf0Value): Buffer {
  return Buffer.concat([
    message(2, rtmpType.windowAckSize, 0, uint32(ackWindowBytes)),
    message(2, rtmpType.setPeerBandwidth, 0, uint32(ackWindowBytes, 2)),
    message(2, rtmpType.setChunkSize, 0, uint32(chunkSize)),
    command(
      0,
      '_result',
      transactionId,
      { fmsVer: 'FMS/3,0,1,123', capabilities: 31, ...relayAnswer(connect) },
      {
        level: 'status',
        code: 'NetConnection.Connect.Success',
        description: 'Connection succeeded.',
        objectEncoding,
      },
    ),
  ]);
}

/** The chunk size first: the refusal does not fit into the 128 bytes that hold until then (§5.4.1). */
export const connectRejected = (transactionId: number, description: string): Buffer =>
  Buffer.concat([
    message(2, rtmpType.setChunkSize, 0, uint32(chunkSize)),
    command(0, '_error', transactionId, null, {
      level: 'error',
      code: 'NetConnection.Connect.Rejected',
      description,
    }),
  ]);

/** §7.2.1.3 */
export const streamCreated = (transactionId: number, streamId: number): Buffer =>
  command(0, '_result', transactionId, null, streamId);

/** §7.2.2, onStatus */
export const status = (
  streamId: number,
  level: 'status' | 'error',
  code: string,
  description: string,
): Buffer => command(streamId, 'onStatus', 0, null, { level, code, description });

/** §5.4.3: how many bytes have come so far, modulo 2³² */
export const acknowledgement = (bytes: number): Buffer =>
  message(2, rtmpType.acknowledgement, 0, uint32(bytes % 2 ** 32));

/** §7.1.7 */
export function userControl(event: keyof typeof rtmpUserEvent, value: number): Buffer {
  const type = Buffer.alloc(2);
  type.writeUInt16BE(rtmpUserEvent[event]);
  return message(2, rtmpType.userControl, 0, Buffer.concat([type, uint32(value)]));
}
