import {
  captureClose,
  captureEngineMessageSchema,
  pictureWindow,
} from '../../shared/contract/capture-message';
import type { CapturePageMessage } from '../../shared/contract/capture-message';
import type { WireError } from '../../shared/contract/errors';
import { protocolVersion } from '../../shared/contract/messages';

/** What the link needs of a WebSocket; the browser's own, or one of tests. */
export interface LinkSocket {
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number): void;
  onopen: ((event: Event) => unknown) | null;
  onclose: ((event: CloseEvent) => unknown) | null;
  onmessage: ((event: MessageEvent) => unknown) | null;
}

export interface CaptureTarget {
  /** `ws(s)://host/capture` */
  readonly url: string;
  readonly token: string;
  readonly sourceId: string;
}

interface LinkListeners {
  /** whether what is captured arrives */
  connected(isConnected: boolean): void;
  /** a picture may be sent again */
  room(): void;
  /** for good: nothing is sent any more */
  refused(error: WireError): void;
}

export interface CaptureContent {
  readonly deviceName: string;
  readonly sampleRate: number | null;
}

const firstRetryMs = 300;
const mostRetryMs = 3000;
/** A source that is just being added may come a moment after its page. */
const sourcePatience = 8;
/** unsent sound past this is left out: late sound is no use */
const mostUnsentSoundBytes = 400_000;

/**
 * One capture's connection to the engine. It is made again by itself as long as the capture runs. At most
 * `pictureWindow` pictures are under way, so that a slow engine or network gets fewer pictures, not old ones.
 */
export class CaptureLink {
  readonly #target: CaptureTarget;
  #content: CaptureContent;
  readonly #listeners: LinkListeners;
  readonly #openSocket: (url: string) => LinkSocket;
  #socket: LinkSocket | null = null;
  #isWelcome = false;
  #isOver = false;
  #attempt = 0;
  #missing = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  /** on this connection */
  #sent = 0;
  #received = 0;
  #pictureBytes = 0;
  #reason: WireError | null = null;

  constructor(
    target: CaptureTarget,
    content: CaptureContent,
    listeners: LinkListeners,
    openSocket: (url: string) => LinkSocket = (url) => new WebSocket(url),
  ) {
    this.#target = target;
    this.#content = content;
    this.#listeners = listeners;
    this.#openSocket = openSocket;
  }

  /** What is sent from now on is another. */
  change(content: CaptureContent): void {
    this.#content = content;
    if (this.#isWelcome) this.#say({ type: 'begin', ...content });
  }

  get hasRoom(): boolean {
    return this.#isWelcome && this.#sent - this.#received < pictureWindow;
  }

  connect(): void {
    if (this.#isOver) return;
    const socket = this.#openSocket(this.#target.url);
    this.#socket = socket;
    socket.onopen = () => {
      const { token, sourceId } = this.#target;
      this.#say({ type: 'hello', version: protocolVersion, token, sourceId });
    };
    socket.onmessage = (event) => this.#hear(event.data);
    socket.onclose = (event) => {
      if (socket === this.#socket) this.#lose(event.code);
    };
  }

  /** @param message is copied before this returns */
  sendPicture(message: Uint8Array<ArrayBuffer>): void {
    if (!this.hasRoom) return;
    this.#sent += 1;
    this.#pictureBytes = message.byteLength;
    this.#socket?.send(message);
  }

  sendSound(message: Uint8Array<ArrayBuffer>): void {
    const socket = this.#socket;
    if (!socket || !this.#isWelcome) return;
    const pictures = (this.#sent - this.#received) * this.#pictureBytes;
    if (socket.bufferedAmount <= pictures + mostUnsentSoundBytes) socket.send(message);
  }

  end(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#retryTimer);
    if (this.#isWelcome) this.#say({ type: 'end', reason });
    this.#socket?.close(1000);
  }

  #hear(data: unknown): void {
    const parsed = captureEngineMessageSchema.safeParse(typeof data === 'string' ? JSON.parse(data) : null);
    if (!parsed.success) return;
    const message = parsed.data;
    if (message.type === 'refused') this.#reason = message.error;
    else if (message.type === 'received') {
      this.#received = message.pictures;
      if (this.hasRoom) this.#listeners.room();
    } else {
      this.#isWelcome = true;
      this.#attempt = this.#missing = 0;
      this.#sent = this.#received = 0;
      this.#say({ type: 'begin', ...this.#content });
      this.#listeners.connected(true);
      this.#listeners.room();
    }
  }

  #lose(code: number): void {
    this.#socket = null;
    if (this.#isOver) return;
    const wasWelcome = this.#isWelcome;
    this.#isWelcome = false;
    if (wasWelcome) this.#listeners.connected(false);
    const refusal = this.#refusal(code);
    this.#reason = null;
    if (refusal) {
      this.#isOver = true;
      this.#listeners.refused(refusal);
      return;
    }
    const delayMs = Math.min(mostRetryMs, firstRetryMs * 1.6 ** this.#attempt);
    this.#attempt += 1;
    this.#retryTimer = setTimeout(() => this.connect(), delayMs);
  }

  /** null: worth another attempt */
  #refusal(code: number): WireError | null {
    const { sourceId } = this.#target;
    switch (code) {
      case captureClose.unauthorised:
        return { code: 'unauthorised', details: {} };
      case captureClose.takenOver:
        return { code: 'capture-taken-over', details: { name: this.#content.deviceName || sourceId } };
      case captureClose.sourceMissing:
        this.#missing += 1;
        return this.#missing > sourcePatience ? { code: 'source-not-found', details: { sourceId } } : null;
      case captureClose.invalid:
        return this.#reason ?? { code: 'invalid-request', details: { reason: 'it was not understood' } };
      default:
        return null;
    }
  }

  #say(message: CapturePageMessage): void {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(message));
  }
}
