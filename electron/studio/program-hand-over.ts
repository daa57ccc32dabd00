import { StudioError } from '../streaming/lib/errors';
import type { ProfileChoice, ProfileChooser } from './profile-choice';
import type { ProgramFormat } from './program-format';
import type { ProgramHost } from './program-host';

export interface ProgramHandOverOptions {
  readonly host: ProgramHost;
  readonly encoders: Pick<ProfileChooser, 'choose' | 'tryOut'>;
  /** aborted when the studio stops */
  readonly stopping: AbortSignal;
  readonly onDone: () => void;
}

/** Another bitrate, profile or encoder for the program that runs, on air, too: everybody stays connected. */
export class ProgramHandOver {
  readonly #options: ProgramHandOverOptions;

  constructor(options: ProgramHandOverOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the other encoder delivers, with false when it would have to be measured before which one is the best.
   * @throws StudioError hand-over-failed, profile-unknown; then all is as before
   */
  async take(format: ProgramFormat): Promise<boolean> {
    const { host, onDone } = this.#options;
    const choice = await this.#choose(format);
    if (!choice) return false;
    if (choice.profile.name !== host.choice.profile.name) await this.#tryOut(choice, format);
    await host.handOver(format, choice);
    onDone();
    return true;
  }

  /** null: nothing is known here of what is best */
  async #choose(format: ProgramFormat): Promise<ProfileChoice | null> {
    const { host, encoders, stopping } = this.#options;
    // The best at one bitrate is the best at another, near enough to go on with.
    if (format.profile === 'auto' && host.format.profile === 'auto') return host.choice;
    const choice = await encoders.choose(format, stopping, false);
    const isKnown = format.codec !== 'h264' || choice.measurements.length > 0 || choice.fallback !== null;
    return format.profile === 'auto' && !isKnown ? null : choice;
  }

  /** Hardware says only by encoding whether it does. x264 needs no trial, which would take its time from the program. */
  async #tryOut({ profile, fallback }: ProfileChoice, format: ProgramFormat): Promise<void> {
    if (fallback === null) return;
    const { encoders, stopping } = this.#options;
    const verdict = await encoders.tryOut(profile, format, stopping);
    if (!verdict.isUsable)
      throw new StudioError('hand-over-failed', { profile: profile.title, reason: verdict.words });
  }
}
