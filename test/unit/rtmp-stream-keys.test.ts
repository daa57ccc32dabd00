import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StreamKeys } from '../../electron/streaming/rtmp/stream-keys';

let dataDir: string;
const opened: StreamKeys[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'stream-keys-'));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((keys) => keys.stop()));
  rmSync(dataDir, { recursive: true });
});

async function open(watchMs = 20): Promise<StreamKeys> {
  const keys = new StreamKeys({ dataDir, watchMs });
  opened.push(keys);
  await keys.start();
  return keys;
}
const file = (): string => join(dataDir, 'keys.json');

describe('StreamKeys', () => {
  it('makes keys of 256 bits, stores hashes only, for its owner only, and finds them again', async () => {
    const keys = await open();
    const { id, key, publicName } = await keys.add('Große Bühne!');
    expect(key).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(publicName).toBe('gro-e-buhne');
    const text = readFileSync(file(), 'utf8');
    expect(text).not.toContain(key);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(readdirSync(dataDir)).toEqual(['keys.json']);
    const again = await open();
    expect(again.list()).toMatchObject([{ id, name: 'Große Bühne!', publicName, weak: false }]);
    expect((await again.verify(key))?.id).toBe(id);
    expect(await again.verify(`${key}x`)).toBeNull();
    expect(JSON.stringify([again.list(), again.directory])).not.toContain(key);
  });

  it('accepts given keys and flags them weak; refuses what a key cannot be, without repeating it', async () => {
    const keys = await open();
    await keys.add('Mine', 'stream-key-123');
    expect(keys.list()[0]).toMatchObject({ weak: true });
    expect((await keys.verify('stream-key-123'))?.name).toBe('Mine');
    for (const bad of [
      '',
      'a b',
      'ключ',
      'a/b',
      'a?b',
      'x'.repeat(201),
      'program',
      'mine',
      'stream-key-123',
    ]) {
      const refusal = keys.add('Other', bad);
      await expect(refusal).rejects.toMatchObject({ code: 'key-invalid' });
      if (bad.length > 7) await expect(refusal).rejects.not.toThrow(bad);
    }
    await expect(keys.add('Mine')).rejects.toMatchObject({ code: 'key-name-taken' });
    expect(keys.list()).toHaveLength(1);
  });

  it('gives public names that are unique, never reserved, and never a key', async () => {
    const keys = await open();
    await keys.add('secret-word', 'secret-word');
    await keys.add('One', 'two');
    const names = ['Program', 'A b', 'a-B', '★', 'Two'];
    for (const name of names) await keys.add(name);
    expect(keys.list().map(({ publicName }) => publicName)).toEqual([
      'secret-word-2',
      'one',
      'program-2',
      'a-b',
      'a-b-2',
      'stream',
      'two-2',
    ]);
  });

  it('removes by id, by name and by key', async () => {
    const keys = await open();
    const first = await keys.add('First');
    await keys.add('Second');
    const third = await keys.add('Third');
    await keys.remove(first.id);
    await keys.remove('Second');
    await keys.removeByKey(third.key);
    expect(keys.list()).toEqual([]);
    await expect(keys.remove('Second')).rejects.toMatchObject({ code: 'key-not-found' });
    await expect(keys.removeByKey(third.key)).rejects.not.toThrow(third.key);
  });

  it('keeps a broken file aside, says so, and goes on', async () => {
    writeFileSync(file(), '{"version": 1, "keys": [');
    const keys = await open();
    expect(keys.loadError).toMatchObject({ code: 'keys-unreadable' });
    const [aside] = readdirSync(dataDir);
    expect(aside).toMatch(/^keys\.json\.broken-\d+$/);
    expect(readFileSync(join(dataDir, aside!), 'utf8')).toBe('{"version": 1, "keys": [');
    await keys.add('New');
    expect((await open()).list()).toHaveLength(1);
    expect(readdirSync(dataDir)).toHaveLength(2);
  });

  it('when the file breaks while it runs, keeps its keys in force and loses neither', async () => {
    const keys = await open();
    const { key } = await keys.add('Camera');
    const reported = new Promise((resolve) => keys.events.on('unreadable', resolve));
    writeFileSync(file(), 'garbage');
    await expect(reported).resolves.toMatchObject({ code: 'keys-unreadable' });
    expect(await keys.verify(key)).not.toBeNull();
    await keys.add('Phone');
    expect((await open()).list().map(({ name }) => name)).toEqual(['Camera', 'Phone']);
  });

  it('sees what another process changes, and neither overwrites the other', async () => {
    const [engine, commandLine] = [await open(), await open(1_000_000)];
    const changed = new Promise((resolve) => engine.events.on('changed', () => resolve(undefined)));
    await commandLine.add('From the terminal');
    await changed;
    expect(engine.list().map(({ name }) => name)).toEqual(['From the terminal']);
    await Promise.all([...Array(5).keys()].flatMap((n) => [engine.add(`e${n}`), commandLine.add(`c${n}`)]));
    expect((await open()).list()).toHaveLength(11);
  });

  it('lives without a file when it is given none', async () => {
    const keys = new StreamKeys({ dataDir: null });
    await keys.start();
    const { key } = await keys.add('x');
    expect(await keys.verify(key)).not.toBeNull();
    await keys.stop();
  });
});
