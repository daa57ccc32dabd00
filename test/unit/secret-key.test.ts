import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataFolder } from '../../electron/studio/data-folder';
import { DestinationStore } from '../../electron/studio/destination-store';
import { addDestinations, destinationCommands } from '../../electron/studio/destination-commands';
import { Egress } from '../../electron/studio/egress';
import { systemKeyStore } from '../../electron/studio/key-store';
import type { KeyStore } from '../../electron/studio/key-store';
import { settleSecretKey } from '../../electron/studio/secret-key';
import type { SettledKey } from '../../electron/studio/secret-key';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { PacketHub } from '../../electron/streaming/output/packet-hub';
import { plainDestination } from '../support/plain-destination';

let folder: DataFolder;
let path: string;
beforeEach(() => {
  folder = new DataFolder(mkdtempSync(join(tmpdir(), 'secret-')));
  path = folder.file('secret.key');
});
afterEach(() => rmSync(folder.path, { recursive: true, force: true }));

const twitch = {
  id: 'a',
  name: 'Twitch',
  url: 'rtmps://live.example/app',
  key: 'canary-1',
  serviceId: null,
  ...plainDestination,
};

class MemoryStore implements KeyStore {
  readonly held = new Map<string, string>();
  get(account: string): Promise<string | null> {
    return Promise.resolve(this.held.get(account) ?? null);
  }
  set(account: string, secret: string): Promise<void> {
    this.held.set(account, secret);
    return Promise.resolve();
  }
}
const settle = (store: KeyStore | null, wantsStore = true): Promise<SettledKey> =>
  settleSecretKey(path, { wantsStore, store: () => store, timeoutMs: 50 });
const open = (settled: SettledKey): DestinationStore => new DestinationStore(folder, settled);
const keyFile = (): string => readFileSync(path, 'utf8');

describe('the key that destinations are encrypted with', () => {
  it('moves from its file to the system’s key store, and opens what it had closed', async () => {
    await new DestinationStore(folder).put(twitch);
    const before = keyFile().trim();
    const store = new MemoryStore();
    const settled = await settle(store);
    expect(settled).toMatchObject({ place: 'system', trouble: null });
    expect([...store.held.values()]).toEqual([before]);
    expect(keyFile()).not.toContain(before);
    expect(open(settled).load()).toEqual({ destinations: [twitch], error: null });
    // The next start finds it there, in a desktop session or without.
    expect(open(await settle(store, false)).load().destinations).toEqual([twitch]);
  });

  it('is made in the key store where there is none yet', async () => {
    const store = new MemoryStore();
    await open(await settle(store)).put(twitch);
    expect(open(await settle(store)).load().destinations).toEqual([twitch]);
    expect(keyFile()).toMatch(/^system-key-store [0-9a-f]{16}\n$/);
  });

  it.each<[string, KeyStore | null]>([
    ['there is none', null],
    ['fails', { get: () => Promise.reject(new Error('no')), set: () => Promise.reject(new Error('no')) }],
    ['forgets', { get: () => Promise.resolve(null), set: () => Promise.resolve() }],
  ])('stays in its file when the key store %s', async (_, store) => {
    await new DestinationStore(folder).put(twitch);
    const before = keyFile();
    const settled = await settle(store);
    expect(settled).toMatchObject({ place: 'file', key: null });
    expect(settled.trouble).not.toBeNull();
    expect(keyFile()).toBe(before);
    expect(open(settled).load().destinations).toEqual([twitch]);
  });

  it('stays in its file when nobody runs a desktop', async () => {
    await new DestinationStore(folder).put(twitch);
    const store = new MemoryStore();
    expect(await settle(store, false)).toEqual({ place: 'file', key: null, trouble: null });
    expect(store.held.size).toBe(0);
  });

  it('is never replaced when the key store that holds it is away: entries are told of and stay', async () => {
    const store = new MemoryStore();
    await open(await settle(store)).put(twitch);
    const away = await settle(null);
    expect(away).toMatchObject({ place: 'system', key: null });
    const locked = { code: 'key-store-unavailable', details: { reason: away.trouble } };
    const { destinations, error } = open(away).load();
    expect([destinations, error?.toWire()]).toEqual([[], locked]);
    expect(error?.message).toContain('Unlock the key store');
    expect(open(await settle(store)).load().destinations).toEqual([twitch]);
  });

  it('refuses what it cannot keep while the key store is away, with the remedy for it, and changes nothing', async () => {
    const store = new MemoryStore();
    await open(await settle(store)).put(twitch);
    const before = [keyFile(), readFileSync(folder.file('destinations.json'), 'utf8')];
    const away = await settle({
      get: () => Promise.reject(new Error('it is locked')),
      set: () => Promise.resolve(),
    });
    const saved = open(away);
    const egress = new Egress(new PacketHub(), silentLogger);
    expect(addDestinations(egress, [], saved)).toMatchObject([{ code: 'key-store-unavailable' }]);
    const commands = destinationCommands({ egress, saved, stopping: new AbortController().signal });
    await expect(commands['destination.add']({ ...twitch, name: 'Other' })).rejects.toMatchObject({
      ...{ code: 'key-store-unavailable', details: { reason: 'it is locked' } },
    });
    expect(egress.outputs()).toEqual([]);
    // One of the command line is not kept: it needs no key.
    const id = egress.addDestination({ ...twitch, name: 'Given' });
    await commands['destination.update']({ id, name: 'Renamed' });
    expect(egress.outputs().map(({ name }) => name)).toEqual(['Renamed']);
    expect([keyFile(), readFileSync(folder.file('destinations.json'), 'utf8')]).toEqual(before);
    await egress.stop();
  });

  it('is not moved when its file is damaged', async () => {
    writeFileSync(path, 'half a k');
    const store = new MemoryStore();
    expect(await settle(store)).toMatchObject({ place: 'file', key: null });
    expect(keyFile()).toBe('half a k');
    expect(store.held.size).toBe(0);
  });

  it('is asked of the real key store of this system, which answers or is given up in time', async () => {
    const startedAt = performance.now();
    const settled = await settleSecretKey(path, {
      wantsStore: true,
      store: () => {
        const real = systemKeyStore();
        // Only asked: a test leaves nothing in anybody's key store.
        return (
          real && {
            get: real.get,
            set: async (account, _secret, signal) => {
              await real.get(account, signal);
            },
          }
        );
      },
      timeoutMs: 1500,
    });
    expect(settled.place).toBe('file');
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});
