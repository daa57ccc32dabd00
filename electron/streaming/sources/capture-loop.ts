import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { BaseComponent } from '../lib/component';
import { StudioError } from '../lib/errors';
import { restartDelayMs } from './restart-delay';

/** `name` is what people call it, for errors; all else is how it is captured. */
interface NamedPlan {
  readonly name: string;
}

export interface CaptureLoopOptions<Plan extends NamedPlan> {
  readonly random: () => number;
  /** how it is to be captured now. @throws StudioError when it cannot be (it is not there) */
  readonly plan: () => Plan;
  /** From its start to its end. Resolves with why it ended; null: to be begun anew at once. */
  readonly run: (plan: Plan, signal: AbortSignal) => Promise<StudioError | null>;
  /** it ended, or could not begin, and is tried again */
  readonly onFailure: (error: StudioError) => void;
}

/** who delivered for so long fails anew, not again */
const stableMs = 5000;

/** A window's name is its title, which a browser changes with every page: no reason to begin anew. */
const isSameCapture = <Plan extends NamedPlan>(running: Plan, due: Plan | null): boolean =>
  due !== null && isDeepStrictEqual({ ...running, name: '' }, { ...due, name: '' });

/** Keeps something captured: runs it, runs it again when it ends, and anew when the plan is another. */
export class CaptureLoop<Plan extends NamedPlan> extends BaseComponent {
  readonly #options: CaptureLoopOptions<Plan>;
  #running: Promise<void> | undefined;
  /** what is being captured now; null: a pause before the next attempt */
  #plan: Plan | null = null;
  #interrupt = new AbortController();

  constructor(options: CaptureLoopOptions<Plan>) {
    super();
    this.#options = options;
  }

  /** It came, went or changed, or the settings did: look at once whether another plan is due. */
  refresh(): void {
    if (this.#plan !== null && isSameCapture(this.#plan, this.#tryPlan().plan)) return;
    this.#interrupt.abort();
  }

  protected onStart(_signal: AbortSignal): Promise<void> {
    this.#running = this.#run();
    return Promise.resolve();
  }

  protected async onStop(): Promise<void> {
    this.#interrupt.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let attempt = 0; !this.lifetime.aborted;) {
      this.#interrupt = new AbortController();
      const interrupt = AbortSignal.any([this.#interrupt.signal, this.lifetime]);
      const sinceMs = performance.now();
      const error = await this.#captureOnce(interrupt);
      if (error === null) {
        attempt = 0;
        continue;
      }
      this.#options.onFailure(error);
      if (performance.now() - sinceMs > stableMs) attempt = 0;
      const waitMs = restartDelayMs(attempt, this.#options.random());
      const hasWaited = await delay(waitMs, true, { signal: interrupt }).catch(() => false);
      // Interrupted: there is news, so it begins anew.
      attempt = hasWaited ? attempt + 1 : 0;
    }
  }

  /** null: it was interrupted */
  async #captureOnce(interrupt: AbortSignal): Promise<StudioError | null> {
    const { plan, error } = this.#tryPlan();
    if (plan === null) return error;
    this.#plan = plan;
    try {
      return await this.#options.run(plan, interrupt);
    } finally {
      this.#plan = null;
    }
  }

  #tryPlan(): { plan: Plan; error: null } | { plan: null; error: StudioError } {
    try {
      return { plan: this.#options.plan(), error: null };
    } catch (reason) {
      if (reason instanceof StudioError) return { plan: null, error: reason as StudioError };
      throw reason;
    }
  }
}
