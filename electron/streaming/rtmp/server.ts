import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ingestLimitsSchema, rtmpServerReportSchema } from '../../../shared/contract/rtmp-server';
import type {
  Fanout,
  IngestLimits,
  IngestStats,
  KeyDirectory,
  RtmpServerReport,
  RtmpServerRequest,
} from '../../../shared/contract/rtmp-server';
import type { WireError } from '../../../shared/contract/errors';
import type { ActiveStream } from '../../../shared/contract/snapshot';
import { Child, describeExit } from '../lib/child';
import { BaseComponent } from '../lib/component';
import { Emitter } from '../lib/emitter';
import { StudioError } from '../lib/errors';
import type { Logger } from '../lib/logger';
import { paths } from '../lib/paths';
import { programName } from './gatekeeper';

/** Where the keys come from: `StreamKeys`, or anything that can say as much. */
export interface KeySource {
  readonly directory: KeyDirectory;
  readonly events: { on(name: 'changed', listener: () => void): () => void };
}

export interface RtmpServerOptions {
  readonly host?: string;
  /** 0: any free one, kept over restarts */
  readonly port: number;
  readonly keys: KeySource;
  /** the secret with which the engine publishes `live/program`; ≥ 32 url-safe characters from a CSPRNG */
  readonly internalKey: string;
  readonly logger: Logger;
  readonly limits?: Partial<IngestLimits>;
  /** the built entry of the server process */
  readonly entry?: string;
}

export type RtmpServerState =
  | { readonly state: 'starting' }
  | { readonly state: 'running' }
  /** the process died and is being started again */
  | { readonly state: 'restarting'; readonly error: WireError }
  /** the process is well but cannot listen where it should */
  | { readonly state: 'degraded'; readonly error: WireError };

export interface RtmpServerEvents {
  /** state, address or active streams are other ones */
  changed: undefined;
  stats: IngestStats;
  /** video packets of `live/program`, as they went out to the players */
  fanout: readonly Fanout[];
}

const programKeyId = 'internal-program';
const firstRestartMs = 50;
const restartMaxMs = 1000;
/** a process that lived this long crashes anew, not again */
const stableMs = 10_000;
const listenTimeoutMs = 10_000;

interface PendingListen {
  readonly resolve: (port: number) => void;
  readonly reject: (error: StudioError) => void;
}

/**
 * The engine's view of the RTMP server process: starts it, hands it the hashes of the keys, starts it again when it dies,
 * and passes on what it reports.
 */
export class RtmpServer extends BaseComponent {
  readonly events = new Emitter<RtmpServerEvents>();
  readonly #keys: KeySource;
  readonly #programDigest: string;
  readonly #limits: IngestLimits;
  readonly #logger: Logger;
  readonly #entry: string;
  readonly #host: string;
  #port: number;
  #state: RtmpServerState = { state: 'starting' };
  #streams: ActiveStream[] = [];
  /** of processes that died: totals never go back */
  #pastStats: IngestStats = noStats;
  #stats: IngestStats = noStats;
  #child: Child | null = null;
  #pending = new Map<number, PendingListen>();
  #nextListen = 1;
  #removeKeyListener: () => void = () => undefined;
  #supervision: Promise<void> = Promise.resolve();

  constructor(options: RtmpServerOptions) {
    super();
    this.#keys = options.keys;
    this.#programDigest = createHash('sha256').update(options.internalKey).digest('base64');
    this.#limits = ingestLimitsSchema.parse(options.limits ?? {});
    this.#logger = options.logger;
    this.#entry = options.entry ?? paths.rtmpServer;
    this.#host = options.host ?? '127.0.0.1';
    this.#port = options.port;
  }

  get state(): RtmpServerState {
    return this.#state;
  }

  get host(): string {
    return this.#host;
  }

  /** the port in use; before it listens, the one asked for */
  get port(): number {
    return this.#port;
  }

  /** of the server process, for accounting its CPU; undefined while there is none */
  get pid(): number | undefined {
    return this.#child?.hasExited === false ? this.#child.process.pid : undefined;
  }

  get stats(): IngestStats {
    return this.#stats;
  }

  activeStreams(): ActiveStream[] {
    return this.#streams;
  }

  /** Listens on another port; connections stay. @returns the port. @throws StudioError `port-in-use`, `rtmp-server-down` */
  async setPort(port: number): Promise<number> {
    if (this.#state.state === 'running' && port === this.#port) return port;
    const listening = await this.#listen(port);
    this.#port = listening;
    this.#move({ state: 'running' });
    return listening;
  }

  protected override async onStart(signal: AbortSignal): Promise<void> {
    this.#removeKeyListener = this.#keys.events.on('changed', () =>
      this.#send({ type: 'keys', keys: this.#directory() }),
    );
    await this.#spawn(signal);
    this.#supervision = this.#supervise();
  }

  protected override async onStop(): Promise<void> {
    this.#removeKeyListener();
    await this.#child?.stop(1000);
    await this.#supervision;
    this.#streams = [];
  }

