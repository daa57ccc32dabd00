import type { ServerChoice } from '../../shared/contract/link';
import { hostOfUrl, serviceOfUrl, takeSameKey } from '../../shared/contract/services';
import { parseRtmpUrl } from '../streaming/rtmp/rtmp-url';
import type { IngestList, IngestServer } from './ingest-list';
import { measureServers, nearestOf } from './nearest-server';
import type { ProbeLimits, ServerAddress } from './nearest-server';

export interface ServerDeskOptions {
  /** service id → where its servers are told */
  readonly lists: ReadonlyMap<string, IngestList>;
  /** aborted when the studio stops */
  readonly stopping: AbortSignal;
  readonly limits?: ProbeLimits;
  /** whether a key that was given for one address may go to the other */
  readonly takeSameKey?: (one: string, other: string) => boolean;
  /** unix ms */
  readonly now?: () => number;
}

interface Measured {
  readonly times: ReadonlyMap<string, number>;
  readonly at: number;
}

/** what was measured counts for so long, in one network */
const freshMs = 10 * 60_000;
/** going live waits no longer for a better answer than the last one */
const patienceMs = 1000;
/** a server that failed is passed over for so long */
const avoidedMs = 60_000;

/** Which servers a service has, how near they are, and which of them a stream goes to. */
export class ServerDesk {
  readonly #options: ServerDeskOptions;
  readonly #now: () => number;
  readonly #measured = new Map<string, Measured>();
  readonly #measuring = new Map<string, Promise<Measured>>();
  readonly #chosen = new Map<string, string>();
  /** host → when it failed */
  readonly #failed = new Map<string, number>();

  constructor(options: ServerDeskOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /**
   * For a person who chooses. Of a service without a list of its own: nothing.
   * @param isAnew they asked for it: list and times are had again
   */
  async choice(serviceId: string, isAnew: boolean): Promise<ServerChoice> {
    const list = this.#options.lists.get(serviceId);
    if (!list) return { servers: [], nearest: null, origin: 'built-in', at: this.#now(), problem: null };
    const { servers, problem } = await list.servers(isAnew);
    const { times } = await this.#times(serviceId, servers, isAnew);
    const nearest = this.#choose(serviceId, times);
    const { origin, at } = list.known;
    const views = servers.map((server) => ({ ...server, connectMs: rounded(times.get(server.host)) }));
    return { servers: views, nearest, origin, at, problem: problem?.toWire() ?? null };
  }

  /**
   * The address to stream to, for a destination that takes whichever server is nearest. Waits a second at most, and only
   * where nothing is known in this network.
   * @param url the destination's own: of the same service, and as encrypted. @param failed the address that has just failed
   */
  async address(url: string, failed: string | null): Promise<string> {
    const service = serviceOfUrl(url).id;
    const list = this.#options.lists.get(service);
    if (!list) return url;
    const failedHost = failed === null ? null : hostOfUrl(failed);
    if (failedHost !== null) this.#failed.set(failedHost, this.#now());
    await this.#look(service, list);
    const times = this.#measured.get(service)?.times ?? new Map<string, number>();
    const host = this.#choose(service, times);
    const server = list.known.servers.find((each) => each.host === host);
    const next = isEncrypted(url) ? server?.secureUrl : server?.plainUrl;
    const isSafe = this.#options.takeSameKey ?? takeSameKey;
    return next != null && isSafe(url, next) ? next : url;
  }

  /** How a server is called and how far it is, as far as that is known. */
  describe(url: string): { readonly name: string; readonly connectMs: number | null } | null {
    const service = serviceOfUrl(url).id;
    const host = hostOfUrl(url);
    const server = this.#options.lists.get(service)?.known.servers.find((each) => each.host === host);
    if (!server) return null;
    return { name: server.name, connectMs: rounded(this.#measured.get(service)?.times.get(server.host)) };
  }

  /** What is near in one network is not in another. */
  networkChanged(): void {
    for (const [service, { times }] of this.#measured) this.#measured.set(service, { times, at: -Infinity });
    this.#failed.clear();
  }

  async #look(service: string, list: IngestList): Promise<void> {
    const { at = -Infinity } = this.#measured.get(service) ?? {};
    const renewed = this.#renew(service, list);
    // Whoever comes back after an hour need not wait for what is as it was.
    if (at > -Infinity) renewed.catch(() => undefined);
    else await Promise.race([renewed, pause(patienceMs)]);
  }

  async #renew(service: string, list: IngestList): Promise<void> {
    const { servers } = await list.servers();
    await this.#times(service, servers, false);
  }

  async #times(service: string, servers: readonly IngestServer[], isAnew: boolean): Promise<Measured> {
    const kept = this.#measured.get(service);
    if (kept && !isAnew && Math.abs(this.#now() - kept.at) < freshMs) return kept;
    const running = this.#measuring.get(service) ?? this.#measure(service, servers);
    this.#measuring.set(service, running);
    return running;
  }

  async #measure(service: string, servers: readonly IngestServer[]): Promise<Measured> {
    const { limits = {}, stopping } = this.#options;
    const addresses = servers.flatMap(addressOf);
    try {
      const times = await measureServers(addresses, limits, stopping);
      const next = { times, at: this.#now() };
      // Without a network nothing answers: what was known before is worth more than that.
      if (times.size > 0) this.#measured.set(service, next);
      return next;
    } finally {
      this.#measuring.delete(service);
    }
  }

  #choose(service: string, times: ReadonlyMap<string, number>): string | null {
    const isAvoided = (host: string): boolean =>
      this.#now() - (this.#failed.get(host) ?? -Infinity) < avoidedMs;
    const usable = new Map([...times].filter(([host]) => !isAvoided(host)));
    const host = nearestOf(usable, this.#chosen.get(service) ?? null);
    if (host !== null) this.#chosen.set(service, host);
    return host;
  }
}

/** who waits for it does not keep the engine from ending */
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());

const rounded = (ms: number | undefined): number | null => (ms === undefined ? null : Math.round(ms));

function addressOf({ secureUrl, plainUrl }: IngestServer): ServerAddress[] {
  const url = secureUrl ?? plainUrl;
  if (url === null) return [];
  // Named by its own spelling of the host, by which it is found again.
  const { port } = parseRtmpUrl(url);
  return [{ host: hostOfUrl(url) ?? '', port }];
}

/** Schemes are in either case, and spaces before an address are no part of it. */
const isEncrypted = (url: string): boolean => /^\s*rtmps:/i.test(url);
