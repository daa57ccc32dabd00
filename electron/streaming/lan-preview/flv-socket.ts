import { WebSocket } from 'ws';
import type { PacketReader } from '../interfaces/packet';
import { flvFileHeader, flvTag } from '../media/flv';
import { FlvStream } from '../media/flv-stream';

/** RFC 6455 7.4.1: going away; and what a viewer has nothing to say with; of the IANA registry: try again later */
const closeCode = { away: 1001, policy: 1008, later: 1013 } as const;
const unansweredPingLimit = 2;

export interface FlvSocketOptions {
  /** a viewer that took nothing for so long is cut off */
  readonly stallMs: number;
  readonly pingMs: number;
}

/**
 * Sends the program to one WebSocket as FLV: binary messages that, put together, are the stream (as flv.js and mpegts.js
 * read it). Ends when the viewer leaves, says anything, or takes nothing for `stallMs`, when the program ends or the signal
 * aborts. The reader is disposed. Never rejects.
 */
export async function serveFlvSocket(
  reader: PacketReader,
  socket: WebSocket,
  signal: AbortSignal,
  { stallMs, pingMs }: FlvSocketOptions,
): Promise<void> {
  const left = new AbortController();
  let unanswered = 0;
  socket.on('close', () => left.abort());
  socket.on('error', () => socket.terminate());
  socket.on('message', () => socket.close(closeCode.policy, 'viewers only watch'));
  socket.on('pong', () => (unanswered = 0));
  const pinging = setInterval(() => {
    if (unanswered++ >= unansweredPingLimit) socket.terminate();
    else socket.ping();
  }, pingMs);
  if (socket.readyState !== WebSocket.OPEN) left.abort();
  const either = AbortSignal.any([signal, left.signal]);
  const stream = new FlvStream('Stream Manager Studio');
  let hasHeader = false;
  try {
    while (!either.aborted) {
      const unit = await reader.next(either);
      if (unit === null) break;
      const parts: Uint8Array[] = [];
      for (const { typeId, timestampMs, parts: body } of stream.push(unit)) {
        if (!hasHeader) parts.push(flvFileHeader({ video: stream.hasVideo, audio: stream.hasAudio }));
        hasHeader = true;
        parts.push(...flvTag(typeId, timestampMs, body));
      }
      if (parts.length === 0 || (await isTaken(socket, Buffer.concat(parts), stallMs))) continue;
      // The closing handshake would wait behind what it does not take.
      return socket.terminate();
    }
    socket.close(signal.aborted ? closeCode.away : closeCode.later, 'the program has ended');
  } catch {
    // It left, we stop, or FLV cannot carry what came.
    socket.close(closeCode.away);
  } finally {
    clearInterval(pinging);
    reader[Symbol.dispose]();
  }
}

/** false: the system did not take it within that time */
function isTaken(socket: WebSocket, message: Buffer, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), withinMs);
    // Called with an error, too, when the socket has gone: whoever reads next sees that.
    socket.send(message, { binary: true }, () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
