import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataFolder, writeFileAtomic } from '../../electron/studio/data-folder';
import { findLockOwner } from '../../electron/streaming/lib/folder-lock';
import { processStamp } from '../../electron/streaming/lib/process-stamp';

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'data-folder-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('DataFolder', () => {
  it('makes a token of 256 bits once, readable by its owner alone', () => {
    const folder = new DataFolder(join(root, 'deep', 'er'));
    folder.create();
    const token = folder.token();
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(new DataFolder(folder.path).token()).toBe(token);
    expect(statSync(folder.file('token')).mode & 0o077).toBe(0);
  });

  it('says which folder cannot be written and why', () => {
    writeFileSync(join(root, 'file'), '');
    const folder = new DataFolder(join(root, 'file', 'below'));
    expect(() => folder.create()).toThrow(
      expect.objectContaining({
        code: 'folder-unwritable',
        details: { path: folder.path, reason: 'ENOTDIR' },
      }),
    );
  });

  it('is locked by a live process, taken over from a dead one, and free after unlock', () => {
    const folder = new DataFolder(root);
    const path = folder.file('engine.lock');
    const owner = (pid: number): string => JSON.stringify({ pid, stamp: processStamp(pid), id: 'other' });
    // The parent of the test runner lives for the whole test.
    writeFileSync(path, owner(process.ppid));
    expect(() => folder.lock()).toThrow(expect.objectContaining({ code: 'already-running' }));
    writeFileSync(path, owner(4194999));
    folder.lock();
    expect(findLockOwner(path)).toBe(process.pid);
    expect(readdirSync(root)).toEqual(['engine.lock']);
    expect(statSync(path).mode & 0o077).toBe(0);
    folder.unlock();
    expect(readdirSync(root)).toEqual([]);
  });

  it('tells of the engine that runs on it, and not of one that is dead or of a broken file', () => {
    const folder = new DataFolder(root);
    expect(folder.running()).toBeNull();
    const engine = { pid: process.pid, uiUrl: 'http://127.0.0.1:1/', rtmpUrl: null, startedAt: 5 };
    folder.announce(engine);
    // Without the lock it may be anybody who has the number now.
    expect(folder.running()).toBeNull();
    folder.lock();
    expect(folder.running()).toEqual(engine);
    folder.announce({ ...engine, pid: 4194999 });
    expect(folder.running()).toBeNull();
    writeFileSync(folder.file('engine.json'), '{');
    expect(folder.running()).toBeNull();
  });
});

describe('writeFileAtomic', () => {
  it('replaces the file and leaves no temporary one behind', () => {
    const path = join(root, 'a');
    writeFileAtomic(path, 'one');
    writeFileAtomic(path, 'two');
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(() => statSync(`${path}.${process.pid}.tmp`)).toThrow();
  });
});
