import { mkdir, open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AudioConfig, Packet, VideoConfig } from '../interfaces/packet';
import { Mp4FragmentWriter } from '../media/fmp4';
import type { Mp4End } from '../media/fmp4';
import { withoutFiller } from '../media/nal-units';

/** what happens to the file in a crash of the machine: at most about this much is lost */
const syncEveryMs = 1000;

/** The part of node:fs that a recording needs; a test brings a disk that fills up. */
export interface RecordingDisk {
  /** makes the folders that are missing; a file in their place is an error: ENOTDIR */
  mkdir(path: string): Promise<unknown>;
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
  create: (path) => open(path, 'wx').catch((error: unknown) => refuse(path, error)),
};

/** `wx` says EEXIST of a folder, too, and that one is not meant to become `folder-2`. */
async function refuse(path: string, error: unknown): Promise<never> {
  const isFolder = codeOf(error) === 'EEXIST' && (await stat(path)).isDirectory();
  throw isFolder ? withCode('EISDIR', `${path} is a folder`, error) : error;
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
const withCode = (code: string, message: string, cause: unknown): Error =>
  Object.assign(new Error(message, { cause }), { code });

/** One recording file: every fragment appended whole, so that the file plays whenever and however it ends. */
export class Mp4File {
  readonly path: string;
  readonly video: VideoConfig;
  readonly audio: AudioConfig | null;
  readonly #handle: RecordingHandle;
  readonly #writer: Mp4FragmentWriter;
  /** end of the last fragment that was written whole */
  #length = 0;
  #syncedAt = performance.now();
  #syncing: Promise<void> | null = null;
  #syncError: unknown = null;

  private constructor(
    path: string,
    handle: RecordingHandle,
    writer: Mp4FragmentWriter,
    configs: { video: VideoConfig; audio: AudioConfig | null },
  ) {
    this.path = path;
    this.#handle = handle;
    this.#writer = writer;
    this.video = configs.video;
    this.audio = configs.audio;
  }

  /** @throws the file system's error, EEXIST when the file exists and EISDIR for a folder; RangeError for codecs that it cannot hold */
  static async create(
    path: string,
    configs: { video: VideoConfig; audio: AudioConfig | null },
    disk: RecordingDisk,
  ): Promise<Mp4File> {
    const writer = new Mp4FragmentWriter(configs.video, configs.audio);
    await disk.mkdir(dirname(path));
    const handle = await disk.create(path);
    const file = new Mp4File(path, handle, writer, configs);
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
    const fragment = this.#writer.push(
      packet.kind === 'video' ? { ...packet, data: lean(packet.data) } : packet,
    );
    if (fragment) await this.#append(fragment);
    if (this.#syncError !== null) throw this.#syncError as Error;
    this.#syncIfDue();
  }

  /** Writes what is open, the index and the duration, and closes the file. */
  async finish(): Promise<void> {
    await this.#conclude(this.#writer.finish());
    await this.#syncing;
    await this.#handle.datasync();
    await this.#handle.close();
  }

  /**
   * After an error: the file ends with its last whole fragment. On a full disk the part of the next one makes room for
   * the index and the duration; without them it plays as well.
   */
  async abandon(): Promise<void> {
    await this.#syncing;
    const end = this.#writer.finishAt(this.#length);
    await this.#cut();
    await this.#conclude(end).catch(() => this.#cut());
    await this.#handle.datasync().catch(() => undefined);
    await this.#handle.close().catch(() => undefined);
  }

  async #conclude({ tail, patch }: Mp4End): Promise<void> {
    const length = this.#length;
    try {
      await this.#append(tail);
      await this.#handle.write(patch.bytes, 0, patch.bytes.length, patch.offset);
    } catch (error) {
      this.#length = length;
      throw error;
    }
  }

  #cut(): Promise<void> {
    return this.#handle.truncate(this.#length).catch(() => undefined);
  }

  /** One write for all parts; the loop is for the kernel that takes less than it was given. */
  async #append(parts: readonly Uint8Array[]): Promise<void> {
    const total = parts.reduce((sum, part) => sum + part.length, 0);
    let rest: readonly Uint8Array[] = parts;
    let written = 0;
    while (written < total) {
      const { bytesWritten } = await this.#handle.writev([...rest], this.#length + written);
      if (bytesWritten === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      written += bytesWritten;
      rest = skip(rest, bytesWritten);
    }
    this.#length += total;
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
