import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, open, readdir, rename, rm, statfs } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { StudioError } from '../streaming/lib/errors';
import { shortName } from './short-name';

export interface FileStoreOptions {
  /** made when the first file comes */
  readonly folder: string;
  /** one file may be so large; 8 GiB unless given */
  readonly maxBytes?: number;
  /** so much stays free on the disk: recordings need it; 1 GiB unless given */
  readonly reserveBytes?: number;
  /** of the disk that a folder is on */
  readonly freeBytes?: (folder: string) => Promise<number>;
}

export interface IncomingFile {
  readonly name: string;
  readonly content: AsyncIterable<Uint8Array>;
  /** how long it will be, if that is known */
  readonly bytes: number | null;
}

const incomingPrefix = '.incoming-';
/** of a file's name in UTF-8; most file systems take 255 */
const maxNameBytes = 200;
/** of a file's name in UTF-16: Windows takes 260 for the whole path */
const maxNameUnits = 100;
/** between two looks at the disk */
const lookEveryBytes = 64 * 2 ** 20;

/**
 * The files people gave to the studio, each once, by what it holds: `<digest>/<name>`. None is ever changed or removed:
 * an undo, a restore point may want it again.
 */
export class FileStore {
  readonly folder: string;
  readonly maxBytes: number;
  readonly #reserveBytes: number;
  readonly #freeBytes: (folder: string) => Promise<number>;
  /** what a killed engine left is gone; null: not begun, or failed */
  #tidied: Promise<void> | null = null;

  constructor(options: FileStoreOptions) {
    this.folder = options.folder;
    this.maxBytes = options.maxBytes ?? 8 * 2 ** 30;
    this.#reserveBytes = options.reserveBytes ?? 2 ** 30;
    this.#freeBytes = options.freeBytes ?? freeOf;
  }

  /**
   * Takes a file in. It is there whole or not at all.
   * @returns its place in the folder, `<digest>/<name>`
   * @throws StudioError `upload-too-large`, `upload-no-room`, `upload-incomplete`, `folder-unwritable`
   */
  async put(file: IncomingFile): Promise<string> {
    const name = safeName(file.name);
    const incoming = await this.receive({ ...file, name });
    try {
      const place = join(this.folder, incoming.digest);
      await mkdir(place, { recursive: true, mode: 0o700 });
      const path = join(place, name);
      if (!(await exists(path))) await rename(incoming.path, path);
      return `${incoming.digest}/${name}`;
    } catch (error) {
      throw this.#unwritable(error);
    } finally {
      await incoming.remove();
    }
  }

  /**
   * Takes a file in for a while: whoever asked removes it.
   * @throws StudioError as `put`
   */
  async receive(
    file: IncomingFile,
  ): Promise<{ path: string; bytes: number; digest: string; remove: () => Promise<void> }> {
    await this.checkRoom(file.name, file.bytes ?? 0);
    const path = join(this.folder, `${incomingPrefix}${randomUUID()}`);
    const remove = (): Promise<void> => rm(path, { force: true });
    const digest = createHash('sha256');
    try {
      const bytes = await this.#write(file, path, digest.update.bind(digest));
      if (bytes === 0) throw new StudioError('upload-incomplete', { name: file.name, reason: 'it is empty' });
      if (file.bytes !== null && bytes !== file.bytes) {
        const reason = `${bytes} of ${file.bytes} bytes came`;
        throw new StudioError('upload-incomplete', { name: file.name, reason });
      }
      return { path, bytes, digest: digest.digest('hex').slice(0, 32), remove };
    } catch (error) {
      await remove();
      throw this.#typed(error, file.name);
    }
  }

  /** @throws StudioError `upload-too-large`, `upload-no-room` */
  async checkRoom(name: string, bytes: number): Promise<void> {
    if (bytes > this.maxBytes) throw new StudioError('upload-too-large', { name, maxBytes: this.maxBytes });
    await this.#prepare();
    const freeBytes = await this.#freeBytes(this.folder);
    if (freeBytes - bytes < this.#reserveBytes)
      throw new StudioError('upload-no-room', { name, path: this.folder, freeBytes });
  }

  async #write(file: IncomingFile, path: string, seen: (chunk: Uint8Array) => unknown): Promise<number> {
    let bytes = 0;
    let lookAt = lookEveryBytes;
    const checked = async function* (this: FileStore): AsyncGenerator<Uint8Array> {
      for await (const chunk of file.content) {
        bytes += chunk.length;
        if (bytes > this.maxBytes || bytes > lookAt) {
          await this.checkRoom(file.name, bytes > this.maxBytes ? bytes : 0);
          lookAt += lookEveryBytes;
        }
        seen(chunk);
        yield chunk;
      }
    }.bind(this);
    // It is there before anything can fail: a stream that opens it by itself may do so after it was removed again.
    const target = await open(path, 'wx', 0o600);
    await pipeline(checked, target.createWriteStream());
    // A show will refer to it: it must not be lost to a power cut that the show survives.
    const written = await open(path, 'r+');
    await written.sync().finally(() => written.close());
    return bytes;
  }

  async #prepare(): Promise<void> {
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      // Whoever comes meanwhile waits, too, or its own file would be tidied away.
      await (this.#tidied ??= this.#tidy());
    } catch (error) {
      throw this.#unwritable(error);
    }
  }

  /** What an engine that was killed had begun to take in is of no use. */
  async #tidy(): Promise<void> {
    try {
      const left = (await readdir(this.folder)).filter((name) => name.startsWith(incomingPrefix));
      await Promise.all(left.map((name) => rm(join(this.folder, name), { force: true })));
    } catch (error) {
      this.#tidied = null;
      throw error;
    }
  }

  #typed(error: unknown, name: string): StudioError {
    if (error instanceof StudioError) return error as StudioError;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT')
      return new StudioError('upload-no-room', { name, path: this.folder, freeBytes: 0 }, { cause: error });
    if (code === 'EACCES' || code === 'EROFS' || code === 'EIO') return this.#unwritable(error);
    const reason = error instanceof Error ? error.message : String(error);
    return new StudioError('upload-incomplete', { name, reason }, { cause: error });
  }

  #unwritable(error: unknown): StudioError {
    if (error instanceof StudioError) return error as StudioError;
    const reason = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : '';
    return new StudioError('folder-unwritable', { path: this.folder, reason }, { cause: error });
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

async function freeOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** The name as people know it, as every system takes it: no folders, no device names, at most 100 letters and 200 bytes. */
export function safeName(name: string): string {
  const last = basename(name.replaceAll('\\', '/'));
  const forbidden = (letter: string): boolean => letter < ' ' || '\u007f<>:"|?*'.includes(letter);
  const plain = Array.from(last, (letter) => (forbidden(letter) ? '_' : letter))
    .join('')
    .replace(/[. ]+$/, '');
  const extension = shortName(extname(plain), 20);
  const whole = plain.slice(0, plain.length - extname(plain).length);
  const stem = shortName(whole, maxNameBytes - Buffer.byteLength(extension), maxNameUnits - extension.length);
  const isDevice = /^(con|prn|aux|nul|com\d|lpt\d)$/i.test(stem);
  return `${isDevice ? '_' : ''}${stem}${extension}` || 'file';
}
