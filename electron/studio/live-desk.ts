import { StudioError } from '../streaming/lib/errors';
import type { Egress } from './egress';
import type { PreflightDesk } from './preflight-desk';
import type { SettingsDesk } from './settings-desk';

export interface LiveDeskOptions {
  readonly egress: Pick<Egress, 'live' | 'goLive' | 'endLive'>;
  readonly settings: Pick<SettingsDesk, 'whileSettled'>;
  readonly preflight: Pick<PreflightDesk, 'refuseBlocked'>;
}

/** Going live as a person asks for it: by a program that stays, and not once they have thought better of it. */
export class LiveDesk {
  readonly #options: LiveDeskOptions;
  /** so often it was asked to end */
  #ends = 0;

  constructor(options: LiveDeskOptions) {
    this.#options = options;
  }

  /**
   * Waits for a program that is being replaced.
   * @throws StudioError `destination-missing`, `key-missing`; `live-taken-back` when `stop` was asked for meanwhile
   */
  async start(): Promise<void> {
    const { egress, settings, preflight } = this.#options;
    const ends = this.#ends;
    await settings.whileSettled(() => {
      if (ends !== this.#ends) throw new StudioError('live-taken-back', {});
      if (!egress.live().isLive) preflight.refuseBlocked();
      egress.goLive();
    });
  }

  /** Ends the stream, and takes back what still waits for its beginning. */
  async stop(): Promise<void> {
    this.#ends += 1;
    await this.#options.egress.endLive();
  }
}
