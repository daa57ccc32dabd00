import { access, mkdir, open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Packet } from '../interfaces/packet';
import { syncFolder } from '../lib/replace-file';
import { withoutFiller } from '../media/nal-units';
import type { RecordingEnd, RecordingWriter } from '../media/recording-file';

/** what happens to the file in a crash of the machine: at most about this much is lost */
const syncEveryMs = 1000;

/** The part of node:fs that a recording needs; a test brings a disk that fills up. */
export interface RecordingDisk {
  /** makes the folders that are missing; a file in their place is an error: ENOTDIR */
  mkdir(path: string): Promise<unknown>;
  isThere(path: string): Promise<boolean>;
  /** creates the file; an existing one is an error: EEXIST, EISDIR for a folder */
  create(path: string): Promise<RecordingHandle>;
}
export type RecordingHandle = Pick<FileHandle, 'writev' | 'write' | 'datasync' | 'truncate' | 'close'>;

export const realDisk: RecordingDisk = {
  // A file in the place of the last folder is EEXIST to mkdir, which of a recording says that its name is taken.
  mkdir: (path) =>
    mkdir(path, { recursive: true }).catch((error: unknown) => {
      throw codeOf(error) === 'EEXIST' ? withCode('ENOTDIR', `${path} is a file`, error) : error;
    }),
  isThere: (path) =>
    access(path).then(
      () => true,
      () => false,
    ),
  create: async (path) => {
    const handle = await open(path, 'wx').catch((error: unknown) => refuse(path, error));
    // What is synced in it is worth nothing after a power cut that its name did not survive.
    await syncFolder(dirname(path));
    return handle;
  },
};

/** `wx` says EEXIST of a folder, too, and that one is not meant to become `folder-2`. */
async function refuse(path: string, error: unknown): Promise<never> {
  const isFolder = codeOf(error) === 'EEXIST' && (await stat(path)).isDirectory();
  throw isFolder ? withCode('EISDIR', `${path} is a folder`, error) : error;
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
const withCode = (code: string, message: string, cause: unknown): Error =>
  Object.assign(new Error(message, { cause }), { code });

const noSpace = (): Error => withCode('ENOSPC', 'no space left on device', undefined);

/** One recording file: every piece appended whole, so that the file plays whenever and however it ends. */
export class RecordingFile {
  readonly path: string;
  readonly #handle: RecordingHandle;
  readonly #writer: RecordingWriter;
  /** end of the last piece that was written whole */
  #length = 0;
  #syncedAt = performance.now();
  #syncing: Promise<void> | null = null;
  #syncError: unknown = null;
  /** The index is on the disk, and the beginning may already say so: nothing is cut away any more. */
  #patch: RecordingEnd['patch'] | null = null;

  private constructor(path: string, handle: RecordingHandle, writer: RecordingWriter) {
    this.path = path;
    this.#handle = handle;
    this.#writer = writer;
  }

  /** @throws the file system's error, EEXIST when the file exists and EISDIR for a folder */
  static async create(path: string, writer: RecordingWriter, disk: RecordingDisk): Promise<RecordingFile> {
    await disk.mkdir(dirname(path));
    const handle = await disk.create(path);
    const file = new RecordingFile(path, handle, writer);
    try {
      await file.#append([writer.header]);
      await handle.datasync();
    } catch (error) {
      await handle.close().catch(() => undefined);
      throw error;
    }
    return file;
  }

  /** bytes in the file */
  get length(): number {
    return this.#length;
  }
  get durationSec(): number {
    return this.#writer.durationSec;
  }

  /** @throws the file system's error; then only `abandon` is left to do */
  async push(packet: Packet): Promise<void> {
    await this.#write(this.#writer.push(isPadded(packet) ? { ...packet, data: lean(packet.data) } : packet));
    this.#throwSyncError();
    this.#syncIfDue();
  }

  /** Writes what is open. @throws as `push` */
  flush(): Promise<void> {
    return this.#write(this.#writer.close());
  }

  /** Writes what is open and the index, and closes the file. @throws as `push` */
  async finish(): Promise<void> {
    await this.flush();
    await this.#syncing;
    this.#throwSyncError();
    await this.#conclude();
    await this.#handle.close();
  }

  /**
   * After an error: the file ends with its last whole piece. On a full disk the part of the next one may make room for
   * the index; without it the file plays as well.
   * @returns whether it is finished
   */
  async abandon(): Promise<boolean> {
    await this.#syncing;
    await this.#cut();
    const isFinished = await this.#conclude().then(
      () => true,
      () => false,
    );
    if (!isFinished) await this.#cut();
    await this.#handle.datasync().catch(() => undefined);
    await this.#handle.close().catch(() => undefined);
    return isFinished;
  }

  async #write(piece: readonly Uint8Array[] | null): Promise<void> {
    if (!piece) return;
    await this.#append(piece);
    this.#writer.written();
  }

  /** The index is on the disk before the one write that makes it count, which may be cut off before, not within. */
  async #conclude(): Promise<void> {
    this.#patch ??= await this.#index();
    const { bytes, offset } = this.#patch;
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(bytes, at, bytes.length - at, offset + at);
      if (bytesWritten === 0) throw noSpace();
      at += bytesWritten;
    }
    await this.#handle.datasync();
  }

  async #index(): Promise<RecordingEnd['patch']> {
    const { tail, patch } = this.#writer.end();
    const length = this.#length;
    try {
      await this.#append(tail);
      await this.#handle.datasync();
    } catch (error) {
      this.#length = length;
      throw error;
    }
    return patch;
  }

  async #cut(): Promise<void> {
    if (!this.#patch) await this.#handle.truncate(this.#length).catch(() => undefined);
  }

  /** One write for all parts; the loop is for the kernel that takes less than it was given. */
  async #append(parts: readonly Uint8Array[]): Promise<void> {
    const total = parts.reduce((sum, part) => sum + part.length, 0);
    let rest: readonly Uint8Array[] = parts;
    let written = 0;
    while (written < total) {
      const { bytesWritten } = await this.#handle.writev([...rest], this.#length + written);
      if (bytesWritten === 0) throw noSpace();
      written += bytesWritten;
      rest = skip(rest, bytesWritten);
    }
    this.#length += total;
  }

  /** What a sync could not bring onto the disk is forgotten by the next one, which says that all is well. */
  #throwSyncError(): void {
    if (this.#syncError !== null) throw this.#syncError as Error;
  }

  /** A slow disk must not hold up the writing: at most one sync at a time, beside it. */
  #syncIfDue(): void {
    if (this.#syncing || performance.now() - this.#syncedAt < syncEveryMs) return;
    this.#syncing = this.#handle
      .datasync()
      .catch((error: unknown) => {
        this.#syncError = error;
      })
      .finally(() => {
        this.#syncing = null;
        this.#syncedAt = performance.now();
      });
  }
}

const isPadded = (packet: Packet): boolean => packet.kind === 'video' && packet.codec === 'h264';

/** CBR padding is for the wire. A packet that is not what it should be is kept as it is: the decoder will cope. */
function lean(data: Uint8Array): Uint8Array {
  try {
    return withoutFiller(data);
  } catch {
    return data;
  }
}

function skip(parts: readonly Uint8Array[], bytes: number): Uint8Array[] {
  const rest: Uint8Array[] = [];
  for (const part of parts) {
    if (bytes < part.length) rest.push(bytes > 0 ? part.subarray(bytes) : part);
    bytes = Math.max(0, bytes - part.length);
  }
  return rest;
}
