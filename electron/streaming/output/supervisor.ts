import type { ErrorCode, WireError } from '../../../shared/contract/errors';
import type { OutputState, OutputView } from '../../../shared/contract/snapshot';
import type { Output } from '../interfaces/output';
import type { PacketReader, PacketSource } from '../interfaces/packet';
import { backoffMs } from '../lib/backoff';
import { BaseComponent } from '../lib/component';
import { Emitter } from '../lib/emitter';
import { StudioError, toWireError } from '../lib/errors';
import { silentLogger } from '../lib/logger';
import type { Logger } from '../lib/logger';
import { outputStopMs } from '../lib/stop-limits';
import { LazyReader } from './lazy-reader';
import { nextOutputState } from './output-state';
import type { OutputEvent } from './output-state';

/** an attempt that was live for so long had nothing wrong with it: the next wait is short again */
const provenMs = 10_000;
/**
 * A server may still hold our lost connection when we return, and refuse the same key once more. So soon after it was
 * accepted, a refusal is not about the key.
 */
const refusalGraceMs = 60_000;
const passingRefusals: ReadonlySet<ErrorCode> = new Set([
  'destination-key-refused',
  'destination-app-refused',
  'destination-login',
]);
/** between two attempts, however long the first one took */
const leastWaitMs = 250;
/** an attempt that has come to nothing for so long when the network changes was made in the old one */
const hangingMs = 250;
/** twice as long a live connection has to show that it survived a change of the network, by sending something */
const proveAliveMs = 1000;

export interface SupervisorOptions {
  readonly output: Output;
  readonly source: PacketSource;
  /** the first attempt is not made before this, unix milliseconds; null: at once */
  readonly startAt?: number | null;
  readonly logger?: Logger;
  /** unix milliseconds */
  readonly now?: () => number;
  /** 0 ≤ random < 1 */
  readonly random?: () => number;
  /** @returns a function that cancels */
  readonly schedule?: (ms: number, callback: () => void) => () => void;
}

export interface SupervisorEvents {
  /** the state changed; counters are asked for with `view` */
  changed: OutputView;
}

/**
 * Keeps one output running for as long as it is wanted: every attempt gets its own subscription, a failure that may
 * pass is tried again (the first connect too), one that will not is shown. Outputs share nothing but the hub.
 */
export class OutputSupervisor extends BaseComponent {
  readonly events = new Emitter<SupervisorEvents>();
  readonly #options: Required<SupervisorOptions>;
  #state: OutputState = { state: 'idle' };
  #running: Promise<void> | undefined;
  #reader: PacketReader | undefined;
  #closedDrops = 0;
  #reconnects = 0;
  #lastError: WireError | null = null;
  #failures = 0;
  /** when the far end last had accepted the stream and we were still with it */
  #liveUntil: number | null = null;
  #skipWait: (() => void) | undefined;
  /** null: the attempt that runs was accepted */
  #connectingSince: number | null = null;
  #abandon: AbortController | undefined;

  constructor(options: SupervisorOptions) {
    super();
    this.#options = {
      startAt: null,
      logger: silentLogger,
      now: Date.now,
      random: Math.random,
      schedule: (ms, callback) => {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
      ...options,
    };
  }

  get output(): Output {
    return this.#options.output;
  }
  get state(): OutputState {
    return this.#state;
  }
  /** the latest failure, kept after a recovery; null when there was none */
  get lastError(): WireError | null {
    return this.#lastError;
  }

