import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findLockOwner, FolderLock, isOwnerAlive } from '../../electron/streaming/lib/folder-lock';
import type { LockOwner } from '../../electron/streaming/lib/folder-lock';
import { processStamp, startOf } from '../../electron/streaming/lib/process-stamp';

let root: string;
let path: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'folder-lock-'));
  path = join(root, 'lock');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const dead: LockOwner = { pid: 4_194_999, stamp: 'long ago', id: 'dead' };
const leave = (owner: LockOwner, at = path): void => writeFileSync(at, JSON.stringify(owner));

describe('FolderLock', () => {
  it('belongs to one at a time and is free after its release', () => {
    const first = new FolderLock(path);
    expect(first.acquire()).toBeNull();
    const second = new FolderLock(path);
    expect(second.acquire()).toEqual({ pid: process.pid });
    second.release();
    expect(findLockOwner(path)).toBe(process.pid);
    first.release();
    expect(readdirSync(root)).toEqual([]);
    expect(second.acquire()).toBeNull();
  });

  it('is not held by whoever got the process id of a dead owner', () => {
    // Our parent lives, but it did not start at that time.
    leave({ ...dead, pid: process.ppid });
    expect(findLockOwner(path)).toBeUndefined();
    expect(new FolderLock(path).acquire()).toBeNull();
    leave({ ...dead, pid: process.ppid, stamp: processStamp(process.ppid) });
    expect(findLockOwner(path)).toBe(process.ppid);
    // A container gives the first process the same id every time.
    leave({ ...dead, pid: process.pid });
    expect(new FolderLock(path).acquire()).toBeNull();
  });

  it('believes the process id alone where the system tells no start times', () => {
    expect(isOwnerAlive({ ...dead, pid: process.ppid, stamp: null })).toBe(true);
    expect(isOwnerAlive({ ...dead, pid: process.pid, stamp: null })).toBe(false);
  });

  it.each(['', '{', '123'])('takes over a file that says nothing: %j', (text) => {
    writeFileSync(path, text);
    expect(new FolderLock(path).acquire()).toBeNull();
    expect(findLockOwner(path)).toBe(process.pid);
  });

  it('is won by one of two that found the same dead owner', () => {
    leave(dead);
    const first = new FolderLock(path);
    let firstGot: ReturnType<FolderLock['acquire']> | undefined;
    // The second has read who is dead, and before it acts the first does all it has to do.
    const second = new FolderLock(path, (owner) => {
      if (firstGot === undefined) firstGot = first.acquire();
      return isOwnerAlive(owner);
    });
    expect(second.acquire()).toEqual({ pid: process.pid });
    expect(firstGot).toBeNull();
    second.release();
    expect(findLockOwner(path)).toBe(process.pid);
    first.release();
    expect(readdirSync(root)).toEqual([]);
  });

  it('is taken although somebody died while taking it over', () => {
    leave(dead);
    leave({ ...dead, id: 'dead-too' }, `${path}.dead`);
    expect(new FolderLock(path).acquire()).toBeNull();
    expect(findLockOwner(path)).toBe(process.pid);
    expect(readdirSync(root)).toEqual(['lock']);
  });
});

describe('processStamp', () => {
  it('is the same for as long as a process lives, and nothing for one that does not', () => {
    expect(processStamp(process.ppid)).toBe(processStamp(process.ppid));
    expect(processStamp(process.ppid)).not.toBe(processStamp(process.pid));
    expect(processStamp(dead.pid)).toBeNull();
  });

  it('asks ps where there is no /proc', () => {
    expect(processStamp(process.pid, 'darwin')).toMatch(/^\w{3} \w{3} +\d+ \d\d:\d\d:\d\d \d{4}$/);
    expect(processStamp(dead.pid, 'darwin')).toBeNull();
  });

  it('reads the start from behind any name', () => {
    const fields = ['S', ...Array.from({ length: 18 }, (_none, index) => String(index)), '4711', '9'];
    expect(startOf(`7 (a) b) c) ${fields.join(' ')}`, 'boot')).toBe('boot 4711');
    expect(startOf('7 (short) S 1', 'boot')).toBeNull();
  });
});
