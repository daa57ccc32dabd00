import { setTimeout as sleep } from 'node:timers/promises';
import { lanLimitsSchema, lanReportSchema } from '../../../shared/contract/lan-preview';
import type {
  LanConfig,
  LanLimits,
  LanReport,
  LanRequest,
  LanStats,
} from '../../../shared/contract/lan-preview';
import type { WireError } from '../../../shared/contract/errors';
import { Child, describeExit } from '../lib/child';
import { BaseComponent } from '../lib/component';
import { Emitter } from '../lib/emitter';
import { StudioError } from '../lib/errors';
import type { Logger } from '../lib/logger';
import { paths } from '../lib/paths';

/** How it is to be: where it listens, for whom, and what it shows. */
export type LanPreviewWish = Omit<LanConfig, 'limits'>;

export interface LanPreviewOptions {
  readonly wish: LanPreviewWish;
  readonly logger: Logger;
  readonly limits?: Partial<LanLimits>;
}

export type LanPreviewState =
  | { readonly state: 'starting' }
  | { readonly state: 'on'; readonly port: number }
  /** it cannot listen there, or its process ended; tried again by itself */
  | { readonly state: 'failed'; readonly error: WireError };

const firstRestartMs = 100;
const restartMaxMs = 3000;
/** a process that lived this long crashes anew, not again */
const stableMs = 10_000;

/**
 * The engine's view of the LAN preview process: starts it, says how it is to be, starts it again when it dies, and passes
 * on what it reports. The process reads the program as any player would, so nothing of the show waits for it.
 */
export class LanPreview extends BaseComponent {
  readonly events = new Emitter<{ changed: undefined }>();
  readonly #limits: LanLimits;
  readonly #logger: Logger;
  #wish: LanPreviewWish;
  #state: LanPreviewState = { state: 'starting' };
  #stats = noStats;
  /** of processes that died: totals never go back */
  #pastStats = noStats;
  #child: Child | null = null;
  #requestId = 0;
  #supervision: Promise<void> = Promise.resolve();

  constructor({ wish, logger, limits }: LanPreviewOptions) {
    super();
    this.#wish = wish;
    this.#logger = logger;
    this.#limits = lanLimitsSchema.parse(limits ?? {});
  }

  get state(): LanPreviewState {
    return this.#state;
  }

  get stats(): LanStats {
    return this.#stats;
  }

  /** of its process, for accounting its CPU; undefined while there is none */
  get pid(): number | undefined {
    return this.#child?.hasExited === false ? this.#child.process.pid : undefined;
  }

  /** Viewers stay where only what does not concern them is another. */
  set wish(wish: LanPreviewWish) {
    this.#wish = wish;
    this.#configure();
  }

  protected onStart(): Promise<void> {
    this.#supervision = this.#supervise();
    return Promise.resolve();
  }

  protected async onStop(): Promise<void> {
    await this.#child?.stop(1000);
    await this.#supervision;
  }

  /** One process after the other, until `stop`. */
  async #supervise(): Promise<void> {
    let delayMs = firstRestartMs;
    while (!this.lifetime.aborted) {
      const startedAtMs = performance.now();
      const child = this.#spawn();
      const exit = describeExit(await child.exited);
      if (this.lifetime.aborted) return;
      if (performance.now() - startedAtMs > stableMs) delayMs = firstRestartMs;
      this.#logger.error({ exit, lastLine: child.lastLine }, 'the LAN preview ended');
      this.#pastStats = this.#stats = { ...this.#stats, viewers: 0 };
      this.#move(failed(`it ended with ${exit}`));
      await sleep(delayMs, undefined, { signal: this.lifetime }).catch(() => undefined);
      delayMs = Math.min(delayMs * 3, restartMaxMs);
    }
  }

  #spawn(): Child {
    const child = new Child({
      command: process.execPath,
      args: [paths.lanPreview],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // Whatever secrets our environment holds are not for a process that strangers talk to.
      env: process.platform === 'win32' ? { SystemRoot: process.env['SystemRoot'] } : {},
      // The show comes before its viewers here.
      niceness: 10,
    });
    this.#child = child;
    child.process.on('message', (message) => this.#receive(message));
    this.#configure();
    return child;
  }

  #configure(): void {
    const child = this.#child;
    if (!child?.process.connected) return;
    const config = { ...this.#wish, limits: this.#limits };
    const request: LanRequest = { type: 'configure', id: ++this.#requestId, config };
    // A send that fails means that the process has just died; its exit is what is acted upon.
    child.process.send(request, () => undefined);
  }

  #receive(message: unknown): void {
    const report = lanReportSchema.safeParse(message);
    if (report.success) this.#handle(report.data);
    else this.#logger.error('a report of the LAN preview had another shape than the contract says');
  }

  #handle(report: LanReport): void {
    switch (report.type) {
      case 'listening':
        if (report.id === this.#requestId) this.#move({ state: 'on', port: report.port });
        return;
      case 'listen-failed':
        if (report.id === this.#requestId) this.#move(this.#unable(report.code));
        return;
      case 'stats':
        this.#stats = addStats(this.#pastStats, report.stats);
        this.events.emit('changed', undefined);
        return;
      case 'fault':
        this.#logger.error({ reason: report.reason }, 'a fault in the LAN preview cost one connection');
        return;
    }
  }

  #unable(code: string): LanPreviewState {
    const { host, port } = this.#wish;
    if (code === 'EADDRINUSE')
      return { state: 'failed', error: { code: 'lan-port-in-use', details: { port } } };
    return failed(`it cannot listen on ${host ?? 'all addresses'}, port ${port}: ${code}`);
  }

  #move(state: LanPreviewState): void {
    this.#state = state;
    this.events.emit('changed', undefined);
  }
}

const failed = (reason: string): LanPreviewState => ({
  state: 'failed',
  error: new StudioError('lan-preview-down', { reason }).toWire(),
});

const noStats: LanStats = { viewers: 0, bytesSent: 0, refused: {} };

function addStats(past: LanStats, now: LanStats): LanStats {
  const refused = { ...past.refused };
  for (const [kind, times] of Object.entries(now.refused) as [keyof LanStats['refused'], number][])
    refused[kind] = (refused[kind] ?? 0) + times;
  return { viewers: now.viewers, bytesSent: past.bytesSent + now.bytesSent, refused };
}
