import type { Socket } from 'node:net';
import { StudioError } from '../lib/errors';
import type { TimedFlvMessage } from '../media/flv-stream';
import { acknowledgementWindow, RtmpRefusal } from './publish-session';
import type { PublishSession } from './publish-session';
import { describeSocketError } from './rtmp-socket';
import { SendWindow } from './send-window';

/** how often the kernel's queue is read: regularly, and while somebody waits for room */
const sampleMs = 250;
const waitingSampleMs = 50;

export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly isRefusalRetryable: boolean;
  /** nothing arrived for so long although bytes wait: the connection is given up */
  readonly stallTimeoutMs: number;
  /** bytes in the kernel's queue; null where that is unknown */
  readonly readUnsentBytes: (socket: Socket) => number | null;
  /** media on its way, milliseconds, at every measurement */
  readonly onInFlight: (ms: number) => void;
}

/**
 * One open connection: moves bytes between the session and the socket, measures what has not arrived, and turns every
 * way it can end into one typed error, the reason of `broken`.
 */
export class PublishConnection {
  readonly #socket: Socket;
  readonly #session: PublishSession;
  readonly #options: ConnectionOptions;
  readonly #broken = new AbortController();
  readonly #window = new SendWindow();
  readonly #closed: Promise<void>;
  #sampling: NodeJS.Timeout | undefined;
  #isClosing = false;
  #sampledAt = 0;
  #progressAt = performance.now();
  /** position and time of the peer's latest acknowledgement, unwrapped from its 32 bits */
  #heard: { position: number; at: number } | null = null;
  #waiting: (() => void) | undefined;

