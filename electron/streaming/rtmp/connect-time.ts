import type { LookupAddress } from 'node:dns';
import { raceAddresses } from './address-race';
import { sharedNames } from './rtmp-socket';
import type { NameLookup } from './name-lookup';
import type { RtmpTarget } from './rtmp-url';

export interface ConnectTimeOptions {
  /** tries, one after the other; the median counts. 1 unless given */
  readonly tries?: number;
  /** of one try; 1.5 s unless given */
  readonly timeoutMs?: number;
  readonly names?: NameLookup | undefined;
}

/**
 * How long a TCP connection takes to be there, which is one way to the server and back; looking its name up does not count.
 * Nothing is said on it.
 * @returns milliseconds; null when no try came through
 * @throws the signal's reason when aborted
 */
export async function measureConnect(
  { host, port }: Pick<RtmpTarget, 'host' | 'port'>,
  { tries = 1, timeoutMs = 1500, names = sharedNames }: ConnectTimeOptions,
  signal: AbortSignal,
): Promise<number | null> {
  const times: number[] = [];
  for (let turn = 0; turn < tries; turn++) {
    const either = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      times.push(await connectOnce(await names.resolve(host, either), port, either));
    } catch {
      signal.throwIfAborted();
    }
  }
  return times.sort((one, other) => one - other)[(times.length - 1) >> 1] ?? null;
}

async function connectOnce(
  addresses: readonly LookupAddress[],
  port: number,
  signal: AbortSignal,
): Promise<number> {
  const startedAt = performance.now();
  const socket = await raceAddresses(addresses, { port }, signal);
  const tookMs = performance.now() - startedAt;
  socket.on('error', () => undefined).destroy();
  return tookMs;
}
