import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import type { RawData } from 'ws';
import {
  captureClose,
  capturePageMessageSchema,
  capturePayloadLimitBytes,
  readCaptureData,
} from '../../shared/contract/capture-message';
import type { CaptureEngineMessage } from '../../shared/contract/capture-message';
import { protocolVersion } from '../../shared/contract/messages';
import type { BrowserFeedTable, PageFeed } from './browser-feeds';
import { StudioError } from './lib/errors';
import type { Logger } from './lib/logger';
import { isToken } from './websocket';

export interface CaptureEndpointOptions {
  readonly token: string;
  readonly feeds: BrowserFeedTable;
  readonly logger: Logger;
  /** how long a connection may stay silent before it says hello; 5 s unless given */
  readonly helloTimeoutMs?: number;
  /** how often a page is asked whether it still lives; it is given up after two unanswered turns. 5 s unless given */
  readonly pingIntervalMs?: number;
}

const mostConnections = 64;
const unansweredPingLimit = 2;
/** In one second. The fastest screens have 240 pictures, an AudioWorklet 375 blocks at 48 kHz. */
const mostPictures = 300;
const mostSounds = 4000;

/** One page's connection, for one source. */
interface Capture {
  readonly socket: WebSocket;
  feed: PageFeed | null;
  hasBegun: boolean;
  helloTimer: NodeJS.Timeout | undefined;
  pingTimer: NodeJS.Timeout | undefined;
  unansweredPings: number;
  /** on this connection */
  pictures: number;
  /** of the second that began at `since`, ms */
  second: { since: number; pictures: number; sounds: number };
}

/**
 * Where pages send what they capture (`/capture`): every message is checked before a source sees it, and whoever sends
 * anything else loses this connection and nothing more.
 */
