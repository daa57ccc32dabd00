import { describe, expect, it } from 'vitest';
import { defaultRoutes, NetworkWatch } from '../../electron/studio/network-watch';

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
