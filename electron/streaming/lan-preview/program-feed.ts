import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PacketSource } from '../interfaces/packet';
import { BaseComponent } from '../lib/component';
import { FlvReader } from '../media/flv-reader';
import { FlvUnits } from '../media/flv-units';
import { PacketHub } from '../output/packet-hub';

const retryMs = 250;
const refusedMs = 2000;
/** the program has a picture and sound many times a second */
const silenceMs = 10_000;
const longestReason = 500;

/** There is nothing to watch: what HTTP says to it, and in words. */
export interface FeedTrouble {
  readonly status: 406 | 503;
  readonly reason: string;
}

const unreadable = 'This preview carries H.264 only, and the program is encoded otherwise.';
const starting: FeedTrouble = { status: 503, reason: 'The program has not started yet.' };

/**
 * The program as this process has it: the engine's own HTTP-FLV, read once and handed to all viewers by a hub. When it ends
 * (another program takes its place, the engine is busy), so do the viewers; it is asked again at once.
 */
export class ProgramFeed extends BaseComponent {
  #url: string;
  #hub: PacketHub | null = null;
  #trouble: FeedTrouble = starting;
  #attempt = new AbortController();
  #work: Promise<void> = Promise.resolve();

  constructor(url: string) {
    super();
    this.#url = url;
  }

  set url(url: string) {
    if (url === this.#url) return;
    this.#url = url;
    this.#attempt.abort();
  }

  /** what viewers subscribe to, or why there is nothing */
  get program(): PacketSource | FeedTrouble {
    return this.#hub ?? this.#trouble;
  }

  protected onStart(): Promise<void> {
    this.#work = this.#follow();
    return Promise.resolve();
  }

  protected async onStop(): Promise<void> {
    this.#attempt.abort();
    await this.#work;
  }

  async #follow(): Promise<void> {
    while (!this.lifetime.aborted) {
      this.#attempt = new AbortController();
      // A refused connection, a stream that breaks off or is none: the next attempt tells.
      await this.#read(AbortSignal.any([this.lifetime, this.#attempt.signal])).catch((error: unknown) => {
        if (error instanceof RangeError) this.#trouble = { status: 406, reason: unreadable };
      });
      this.#hub?.end();
      this.#hub = null;
      // What this preview cannot carry is not asked for four times a second.
      const pauseMs = this.#trouble.status === 406 ? refusedMs : retryMs;
      await sleep(pauseMs, undefined, { signal: this.lifetime }).catch(() => undefined);
    }
  }

  /** Resolves when the stream has ended. @throws Error when it breaks */
  async #read(signal: AbortSignal): Promise<void> {
    const response = await request(this.#url, signal);
    response.setTimeout(silenceMs, () => response.destroy(new Error('the program is silent')));
    if (response.statusCode === 406) return this.#refused(response);
    if (response.statusCode !== 200) {
      this.#trouble = starting;
      return void response.destroy();
    }
    const hub = new PacketHub();
    const units = new FlvUnits();
    const reader = new FlvReader((tag) => {
      const unit = units.push(tag);
      if (!unit) return;
      hub.push(unit);
      // From the first picture on there is something to see.
      if (unit.kind !== 'video') return;
      this.#trouble = starting;
      this.#hub = hub;
    });
    for await (const chunk of response as AsyncIterable<Buffer>) reader.push(chunk);
  }

  /** The engine says in words why FLV cannot carry it. */
  async #refused(response: IncomingMessage): Promise<void> {
    let reason = '';
    for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>)
      reason = (reason + chunk).slice(0, longestReason);
    this.#trouble = { status: 406, reason: reason.trim() };
  }
}

function request(url: string, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asking = get(url, { signal, agent: false, timeout: silenceMs }, resolve).once('error', reject);
    asking.once('timeout', () => asking.destroy(new Error('the engine does not answer')));
  });
}
