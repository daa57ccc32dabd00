import type { ServerResponse } from 'node:http';
import type { PacketReader, StreamUnit } from '../interfaces/packet';
import { flvFileHeader, flvTag } from '../media/flv';
import { FlvStream } from '../media/flv-stream';
import { serveHttpStream } from './http-stream';
import type { HttpMuxer, HttpStreamOptions } from './http-stream';

class HttpFlv implements HttpMuxer {
  readonly contentType = 'video/x-flv';
  readonly #stream = new FlvStream('Stream Manager Studio');
  #hasHeader = false;

  *push(unit: StreamUnit): Generator<Uint8Array> {
    for (const { typeId, timestampMs, parts } of this.#stream.push(unit)) {
      if (!this.#hasHeader)
        yield flvFileHeader({ video: this.#stream.hasVideo, audio: this.#stream.hasAudio });
      this.#hasHeader = true;
      yield* flvTag(typeId, timestampMs, parts);
    }
  }
}

/** The program as FLV. @see serveHttpStream */
export const serveHttpFlv = (
  reader: PacketReader,
  response: ServerResponse,
  signal: AbortSignal,
  options?: HttpStreamOptions,
): Promise<void> => serveHttpStream(reader, new HttpFlv(), response, signal, options);
