import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

/** Puts one question to the disk; null: it does not answer. */
export type AskDisk = <T>(question: () => Promise<T>) => Promise<{ readonly value: T } | null>;

export class DiskSilent extends Error {
  constructor() {
    super('its disk does not answer');
  }
}

/**
 * A file whose disk may stop answering at any moment, as a network share does: then whoever asked is let go, and nothing
 * more is asked, so that it holds one thread at most. All methods but `close` throw DiskSilent then, and the file system's
 * errors.
 */
export class RepairFile {
  readonly #handle: FileHandle;
  readonly #put: AskDisk;
  /** what was asked last */
  #asked: Promise<unknown> = Promise.resolve();
  #isSilent = false;

  private constructor(handle: FileHandle, put: AskDisk) {
    this.#handle = handle;
    this.#put = put;
  }

  /** @param openFile a test brings a file that hangs */
  static async open(path: string, put: AskDisk, openFile = open): Promise<RepairFile> {
    let opening: Promise<FileHandle> | undefined;
    const answer = await put(() => (opening = openFile(path, 'r+')));
    if (answer) return new RepairFile(answer.value, put);
    opening?.then((handle) => handle.close()).catch(() => undefined);
    throw new DiskSilent();
  }

  async size(): Promise<number> {
    const { size } = await this.#ask((handle) => handle.stat());
    return size;
  }

  /** @returns as much as there is */
  async read(offset: number, length: number): Promise<Buffer> {
    const buffer = Buffer.alloc(length);
    let read = 0;
    while (read < length) {
      const at = read;
      const { bytesRead } = await this.#ask((handle) => handle.read(buffer, at, length - at, offset + at));
      if (bytesRead === 0) break;
      read += bytesRead;
    }
    return buffer.subarray(0, read);
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      const at = written;
      const { bytesWritten } = await this.#ask((handle) =>
        handle.write(bytes, at, bytes.length - at, position + at),
      );
      if (bytesWritten === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      written += bytesWritten;
    }
  }

  truncate(length: number): Promise<void> {
    return this.#ask((handle) => handle.truncate(length));
  }

  datasync(): Promise<void> {
    return this.#ask((handle) => handle.datasync());
  }

  /** Of a silent disk when it has answered. Never rejects. */
  async close(): Promise<void> {
    const close = (): Promise<void> => this.#handle.close().catch(() => undefined);
    if (this.#isSilent) void this.#asked.then(close, close);
    else await this.#put(close);
  }

  async #ask<T>(question: (handle: FileHandle) => Promise<T>): Promise<T> {
    const answer = await this.#put(() => {
      const asked = question(this.#handle);
      this.#asked = asked;
      return asked;
    });
    if (answer) return answer.value;
    this.#isSilent = true;
    throw new DiskSilent();
  }
}
