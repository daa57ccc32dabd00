import type { Socket } from 'node:net';
import type { VideoCodec } from '../interfaces/packet';
import { StudioError } from '../lib/errors';
import type { TimedFlvMessage } from '../media/flv-stream';
import { Acknowledgements } from './acknowledgements';
import { ByteWindow } from './byte-window';
import { CodecRefusal, RtmpRefusal } from './publish-session';
import type { PublishSession } from './publish-session';
import { refusalError } from './publish-status';
import { describeSocketError } from './rtmp-socket';
import type { OpenSocket } from './rtmp-socket';
import { SendWindow } from './send-window';

/** how often the kernel's queue is read: regularly, and while somebody waits for room */
const sampleMs = 250;
const waitingSampleMs = 50;
/** A server acknowledges, pings, and says a word now and then. Whoever says more keeps us from our other work. */
const heardBytesMax = 256 * 1024;
const heardWindowMs = 10_000;

/** What has become of the bytes of one connection. */
export interface LinkReading {
  /** media on its way beyond the path's own round trip, milliseconds */
  readonly inFlightMs: number;
  readonly arrivedBytes: number;
  readonly outstandingBytes: number;
}

export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly app: string;
  /** a user name and a password are given */
  readonly hasLogin: boolean;
  readonly videoCodec: VideoCodec;
  readonly isRefusalRetryable: boolean;
  /** nothing arrived for so long although bytes wait: the connection is given up */
  readonly stallTimeoutMs: number;
  /** bytes in the kernel's queue; null where that is unknown */
  readonly readUnsentBytes: (socket: Socket) => number | null;
  readonly onMeasured: (link: LinkReading) => void;
}

/**
 * One open connection: moves bytes between the session and the socket, measures what has not arrived, and turns every
 * way it can end into one typed error, the reason of `broken`.
 */
export class PublishConnection {
  readonly #socket: Socket;
  readonly #tcp: Socket;
  readonly #session: PublishSession;
  readonly #options: ConnectionOptions;
  readonly #broken = new AbortController();
  readonly #window = new SendWindow();
  readonly #acknowledgements = new Acknowledgements();
  readonly #heard = new ByteWindow(heardBytesMax, heardWindowMs);
  readonly #closed: Promise<void>;
  #sampling: NodeJS.Timeout | undefined;
  #isClosing = false;
  #progressAt = performance.now();
  #waiting: (() => void) | undefined;

  /** takes the open socket over */
  constructor({ socket, tcp }: OpenSocket, session: PublishSession, options: ConnectionOptions) {
    this.#socket = socket;
    this.#tcp = tcp;
    this.#session = session;
    this.#options = options;
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' ? this.#loseClosed(error) : this.#lose(describeSocketError(error), error),
    );
    // TLS hands on what its connection reports, but not once it is being cut.
    if (tcp !== socket) tcp.on('error', () => undefined);
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
      this.#sampleLater();
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
      const timer = setTimeout(() => this.#sample(), untilNext(waitingSampleMs));
      await this.#changed(signal).finally(() => clearTimeout(timer));
    }
  }

  /** Says goodbye and waits for the socket to be gone, at most `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#sampling);
    if (!this.#broken.signal.aborted && !this.#socket.destroyed) {
      for (const chunk of this.#session.end()) this.#socket.write(chunk);
      this.#socket.end();
      // What the server still says is of no interest, but its FIN is only seen when it is read.
      this.#socket.resume();
    } else this.#socket.destroy();
    const timer = setTimeout(() => this.#cut(), graceMs);
    await this.#closed;
    clearTimeout(timer);
  }

  /**
   * What still waits is of no use any more; the kernel would keep it, and the connection, for minutes, unless it is reset.
   * A server that has everything and is slow to read it must not lose it by that.
   */
  #cut(): void {
    const unsent = this.#options.readUnsentBytes(this.#tcp) ?? 0;
    if (unsent + this.#socket.writableLength > 0 && !this.#tcp.destroyed) this.#tcp.resetAndDestroy();
    this.#socket.destroy();
  }

  #receive(bytes: Uint8Array): void {
    if (this.#isClosing || this.#broken.signal.aborted) return;
    if (!this.#heard.take(bytes.length, performance.now())) {
      this.#protocolError(new RangeError(`RTMP: more than ${heardBytesMax} bytes from a server`));
      return;
    }
    try {
      const wasPublished = this.#session.isPublished;
      this.#write(this.#session.receive(bytes), null);
      this.#hearAcknowledgement();
      if (!wasPublished) this.#wake();
    } catch (error) {
      if (error instanceof RtmpRefusal) this.#refuse(error);
      else if (error instanceof CodecRefusal) this.#refuseCodec(error);
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
    this.#window.sent(bytes, timeMs, performance.now());
    return bytes;
  }

  /** At the same moments in every connection: they share one reading of the kernel's table. */
  #sampleLater(): void {
    this.#sampling = setTimeout(() => {
      this.#sampleLater();
      this.#sample();
    }, untilNext(sampleMs));
  }

  /** How much has arrived, as the kernel and the server see it; where the kernel keeps silent, Node's own queue must do. */
  #sample(): void {
    const now = performance.now();
    const sent = this.#window.sentBytes;
    const before = this.#window.arrivedBytes;
    const byTcp = sent - this.#socket.writableLength - (this.#options.readUnsentBytes(this.#tcp) ?? 0);
    this.#window.arrived(this.#acknowledgements.arrivedBytes(byTcp, now), now);
    const { inFlightMs, arrivedBytes } = this.#window;
    if (!this.#isClosing)
      this.#options.onMeasured({ inFlightMs, arrivedBytes, outstandingBytes: sent - arrivedBytes });
    if (this.#window.arrivedBytes > before || this.#window.arrivedBytes >= sent) this.#progressAt = now;
    else if (now - this.#progressAt > this.#options.stallTimeoutMs)
      this.#lose(`it took no data for ${Math.round(this.#options.stallTimeoutMs / 1000)} s`);
    this.#wake();
  }

  #hearAcknowledgement(): void {
    const sequence = this.#session.heardBytes;
    if (sequence !== null) this.#acknowledgements.heard(sequence, this.#window.sentBytes, performance.now());
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
    const { host, app, hasLogin, isRefusalRetryable } = this.#options;
    if (this.#session.isPublished) {
      this.#lose(refusal.message, refusal);
      return;
    }
    const details = {
      host,
      app,
      reason: refusal.message,
      hasLogin,
      isAlwaysRetryable: isRefusalRetryable,
    };
    this.#break(refusalError(refusal.words, details, refusal));
  }

  #refuseCodec(refusal: CodecRefusal): void {
    const { host, videoCodec: codec } = this.#options;
    const named = refusal.named === null ? null : [...refusal.named];
    this.#break(new StudioError('codec-unsupported', { host, codec, named }, { cause: refusal }));
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
    else if (this.#session.isPublished)
      this.#lose(cause ? describeSocketError(cause) : 'it closed the connection', cause);
    else this.#break(this.#unreachable('it closed the connection before it said anything', cause));
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
    if (this.#session.isPublished) this.#cut();
    else this.#socket.destroy();
  }
}

/** until the next multiple of so many milliseconds of the process's clock */
const untilNext = (stepMs: number): number => stepMs - (performance.now() % stepMs);
