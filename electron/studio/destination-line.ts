import { isDeepStrictEqual } from 'node:util';
import type { OutputView } from '../../shared/contract/snapshot';
import type { Output } from '../streaming/interfaces/output';
import { isCancelled, StudioError } from '../streaming/lib/errors';
import type { GovernedReading } from '../streaming/output/bitrate-governor';
import type { OutputSupervisor } from '../streaming/output/supervisor';
import { RtmpPublisher } from '../streaming/rtmp/publisher';
import type { Destination } from './destinations-file';
import type { Feed, Feeds } from './feeds';
import type { ServerDesk } from './server-desk';

/**
 * It begins with the picture that the hub has at hand: its viewers need not wait for the next keyframe, and times count
 * from that one.
 */
const reading = { from: 'cached', dropMs: 500, flushMs: 1000 } as const;

export interface DestinationLineOptions {
  readonly id: string;
  readonly destination: Destination;
  readonly feeds: Feeds;
  /** knows the servers of services that have many */
  readonly servers: Pick<ServerDesk, 'address' | 'describe'>;
  readonly supervise: (output: Output, feed: Feed) => OutputSupervisor;
}

/** One destination on its own feet: what it is, whether it is wanted now, and the connection that comes of it. */
export class DestinationLine {
  readonly id: string;
  readonly #options: DestinationLineOptions;
  #destination: Destination;
  #supervisor: OutputSupervisor;
  #feed: Feed | null = null;
  #isWanted = false;
  /** settles when no earlier connection of it is left */
  #leaving: Promise<unknown> = Promise.resolve();

  /** @throws StudioError `destination-url-invalid` */
  constructor(options: DestinationLineOptions) {
    this.#options = options;
    this.id = options.id;
    this.#destination = options.destination;
    this.#supervisor = this.#idle();
  }

  get destination(): Destination {
    return this.#destination;
  }
  /** a person has it on: it goes out, or is tried, or waits for what holds it up */
  get isWanted(): boolean {
    return this.#isWanted;
  }
  get supervisor(): OutputSupervisor {
    return this.#supervisor;
  }

  view(): OutputView {
    const { serviceId, isEnabled, delaySec, isAdaptive, variantId, login } = this.#destination;
    const user = login?.user ?? null;
    const { takesVp9 = false } = this.#destination;
    const own = { serviceId, user, isEnabled, delaySec, isAdaptive, variantId, takesVp9 };
    const state = { isWanted: this.#isWanted, url: this.#destination.url, nearest: this.#nearest() };
    return { ...this.#supervisor.view(), ...own, ...state };
  }

  /** of the server that it goes to, or went to last */
  #nearest(): OutputView['nearest'] {
    if (!this.#destination.isNearest) return null;
    const server = this.#options.servers.describe(this.#supervisor.output.url);
    return server ?? { name: null, connectMs: null };
  }

  /**
   * The bitrate of the program is to follow its network, now: with a delay it would follow what was minutes ago, and who
   * gets a variant says nothing of the program.
   */
  get isGoverned(): boolean {
    const { isAdaptive, delaySec, variantId } = this.#destination;
    return isAdaptive && delaySec === 0 && variantId === null && this.#isWanted;
  }

  /** How its network does; null while it is not live. @param atMs monotonic */
  reading(atMs: number): GovernedReading | null {
    const { state, output, congestionMs } = this.#supervisor;
    const link = output instanceof RtmpPublisher ? output.link : null;
    return state.state === 'live' && link ? { id: this.id, atMs, congestionMs, ...link } : null;
  }

  /** What runs goes on. */
  start(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#begin();
  }

  /** Resolves when nothing of it is left; what a delay still holds back is not sent. */
  async stop(): Promise<void> {
    this.#isWanted = false;
    const stopped = Promise.all([this.#leaving, this.#supervisor.stop()]);
    this.#feed?.release();
    this.#feed = null;
    await stopped;
  }

  /** While it is wanted it is tried at once, with counters of its own. @throws StudioError `destination-url-invalid` */
  change(destination: Destination): void {
    // These have no bearing on its own stream.
    const { isEnabled, isAdaptive } = destination;
    const isSame = isDeepStrictEqual({ ...this.#destination, isEnabled, isAdaptive }, destination);
    this.#destination = destination;
    if (!isSame) this.#begin();
  }

  /**
   * A supervisor runs once: each time on air has its own, with its own counters. The former one leaves first, or the
   * platform would see the same key twice and refuse.
   */
  #begin(): void {
    const former = this.#feed;
    this.#leaving = Promise.all([this.#leaving, this.#supervisor.stop()]);
    const next = this.#isWanted ? this.#fed() : this.#idle();
    // Not before the next was taken: both may be one, which would have to fill itself again.
    former?.release();
    this.#supervisor = next;
    void this.#leaving
      .then(() => (this.#isWanted && this.#supervisor === next ? next.start() : undefined))
      // Stopped as it began: no failure of it.
      .catch(throwUnlessCancelled);
  }

  #idle(): OutputSupervisor {
    const { feeds, supervise } = this.#options;
    return supervise(this.#publisher(), feeds.program);
  }

  #fed(): OutputSupervisor {
    const { feeds, supervise } = this.#options;
    try {
      this.#feed = feeds.take(this.#destination);
      return supervise(this.#publisher(), this.#feed);
    } catch (error) {
      if (!(error instanceof StudioError)) throw error;
      this.#feed = null;
      return supervise(new RefusedOutput(this.#publisher(), error as StudioError), feeds.program);
    }
  }

  #publisher(): RtmpPublisher {
    const { name, url, key, login, isNearest } = this.#destination;
    const options = { id: this.id, name, url, key, login: login ?? null } as const;
    const { servers } = this.#options;
    const address = isNearest ? (failed: string | null) => servers.address(url, failed) : undefined;
    const isSilenceConsent = this.#destination.takesVp9 ?? false;
    return new RtmpPublisher({ ...options, kind: 'destination', reading, address, isSilenceConsent });
  }
}

const throwUnlessCancelled = (error: unknown): void => {
  if (!isCancelled(error)) throw error;
};

/** An output that cannot begin, for a reason that is known beforehand: shown where its failures are. */
class RefusedOutput implements Output {
  readonly kind = 'destination';
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly hasKey: boolean;
  readonly counters = { bytes: 0 };
  readonly reading = reading;
  readonly #error: StudioError;

  constructor({ id, name, url, hasKey }: Output, error: StudioError) {
    this.id = id;
    this.name = name;
    this.url = url;
    this.hasKey = hasKey;
    this.#error = error;
  }

  run(): Promise<void> {
    return Promise.reject(this.#error);
  }
}
