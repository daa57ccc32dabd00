import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import type { NetworkInterfaceInfo } from 'node:os';
import { BaseComponent } from '../streaming/lib/component';

/** Addresses and routes come and go within seconds of each other; a look costs well below a millisecond. */
const lookEveryMs = 500;

export interface NetworkWatchOptions {
  /** there is a way out that was not there before, or another one */
  readonly onChanged: () => void;
  /** what tells one state of the network from another; '' when there is no way out */
  readonly look?: () => Promise<string>;
  /** @returns a function that ends it */
  readonly every?: (ms: number, callback: () => void) => () => void;
}

/**
 * Looks whether this computer has got another network: a cable that is plugged in again, another Wi-Fi, a VPN. What waits
 * for its next attempt need not wait any longer then. What goes wrong beyond this computer's own doors is not seen here.
 */
export class NetworkWatch extends BaseComponent {
  readonly #options: Required<NetworkWatchOptions>;
  #known: string | null = null;
  #isLooking = false;
  #end: () => void = () => undefined;

  constructor(options: NetworkWatchOptions) {
    super();
    this.#options = {
      look: lookAtNetwork,
      every: (ms, callback) => {
        const timer = setInterval(callback, ms);
        return () => clearInterval(timer);
      },
      ...options,
    };
  }

  protected onStart(): Promise<void> {
    this.#end = this.#options.every(lookEveryMs, () => void this.#look());
    return this.#look();
  }

  protected onStop(): Promise<void> {
    this.#end();
    return Promise.resolve();
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const { look, onChanged } = this.#options;
      // A sandbox may not let anybody look: then nothing is known to have changed.
      const found = await look().catch(() => this.#known);
      if (found === null) return;
      const isOther = this.#known !== null && found !== this.#known && found !== '';
      this.#known = found;
      if (isOther && !this.lifetime.aborted) onChanged();
    } finally {
      this.#isLooking = false;
    }
  }
}

async function lookAtNetwork(): Promise<string> {
  const table = await readFile('/proc/net/route', 'utf8').catch(() => null);
  return networkState(networkInterfaces(), table);
}

/**
 * Every address that is not the computer's own, and on Linux the default routes: with both, there is a way out.
 * @param table of /proc/net/route, which tells of IPv4 alone; null: there is none
 * @returns '' when there is no way out
 */
export function networkState(
  interfaces: Readonly<Partial<Record<string, readonly NetworkInterfaceInfo[]>>>,
  table: string | null,
): string {
  const found = Object.entries(interfaces).flatMap(([name, addresses = []]) =>
    // Addresses of one link alone lead nowhere, and change by themselves.
    addresses
      .filter(({ internal, scopeid = 0 }) => !internal && scopeid === 0)
      .map(({ address, family }) => ({
        text: `${name} ${address}`,
        isGlobal6: family === 'IPv6' && !isLocal6(address),
      })),
  );
  const routes = table === null ? null : defaultRoutes(table);
  const isCutOff = routes?.length === 0 && !found.some(({ isGlobal6 }) => isGlobal6);
  if (found.length === 0 || isCutOff) return '';
  return [...found.map(({ text }) => text).sort(), ...(routes ?? [])].join('\n');
}

/** fc00::/7, unique local (RFC 4193): of a home or of containers, leads nowhere by itself */
const isLocal6 = (address: string): boolean => /^f[cd]/i.test(address);

/** Interface and gateway of the default routes in a table of /proc/net/route (proc(5): destination 0, in hex). */
export const defaultRoutes = (table: string): string[] =>
  table
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .flatMap(([name, destination, gateway]) =>
      destination === '00000000' ? [`${name} via ${gateway}`] : [],
    );
