import type { IncomingMessage, ServerResponse } from 'node:http';
import { codecTitles } from '../../shared/contract/codec';
import type { PacketSource, VideoCodec } from '../streaming/interfaces/packet';
import { serveHttpFlv } from '../streaming/output/http-flv';
import { serveHttpWebm } from '../streaming/output/http-webm';
import { flvCodecs } from './flv-codecs';

/** What players are given of the program. */
export interface ViewedProgram {
  readonly hub: PacketSource;
  readonly codec: VideoCodec;
}

interface Form {
  readonly contentType: string;
  /** of the pictures it can carry */
  readonly codecs: ReadonlySet<VideoCodec>;
  /** where the others are found */
  readonly otherPath: string;
  readonly serve: (hub: PacketSource, response: ServerResponse, signal: AbortSignal) => Promise<void>;
}

const forms = {
  flv: {
    contentType: 'video/x-flv',
    codecs: flvCodecs,
    otherPath: '/live/program.webm',
    serve: (hub, response, signal) =>
      serveHttpFlv(hub.subscribe({ name: 'HTTP-FLV', from: 'cached' }), response, signal),
  },
  webm: {
    contentType: 'video/webm',
    codecs: new Set(['vp8', 'vp9']),
    otherPath: '/live/program.flv',
    serve: (hub, response, signal) =>
      serveHttpWebm(hub.subscribe({ name: 'HTTP-WebM', from: 'cached', sound: 'opus' }), response, signal),
  },
} satisfies Record<string, Form>;

/** `/live/program.flv` and `/live/program.webm`: the program from the hub, to as many players as ask. */
export function serveProgram(
  form: keyof typeof forms,
  program: ViewedProgram | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): void {
  const { contentType, codecs, otherPath, serve }: Form = forms[form];
  const refuse = (status: number, sentence: string, headers = {}): void =>
    void response.writeHead(status, { 'Content-Type': 'text/plain', ...headers }).end(`${sentence}\n`);
  if (!program) return refuse(503, 'the program has not started yet', { 'Retry-After': '1' });
  const { hub, codec } = program;
  if (!codecs.has(codec)) {
    const holds = [...codecs].map((each) => codecTitles[each]).join(' or ');
    return refuse(
      406,
      `The program is ${codecTitles[codec]}, which this form does not carry (${holds} here): open ${otherPath} instead.`,
    );
  }
  if (request.method === 'HEAD')
    return void response.writeHead(200, { 'Content-Type': contentType, 'Cache-Control': 'no-store' }).end();
  void serve(hub, response, signal);
}
