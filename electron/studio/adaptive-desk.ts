import { BaseComponent } from '../streaming/lib/component';
import type { Logger } from '../streaming/lib/logger';
import { BitrateGovernor } from '../streaming/output/bitrate-governor';
import { audioKbps } from '../streaming/output/pipeline';
import type { Egress } from './egress';
import type { ProgramHost } from './program-host';

/** as often as connections measure themselves */
const lookEveryMs = 250;
/** after a step that failed: another one would start an encoder four times a second */
const restMs = 3000;

export interface AdaptiveDeskOptions {
  readonly egress: Pick<Egress, 'governed'>;
  readonly host: Pick<ProgramHost, 'format' | 'loweredKbps' | 'lower'>;
  /** the rate is another now; `id`: of the destination whose network asked for less, null: none does any more */
  readonly onChanged: (id: string | null) => void;
  readonly logger: Logger;
}

/** Lets the bitrate of the program follow the networks of those destinations that have asked for it (design §9). */
export class AdaptiveDesk extends BaseComponent {
  readonly #options: AdaptiveDeskOptions;
  #governor: BitrateGovernor | null = null;
  #targetKbps = 0;
  #timer: NodeJS.Timeout | undefined;
  #isStepping = false;
  #restUntilMs = 0;

  constructor(options: AdaptiveDeskOptions) {
    super();
    this.#options = options;
  }

  protected override onStart(): Promise<void> {
    this.#timer = setInterval(() => this.#look(), lookEveryMs);
    return Promise.resolve();
  }

  protected override onStop(): Promise<void> {
    clearInterval(this.#timer);
    return Promise.resolve();
  }

  #look(): void {
    const { egress, host } = this.#options;
    const nowMs = performance.now();
    if (this.#isStepping || nowMs < this.#restUntilMs) return;
    const { isWanted, readings } = egress.governed(nowMs);
    if (!isWanted) {
      this.#governor = null;
      // Nobody's network counts any more.
      if (host.loweredKbps !== null) void this.#step(host.format.bitrateKbps, null);
      return;
    }
    const governor = this.#governorNow(nowMs);
    const step = governor.look(nowMs, readings);
    if (step) void this.#step(step.kbps, step.id);
  }

  /** One for each bitrate that is set; it knows from where it begins. */
  #governorNow(nowMs: number): BitrateGovernor {
    const { format, loweredKbps } = this.#options.host;
    if (this.#governor && this.#targetKbps === format.bitrateKbps) return this.#governor;
    this.#targetKbps = format.bitrateKbps;
    this.#governor = new BitrateGovernor({ targetKbps: this.#targetKbps, soundKbps: audioKbps });
    if (loweredKbps !== null) this.#governor.changed(nowMs, loweredKbps);
    return this.#governor;
  }

  async #step(kbps: number, id: string | null): Promise<void> {
    const { host, onChanged, logger } = this.#options;
    this.#isStepping = true;
    try {
      await host.lower(kbps);
      logger.info({ kbps, destination: id }, 'the bitrate follows the network');
    } catch (error) {
      this.#restUntilMs = performance.now() + restMs;
      logger.warn({ err: error, kbps }, 'the bitrate could not follow the network');
    } finally {
      this.#isStepping = false;
      this.#governor?.changed(performance.now(), host.loweredKbps ?? host.format.bitrateKbps);
      onChanged(id);
    }
  }
}
