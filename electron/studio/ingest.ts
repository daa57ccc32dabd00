import { randomBytes } from 'node:crypto';
import { BaseComponent } from '../streaming/lib/component';
import type { Logger } from '../streaming/lib/logger';
import { RtmpServer } from '../streaming/rtmp/server';
import { StreamKeys } from '../streaming/rtmp/stream-keys';
import type { Egress } from './egress';
import type { Notices } from './notices';
import type { Endpoint } from './options';
import type { StudioState } from './state';
import type { Statistics } from './statistics';

export interface IngestOptions {
  readonly endpoint: Endpoint;
  readonly dataDir: string;
  readonly state: StudioState;
  readonly notices: Notices;
  readonly statistics: Statistics;
  readonly egress: Egress;
  readonly logger: Logger;
}

/** The RTMP server and its keys as the studio has them: their state for people, and the program fed into them. */
export class Ingest extends BaseComponent {
  readonly server: RtmpServer;
  readonly keys: StreamKeys;
  readonly #options: IngestOptions;
  /** with it, and only with it, `live/program` is published */
  readonly #programKey = randomBytes(32).toString('base64url');
  #isFeeding = false;
  #fedPort = -1;

  constructor(options: IngestOptions) {
    super();
    this.#options = options;
    const { endpoint, dataDir, logger } = options;
    this.keys = new StreamKeys({ dataDir });
    this.server = new RtmpServer({ ...endpoint, keys: this.keys, internalKey: this.#programKey, logger });
  }

  protected async onStart(signal: AbortSignal): Promise<void> {
    this.#observe();
    const { state, notices } = this.#options;
    // A broken file is kept aside and reported; the studio goes on with no keys rather than not at all.
    await this.keys.start(signal);
    if (this.keys.loadError) notices.add(this.keys.loadError.toWire(), 'error');
    state.set('keys', this.keys.list());
    await this.server.start(signal);
  }

  protected async onStop(): Promise<void> {
    await this.server.stop();
    await this.keys.stop();
  }

  /** From now on the program goes to the server, wherever that listens. */
  async feed(): Promise<void> {
    this.#isFeeding = true;
    const { state, port } = this.server;
    if (state.state !== 'running' || port === this.#fedPort) return;
    this.#fedPort = port;
    await this.#options.egress.serveLocally(this.#url(), this.#programKey);
  }

  /** Another program has taken the place of the one that was fed. */
  async feedAnew(): Promise<void> {
    this.#fedPort = -1;
    await this.feed();
  }

  #observe(): void {
    const { state, notices, statistics } = this.#options;
    this.server.events.on('changed', () => this.#update());
    this.server.events.on('stats', ({ connections, bytesIn, bytesOut, publishers, errors }) =>
      statistics.server({ connections, bytesIn, bytesOut, activeStreams: publishers, errors }),
    );
    this.server.events.on('fanout', (batch) => statistics.fanout(batch));
    this.keys.events.on('changed', () => state.set('keys', this.keys.list()));
    this.keys.events.on('unreadable', (error) => notices.add(error.toWire(), 'error'));
  }

  #update(): void {
    const { state, notices } = this.#options;
    const { host, port, state: now } = this.server;
    const error = 'error' in now ? now.error : null;
    state.set('ingest', { state: now.state, host, port, error });
    state.set('streams', this.server.activeStreams());
    const rtmpUrl = now.state === 'degraded' ? null : this.#url();
    state.update('engine', (engine) => ({ ...engine, rtmpUrl }));
    if (error) notices.add(error, 'warning');
    else for (const code of ['port-in-use', 'rtmp-server-down'] as const) notices.clear(code);
    if (this.#isFeeding) void this.feed();
  }

  #url(): string {
    const { host, port } = this.server;
    return `rtmp://${host.includes(':') ? `[${host}]` : host}:${port}/live`;
  }
}
