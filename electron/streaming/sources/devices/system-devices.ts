import { isDeepStrictEqual } from 'node:util';
import type { Device, DeviceKind } from '../../../../shared/contract/device';
import type { DeviceReference } from '../../../../shared/model/source';
import type { FfmpegBuild } from '../../interfaces/ffmpeg';
import { BaseComponent } from '../../lib/component';
import { Emitter } from '../../lib/emitter';
import type { Logger } from '../../lib/logger';
import type { DeviceDirectory, FoundDevice } from '../source';
import { DeviceBonds } from './device-bonds';
import { noDevices } from './device-probe';
import type { DeviceListing, DeviceProbe } from './device-probe';
import { LinuxCameras } from './linux-cameras';
import { LinuxSounds } from './linux-sounds';
import { MacProbe } from './mac-probe';
import { WindowsProbe } from './windows-probe';
import { X11Probe } from './x11-probe';

/** How the devices of this system are listed. */
export function systemProbes(
  ffmpeg: FfmpegBuild,
  platform: NodeJS.Platform = process.platform,
  env: NodeJS.ProcessEnv = process.env,
): DeviceProbe[] {
  if (platform === 'win32') return [new WindowsProbe(ffmpeg)];
  if (platform === 'darwin') return [new MacProbe(ffmpeg)];
  return [new X11Probe(ffmpeg, env), new LinuxCameras(ffmpeg), new LinuxSounds(ffmpeg, env)];
}

/** after a list could not be made */
const retryMs = 2000;

interface Watched {
  readonly probe: DeviceProbe;
  listing: DeviceListing;
  listed: Promise<void> | null;
  /** changed while it was being listed */
  isStale: boolean;
  stopWatching: (() => Promise<void> | void) | null;
  retry: NodeJS.Timeout | undefined;
}

/**
 * The devices of this computer. Listed once at the start and when asked; kept up to date while anybody listens.
 */
export class SystemDevices extends BaseComponent implements DeviceDirectory {
  readonly #watched: readonly Watched[];
  readonly #logger: Logger;
  readonly #emitter: Emitter<{ changed: undefined }>;
  readonly #bonds = new DeviceBonds();
  #listeners = 0;
  #stopping: Promise<unknown>[] = [];

  constructor(probes: readonly DeviceProbe[], logger: Logger) {
    super();
    this.#logger = logger;
    this.#emitter = new Emitter((error) => logger.error({ err: error }, 'a listener to the devices failed'));
    this.#watched = probes.map((probe) => ({
      ...{ probe, listing: noDevices, listed: null, isStale: false, stopWatching: null, retry: undefined },
    }));
  }

  get list(): FoundDevice[] {
    return this.#watched.flatMap(({ listing }) => listing.devices);
  }

  get notes(): DeviceListing['notes'] {
    return Object.assign({}, ...this.#watched.map(({ listing }) => listing.notes)) as DeviceListing['notes'];
  }

  find(kinds: readonly DeviceKind[], reference: DeviceReference): FoundDevice | null {
    return this.#bonds.find(this.list, kinds, reference);
  }

  onChanged(listener: () => void): () => void {
    const stop = this.onListed(listener);
    this.#listeners += 1;
    if (this.#listeners === 1) this.#watch();
    let isListening = true;
    return () => {
      if (!isListening) return;
      isListening = false;
      stop();
      this.#listeners -= 1;
      if (this.#listeners === 0) this.#unwatch();
    };
  }

  onListed(listener: () => void): () => void {
    return this.#emitter.on('changed', listener);
  }

  /** Looks again now. Resolves when everything was listed. */
  async refresh(): Promise<void> {
    await Promise.all(this.#watched.map((watched) => this.#list(watched)));
  }

  /** Does not wait for the lists: they come as they come. */
  protected onStart(_signal: AbortSignal): Promise<void> {
    if (this.#listeners > 0) this.#watch();
    else void this.refresh();
    return Promise.resolve();
  }

  protected async onStop(): Promise<void> {
    this.#unwatch();
    for (const { listed } of this.#watched) await listed;
    await Promise.all(this.#stopping);
  }

  #watch(): void {
    if (this.lifetime.aborted) return;
    for (const watched of this.#watched)
      watched.stopWatching ??= watched.probe.watch(() => void this.#list(watched));
    // What changed while nobody listened.
    void this.refresh();
  }

  #unwatch(): void {
    for (const watched of this.#watched) {
      clearTimeout(watched.retry);
      const stopped = watched.stopWatching?.();
      watched.stopWatching = null;
      if (stopped)
        this.#stopping.push(
          stopped.finally(() => (this.#stopping = this.#stopping.filter((one) => one !== stopped))),
        );
    }
  }

  /** One listing at a time; changes meanwhile ask for one more. */
  #list(watched: Watched): Promise<void> {
    watched.isStale = true;
    watched.listed ??= this.#listFresh(watched).finally(() => (watched.listed = null));
    return watched.listed;
  }

  async #listFresh(watched: Watched): Promise<void> {
    while (watched.isStale && !this.lifetime.aborted) {
      watched.isStale = false;
      let listing: DeviceListing;
      try {
        listing = await watched.probe.list(this.lifetime);
      } catch (error) {
        if (this.lifetime.aborted) return;
        this.#logger.warn({ err: error }, 'devices could not be listed; those listed before stay');
        clearTimeout(watched.retry);
        if (this.#listeners > 0) watched.retry = setTimeout(() => void this.#list(watched), retryMs).unref();
        continue;
      }
      if (this.lifetime.aborted || isDeepStrictEqual(listing, watched.listing)) continue;
      watched.listing = listing;
      this.#bonds.see(this.list);
      this.#emitter.emit('changed', undefined);
    }
  }
}

/** As the contract describes devices: without what only this computer needs. */
export const deviceView = ({ address: _address, instance: _instance, ...device }: FoundDevice): Device =>
  device;