  view(): OutputView {
    const { id, name, kind, url, hasKey, counters } = this.output;
    return {
      ...{ id, name, kind, url, hasKey },
      serviceId: null,
      user: null,
      status: this.#state,
      bytes: counters.bytes,
      droppedFrames: this.#closedDrops + (this.#reader?.droppedFrames ?? 0),
      reconnects: this.#reconnects,
      congestion: this.#congestion,
      ...{ isEnabled: true, isWanted: this.#isWanted, delaySec: 0, isAdaptive: false },
      ...{ variantId: null, nearest: null },
    };
  }

  /** Ends the wait between two attempts, or begins anew after a refusal. Nothing happens in other states. */
  retryNow(): void {
    if (this.#state.state === 'waiting') return;
    if (this.#skipWait) this.#skipWait();
    else if (this.#state.state === 'failed' && !this.lifetime.aborted) this.#launch();
  }

  /**
   * Ends the wait between two attempts; an attempt that hangs is made anew. What is live goes on, unless nothing arrives
   * any more: that connection was of the old network, and would be held for dead much later.
   */
  networkChanged(): void {
    if (this.#state.state === 'reconnecting') this.#skipWait?.();
    else if (this.#state.state === 'connecting' && this.#spentMs > hangingMs) this.#abandon?.abort();
    else if (this.#state.state === 'live') void this.#abandonIfDead();
  }

  async #abandonIfDead(): Promise<void> {
    const { counters } = this.output;
    const abandon = this.#abandon;
    // What still fits into the buffers on the way has gone into them by then.
    await this.#pass(proveAliveMs).over;
    const before = counters.bytes;
    await this.#pass(proveAliveMs).over;
    // Of an attempt that is over it comes to nothing.
    if (counters.bytes === before) abandon?.abort();
  }

  /** of the attempt that is not accepted yet, or never was */
  get #spentMs(): number {
    return this.#connectingSince === null ? 0 : this.#options.now() - this.#connectingSince;
  }

  get #isWanted(): boolean {
    return this.#state.state !== 'idle' && this.#state.state !== 'stopping';
  }

  /** media queued for it and on its way, milliseconds */
  get congestionMs(): number {
    return this.#reader ? this.#reader.queuedMs + this.#reader.inFlightMs : 0;
  }

  get #congestion(): number {
    const { dropMs } = this.output.reading;
    return dropMs === Infinity ? 0 : Math.round((this.congestionMs / dropMs) * 100) / 100;
  }

  protected override onStart(): Promise<void> {
    // At once, before the output itself hears of it.
    this.lifetime.addEventListener('abort', () => this.#move({ type: 'stop-asked' }), { once: true });
    this.#launch();
    return Promise.resolve();
  }

  protected override async onStop(): Promise<void> {
    let cancel = (): void => undefined;
    const late = new Promise<'late'>((resolve) => {
      cancel = this.#options.schedule(outputStopMs, () => resolve('late'));
    });
    if ((await Promise.race([this.#running, late])) === 'late') {
      this.#options.logger.error({ output: this.output.id }, 'output did not end in time; left behind');
      this.#release();
    }
    cancel();
    this.#move({ type: 'ended' });
  }

  #launch(): void {
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    this.#failures = 0;
    if (this.#isHeld) await this.#hold();
    while (!this.lifetime.aborted) {
      this.#move({ type: 'attempt-begun', attempt: this.#failures + 1 });
      this.#connectingSince = this.#options.now();
      try {
        if ((await this.#attempt()) === 'abandoned') continue;
        // The program ended; when it was stopped, `onStop` says so.
        if (!this.lifetime.aborted) this.#move({ type: 'ended' });
        return;
      } catch (error) {
        if (this.lifetime.aborted) return;
        const delayMs = this.#judge(error);
        if (delayMs === null) return;
        await this.#wait(delayMs);
      }
    }
  }

  get #isHeld(): boolean {
    const { startAt, now } = this.#options;
    return startAt !== null && startAt > now();
  }

  async #hold(): Promise<void> {
    const until = this.#options.startAt ?? 0;
    this.#move({ type: 'held', until });
    await this.#wait(until - this.#options.now());
  }

  async #attempt(): Promise<'over' | 'abandoned'> {
    const { output, source, now } = this.#options;
    const reader = new LazyReader(source, { name: output.name, ...output.reading });
    this.#reader = reader;
    const abandon = new AbortController();
    this.#abandon = abandon;
    let liveAt: number | null = null;
    try {
      await output.run(reader, AbortSignal.any([this.lifetime, abandon.signal]), () => {
        if (liveAt !== null || this.#reader !== reader) return;
        liveAt = now();
        this.#connectingSince = null;
        if (this.#liveUntil !== null) this.#reconnects++;
        this.#liveUntil = liveAt;
        this.#move({ type: 'accepted', at: liveAt });
      });
      return abandon.signal.aborted ? 'abandoned' : 'over';
    } finally {
      if (liveAt !== null) {
        this.#liveUntil = now();
        if (this.#liveUntil - liveAt >= provenMs) this.#failures = 0;
      }
      if (this.#reader === reader) this.#release();
    }
  }

  /** @returns how long to wait before the next attempt; null: there is none */
  #judge(error: unknown): number | null {
    const { logger, now, random, output } = this.#options;
    const wire = toWireError(error);
    this.#lastError = wire;
    if (!this.#isWorthRetrying(error)) {
      logger.warn({ output: output.id, error: wire }, 'output given up');
      this.#move({ type: 'given-up', error: wire });
      return null;
    }
    this.#failures++;
    // From attempt to attempt: one that took its time, as in a network that answers nothing, was a wait already.
    const delayMs = Math.max(leastWaitMs, backoffMs(this.#failures, random()) - this.#spentMs);
    if (error instanceof StudioError)
      logger.warn({ output: output.id, error: wire, delayMs }, 'output failed, trying again');
    else logger.error({ output: output.id, err: error, delayMs }, 'output failed unexpectedly, trying again');
    this.#move({
      type: 'attempt-failed',
      attempt: this.#failures + 1,
      retryAt: now() + delayMs,
      error: wire,
    });
    return delayMs;
  }

  #isWorthRetrying(error: unknown): boolean {
    // A bug in one attempt need not be one in the next, and a dark stream helps nobody.
    if (!(error instanceof StudioError) || error.retryable) return true;
    // It was good before: a hotel's log-in page or a renewal gone wrong may be over soon.
    if (error.code === 'certificate-invalid') return this.#liveUntil !== null;
    return (
      passingRefusals.has(error.code as ErrorCode) &&
      this.#liveUntil !== null &&
      this.#options.now() - this.#liveUntil < refusalGraceMs
    );
  }

  /** until the time is over, somebody is impatient, or the output is no longer wanted */
  async #wait(ms: number): Promise<void> {
    const { over, end } = this.#pass(ms);
    this.#skipWait = end;
    await over;
    this.#skipWait = undefined;
  }

  /** @returns `over` resolves then, or when the output is no longer wanted, or by `end` */
  #pass(ms: number): { readonly over: Promise<void>; readonly end: () => void } {
    let end = (): void => undefined;
    const over = new Promise<void>((resolve) => {
      end = () => {
        cancel();
        this.lifetime.removeEventListener('abort', end);
        resolve();
      };
      const cancel = this.#options.schedule(ms, end);
      this.lifetime.addEventListener('abort', end);
      if (this.lifetime.aborted) end();
    });
    return { over, end };
  }

  #release(): void {
    const reader = this.#reader;
    if (!reader) return;
    this.#reader = undefined;
    this.#closedDrops += reader.droppedFrames;
    reader[Symbol.dispose]();
  }

  #move(event: OutputEvent): void {
    const next = nextOutputState(this.#state, event);
    if (next === this.#state) return;
    this.#state = next;
    this.events.emit('changed', this.view());
  }
}