  /** takes the open socket over */
  constructor(socket: Socket, session: PublishSession, options: ConnectionOptions) {
    this.#socket = socket;
    this.#session = session;
    this.#options = options;
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' ? this.#loseClosed(error) : this.#lose(describeSocketError(error), error),
    );
    socket.on('end', () => this.#loseClosed());
    socket.on('close', () => this.#loseClosed());
    this.#write([session.hello], null);
  }

  /** aborted, with a StudioError as its reason, as soon as the connection is of no more use */
  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  /** Waits until the server has accepted the stream. @throws StudioError; the signal's reason when aborted */
  async published(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const timer = setTimeout(
      () => this.#break(this.#unreachable(`no answer within ${(timeoutMs / 1000).toFixed(1)} s`)),
      timeoutMs,
    );
    try {
      while (!this.#session.isPublished) await this.#changed(signal);
      signal.throwIfAborted();
      this.#progressAt = performance.now();
      this.#sampling = setInterval(() => this.#sample(), sampleMs);
    } finally {
      clearTimeout(timer);
    }
  }

  /** @returns bytes handed to the socket */
  send(message: TimedFlvMessage): number {
    return this.#write(this.#session.media(message), message.timestampMs);
  }

  /** Waits until less than `limitMs` of media is on its way, counting everything since the last measurement. */
  async room(limitMs: number, signal: AbortSignal): Promise<void> {
    while (this.#window.inFlightMs >= limitMs) {
      const timer = setTimeout(() => this.#sample(), this.#sampledAt + waitingSampleMs - performance.now());
      await this.#changed(signal).finally(() => clearTimeout(timer));
    }
  }

  /** Says goodbye and waits for the socket to be gone, at most `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#sampling);
    if (!this.#broken.signal.aborted && !this.#socket.destroyed) {
      for (const chunk of this.#session.end()) this.#socket.write(chunk);
      this.#socket.end();
      // What the server still says is of no interest, but its FIN is only seen when it is read.
      this.#socket.resume();
    } else this.#socket.destroy();
    const timer = setTimeout(() => this.#socket.destroy(), graceMs);
    await this.#closed;
    clearTimeout(timer);
  }

  #receive(bytes: Uint8Array): void {
    if (this.#isClosing || this.#broken.signal.aborted) return;
    try {
      const wasPublished = this.#session.isPublished;
      this.#write(this.#session.receive(bytes), null);
      this.#hear();
      if (!wasPublished) this.#wake();
    } catch (error) {
      if (error instanceof RtmpRefusal) this.#refuse(error);
      else if (error instanceof RangeError) this.#protocolError(error);
      else this.#break(error);
    }
  }

  #write(chunks: readonly Uint8Array[], timeMs: number | null): number {
    if (chunks.length === 0) return 0;
    let bytes = 0;
    this.#socket.cork();
    for (const chunk of chunks) {
      bytes += chunk.length;
      this.#socket.write(chunk);
    }
    this.#socket.uncork();
    this.#window.sent(bytes, timeMs);
    return bytes;
  }

  /** Reads how much the kernel still holds; elsewhere than on Linux, the peer's acknowledgements must do. */
  #sample(): void {
    this.#sampledAt = performance.now();
    const sent = this.#window.sentBytes;
    const before = this.#window.arrivedBytes;
    const unsent = this.#options.readUnsentBytes(this.#socket);
    this.#window.arrived(
      unsent === null
        ? this.#acknowledgedPosition(sent, this.#sampledAt)
        : sent - this.#socket.writableLength - unsent,
    );
    if (!this.#isClosing) this.#options.onInFlight(this.#window.inFlightMs);
    if (this.#window.arrivedBytes > before || this.#window.arrivedBytes >= sent)
      this.#progressAt = this.#sampledAt;
    else if (this.#sampledAt - this.#progressAt > this.#options.stallTimeoutMs)
      this.#lose(`it took no data for ${Math.round(this.#options.stallTimeoutMs / 1000)} s`);
    this.#wake();
  }

  #hear(): void {
    const low = this.#session.heardBytes;
    if (low === null) return;
    const last = this.#heard?.position ?? 0;
    const step = (low - (last % 2 ** 32) + 2 ** 32) % 2 ** 32;
    if (step > 0 && step < 2 ** 31) this.#heard = { position: last + step, at: performance.now() };
  }

  /** A peer acknowledges once a window, so a window may be on its way unseen. One that fell silent is not believed. */
  #acknowledgedPosition(sent: number, now: number): number {
    const written = sent - this.#socket.writableLength;
    if (!this.#heard || now - this.#heard.at > 2000) return written;
    return Math.min(written, this.#heard.position + 2 * acknowledgementWindow);
  }

  /** resolves on the next measurement or answer */
  #changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const signals = [signal, this.#broken.signal];
      const settle = (end: () => void): void => {
        for (const each of signals) each.removeEventListener('abort', onAbort);
        this.#waiting = undefined;
        end();
      };
      const onAbort = (): void =>
        settle(() => reject((signal.aborted ? signal : this.#broken.signal).reason as Error));
      this.#waiting = () => settle(resolve);
      for (const each of signals) each.addEventListener('abort', onAbort);
      if (signals.some((each) => each.aborted)) onAbort();
    });
  }

  #wake(): void {
    this.#waiting?.();
  }

  #refuse(refusal: RtmpRefusal): void {
    const { host, isRefusalRetryable } = this.#options;
    const details = { host, reason: refusal.message };
    this.#break(
      this.#session.isPublished
        ? new StudioError('destination-lost', details, { retryable: true, cause: refusal })
        : new StudioError('destination-refused', details, { retryable: isRefusalRetryable, cause: refusal }),
    );
  }

  #protocolError(cause: RangeError): void {
    if (this.#session.isPublished) this.#lose('it no longer speaks RTMP', cause);
    else this.#break(this.#unreachable('it does not speak RTMP', cause));
  }

  /** Some servers refuse an application or a key in this way, without a word; it may as well be a restart of theirs. */
  #loseClosed(cause?: NodeJS.ErrnoException): void {
    const { host } = this.#options;
    if (this.#session.hasAsked)
      this.#break(new StudioError('destination-unaccepted', { host }, { retryable: true, cause }));
    else this.#lose(cause ? describeSocketError(cause) : 'it closed the connection', cause);
  }

  #lose(reason: string, cause?: unknown): void {
    const { host } = this.#options;
    this.#break(new StudioError('destination-lost', { host, reason }, { retryable: true, cause }));
  }

  #unreachable(reason: string, cause?: unknown): StudioError {
    const { host, port } = this.#options;
    return new StudioError('destination-unreachable', { host, port, reason }, { retryable: true, cause });
  }

  #break(error: unknown): void {
    if (this.#isClosing || this.#broken.signal.aborted) return;
    this.#broken.abort(error);
    this.#socket.destroy();
  }
}
