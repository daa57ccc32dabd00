import { BandwidthDesk } from './bandwidth-desk';
import type { BandwidthDeskOptions } from './bandwidth-desk';
import { BandwidthRecord } from './bandwidth-record';
import type { DataFolder } from './data-folder';
import { ingestLists } from './ingest-list';
import { ServerDesk } from './server-desk';

export interface LinksOptions extends Pick<
  BandwidthDeskOptions,
  'egress' | 'state' | 'wantedKbps' | 'stopping'
> {
  readonly dataFolder: Pick<DataFolder, 'file'>;
}

/** The ways to the destinations: which servers there are, and how much the connections to them carry. */
export class Links {
  readonly servers: ServerDesk;
  readonly record: BandwidthRecord;
  readonly bandwidth: BandwidthDesk;

  constructor({ dataFolder, ...options }: LinksOptions) {
    this.servers = new ServerDesk({ lists: ingestLists(dataFolder), stopping: options.stopping });
    this.record = new BandwidthRecord(dataFolder.file('bandwidth.json'));
    this.bandwidth = new BandwidthDesk({ ...options, servers: this.servers, record: this.record });
  }
}
