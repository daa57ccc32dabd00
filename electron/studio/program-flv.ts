import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PacketSource } from '../streaming/interfaces/packet';
import { isFlvVideo } from '../streaming/media/flv';
import { serveHttpFlv } from '../streaming/output/http-flv';

/** `/live/program.flv`: the program from the hub, to as many players as ask. */
export function serveProgramFlv(
  hub: PacketSource | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): void {
  if (!hub) {
    response
      .writeHead(503, { 'Content-Type': 'text/plain', 'Retry-After': '1' })
      .end('the program has not started yet\n');
    return;
  }
  const { videoCodec } = hub;
  if (videoCodec !== null && !isFlvVideo(videoCodec)) {
    response
      .writeHead(406, { 'Content-Type': 'text/plain' })
      .end(`FLV carries no ${videoCodec.toUpperCase()}: choose H.264 or VP9 as the codec of the program\n`);
    return;
  }
  if (request.method === 'HEAD') {
    response.writeHead(200, { 'Content-Type': 'video/x-flv', 'Cache-Control': 'no-store' }).end();
    return;
  }
  void serveHttpFlv(hub.subscribe({ name: 'HTTP-FLV', from: 'cached' }), response, signal);
}
