import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { isAlive, processStamp } from './process-stamp';

/** Name of the file in the data folder that says which engine owns it, from its first moment on. */
export const lockFileName = 'engine.lock';

const ownerSchema = z.object({
  pid: z.number().int().positive(),
  /** when that process started; null: the system does not say */
  stamp: z.string().nullable(),
  /** this one locking, among all */
  id: z.string().regex(/^[\w-]+$/),
});
export type LockOwner = z.infer<typeof ownerSchema>;

/** Whether the process that wrote this still lives, not merely some process with its id (a reboot, a container). */
export function isOwnerAlive({ pid, stamp }: LockOwner): boolean {
  if (!isAlive(pid)) return false;
  if (stamp === null) return pid !== process.pid;
  return (processStamp(pid) ?? stamp) === stamp;
}

function readOwner(path: string): LockOwner | 'none' | 'unreadable' {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'none';
    throw error;
  }
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch {
    return 'unreadable';
  }
}

/** The process that holds this lock. @returns undefined when nobody alive does */
export function findLockOwner(path: string): number | undefined {
  try {
    const owner = readOwner(path);
    return typeof owner === 'object' && isOwnerAlive(owner) ? owner.pid : undefined;
  } catch {
    return undefined;
  }
}

/** A file that belongs to one living process at a time. */
export class FolderLock {
  readonly path: string;
  readonly #isOwnerAlive: (owner: LockOwner) => boolean;
  readonly #id = randomUUID();

  constructor(path: string, isAliveNow: (owner: LockOwner) => boolean = isOwnerAlive) {
    this.path = path;
    this.#isOwnerAlive = isAliveNow;
  }

  /**
   * Takes it, from a dead owner, too.
   * @returns null, or the living process that has it
   * @throws Error of the file system
   */
  acquire(): { readonly pid: number } | null {
    // Written before it gets its name: nobody ever reads half a lock.
    const own = `${this.path}.${this.#id}`;
    const owner: LockOwner = { pid: process.pid, stamp: processStamp(process.pid), id: this.#id };
    try {
      writeFileSync(own, JSON.stringify(owner), { mode: 0o600 });
      return this.#take(this.path, own);
    } finally {
      rmSync(own, { force: true });
    }
  }

  release(): void {
    const owner = readOwner(this.path);
    if (typeof owner === 'object' && owner.id === this.#id) rmSync(this.path, { force: true });
  }

  /**
   * A lock is only replaced by whoever holds the lock on replacing *this* owner, and looks again while holding it. So of
   * two that found the same dead owner one replaces it, and the other finds a living one. That second lock may be left
   * by the dead, too, and is then taken in the same way.
   */
  #take(path: string, own: string): { readonly pid: number } | null {
    for (;;) {
      if (tryLink(own, path)) return null;
      const found = readOwner(path);
      if (found === 'none') continue;
      if (found !== 'unreadable' && this.#isOwnerAlive(found)) return { pid: found.pid };
      const id = found === 'unreadable' ? found : found.id;
      const claim = `${path}.${id}`;
      const other = this.#take(claim, own);
      if (other) return other;
      try {
        const now = readOwner(path);
        const isSame = now === found || (typeof now === 'object' && now.id === id);
        if (!isSame) continue;
        replaceWith(own, path);
        return null;
      } finally {
        rmSync(claim, { force: true });
      }
    }
  }
}

/** @returns false when the name is taken */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS' && code !== 'EOPNOTSUPP') throw error;
  }
  // FAT has no links: there the name exists for a moment before its content does.
  try {
    writeFileSync(to, readFileSync(from), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Replaces `to` in one step. */
function replaceWith(from: string, to: string): void {
  const copy = `${from}.new`;
  try {
    writeFileSync(copy, readFileSync(from), { mode: 0o600 });
    renameSync(copy, to);
  } catch (error) {
    rmSync(copy, { force: true });
    throw error;
  }
}
