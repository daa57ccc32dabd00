import type { LookupAddress } from 'node:dns';
import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';

/** RFC 8305 §5: the recommended Connection Attempt Delay */
const attemptDelayMs = 250;
/** no more are tried: a name may be answered with hundreds */
const maxAttempts = 8;

export interface RaceOptions {
  readonly port: number;
  readonly connect?: (address: LookupAddress, port: number) => Socket;
}

/**
 * Connects to whichever address answers first (“happy eyeballs”, RFC 8305 §4 and §5): families take turns, the next one is
 * tried when the former has failed or kept silent for 250 ms, the first connection wins and the others are cut.
 * @param addresses at least one
 * @returns a connected socket without delays (TCP_NODELAY)
 * @throws the first attempt's error when all have failed; the signal's reason when aborted
 */
export function raceAddresses(
  addresses: readonly LookupAddress[],
  options: RaceOptions,
  signal: AbortSignal,
): Promise<Socket> {
  const { port, connect = connectAddress } = options;
  const waiting = interleaved(addresses).slice(0, maxAttempts);
  const running = new Set<Socket>();
  let firstError: Error | undefined;
  let timer: NodeJS.Timeout | undefined;
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      waiting.length = 0;
      for (const socket of running) socket.destroy();
      running.clear();
      settle();
    };
    const onAbort = (): void => end(() => reject(signal.reason as Error));
    const attempt = (): void => {
      clearTimeout(timer);
      const address = waiting.shift();
      if (!address) return;
      const socket = connect(address, port);
      running.add(socket);
      const onEnd = (error: Error): void => {
        firstError ??= error;
        if (!running.delete(socket)) return;
        if (waiting.length > 0) attempt();
        else if (running.size === 0) end(() => reject(firstError!));
      };
      // Stays: a socket that was cut may still report an error, and nobody wants it any more.
      socket.on('error', onEnd);
      socket.once('connect', () => {
        if (!running.delete(socket)) return;
        socket.off('error', onEnd);
        end(() => resolve(socket));
      });
      if (waiting.length > 0) timer = setTimeout(attempt, attemptDelayMs);
    };
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    attempt();
  });
}

function connectAddress({ address, family }: LookupAddress, port: number): Socket {
  return connectTcp({ host: address, family, port, noDelay: true });
}

/** §4: families take turns, beginning with the one that the system put first */
export function interleaved(addresses: readonly LookupAddress[]): LookupAddress[] {
  const first = addresses.filter(({ family }) => family === addresses[0]?.family);
  const second = addresses.filter(({ family }) => family !== addresses[0]?.family);
  const turns = Array.from({ length: Math.max(first.length, second.length) }, (_, index) => [
    first[index],
    second[index],
  ]);
  return turns.flat().filter((address) => address !== undefined);
}
