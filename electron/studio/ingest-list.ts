import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { hostOfUrl, isTwitchHost, streamingServices } from '../../shared/contract/services';
import { StudioError } from '../streaming/lib/errors';
import { replaceFile } from '../streaming/lib/replace-file';
import type { DataFolder } from './data-folder';

/** One server of a service that has many, each of which takes every key. */
export interface IngestServer {
  /** its host, in lower case */
  readonly host: string;
  /** for people: where it stands */
  readonly name: string;
  /** `rtmps://host/app` and `rtmp://host/app`; null: it takes no such streams */
  readonly secureUrl: string | null;
  readonly plainUrl: string | null;
}

export interface IngestAnswer {
  readonly servers: readonly IngestServer[];
  /** asked for a day ago at most, asked for earlier, or known when this version was made */
  readonly origin: 'service' | 'saved' | 'built-in';
  /** when the service said so, unix ms */
  readonly at: number;
  /** why it could not be asked now; null: it was, or need not be */
  readonly problem: StudioError<'servers-unlisted'> | null;
}

export interface IngestListOptions {
  /** where the service tells them: https, but for tests */
  readonly url: string;
  /** of the copy; it may be deleted */
  readonly path: string;
  /** whose word is taken for a server: the key goes there */
  readonly isOwnHost?: (host: string) => boolean;
  readonly timeoutMs?: number;
  /** unix ms */
  readonly now?: () => number;
}

const mostBytes = 256 * 1024;
const mostServers = 64;
const timeoutMs = 5000;
const freshMs = 24 * 3600 * 1000;
/** after it could not be asked, unless a person wants it at once */
const pauseMs = 60_000;

/**
 * The list of https://ingest.twitch.tv/ingests as it was noted down on this day (dev.twitch.tv, “Get Ingest Servers”,
 * names the first of them itself): for who has no network to it, or a firewall before it.
 */
const builtInOn = '2026-10-04';
const builtIn: readonly IngestServer[] = (
  [
    ['ingest.global-contribute', 'Default'],
    ['eun10.contribute', 'Europe: Sweden, Stockholm'],
    ['euc10.contribute', 'Europe: Germany, Frankfurt'],
    ['euw10.contribute', 'Europe: Ireland'],
    ['euw30.contribute', 'Europe: France, Paris'],
    ['use10.contribute', 'US East: N. Virginia'],
    ['use20.contribute', 'US East: Ohio'],
    ['usw20.contribute', 'US West: Oregon'],
    ['sae10.contribute', 'South America: Brazil, São Paulo'],
    ['apn10.contribute', 'Asia: Japan, Tokyo'],
    ['apn20.contribute', 'Asia: South Korea, Seoul'],
    ['aps10.contribute', 'Asia: Singapore'],
    ['aps20.contribute', 'Australia: Sydney'],
    ['aps30.contribute', 'Asia: India, Mumbai'],
  ] as const
).map(([label, name]) => {
  const host = `${label}.live-video.net`;
  return { host, name, secureUrl: `rtmps://${host}/app`, plainUrl: `rtmp://${host}/app` };
});

const entrySchema = z.object({
  name: z.string().min(1).max(200),
  url_template: z.string().max(500).optional(),
  url_template_secure: z.string().max(500).optional(),
});
const answerSchema = z.object({ ingests: z.array(z.unknown()).max(1000) });
const fileSchema = z.object({
  version: z.literal(1),
  /** unix ms */
  at: z.number(),
  ingests: z.array(z.unknown()).max(1000),
});

/**
 * The servers that a service itself names: asked for over the network once a day at most, and only when somebody wants
 * them.
 */
export class IngestList {
  readonly #options: IngestListOptions;
  readonly #isOwnHost: (host: string) => boolean;
  readonly #now: () => number;
  #kept: { servers: readonly IngestServer[]; at: number } | null = null;
  #hasLoaded = false;
  #asking: Promise<StudioError<'servers-unlisted'> | null> | null = null;
  #failed: { error: StudioError<'servers-unlisted'>; at: number } | null = null;

  constructor(options: IngestListOptions) {
    this.#options = options;
    this.#isOwnHost = options.isOwnHost ?? isTwitchHost;
    this.#now = options.now ?? Date.now;
  }

