import { describe, expect, it } from 'vitest';
import type { NetworkInterfaceInfo } from 'node:os';
import { defaultRoutes, networkState, NetworkWatch } from '../../electron/studio/network-watch';

describe('the watch over the network', () => {
  it('tells of a way out that comes or is another, and not of one that goes', async () => {
    let state = 'eth0 10.0.0.2';
    let told = 0;
    let look: () => void = () => undefined;
    const looked = async (next: string): Promise<number> => {
      state = next;
      look();
      await Promise.resolve();
      await new Promise(setImmediate);
      return told;
    };
    const watch = new NetworkWatch({
      onChanged: () => (told += 1),
      look: () => Promise.resolve(state),
      every: (_, callback) => {
        look = callback;
        return () => (look = () => undefined);
      },
    });
    await watch.start();
    expect(await looked('eth0 10.0.0.2')).toBe(0);
    expect(await looked('')).toBe(0);
    expect(await looked('eth0 10.0.0.2')).toBe(1);
    expect(await looked('wlan0 192.168.0.7')).toBe(2);
    await watch.stop();
    expect(await looked('eth0 10.0.0.2')).toBe(2);
  });

  it('goes on where nobody may look, and takes up what it knew', async () => {
    const answers = ['', 'eth0 10.0.0.2', null, 'eth0 10.0.0.2', null, 'wlan0 192.168.0.7'];
    let told = 0;
    let look: () => void = () => undefined;
    const watch = new NetworkWatch({
      onChanged: () => (told += 1),
      look: () => {
        const answer = answers.pop();
        // As os.networkInterfaces() does without AF_NETLINK.
        return typeof answer === 'string'
          ? Promise.resolve(answer)
          : Promise.reject(new Error('EAFNOSUPPORT'));
      },
      every: (_, callback) => {
        look = callback;
        return () => undefined;
      },
    });
    answers.push(null);
    await watch.start();
    const counts: number[] = [];
    while (answers.length > 0) {
      look();
      await new Promise(setImmediate);
      counts.push(told);
    }
    expect(counts).toEqual([0, 0, 1, 1, 1, 1]);
    await watch.stop();
  });

  it('counts a global IPv6 address as a way out where there is no route of IPv4', () => {
    const head = 'Iface\tDestination\tGateway\n';
    const at = (address: string, family: 'IPv4' | 'IPv6', scopeid = 0): NetworkInterfaceInfo[] => [
      { address, netmask: '', mac: '', internal: false, cidr: null, family, scopeid },
    ];
    expect(networkState({ eth0: at('2001:db8::7', 'IPv6') }, head)).toBe('eth0 2001:db8::7');
    expect(networkState({ eth0: at('fe80::7', 'IPv6', 2) }, head)).toBe('');
    expect(networkState({ docker0: at('fd00::1', 'IPv6') }, head)).toBe('');
    expect(networkState({ eth0: at('10.0.0.2', 'IPv4') }, head)).toBe('');
    expect(networkState({ eth0: at('10.0.0.2', 'IPv4') }, null)).toBe('eth0 10.0.0.2');
    expect(networkState({}, null)).toBe('');
  });

  it('reads the kernel’s table of routes', () => {
    const head = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';
    const table = `${head}eth0\t00000000\t0111A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\neth0\t0011A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n`;
    expect(defaultRoutes(table)).toEqual(['eth0 via 0111A8C0']);
    expect(defaultRoutes(head)).toEqual([]);
  });

  it('finds this computer as it is, twice the same', async () => {
    let told = 0;
    let look: () => void = () => undefined;
    await using watch = new NetworkWatch({
      onChanged: () => (told += 1),
      every: (_, callback) => {
        look = callback;
        return () => undefined;
      },
    });
    await watch.start();
    look();
    await watch.stop();
    expect(told).toBe(0);
  });
});