  /** Resolves when the process listens or has said why it cannot. @throws StudioError when it cannot be started at all */
  async #spawn(signal: AbortSignal): Promise<void> {
    const child = new Child({
      command: process.execPath,
      args: [this.#entry],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // It needs nothing of ours, and whatever secrets our environment holds are not for a process that strangers talk to.
      env: process.platform === 'win32' ? { SystemRoot: process.env['SystemRoot'] } : {},
    });
    this.#child = child;
    // `stop` during a start that takes long must not wait for it.
    const kill = (): void => void child.process.kill();
    this.lifetime.addEventListener('abort', kill, { once: true });
    void child.exited.then(() => this.lifetime.removeEventListener('abort', kill));
    child.process.on('message', (message) => this.#receive(message));
    void child.exited.then(() => this.#failPending('it ended'));
    this.#send({ type: 'configure', limits: this.#limits, keys: this.#directory() });
    try {
      this.#port = await this.#listen(this.#port);
      signal.throwIfAborted();
      this.#move({ state: 'running' });
    } catch (error) {
      if (!(error instanceof StudioError)) throw error;
      if (child.hasExited) return;
      this.#move({ state: 'degraded', error: error.toWire() });
    }
  }

  /** One process after the other, until `stop`. */
  async #supervise(): Promise<void> {
    let delayMs = firstRestartMs;
    while (!this.lifetime.aborted && this.#child) {
      const child = this.#child;
      const startedAtMs = performance.now();
      const exit = await child.exited;
      if (this.lifetime.aborted) return;
      if (performance.now() - startedAtMs > stableMs) delayMs = firstRestartMs;
      const reason = `it ended with ${describeExit(exit)}`;
      this.#logger.error({ exit: describeExit(exit), lastLine: child.lastLine }, 'RTMP server ended');
      this.#pastStats = { ...this.#stats, players: 0, publishers: 0 };
      this.#stats = this.#pastStats;
      this.#streams = [];
      this.#move({ state: 'restarting', error: { code: 'rtmp-server-down', details: { reason } } });
      try {
        await sleep(delayMs, undefined, { signal: this.lifetime });
        delayMs = Math.min(delayMs * 3, restartMaxMs);
        await this.#spawn(this.lifetime);
      } catch (error) {
        if (this.lifetime.aborted) return;
        throw error;
      }
    }
  }

  #listen(port: number): Promise<number> {
    const id = this.#nextListen++;
    return new Promise<number>((resolve, reject) => {
      const timer = setTimeout(() => settle(() => reject(serverDown('it does not answer'))), listenTimeoutMs);
      const settle = (finish: () => void): void => {
        clearTimeout(timer);
        this.#pending.delete(id);
        finish();
      };
      this.#pending.set(id, {
        resolve: (found) => settle(() => resolve(found)),
        reject: (error) => settle(() => reject(error)),
      });
      if (!this.#send({ type: 'listen', id, host: this.#host, port }))
        this.#pending.get(id)?.reject(serverDown('it is being started again'));
    });
  }

  #directory(): KeyDirectory {
    const { salt, keys } = this.#keys.directory;
    const program = {
      id: programKeyId,
      publicName: programName,
      scheme: 'sha256' as const,
      digest: this.#programDigest,
    };
    return { salt, keys: [program, ...keys.filter((key) => key.publicName !== programName)] };
  }

  #send(request: RtmpServerRequest): boolean {
    const child = this.#child;
    if (!child?.process.connected) return false;
    // A send that fails means that the process has just died; its exit is what is acted upon.
    child.process.send(request, () => undefined);
    return true;
  }

  #receive(message: unknown): void {
    const report = rtmpServerReportSchema.safeParse(message);
    if (report.success) this.#handle(report.data);
    else this.#logger.error('a report of the RTMP server had another shape than the contract says');
  }

  #handle(report: RtmpServerReport): void {
    switch (report.type) {
      case 'started':
        return;
      case 'listening':
        this.#pending.get(report.id)?.resolve(report.port);
        return;
      case 'listen-failed':
        this.#pending
          .get(report.id)
          ?.reject(
            report.code === 'EADDRINUSE'
              ? new StudioError('port-in-use', { port: report.port, purpose: 'rtmp' })
              : serverDown(`it cannot listen on ${this.#host}:${report.port}: ${report.code}`),
          );
        return;
      case 'stats':
        this.#stats = addStats(this.#pastStats, report.stats);
        this.events.emit('stats', this.#stats);
        return;
      case 'streams':
        this.#streams = report.streams;
        this.events.emit('changed', undefined);
        return;
      case 'fanout':
        this.events.emit('fanout', report.packets);
        return;
      case 'fault':
        this.#logger.error({ reason: report.reason }, 'a fault in the RTMP server cost one connection');
        return;
    }
  }

  #failPending(reason: string): void {
    for (const pending of [...this.#pending.values()]) pending.reject(serverDown(reason));
  }

  #move(state: RtmpServerState): void {
    this.#state = state;
    this.events.emit('changed', undefined);
  }
}

const serverDown = (reason: string): StudioError =>
  new StudioError('rtmp-server-down', { reason }, { retryable: true });

const noStats: IngestStats = {
  bytesIn: 0,
  bytesOut: 0,
  connections: 0,
  errors: {},
  players: 0,
  publishers: 0,
};

function addStats(past: IngestStats, now: IngestStats): IngestStats {
  const errors = { ...past.errors };
  for (const [kind, count] of Object.entries(now.errors) as [keyof IngestStats['errors'], number][])
    errors[kind] = (errors[kind] ?? 0) + count;
  return {
    bytesIn: past.bytesIn + now.bytesIn,
    bytesOut: past.bytesOut + now.bytesOut,
    connections: past.connections + now.connections,
    errors,
    players: now.players,
    publishers: now.publishers,
  };
}
