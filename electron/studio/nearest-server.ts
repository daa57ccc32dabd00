import { measureConnect } from '../streaming/rtmp/connect-time';
import type { ConnectTimeOptions } from '../streaming/rtmp/connect-time';

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

export interface ProbeLimits extends Pick<ConnectTimeOptions, 'names' | 'timeoutMs'> {
  /** for all of them; who has not answered by then counts as out of reach. 5 s unless given */
  readonly wholeMs?: number;
}

/** at a time: few enough not to hold one another up */
const parallel = 6;
/** those that were nearest are asked again: one try may have met a bad moment */
const asksAgain = 4;
const moreTries = 2;

/**
 * How long a connection to each takes: one try each, then two more for the nearest, whose median counts.
 * @returns host → milliseconds, of those that answered. @throws the signal's reason when aborted
 */
export async function measureServers(
  servers: readonly ServerAddress[],
  { wholeMs = 5000, ...limits }: ProbeLimits,
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const times = new Map<string, number[]>();
  const medianMs = ({ host }: ServerAddress): number => medianOf(times.get(host) ?? []);
  const either = AbortSignal.any([signal, AbortSignal.timeout(wholeMs)]);
  const ask = async (server: ServerAddress, tries: number): Promise<void> => {
    for (let turn = 0; turn < tries; turn++) {
      const tookMs = await measureConnect(server, limits, either);
      if (tookMs !== null) times.set(server.host, [...(times.get(server.host) ?? []), tookMs]);
    }
  };
  try {
    await inParallel(servers, (server) => ask(server, 1));
    const nearest = servers
      .filter(({ host }) => times.has(host))

      .sort((one, other) => medianMs(one) - medianMs(other))
      .slice(0, asksAgain);
    await inParallel(nearest, (server) => ask(server, moreTries));
  } catch (error) {
    signal.throwIfAborted();
    if (!either.aborted) throw error;
  }
  return new Map([...times].map(([host, measured]) => [host, medianOf(measured)]));
}

/** a server that is this much nearer is worth a change: two that are as near would take turns */
const clearlyNearer = { share: 0.8, ms: 3 } as const;

/**
 * The one to take, of those that answered (pure): the nearest, unless the present one is as good as that.
 * @param times host → milliseconds. @param present host. @returns null when none answered
 */
export function nearestOf(times: ReadonlyMap<string, number>, present: string | null): string | null {
  const [nearest] = [...times].sort(([, one], [, other]) => one - other);
  if (!nearest) return null;
  const presentMs = present === null ? undefined : times.get(present);
  const [host, ms] = nearest;
  const isClear =
    presentMs === undefined || (ms <= presentMs * clearlyNearer.share && presentMs - ms >= clearlyNearer.ms);
  return isClear ? host : present;
}

async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

function medianOf(measured: readonly number[]): number {
  const sorted = [...measured].sort((one, other) => one - other);
  return sorted[(sorted.length - 1) >> 1] ?? Infinity;
}
