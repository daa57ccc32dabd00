import { StudioError } from '../streaming/lib/errors';
import type { BandwidthDesk } from './bandwidth-desk';
import type { Egress } from './egress';
import type { PreflightDesk } from './preflight-desk';
import type { SettingsDesk } from './settings-desk';

export interface LiveDeskOptions {
  readonly egress: Pick<Egress, 'live' | 'goLive' | 'endLive' | 'startDestination' | 'stopDestination'>;
  readonly settings: Pick<SettingsDesk, 'whileSettled'>;
  readonly preflight: Pick<PreflightDesk, 'refuseBlocked'>;
  readonly bandwidth: Pick<BandwidthDesk, 'cancel'>;
}

/** Going live as a person asks for it: by a program that stays, and not once they have thought better of it. */
export class LiveDesk {
  readonly #options: LiveDeskOptions;
  /** so often it was asked to end, all and each */
  #ends = 0;
  readonly #endsOf = new Map<string, number>();

  constructor(options: LiveDeskOptions) {
    this.#options = options;
  }

  /**
   * All that are to be taken along. Waits for a program that is being replaced.
   * @throws StudioError `destination-missing`, `destination-none-enabled`, `key-missing`; `live-taken-back` when `stop` was
   * asked for meanwhile
   */
  start(): Promise<void> {
    const { egress, preflight } = this.#options;
    return this.#unlessTakenBack(
      () => this.#ends,
      () => {
        preflight.refuseBlocked();
        egress.goLive();
      },
    );
  }

  /** Ends the stream, and takes back what still waits for its beginning. */
  async stop(): Promise<void> {
    this.#ends += 1;
    await this.#options.egress.endLive();
  }

  /**
   * One alone. Waits for a program that is being replaced.
   * @throws StudioError `destination-not-found`, `key-missing`; `live-taken-back` when it was stopped meanwhile
   */
  startOne(id: string): Promise<void> {
    const { egress, preflight } = this.#options;
    return this.#unlessTakenBack(
      () => this.#ends + (this.#endsOf.get(id) ?? 0),
      () => {
        preflight.refuseBlocked(id);
        egress.startDestination(id);
      },
    );
  }

  /** @throws StudioError `destination-not-found` */
  async stopOne(id: string): Promise<void> {
    this.#endsOf.set(id, (this.#endsOf.get(id) ?? 0) + 1);
    await this.#options.egress.stopDestination(id);
  }

  async #unlessTakenBack(ends: () => number, begin: () => void): Promise<void> {
    const before = ends();
    // A test of a connection has the room, and perhaps the key, that the stream needs.
    const hasRoom = this.#options.bandwidth.cancel();
    await this.#options.settings.whileSettled(async () => {
      await hasRoom;
      // One that was begun while this waited.
      await this.#options.bandwidth.cancel();
      if (ends() !== before) throw new StudioError('live-taken-back', {});
      begin();
    });
  }
}