  /**
   * Never fails: what was known before counts where the service cannot be asked.
   * @param isAskedAnew a person wants it from the service now
   */
  async servers(isAskedAnew = false): Promise<IngestAnswer> {
    await this.#load();
    const isFresh = this.#kept !== null && this.#age(this.#kept.at) < freshMs;
    const isPausing = this.#failed !== null && this.#age(this.#failed.at) < pauseMs;
    let problem = isFresh ? null : (this.#failed?.error ?? null);
    if (isAskedAnew || (!isFresh && !isPausing))
      problem = await (this.#asking ??= this.#ask().finally(() => (this.#asking = null)));
    return { ...this.known, problem };
  }

  /** without a question to anybody */
  get known(): Omit<IngestAnswer, 'problem'> {
    if (!this.#kept) return { servers: builtIn, origin: 'built-in', at: Date.parse(builtInOn) };
    return { ...this.#kept, origin: this.#age(this.#kept.at) < freshMs ? 'service' : 'saved' };
  }

  /** a clock that was set back makes nothing fresh for longer */
  #age(at: number): number {
    return Math.abs(this.#now() - at);
  }

  async #load(): Promise<void> {
    if (this.#hasLoaded) return;
    this.#hasLoaded = true;
    try {
      const { at, ingests } = fileSchema.parse(JSON.parse(await readFile(this.#options.path, 'utf8')));
      this.#kept = { servers: parseIngests({ ingests }, this.#isOwnHost), at };
    } catch {
      // There is none yet, or none that is of use.
    }
  }

  /** @returns why it came to nothing; null: what is known is new */
  async #ask(): Promise<StudioError<'servers-unlisted'> | null> {
    const { url, path } = this.#options;
    let answer: unknown;
    try {
      answer = JSON.parse(await this.#fetch());
      this.#kept = { servers: parseIngests(answer, this.#isOwnHost), at: this.#now() };
      this.#failed = null;
    } catch (cause) {
      const error = new StudioError(
        'servers-unlisted',
        { host: new URL(url).host, reason: reasonOf(cause) },
        { cause, retryable: true },
      );
      this.#failed = { error, at: this.#now() };
      return error;
    }
    const { ingests } = answerSchema.parse(answer);
    // It is asked again after the next start where it cannot be kept.
    await replaceFile(path, `${JSON.stringify({ version: 1, at: this.#kept.at, ingests })}\n`).catch(
      () => undefined,
    );
    return null;
  }

  async #fetch(): Promise<string> {
    const response = await fetch(this.#options.url, {
      signal: AbortSignal.timeout(this.#options.timeoutMs ?? timeoutMs),
      // Whoever can send us elsewhere can make us ask anybody.
      redirect: 'error',
      headers: { accept: 'application/json' },
    });
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      throw new RangeError(`it answered ${response.status}`);
    }
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of response.body as AsyncIterable<Uint8Array>) {
      bytes += piece.length;
      if (bytes > mostBytes) throw new RangeError(`its answer is longer than ${mostBytes / 1024} KiB`);
      pieces.push(piece);
    }
    return Buffer.concat(pieces).toString('utf8');
  }
}

/** Service id → the list of its servers, for each that tells them. */
export const ingestLists = (folder: Pick<DataFolder, 'file'>): Map<string, IngestList> =>
  new Map(
    streamingServices.flatMap(({ id, ingestList: url }) =>
      url === null ? [] : [[id, new IngestList({ url, path: folder.file(`servers-${id}.json`) })]],
    ),
  );

/**
 * What of an answer names a server of the service; what does not is left out. Each host once, in the order they come.
 * @throws RangeError when nothing is left
 */
export function parseIngests(answer: unknown, isOwnHost = isTwitchHost): IngestServer[] {
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) throw new RangeError('its answer is of another form');
  const servers = new Map<string, IngestServer>();
  for (const entry of parsed.data.ingests) {
    const server = parseServer(entry, isOwnHost);
    if (server && !servers.has(server.host)) servers.set(server.host, server);
  }
  if (servers.size === 0) throw new RangeError('its answer names no server');
  return [...servers.values()].slice(0, mostServers);
}

function parseServer(entry: unknown, isOwnHost: (host: string) => boolean): IngestServer | null {
  const parsed = entrySchema.safeParse(entry);
  if (!parsed.success) return null;
  const { name, url_template: plain, url_template_secure: secure } = parsed.data;
  const secureUrl = addressIn(secure, 'rtmps:', isOwnHost);
  const plainUrl = addressIn(plain, 'rtmp:', isOwnHost);
  const host = hostOfUrl(secureUrl ?? plainUrl ?? '');
  if (host === null || (secureUrl && plainUrl && hostOfUrl(plainUrl) !== host)) return null;
  return { host, name: name.replace(/\p{C}+/gu, ' ').trim() || host, secureUrl, plainUrl };
}

/** `rtmps://host/app/{stream_key}` → `rtmps://host/app`; null: it is none, or not of the service's own */
function addressIn(
  template: string | undefined,
  protocol: string,
  isOwnHost: (host: string) => boolean,
): string | null {
  const address = /^(\S+)\/\{stream_key\}$/.exec(template ?? '')?.[1];
  if (address === undefined || !URL.canParse(address)) return null;
  const url = new URL(address);
  const host = hostOfUrl(address);
  const isPlain =
    url.protocol === protocol && url.username === '' && url.password === '' && /^\/\w+$/.test(url.pathname);
  return isPlain && url.search === '' && url.hash === '' && host !== null && isOwnHost(host) ? address : null;
}

/** for people, without what the system says in code where there are words for it */
function reasonOf(error: unknown): string {
  if (error instanceof RangeError) return error.message;
  if (error instanceof SyntaxError) return 'its answer is no JSON';
  if (error instanceof Error && error.name === 'TimeoutError') return 'it does not answer';
  const { cause } = error as { cause?: unknown };
  return (cause as NodeJS.ErrnoException | undefined)?.code ?? 'it cannot be reached';
}