export class CaptureEndpoint {
  readonly #options: CaptureEndpointOptions;
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: capturePayloadLimitBytes,
    perMessageDeflate: false,
  });
  readonly #captures = new Set<Capture>();

  constructor(options: CaptureEndpointOptions) {
    this.#options = options;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#captures.size >= mostConnections) {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#accept(webSocket));
  }

  close(): void {
    for (const capture of this.#captures) {
      clearTimeout(capture.helloTimer);
      clearInterval(capture.pingTimer);
      capture.socket.close(1001, 'the engine stops');
    }
    this.#server.close();
  }

  #accept(socket: WebSocket): void {
    const capture: Capture = {
      socket,
      feed: null,
      hasBegun: false,
      helloTimer: undefined,
      pingTimer: undefined,
      unansweredPings: 0,
      pictures: 0,
      second: { since: 0, pictures: 0, sounds: 0 },
    };
    this.#captures.add(capture);
    const { helloTimeoutMs = 5000, pingIntervalMs = 5000 } = this.#options;
    capture.helloTimer = setTimeout(
      () => socket.close(captureClose.unauthorised, 'no hello'),
      helloTimeoutMs,
    );
    capture.pingTimer = setInterval(() => this.#ping(capture), pingIntervalMs);
    socket.on('pong', () => (capture.unansweredPings = 0));
    socket.on('message', (data: RawData, isBinary: boolean) => {
      if (socket.readyState !== WebSocket.OPEN) return; // it was sent away, and what it had under way comes after
      try {
        if (isBinary) this.#take(capture, data as Buffer);
        else this.#hear(capture, data as Buffer);
      } catch (error) {
        this.#refuse(capture, error);
      }
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      clearTimeout(capture.helloTimer);
      clearInterval(capture.pingTimer);
      this.#captures.delete(capture);
      capture.feed?.leave('the page is gone');
    });
  }

  /** @throws StudioError when the message does not fit */
  #hear(capture: Capture, data: Buffer): void {
    const message = parseText(data);
    if (message.type === 'hello') return this.#welcome(capture, message);
    if (!capture.feed) throw new StudioError('unauthorised', {});
    if (message.type === 'begin') {
      capture.hasBegun = true;
      capture.feed.begin({ deviceName: message.deviceName, sampleRate: message.sampleRate });
      return;
    }
    capture.feed.leave(message.reason);
    capture.socket.close(1000, 'ended');
  }

  /** @throws StudioError */
  #welcome(
    capture: Capture,
    hello: { readonly token: string; readonly version: number; readonly sourceId: string },
  ): void {
    if (!isToken(hello.token, this.#options.token)) throw new StudioError('unauthorised', {});
    if (hello.version !== protocolVersion || capture.feed)
      throw invalid(
        capture.feed
          ? 'a second hello'
          : `the page speaks version ${hello.version}, the engine ${protocolVersion}`,
      );
    const { socket } = capture;
    capture.feed = this.#options.feeds.join(hello.sourceId, {
      takenOver: () => socket.close(captureClose.takenOver, 'another page captures it now'),
    });
    if (!capture.feed) throw new StudioError('source-not-found', { sourceId: hello.sourceId });
    clearTimeout(capture.helloTimer);
    this.#send(capture, { type: 'welcome' });
  }

  /** @throws StudioError | RangeError when the message does not fit */
  #take(capture: Capture, message: Buffer): void {
    if (!capture.feed) throw new StudioError('unauthorised', {});
    if (!capture.hasBegun) throw invalid('pictures or sound before `begin`');
    const data = readCaptureData(message);
    this.#count(capture, data.kind);
    if (data.kind === 'sound') return capture.feed.sound(data.samples, data.timestampUs);
    // Received is received, whatever becomes of it: the page may send the next one.
    this.#send(capture, { type: 'received', pictures: ++capture.pictures });
    capture.feed.picture(data.width, data.height, data.data, data.timestampUs);
  }

  /** @throws StudioError when this is more in a second than any camera, screen or microphone gives */
  #count(capture: Capture, kind: 'picture' | 'sound'): void {
    const now = performance.now();
    if (now - capture.second.since >= 1000) capture.second = { since: now, pictures: 0, sounds: 0 };
    const { second } = capture;
    if (kind === 'picture') second.pictures += 1;
    else second.sounds += 1;
    if (second.pictures > mostPictures || second.sounds > mostSounds)
      throw invalid(`more than ${mostPictures} pictures or ${mostSounds} blocks of sound in a second`);
  }

  #refuse(capture: Capture, reason: unknown): void {
    const isExpected = reason instanceof StudioError || reason instanceof RangeError;
    if (!isExpected) this.#options.logger.error({ err: reason }, 'a capture message failed');
    const error =
      reason instanceof StudioError
        ? reason.toWire()
        : invalid(isExpected ? reason.message : 'the message could not be used').toWire();
    this.#send(capture, { type: 'refused', error });
    capture.feed?.leave('the page sent something else');
    capture.socket.close(
      error.code === 'unauthorised'
        ? captureClose.unauthorised
        : error.code === 'source-not-found'
          ? captureClose.sourceMissing
          : captureClose.invalid,
      error.code,
    );
  }

  #send({ socket }: Capture, message: CaptureEngineMessage): void {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  }

  #ping(capture: Capture): void {
    if (capture.unansweredPings >= unansweredPingLimit) return capture.socket.terminate();
    capture.unansweredPings++;
    capture.socket.ping();
  }
}

const invalid = (reason: string): StudioError => new StudioError('invalid-request', { reason });

/** @throws StudioError `invalid-request` */
function parseText(data: Buffer): ReturnType<typeof capturePageMessageSchema.parse> {
  let json: unknown;
  try {
    json = JSON.parse(data.toString('utf8'));
  } catch {
    throw invalid('the message is not JSON');
  }
  const parsed = capturePageMessageSchema.safeParse(json);
  if (!parsed.success) throw invalid('the message is of no known form');
  return parsed.data;
}
