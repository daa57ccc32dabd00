import { decodeAmf0, encodeAmf0, isAmf0Object } from '../media/amf0';
import type { Amf0Value } from '../media/amf0';
import { rtmpType } from '../media/rtmp-chunks';
import type { RtmpMessage } from '../media/rtmp-chunks';
import type { SessionInput } from './session-state';

/** A command that is well formed: name, transaction and arguments (RTMP 1.0 §7.1.1). */
export interface PeerCommand {
  readonly name: string;
  readonly transactionId: number;
  /** the message stream it came on */
  readonly streamId: number;
  /** the command object and what follows it */
  readonly values: readonly Amf0Value[];
}

/** What a message from a peer turned out to be. Nothing of it is believed yet. */
export type PeerMessage =
  | { readonly input: 'media'; readonly message: RtmpMessage; readonly isMetadata: boolean }
  | { readonly input: 'control'; readonly message: RtmpMessage }
  | { readonly input: Exclude<SessionInput, 'media' | 'control'>; readonly command: PeerCommand }
  /** of a type that we have no use for: shared objects, unknown numbers */
  | null;

const controlBytes = 256;
const commandBytes = 16 * 1024;
const dataBytes = 64 * 1024;
const audioBytes = 256 * 1024;
const amfLimits = { depth: 8, values: 1000 };

/** The largest message of each type that an honest peer sends. */
export function messageBytesOfType(typeId: number, videoBytes: number): number {
  switch (typeId) {
    case rtmpType.video:
      return videoBytes;
    case rtmpType.audio:
      return audioBytes;
    case rtmpType.dataAmf0:
    case rtmpType.dataAmf3:
      return dataBytes;
    case rtmpType.commandAmf0:
    case rtmpType.commandAmf3:
      return commandBytes;
    case rtmpType.setChunkSize:
    case rtmpType.abort:
    case rtmpType.acknowledgement:
    case rtmpType.userControl:
    case rtmpType.windowAckSize:
    case rtmpType.setPeerBandwidth:
      return controlBytes;
    default:
      return commandBytes;
  }
}

const commandInputs: Readonly<Record<string, Exclude<SessionInput, 'media' | 'control'>>> = {
  connect: 'connect',
  createStream: 'createStream',
  publish: 'publish',
  play: 'play',
  deleteStream: 'end',
  closeStream: 'end',
};

/** @throws RangeError when its body is not what its type says */
export function readPeerMessage(message: RtmpMessage): PeerMessage {
  switch (message.typeId) {
    case rtmpType.audio:
    case rtmpType.video:
    case rtmpType.aggregate:
      return { input: 'media', message, isMetadata: false };
    case rtmpType.dataAmf0:
    case rtmpType.dataAmf3:
      return { input: 'media', message, isMetadata: true };
    case rtmpType.commandAmf0:
    case rtmpType.commandAmf3:
      return readCommand(message);
    case rtmpType.setChunkSize:
    case rtmpType.abort:
    case rtmpType.acknowledgement:
    case rtmpType.windowAckSize:
      return readControl(message, 4);
    case rtmpType.setPeerBandwidth:
      return readControl(message, 5);
    case rtmpType.userControl:
      return readControl(message, 2);
    default:
      return null;
  }
}

function readControl(message: RtmpMessage, bytes: number): PeerMessage {
  if (message.payload.length < bytes)
    throw new RangeError(`RTMP: control message ${message.typeId} of ${message.payload.length} bytes`);
  return { input: 'control', message };
}

/** An AMF3 message (§7.1.1, §7.1.2) begins with a format byte; 0 means that AMF0 follows, which is all that is in use. */
function amf0Body(message: RtmpMessage): Buffer {
  const isAmf3 = message.typeId === rtmpType.commandAmf3 || message.typeId === rtmpType.dataAmf3;
  if (!isAmf3) return message.payload;
  if (message.payload[0] !== 0) throw new RangeError('RTMP: AMF3 values');
  return message.payload.subarray(1);
}

function readCommand(message: RtmpMessage): PeerMessage {
  const [name, transactionId, ...values] = decodeAmf0(amf0Body(message), amfLimits);
  if (typeof name !== 'string') throw new RangeError('RTMP: a command without a name');
  if (typeof transactionId !== 'number' || !Number.isFinite(transactionId))
    throw new RangeError('RTMP: a command without a transaction');
  const input = Object.hasOwn(commandInputs, name) ? commandInputs[name]! : 'otherCommand';
  return { input, command: { name, transactionId, streamId: message.streamId, values } };
}

/** The app asked for, without a query and a closing slash; null when there is none. */
export function appOf(command: PeerCommand): string | null {
  const [object] = command.values;
  if (object === undefined || !isAmf0Object(object)) return null;
  const { app } = object;
  return typeof app === 'string' ? app.split('?', 1)[0]!.replace(/\/$/, '') : null;
}

/** The stream asked for (a publisher's key or a player's public name), without a query. */
export function streamNameOf(command: PeerCommand): string | null {
  const name = command.values[1];
  return typeof name === 'string' ? name.split('?', 1)[0]! : null;
}

/**
 * The publisher's metadata, written anew: flat, bounded, and without the `@setDataFrame` that is meant for servers.
 * @returns null when it is data of another kind
 * @throws RangeError when it is malformed
 */
export function readMetadata(message: RtmpMessage): Buffer | null {
  const values = decodeAmf0(amf0Body(message), amfLimits);
  const [name, data] = values[0] === '@setDataFrame' ? values.slice(1) : values;
  if (name !== 'onMetaData') return null;
  const members =
    data instanceof Map
      ? [...(data as ReadonlyMap<string, Amf0Value>)]
      : data !== undefined && isAmf0Object(data)
        ? Object.entries(data)
        : [];
  const kept = new Map<string, Amf0Value>();
  for (const [key, value] of members) {
    const isPlain = typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string';
    const isShort =
      key.length > 0 && key.length <= 100 && (typeof value !== 'string' || value.length <= 1000);
    if (isPlain && isShort && kept.size < 100) kept.set(key, value);
  }
  return encodeAmf0('onMetaData', kept);
}
