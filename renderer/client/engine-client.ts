import type { CommandInput, CommandName, CommandOutput } from '../../shared/contract/commands';
import { events } from '../../shared/contract/events';
import type { EventName, EventPayload } from '../../shared/contract/events';
import { protocolVersion, serverMessageSchema } from '../../shared/contract/messages';
import type { ClientMessage, ServerMessage, Topic } from '../../shared/contract/messages';
import { isMonitorBlock, readMonitorBlock } from '../../shared/contract/monitor-block';
import type { MonitorBlock } from '../../shared/contract/monitor-block';
import { readPreviewFrame } from '../../shared/contract/preview-frame';
import type { PreviewFrame } from '../../shared/contract/preview-frame';
import { snapshotSlices } from '../../shared/contract/snapshot';
import type { SliceName, Snapshot } from '../../shared/contract/snapshot';
import { nextConnectionState, retryDelayMs } from './connection-state';
import type { ConnectionState, ConnectionStep } from './connection-state';
import { connectionLost } from './engine-error';
import { PendingCalls } from './pending-calls';

/** What the client needs of a WebSocket; the browser's own, or one of tests. */
export interface ClientSocket {
  binaryType: BinaryType;
  readonly readyState: number;
  send(text: string): void;
  close(): void;
  onopen: ((event: Event) => unknown) | null;
  onclose: ((event: CloseEvent) => unknown) | null;
  onmessage: ((event: MessageEvent) => unknown) | null;
}

export interface EngineClientOptions {
  /** `ws(s)://host/ws` */
  url: string;
  token: string;
  openSocket?: (url: string) => ClientSocket;
  random?: () => number;
  callTimeoutMs?: number;
  /** a socket that is not welcomed in this time is given up */
  welcomeTimeoutMs?: number;
  /** after this long without a message the engine is probed, after twice as long the socket is given up */
  silenceMs?: number;
}

export interface EngineListeners {
  connection(state: ConnectionState): void;
  /** the whole state: after each welcome and resync */
  snapshot(snapshot: Snapshot): void;
  slice<Name extends SliceName>(name: Name, value: Snapshot[Name]): void;
  /** a message that does not keep to the contract; it was left out */
  protocolError(reason: string): void;
}

type PayloadOf = { [Name in EventName]: EventPayload<Name> } & {
  preview: PreviewFrame;
  monitor: MonitorBlock;
};
type TopicListeners = { [Name in Topic]: Set<(payload: PayloadOf[Name]) => void> };

const refusedClose = 4401;

/**
 * The one connection to the engine: state, commands, events, preview frames. It knows no framework. Everything that
 * arrives is validated; what does not fit is reported and left out, so that one bad message never stops the window.
 */
