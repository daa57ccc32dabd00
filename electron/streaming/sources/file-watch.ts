import { stat } from 'node:fs/promises';

/** size and time of change of a file; null: it does not exist or cannot be seen */
export type FileStamp = string | null;

export async function stampOf(path: string): Promise<FileStamp> {
  try {
    const found = await stat(path);
    return found.isFile() ? `${found.size}:${found.mtimeMs}` : null;
  } catch {
    return null;
  }
}

export const watchPeriodMs = 2000;

/**
 * Asks every two seconds whether a file is still the one it was. Polling, because change notices are missing on
 * network drives, and a file that does not exist yet cannot be watched otherwise.
 */
export class FileWatch {
  readonly #path: string;
  readonly #onChange: (stamp: FileStamp) => void;
  readonly #periodMs: number;
  #timer: NodeJS.Timeout | undefined;
  #stamp: FileStamp = null;
  #isRunning = false;

  constructor(path: string, onChange: (stamp: FileStamp) => void, periodMs = watchPeriodMs) {
    this.#path = path;
    this.#onChange = onChange;
    this.#periodMs = periodMs;
  }

  get stamp(): FileStamp {
    return this.#stamp;
  }

  async start(): Promise<FileStamp> {
    this.#isRunning = true;
    this.#stamp = await stampOf(this.#path);
    this.#plan();
    return this.#stamp;
  }

  /** Somebody else saw that it is gone: it is told of when it is there, even if it is the same file again. */
  sawMissing(): void {
    this.#stamp = null;
  }

  stop(): void {
    this.#isRunning = false;
    clearTimeout(this.#timer);
  }

  #plan(): void {
    if (this.#isRunning) this.#timer = setTimeout(() => void this.#look(), this.#periodMs).unref();
  }

  async #look(): Promise<void> {
    const stamp = await stampOf(this.#path);
    if (!this.#isRunning) return;
    const hasChanged = stamp !== this.#stamp;
    this.#stamp = stamp;
    this.#plan();
    if (hasChanged) this.#onChange(stamp);
  }
}
