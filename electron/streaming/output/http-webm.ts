import type { ServerResponse } from 'node:http';
import type { PacketReader } from '../interfaces/packet';
import { WebmStream } from '../media/webm-stream';
import { serveHttpStream } from './http-stream';
import type { HttpStreamOptions } from './http-stream';

/** The program as WebM, which a browser plays by itself. Its reader wants Opus. @see serveHttpStream */
export function serveHttpWebm(
  reader: PacketReader,
  response: ServerResponse,
  signal: AbortSignal,
  options?: HttpStreamOptions,
): Promise<void> {
  const stream = new WebmStream();
  const muxer = { contentType: 'video/webm', push: stream.push.bind(stream) };
  return serveHttpStream(reader, muxer, response, signal, options);
}
