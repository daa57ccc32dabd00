import type { FfmpegBuild } from '../streaming/interfaces/ffmpeg';
import { BaseComponent } from '../streaming/lib/component';
import type { Logger } from '../streaming/lib/logger';
import { SystemDevices, deviceView, systemProbes } from '../streaming/sources/devices/system-devices';
import type { DeviceProbe } from '../streaming/sources/devices/device-probe';
import type { StudioState } from './state';

/** A page that shows devices asks again before this is over; until then the list is kept up to date for it. */
const askedMs = 60_000;

export interface DevicesOptions {
  readonly ffmpeg: FfmpegBuild;
  readonly state: StudioState;
  readonly logger: Logger;
  /** tests give others than this system's */
  readonly probes?: readonly DeviceProbe[];
}

/** The devices of this computer as the studio has them: a directory for the sources, a slice for people. */
export class Devices extends BaseComponent {
  readonly directory: SystemDevices;
  readonly #state: StudioState;
  #stopListening: (() => void) | null = null;
  #asked: NodeJS.Timeout | undefined;

  constructor({ ffmpeg, state, logger, probes }: DevicesOptions) {
    super();
    this.#state = state;
    this.directory = new SystemDevices(probes ?? systemProbes(ffmpeg), logger);
    this.directory.onListed(() => this.#tell());
  }

  /** Looks again now; for a while the list is kept up to date. Resolves when everything was listed. */
  async refresh(): Promise<void> {
    clearTimeout(this.#asked);
    if (this.lifetime.aborted) return;
    this.#stopListening ??= this.directory.onChanged(() => undefined);
    this.#asked = setTimeout(() => this.#rest(), askedMs).unref();
    await this.directory.refresh();
  }

  protected async onStart(signal: AbortSignal): Promise<void> {
    await this.directory.start(signal);
  }

  protected async onStop(): Promise<void> {
    this.#rest();
    await this.directory.stop();
  }

  #rest(): void {
    clearTimeout(this.#asked);
    this.#stopListening?.();
    this.#stopListening = null;
  }

  #tell(): void {
    const { list, notes } = this.directory;
    this.#state.set('devices', { list: list.map(deviceView), notes });
  }
}
