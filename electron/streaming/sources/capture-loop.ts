import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import { BaseComponent } from '../lib/component';
import { StudioError } from '../lib/errors';
import { runCapture } from './capture-process';
import type { CapturePlan, CaptureSinks } from './capture-process';
import { restartDelayMs } from './restart-delay';

export interface CaptureLoopOptions {
  readonly ffmpeg: FfmpegBuild;
  readonly random: () => number;
  readonly sinks: CaptureSinks;
  /** how the device is to be captured now. @throws StudioError when it cannot be (it is not there) */
  readonly plan: () => CapturePlan;
  readonly onRunning: () => void;
  /** it ended, or could not begin, and is tried again */
  readonly onFailure: (error: StudioError) => void;
}

/** who delivered for so long fails anew, not again */
const stableMs = 5000;

/** Keeps one device captured: starts FFmpeg, starts it again when it ends, and anew when the plan is another. */
export class CaptureLoop extends BaseComponent {
  readonly #options: CaptureLoopOptions;
  #running: Promise<void> | undefined;
  #pid: number | undefined;
  /** what is being captured now; null: a pause before the next attempt */
  #plan: CapturePlan | null = null;
  #interrupt = new AbortController();

  constructor(options: CaptureLoopOptions) {
    super();
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#pid;
  }

  /** The device came, went or changed, or the settings did: look at once whether another plan is due. */
  refresh(): void {
    if (this.#plan && isDeepStrictEqual(this.#plan, this.#tryPlan().plan)) return;
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
    const { ffmpeg, sinks, onRunning } = this.#options;
    const { plan, error } = this.#tryPlan();
    if (!plan) return error;
    this.#plan = plan;
    try {
      return await runCapture(ffmpeg, plan, sinks, interrupt, {
        onPid: (pid) => (this.#pid = pid),
        onRunning,
      });
    } finally {
      this.#plan = null;
    }
  }

  #tryPlan(): { plan: CapturePlan; error: null } | { plan: null; error: StudioError } {
    try {
      return { plan: this.#options.plan(), error: null };
    } catch (reason) {
      if (reason instanceof StudioError) return { plan: null, error: reason as StudioError };
      throw reason;
    }
  }
}
