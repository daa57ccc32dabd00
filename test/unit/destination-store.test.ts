import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { PacketHub } from '../../electron/streaming/output/packet-hub';
import { DataFolder } from '../../electron/studio/data-folder';
import { addDestinations, destinationCommands } from '../../electron/studio/destination-commands';
import { DestinationStore } from '../../electron/studio/destination-store';
import { Egress } from '../../electron/studio/egress';
import { SecretBox } from '../../electron/studio/secret-box';
import { plainDestination } from '../support/plain-destination';
import { waitFor } from '../support/wait-for';

let folder: DataFolder;
beforeEach(() => (folder = new DataFolder(mkdtempSync(join(tmpdir(), 'store-')))));
afterEach(() => rmSync(folder.path, { recursive: true, force: true }));
const twitch = {
  id: 'a',
  name: 'Twitch',
  url: 'rtmps://live.example/app',
  key: 'canary-key-1',
  serviceId: 'twitch',
  ...plainDestination,
};
const own = {
  id: 'b',
  name: 'Own',
  url: 'rtmp://127.0.0.1/live',
  key: 'canary-key-2',
  serviceId: null,
  takesVp9: true,
  ...plainDestination,
};

describe('DestinationStore', () => {
  it('brings back what was added, without any key in plain text on disk', async () => {
    const store = new DestinationStore(folder);
    expect(store.load()).toEqual({ destinations: [], error: null });
    await store.put(twitch);
    await store.put(own);
    expect(new DestinationStore(folder).load()).toEqual({ destinations: [twitch, own], error: null });
    for (const name of readdirSync(folder.path)) {
      expect(readFileSync(folder.file(name), 'utf8')).not.toContain('canary');
      expect(statSync(folder.file(name)).mode & 0o077).toBe(0);
    }
    await store.remove('a');
    await store.remove('unknown');
    expect(new DestinationStore(folder).load()).toEqual({ destinations: [own], error: null });
  });

  it('brings back one whose delay has become too long for the bitrate, which can be mended', async () => {
    const delayed = { ...twitch, delaySec: 900 };
    await new DestinationStore(folder).put(delayed);
    const saved = new DestinationStore(folder);
    const egress = new Egress(new PacketHub(), silentLogger, { videoKbps: () => 100_000 });
    expect(addDestinations(egress, [], saved)).toEqual([]);
    expect(egress.outputs()).toMatchObject([{ id: 'a', name: 'Twitch', delaySec: 900 }]);
    // Where it is started it says what is wrong.
    egress.startDestination('a');
    await waitFor(() => egress.outputs()[0]?.status.state === 'failed', 'the refusal');
    expect(egress.outputs()).toMatchObject([{ status: { error: { code: 'delay-too-long' } } }]);
    await egress.stopDestination('a');
    const commands = destinationCommands({ egress, saved, stopping: new AbortController().signal });
    await commands['destination.update']({ id: 'a', delaySec: 5 });
    expect(new DestinationStore(folder).load().destinations).toEqual([{ ...twitch, delaySec: 5 }]);
    // A new one is still checked before it is kept.
    await expect(commands['destination.add']({ ...own, delaySec: 900 })).rejects.toMatchObject({
      code: 'delay-too-long',
    });
    await egress.stop();
  });

  it('keeps a broken file aside and says so', async () => {
    writeFileSync(folder.file('destinations.json'), '{"version":1');
    const store = new DestinationStore(folder);
    expect(store.load()).toMatchObject({
      destinations: [],
      error: { code: 'destinations-unreadable', message: expect.stringContaining('.broken-') },
    });
    expect(readdirSync(folder.path).some((name) => name.startsWith('destinations.json.broken-'))).toBe(true);
    await store.put(own);
    expect(new DestinationStore(folder).load()).toEqual({ destinations: [own], error: null });
  });

  it('reads files of the time before destinations named their service', async () => {
    await new DestinationStore(folder).put(twitch);
    const path = folder.file('destinations.json');
    const file = JSON.parse(readFileSync(path, 'utf8')) as { destinations: { serviceId?: string }[] };
    delete file.destinations[0]?.serviceId;
    writeFileSync(path, JSON.stringify(file));
    const { destinations } = new DestinationStore(folder).load();
    expect(destinations).toEqual([{ ...twitch, serviceId: null, ...plainDestination }]);
  });

  it('writes while the program goes on, one after the other, and has what it says it has', async () => {
    const store = new DestinationStore(folder);
    const first = store.put(twitch);
    const second = store.put(own);
    expect(readdirSync(folder.path)).not.toContain('destinations.json');
    await first;
    expect(store.has('a')).toBe(true);
    expect(new DestinationStore(folder).load().destinations).toContainEqual(twitch);
    await Promise.all([second, store.remove('a')]);
    expect(new DestinationStore(folder).load().destinations).toEqual([own]);
  });

  it('keeps the place of one that was changed', async () => {
    const store = new DestinationStore(folder);
    await store.put(twitch);
    await store.put(own);
    await store.put({ ...twitch, name: 'My channel' });
    expect(store.load().destinations.map(({ name }) => name)).toEqual(['My channel', 'Own']);
  });

  it('replaces one of the same name', async () => {
    const store = new DestinationStore(folder);
    await store.put(twitch);
    await store.put({ ...twitch, id: 'c', key: 'canary-key-3' });
    expect(new DestinationStore(folder).load().destinations).toEqual([
      { ...twitch, id: 'c', key: 'canary-key-3' },
    ]);
  });

  it.each([
    ['gone', () => rmSync(folder.file('secret.key'))],
    ['damaged', () => writeFileSync(folder.file('secret.key'), 'half a k')],
    ['another one', () => writeFileSync(folder.file('secret.key'), Buffer.alloc(32, 7).toString('base64'))],
  ])('leaves out, names, and does not lose an entry when the secret key is %s', async (_what, spoil) => {
    await new DestinationStore(folder).put(twitch);
    const before = readFileSync(folder.file('destinations.json'), 'utf8');
    spoil();
    const key = readdirSync(folder.path).includes('secret.key')
      ? readFileSync(folder.file('secret.key'), 'utf8')
      : null;
    const { destinations, error } = new DestinationStore(folder).load();
    expect(destinations).toEqual([]);
    expect(error?.message).toContain('Twitch');
    expect(readFileSync(folder.file('destinations.json'), 'utf8')).toBe(before);
    // What cannot be read is never replaced: the right key may still come back.
    expect(
      readdirSync(folder.path).includes('secret.key')
        ? readFileSync(folder.file('secret.key'), 'utf8')
        : null,
    ).toBe(key);
  });
});

describe('SecretBox', () => {
  it('opens only with the same context and untouched text', () => {
    const box = new SecretBox(folder.file('secret.key'));
    const sealed = box.seal('secret', 'one');
    expect(box.open(sealed, 'one')).toBe('secret');
    expect(box.seal('secret', 'one')).not.toEqual(sealed);
    expect(() => box.open(sealed, 'two')).toThrow();
    const touched = Buffer.from(sealed.text, 'base64');
    touched[0] = (touched[0] ?? 0) ^ 1;
    expect(() => box.open({ ...sealed, text: touched.toString('base64') }, 'one')).toThrow();
  });
});
