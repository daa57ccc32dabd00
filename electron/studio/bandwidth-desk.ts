import { safeShare } from '../../shared/contract/link';
import type { BandwidthSlice } from '../../shared/contract/link';
import { customService, hostOfUrl, isPrivateServer, serviceOfUrl } from '../../shared/contract/services';
import { StudioError, toWireError } from '../streaming/lib/errors';
import { runBandwidth } from '../streaming/rtmp/bandwidth-run';
import type { BandwidthProgress, BandwidthRunOptions } from '../streaming/rtmp/bandwidth-run';
import { parseRtmpUrl } from '../streaming/rtmp/rtmp-url';
import type { BandwidthRecord } from './bandwidth-record';
import type { Destination } from './destinations-file';
import type { Egress } from './egress';
import type { ServerDesk } from './server-desk';
import type { StudioState } from './state';

export interface BandwidthDeskOptions {
  /** not before `load` */
  readonly egress: () => Pick<Egress, 'destination' | 'live' | 'publisherTo' | 'events'>;
  readonly servers: Pick<ServerDesk, 'address'>;
  readonly record: BandwidthRecord;
  readonly state: Pick<StudioState, 'set'>;
  /** what all that go live together send, kbit/s */
  readonly wantedKbps: () => number;
  /** aborted when the studio stops */
  readonly stopping: AbortSignal;
  readonly durationMs?: number;
  /** PEM of further certificate authorities; the system's count anyway */
  readonly certificateAuthority?: string;
}

/** sent at least, so that a low bitrate of today does not hide what the connection could do, and at most */
const mostKbpsRange = [10_000, 60_000] as const;
const tellEveryMs = 200;

interface Running {
  readonly destinationId: string;
  readonly name: string;
  readonly cancelled: AbortController;
  readonly ended: Promise<void>;
}

/**
 * Tests of the connections to destinations, one at a time and never beside a stream, which they would take the room from.
 * Sent is a stream of nothing, to Twitch with the flag that hides it, or to a server that is none of the services we know: those would show it. Where
 * that server is not in this network, a person has to say that nobody watches there.
 */
export class BandwidthDesk {
  readonly #options: BandwidthDeskOptions;
  #running: Running | null = null;
  #progress: BandwidthSlice['running'] = null;
  #failure: BandwidthSlice['failure'] = null;
  #toldAt = -Infinity;

  constructor(options: BandwidthDeskOptions) {
    this.#options = options;
  }

  load(): void {
    const egress = this.#options.egress();
    egress.events.on('changed', () => {
      if (this.#running && egress.live().isLive) void this.cancel();
    });
    this.#options.record.load();
    this.#tell();
  }

  /**
   * Begins; the rest comes in the slice.
   * @param viaId the destination it is sent to in place of this one
   * @param isUnwatched the person says that nobody watches there
   * @throws StudioError `destination-not-found`, `bandwidth-busy`, `bandwidth-public`, `bandwidth-watched`, `key-missing`, `on-air`
   */
  start(id: string, viaId: string = id, isUnwatched = false): void {
    const egress = this.#options.egress();
    const { name } = egress.destination(id);
    const via = egress.destination(viaId);
    if (this.#running) throw new StudioError('bandwidth-busy', { name: this.#running.name });
    // Whoever would be streamed to meanwhile would get what the test leaves over.
    const streamed = egress.live().isLive ? name : egress.publisherTo(via);
    if (streamed !== null) throw new StudioError('on-air', { what: `Testing the connection to ${streamed}` });
    const key = hiddenKey(via, isUnwatched);
    if (via.key === '') throw new StudioError('key-missing', { name: via.name });
    const cancelled = new AbortController();
    this.#failure = null;
    this.#progress = { destinationId: id, host: hostOfUrl(via.url) ?? via.url, share: null, kbps: null };
    const ended = this.#run(id, { ...via, key }, cancelled.signal).finally(() => {
      this.#running = null;
      this.#progress = null;
      this.#tell();
    });
    this.#running = { destinationId: id, name, cancelled, ended };
    this.#tell();
  }

  /** Resolves when nothing of it is left: a platform would take it for a second stream with the same key. */
  async cancel(): Promise<void> {
    this.#running?.cancelled.abort();
    await this.#running?.ended;
  }

  async stop(): Promise<void> {
    await this.cancel();
    await this.#options.record.saved();
  }

  async #run(destinationId: string, via: Destination, cancelled: AbortSignal): Promise<void> {
    const { record, servers, stopping } = this.#options;
    const signal = AbortSignal.any([cancelled, stopping]);
    try {
      const url = via.isNearest ? await servers.address(via.url, null) : via.url;
      signal.throwIfAborted();
      const host = hostOfUrl(url) ?? url;
      const { medianKbps, lowKbps, isLimited, connectMs, roundTripMs } = await runBandwidth(
        this.#runOptions({ ...via, url }, (progress) => this.#advance(host, progress)),
        signal,
      );
      const figures = { medianKbps, lowKbps, isLimited, connectMs, roundTripMs };
      record.put({ destinationId, host, at: Date.now(), ...figures });
    } catch (error) {
      if (!signal.aborted) this.#failure = { destinationId, error: toWireError(error) };
    }
  }

  #runOptions(
    { url, key, login }: Destination,
    onProgress: (progress: BandwidthProgress) => void,
  ): BandwidthRunOptions {
    const { wantedKbps, durationMs, certificateAuthority } = this.#options;
    const [least, most] = mostKbpsRange;
    // A little more than is to fit: what is just enough shall not look like the end of the path.
    const mostKbps = Math.min(most, Math.max(least, Math.ceil((wantedKbps() / safeShare) * 1.1)));
    return {
      ...{ url, key, login: login ?? null, mostKbps, onProgress, certificateAuthority },
      ...(durationMs !== undefined && { durationMs }),
    };
  }

  #advance(host: string, { share, kbps }: BandwidthProgress): void {
    if (!this.#progress) return;
    this.#progress = { ...this.#progress, host, share, kbps: kbps === null ? null : Math.round(kbps) };
    if (performance.now() - this.#toldAt >= tellEveryMs) this.#tell();
  }

  #tell(): void {
    this.#toldAt = performance.now();
    const results = [...this.#options.record.results];
    this.#options.state.set('bandwidth', { running: this.#progress, results, failure: this.#failure });
  }
}

/**
 * The key for a stream that no viewer sees. By the address, not by what a person calls the service: the flag means something
 * to that service's own servers only.
 * @throws StudioError `bandwidth-public`, `bandwidth-watched`, `destination-url-invalid`
 */
export function hiddenKey(
  { name, url, key }: Pick<Destination, 'name' | 'url' | 'key'>,
  isUnwatched: boolean,
): string {
  // Of the host that is connected to, however it is spelt.
  const { tcUrl } = parseRtmpUrl(url);
  const service = serviceOfUrl(tcUrl);
  if (service === customService) {
    // It may be one's own, or a platform that we do not know.
    if (!isUnwatched && !isPrivateServer(tcUrl)) throw new StudioError('bandwidth-watched', { name });
    return key;
  }
  if (service.testFlag === null) throw new StudioError('bandwidth-public', { name });
  return `${key}${key.includes('?') ? '&' : '?'}${service.testFlag}`;
}
