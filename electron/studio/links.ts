import { BandwidthDesk } from './bandwidth-desk';
import type { BandwidthDeskOptions } from './bandwidth-desk';
import { BandwidthRecord } from './bandwidth-record';
import type { DataFolder } from './data-folder';
import { ingestLists } from './ingest-list';
import { ServerDesk } from './server-desk';
import type { StudioState } from './state';

export interface LinksOptions extends Pick<BandwidthDeskOptions, 'egress' | 'wantedKbps' | 'stopping'> {
  readonly state: Pick<StudioState, 'set' | 'snapshot'>;
  readonly dataFolder: Pick<DataFolder, 'file'>;
}

/** The ways to the destinations: which servers there are, and how much the connections to them carry. */
export class Links {
  readonly servers: ServerDesk;
  readonly record: BandwidthRecord;
  readonly bandwidth: BandwidthDesk;

  readonly #state: LinksOptions['state'];

  constructor({ dataFolder, ...options }: LinksOptions) {
    this.#state = options.state;
    this.servers = new ServerDesk({ lists: ingestLists(dataFolder), stopping: options.stopping });
    this.record = new BandwidthRecord(dataFolder.file('bandwidth.json'));
    this.bandwidth = new BandwidthDesk({ ...options, servers: this.servers, record: this.record });
  }

  /** Somebody is about to go live: whoever takes the nearest server finds it known. */
  prepare(): void {
    for (const { url, nearest, isEnabled } of this.#state.snapshot.outputs)
      if (nearest !== null && isEnabled) this.servers.address(url, null).catch(() => undefined);
  }
}
