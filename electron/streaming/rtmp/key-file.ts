import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { StudioError } from '../lib/errors';

export const storedKeySchema = z.object({
  id: z.string().min(1),
  name: z.string().min(1),
  publicName: z.string().regex(/^[a-z0-9-]+$/),
  weak: z.boolean(),
  createdAt: z.number(),
  scheme: z.enum(['sha256', 'scrypt']),
  digest: z.string().length(44),
});
export type StoredKey = z.infer<typeof storedKeySchema>;

const keyFileSchema = z.object({
  version: z.literal(1),
  salt: z.string().min(1),
  keys: z.array(storedKeySchema),
});
export type KeyFileContent = z.infer<typeof keyFileSchema>;

const lockTimeoutMs = 5000;
const lockRetryMs = 20;

/** `keys.json`: hashes only, readable by its owner only, replaced as a whole, shared by the engine and the command line. */
export class KeyFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** changes whenever the file does; null when there is none */
  async stamp(): Promise<string | null> {
    try {
      const { ino, size, mtimeMs } = await stat(this.path);
      return `${ino} ${size} ${mtimeMs}`;
    } catch {
      return null;
    }
  }

  /**
   * @returns null when there is no file
   * @throws StudioError `keys-unreadable` after the broken file has been put aside as `….broken-<unix ms>`
   */
  async read(nowUnixMs: number): Promise<KeyFileContent | null> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      // No permission, an unreadable disk: the file may be well, so it is left where it is.
      throw this.#unreadable((error as Error).message, error);
    }
    try {
      return keyFileSchema.parse(JSON.parse(text));
    } catch (error) {
      const aside = `${this.path}.broken-${nowUnixMs}`;
      await rename(this.path, aside);
      // A parser's message may quote the file.
      const reason = error instanceof SyntaxError ? 'it is not JSON' : 'it has another shape';
      throw this.#unreadable(`${reason}; kept as ${aside}`, undefined);
    }
  }

  /** Either the old content or the new, whatever happens meanwhile. @throws StudioError `file-unwritable` */
  async write(content: KeyFileContent): Promise<void> {
    const temporary = `${this.path}.${process.pid}.tmp`;
    await mkdir(dirname(this.path), { recursive: true });
    try {
      const file = await open(temporary, 'w', 0o600);
      try {
        await file.writeFile(`${JSON.stringify(content, null, 2)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, this.path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw this.#unwritable(error);
    }
    await syncFolder(dirname(this.path));
  }

  /** Runs `work` while no other process changes the file. */
  async exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const lock = `${this.path}.lock`;
    await mkdir(dirname(this.path), { recursive: true });
    const giveUpAt = performance.now() + lockTimeoutMs;
    for (;;) {
      try {
        await (await open(lock, 'wx', 0o600)).close();
        break;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'EEXIST') throw this.#unwritable(error);
      }
      // Held for a few milliseconds at a time; older than this, its owner died.
      if (performance.now() > giveUpAt) await rm(lock, { force: true });
      else await sleep(lockRetryMs);
    }
    try {
      return await work();
    } finally {
      await rm(lock, { force: true });
    }
  }

  #unwritable(cause: unknown): StudioError<'file-unwritable'> {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    return new StudioError('file-unwritable', { path: this.path, reason }, { cause });
  }

  #unreadable(reason: string, cause: unknown): StudioError<'keys-unreadable'> {
    return new StudioError('keys-unreadable', { path: this.path, reason }, { cause });
  }
}

/** The rename itself must survive a power loss; where folders cannot be synced (Windows) the system sees to it. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    await folder.sync().finally(() => folder.close());
  } catch {
    // Not offered here.
  }
}
