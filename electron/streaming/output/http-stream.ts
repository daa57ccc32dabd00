import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { PacketReader, StreamUnit } from '../interfaces/packet';

/** a client that took nothing for so long has gone without saying so, or stands still */
const defaultStallMs = 10_000;

/** What one client is sent of the program. */
export interface HttpMuxer {
  readonly contentType: string;
  /** @returns the next bytes. @throws RangeError for what this form cannot carry */
  push(unit: StreamUnit): Iterable<Uint8Array>;
}

export interface HttpStreamOptions {
  readonly stallMs?: number;
}

/**
 * Sends the program to one HTTP client until the client leaves, the program ends or the signal aborts. Subscribe
 * with `from: 'cached'` so that a picture is there at once. A slow client is waited for: its reader drops for it; one
 * that stands still for `stallMs` is cut off. The reader is disposed. Never rejects: what the muxer cannot carry cuts the
 * response off. No CORS header on purpose: pages of other origins are not to watch.
 */
export async function serveHttpStream(
  reader: PacketReader,
  muxer: HttpMuxer,
  response: ServerResponse,
  signal: AbortSignal,
  { stallMs = defaultStallMs }: HttpStreamOptions = {},
): Promise<void> {
  const left = new AbortController();
  const onClose = (): void => left.abort();
  response.once('close', onClose);
  response.on('error', onClose);
  if (response.destroyed) onClose();
  const either = AbortSignal.any([signal, left.signal]);
  response.socket?.setNoDelay(true);
  response.writeHead(200, {
    'content-type': muxer.contentType,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.flushHeaders();
  try {
    while (!either.aborted) {
      const unit = await reader.next(either);
      if (unit === null) break;
      response.cork();
      for (const part of muxer.push(unit)) response.write(part);
      response.uncork();
      if (response.writableNeedDrain && !(await hasDrained(response, either, stallMs))) break;
    }
  } catch (error) {
    if (!either.aborted) response.destroy(error as Error);
  } finally {
    reader[Symbol.dispose]();
    response.off('close', onClose);
    // A client that has stopped reading would never let the rest through.
    if (response.writableNeedDrain) response.destroy();
    else response.end();
  }
}

/** false: not within that time. Rejects when aborted. */
async function hasDrained(response: ServerResponse, signal: AbortSignal, withinMs: number): Promise<boolean> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), withinMs);
  try {
    await once(response, 'drain', { signal: AbortSignal.any([signal, late.signal]) });
    return true;
  } catch (error) {
    if (late.signal.aborted && !signal.aborted) return false;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
