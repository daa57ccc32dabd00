import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  fsyncSync,
  accessSync,
  constants,
} from 'node:fs';
import { join } from 'node:path';
import { engineFileName, engineFileSchema } from '../../shared/contract/engine-file';
import type { EngineFile } from '../../shared/contract/engine-file';
import { StudioError } from '../streaming/lib/errors';
import { FolderLock, findLockOwner, lockFileName } from '../streaming/lib/folder-lock';

const reserveName = 'reserve';
/** of room kept for the start after this one: it needs its lock, its address and the like, a few kB each */
const reserveBytes = 64 * 1024;

/** Writes whole or not at all: a power cut leaves the old file or the new one. */
export function writeFileAtomic(path: string, content: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const fd = openSync(temporary, 'w', 0o600);
    try {
      writeFileSync(fd, content);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** The folder that belongs to one studio: its keys, token, recordings and the mark of the engine that runs on it. */
export class DataFolder {
  readonly path: string;
  #lock: FolderLock | undefined;

  constructor(path: string) {
    this.path = path;
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** @throws StudioError `folder-full`, `folder-unwritable` */
  create(): void {
    try {
      mkdirSync(this.path, { recursive: true, mode: 0o700 });
      accessSync(this.path, constants.W_OK | constants.X_OK);
      // Root passes every access check, a read-only file system does not let even root write.
      const probe = this.file(`.probe-${process.pid}`);
      writeFileSync(probe, '');
      rmSync(probe);
    } catch (error) {
      throw this.#unwritable(error);
    }
  }

  /**
   * While there is room, keeps some for a start on a full disk: an engine that crashes there must come back. Only for
   * who holds the lock.
   */
  keepReserve(): void {
    const path = this.file(reserveName);
    try {
      // Nothing that the file system could store in less.
      if (!existsSync(path)) writeFileAtomic(path, randomBytes(reserveBytes).toString('base64'));
    } catch {
      // There is none now; the next start may be luckier.
    }
  }

  /** Writes again with the reserve given back, when it was for want of room that it failed. */
  #write<Result>(write: () => Result): Result {
    try {
      return write();
    } catch (error) {
      if (!isForWantOfRoom(error) || !existsSync(this.file(reserveName))) throw error;
      rmSync(this.file(reserveName), { force: true });
      return write();
    }
  }

  #unwritable(cause: unknown): StudioError {
    const { path } = this;
    return isForWantOfRoom(cause)
      ? new StudioError('folder-full', { path }, { cause })
      : new StudioError('folder-unwritable', { path, reason: reasonOf(cause) }, { cause });
  }

  /**
   * One engine a folder. A lock left by a dead process is taken over, by one of all that try.
   * @throws StudioError `already-running`, `folder-full`, `folder-unwritable`
   */
  lock(): void {
    const lock = new FolderLock(this.file(lockFileName));
    let owner: { readonly pid: number } | null;
    try {
      owner = this.#write(() => lock.acquire());
    } catch (error) {
      throw this.#unwritable(error);
    }
    if (owner) throw new StudioError('already-running', { dataDir: this.path, pid: owner.pid });
    this.#lock = lock;
  }

  unlock(): void {
    if (!this.#lock) return;
    rmSync(this.file(engineFileName), { force: true });
    this.#lock.release();
    this.#lock = undefined;
  }

  /**
   * The access token belongs to the folder, so that an open tab reconnects after a restart. 256 bits, made once.
   * @throws StudioError `folder-full`, `folder-unwritable`
   */
  token(): string {
    const path = this.file('token');
    const present = readOr(path, '').trim();
    if (/^[\w-]{43}$/.test(present)) return present;
    const token = randomBytes(32).toString('base64url');
    this.#replace(path, `${token}\n`);
    return token;
  }

  /** @throws StudioError `folder-full`, `folder-unwritable` */
  announce(engine: EngineFile): void {
    this.#replace(this.file(engineFileName), `${JSON.stringify(engine)}\n`);
  }

  #replace(path: string, content: string): void {
    try {
      this.#write(() => writeFileAtomic(path, content));
    } catch (error) {
      throw this.#unwritable(error);
    }
  }

  /** The engine that runs on this folder, if one does. */
  running(): EngineFile | null {
    try {
      const engine = engineFileSchema.parse(JSON.parse(readFileSync(this.file(engineFileName), 'utf8')));
      // The lock knows its owner from whoever got the number later; the token must not go to a stranger.
      return findLockOwner(this.file(lockFileName)) === engine.pid ? engine : null;
    } catch {
      return null;
    }
  }
}

const isForWantOfRoom = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes(String((error as NodeJS.ErrnoException).code));

const readOr = (path: string, otherwise: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
};

const reasonOf = (error: unknown): string =>
  error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