export class EngineClient {
  readonly #options: Required<EngineClientOptions>;
  readonly #listeners: EngineListeners;
  readonly #calls: PendingCalls;
  readonly #topics: TopicListeners = {
    preview: new Set(),
    monitor: new Set(),
    stats: new Set(),
    meters: new Set(),
  };
  #previewWidth = 640;
  #state: ConnectionState = { state: 'closed' };
  #socket: ClientSocket | null = null;
  #revision = -1;
  #isResyncing = false;
  #isSubscribeDue = false;
  #lastMessageAt = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #welcomeTimer: ReturnType<typeof setTimeout> | undefined;
  #silenceTimer: ReturnType<typeof setInterval> | undefined;

  constructor(options: EngineClientOptions, listeners: EngineListeners) {
    this.#options = {
      openSocket: (url) => new WebSocket(url),
      random: Math.random,
      callTimeoutMs: 30_000,
      welcomeTimeoutMs: 5000,
      silenceMs: 5000,
      ...options,
    };
    this.#listeners = listeners;
    this.#calls = new PendingCalls(this.#options.callTimeoutMs);
  }

  get connection(): ConnectionState {
    return this.#state;
  }

  /** Dials now, whatever the back-off says. Harmless while connecting or open. */
  connect(): void {
    if (this.#state.state === 'connecting' || this.#state.state === 'open') return;
    this.#dial();
  }

  close(): void {
    this.#move({ type: 'close' });
    this.#dropSocket('the page closed it');
  }

  /** @throws EngineError with the engine's own error, or `connection-lost` */
  async call<Name extends CommandName>(
    command: Name,
    input: CommandInput<Name>,
  ): Promise<CommandOutput<Name>> {
    if (this.#state.state !== 'open') throw connectionLost('the connection is down');
    const { id, output } = this.#calls.open(command);
    this.#send({ type: 'call', id, command, input });
    return output;
  }

  /** High-volume topics are sent only while somebody listens. Returns how to stop listening. */
  on<Name extends Topic>(topic: Name, listener: (payload: PayloadOf[Name]) => void): () => void {
    const listeners: Set<(payload: PayloadOf[Name]) => void> = this.#topics[topic];
    listeners.add(listener);
    if (listeners.size === 1) this.#subscribeSoon();
    return () => {
      if (listeners.delete(listener) && listeners.size === 0) this.#subscribeSoon();
    };
  }

  /** Width in pixels of the preview frames to be sent, 160…1920. */
  setPreviewWidth(width: number): void {
    const clamped = Math.min(1920, Math.max(160, Math.round(width)));
    if (clamped === this.#previewWidth) return;
    this.#previewWidth = clamped;
    this.#subscribeSoon();
  }

  /** Lets the engine send the next frame; until then it keeps at most two under way. */
  acknowledgePreview(frameIndex: number): void {
    this.#send({ type: 'previewShown', frameIndex });
  }

  #dial(): void {
    clearTimeout(this.#retryTimer);
    this.#move({ type: 'dial' });
    const socket = this.#options.openSocket(this.#options.url);
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      this.#send({ type: 'hello', version: protocolVersion, token: this.#options.token });
    };
    socket.onmessage = (event) => {
      this.#lastMessageAt = Date.now();
      if (typeof event.data === 'string') this.#onText(event.data);
      else if (event.data instanceof ArrayBuffer) this.#onBinary(event.data);
    };
    socket.onclose = (event) => {
      if (socket !== this.#socket) return;
      if (event.code === refusedClose) this.#refuse({ code: 'unauthorised', details: {} });
      else this.#lose(event.reason || 'the engine closed the connection');
    };
    this.#welcomeTimer = setTimeout(() => {
      this.#lose('the engine did not answer');
    }, this.#options.welcomeTimeoutMs);
  }

  #onText(text: string): void {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      this.#listeners.protocolError('a message that is not JSON');
      return;
    }
    const parsed = serverMessageSchema.safeParse(json);
    if (parsed.success) this.#onMessage(parsed.data);
    else if (this.#isForeignWelcome(json)) this.#refuseVersion();
    else this.#listeners.protocolError(parsed.error.issues[0]?.message ?? 'a message of unknown shape');
  }

  #onMessage(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        if (message.version !== protocolVersion) this.#refuseVersion();
        else this.#onWelcome(message.revision, message.snapshot);
        break;
      case 'refused':
        this.#refuse(message.error);
        break;
      case 'result':
        this.#calls.succeed(message.id, message.output);
        break;
      case 'failed':
        this.#calls.fail(message.id, message.error);
        break;
      case 'slice':
        this.#onSlice(message.revision, message.slice, message.value);
        break;
      case 'event':
        if (message.event === 'stats')
          this.#emit('stats', events.stats.schema.safeParse(message.payload), this.#topics.stats);
        else this.#emit('meters', events.meters.schema.safeParse(message.payload), this.#topics.meters);
        break;
    }
  }

  #onWelcome(revision: number, snapshot: Snapshot): void {
    clearTimeout(this.#welcomeTimer);
    this.#revision = revision;
    this.#isResyncing = false;
    const isFirst = this.#state.state !== 'open';
    // The snapshot goes out before "open", so that nobody sees an open connection without a state.
    this.#listeners.snapshot(snapshot);
    if (!isFirst) return;
    this.#move({ type: 'welcomed' });
    this.#watchSilence();
    if (this.#wantedTopics().length > 0) this.#subscribe();
  }

  #onSlice(revision: number, name: SliceName, value: unknown): void {
    if (this.#isResyncing || revision <= this.#revision) return;
    if (revision !== this.#revision + 1) {
      this.#isResyncing = true;
      this.#send({ type: 'resync' });
      return;
    }
    this.#revision = revision;
    const parsed = snapshotSlices[name].safeParse(value);
    if (parsed.success) this.#listeners.slice(name, parsed.data);
    else this.#listeners.protocolError(`slice ${name} has an unknown shape`);
  }

  #emit<Payload>(
    name: EventName,
    parsed: { success: true; data: Payload } | { success: false },
    listeners: ReadonlySet<(payload: Payload) => void>,
  ): void {
    if (parsed.success) for (const listener of [...listeners]) listener(parsed.data);
    else this.#listeners.protocolError(`event ${name} has an unknown shape`);
  }

  #onBinary(message: ArrayBuffer): void {
    try {
      if (isMonitorBlock(message)) {
        const block = readMonitorBlock(message);
        for (const listener of [...this.#topics.monitor]) listener(block);
      } else {
        const frame = readPreviewFrame(message);
        for (const listener of [...this.#topics.preview]) listener(frame);
      }
    } catch (error) {
      this.#listeners.protocolError(error instanceof Error ? error.message : String(error));
    }
  }

  #wantedTopics(): Topic[] {
    return (Object.keys(this.#topics) as Topic[]).filter((topic) => this.#topics[topic].size > 0);
  }

  /** Several changes of one turn become one message. */
  #subscribeSoon(): void {
    if (this.#isSubscribeDue) return;
    this.#isSubscribeDue = true;
    queueMicrotask(() => {
      this.#isSubscribeDue = false;
      if (this.#state.state === 'open') this.#subscribe();
    });
  }

  #subscribe(): void {
    this.#send({ type: 'subscribe', topics: this.#wantedTopics(), previewWidth: this.#previewWidth });
  }

  /** A connection that died without a word (sleep, a pulled cable) is found out by asking. */
  #watchSilence(): void {
    clearInterval(this.#silenceTimer);
    this.#lastMessageAt = Date.now();
    const { silenceMs } = this.#options;
    this.#silenceTimer = setInterval(() => {
      const silentMs = Date.now() - this.#lastMessageAt;
      if (silentMs >= 2 * silenceMs) this.#lose('the engine fell silent');
      else if (silentMs >= silenceMs) this.#send({ type: 'resync' });
    }, silenceMs / 2);
  }

  /** A newer engine may also have another state: its version is what the person needs to hear of. */
  #isForeignWelcome(json: unknown): boolean {
    const message = json as { type?: unknown; version?: unknown } | null;
    return message?.type === 'welcome' && message.version !== protocolVersion;
  }

  #refuseVersion(): void {
    this.#refuse({
      code: 'invalid-request',
      details: { reason: 'it is of another version than this page' },
    });
  }

  #refuse(error: Extract<ConnectionState, { state: 'refused' }>['error']): void {
    this.#move({ type: 'refused', error });
    this.#dropSocket('the engine refused this page');
  }

  #lose(reason: string): void {
    const attempt = this.#state.state === 'connecting' ? this.#state.attempt : 0;
    const delayMs = retryDelayMs(attempt, this.#options.random());
    this.#dropSocket(reason);
    this.#move({ type: 'dropped', retryAt: Date.now() + delayMs, reason });
    if (this.#state.state !== 'lost') return;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => {
      this.#dial();
    }, delayMs);
  }

  #dropSocket(reason: string): void {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#welcomeTimer);
    clearInterval(this.#silenceTimer);
    this.#isResyncing = false;
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onopen = socket.onclose = socket.onmessage = null;
      socket.close();
    }
    this.#calls.failAll(reason);
  }

  #send(message: ClientMessage): void {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(message));
  }

  #move(step: ConnectionStep): void {
    const next = nextConnectionState(this.#state, step);
    if (next === this.#state) return;
    this.#state = next;
    this.#listeners.connection(next);
  }
}
