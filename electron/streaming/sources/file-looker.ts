import { driveOf } from '../lib/drive-of';
import { lookAt } from './file-look';
import type { FileLook } from './file-look';

/** A disk that sleeps needs some seconds for its first answer; people wait no longer for a word. */
const silentAfterMs = 4000;
/** Disks without an answer that are waited for, each with a thread. */
const maxSilentDrives = 2;

interface Request {
  readonly path: string;
  readonly resolve: (look: FileLook) => void;
}

export interface FileLookerOptions {
  readonly ask?: (path: string) => Promise<FileLook>;
  readonly driveOf?: (path: string) => string;
  readonly silentAfterMs?: number;
}

/**
 * Looks at files, one at a time for the whole engine. A dead network share lets whoever asks it hang without end, and
 * Node has four threads for all its files and names: asked by every source on its own, such a share would stop
 * recordings, saving and reconnecting. Here it holds one thread: until it answers, it is asked nothing more, and every
 * file on it is `silent` at once. A second such disk holds another; with two of them only disks are asked that have
 * answered before.
 */
export class FileLooker {
  readonly #ask: (path: string) => Promise<FileLook>;
  readonly #driveOf: (path: string) => string;
  readonly #silentAfterMs: number;
  readonly #waiting: Request[] = [];
  readonly #silentDrives = new Set<string>();
  readonly #answeringDrives = new Set<string>();
  #isAsking = false;

  constructor(options: FileLookerOptions = {}) {
    this.#ask = options.ask ?? ((path) => lookAt(path));
    this.#driveOf = options.driveOf ?? ((path) => driveOf(path));
    this.#silentAfterMs = options.silentAfterMs ?? silentAfterMs;
  }

  /**
   * Answers within seconds, whatever the disk does: `silent` when it does not answer.
   * @param path absolute
   */
  look(path: string): Promise<FileLook> {
    return new Promise((resolve) => {
      this.#waiting.push({ path, resolve });
      this.#next();
    });
  }

  #next(): void {
    while (!this.#isAsking) {
      const request = this.#waiting.shift();
      if (!request) return;
      if (this.#mayAsk(request.path)) void this.#put(request);
      else request.resolve({ kind: 'silent' });
    }
  }

  #mayAsk(path: string): boolean {
    if (this.#silentDrives.size === 0) return true;
    const drive = this.#driveOf(path);
    if (this.#silentDrives.has(drive)) return false;
    return this.#silentDrives.size < maxSilentDrives || this.#answeringDrives.has(drive);
  }

  async #put({ path, resolve }: Request): Promise<void> {
    this.#isAsking = true;
    let silentDrive: string | null = null;
    const timer = setTimeout(() => {
      silentDrive = this.#driveOf(path);
      this.#silentDrives.add(silentDrive);
      this.#answeringDrives.delete(silentDrive);
      resolve({ kind: 'silent' });
      this.#isAsking = false;
      this.#next();
    }, this.#silentAfterMs).unref();
    const look = await this.#ask(path);
    clearTimeout(timer);
    this.#answeringDrives.add(this.#driveOf(path));
    if (silentDrive === null) {
      this.#isAsking = false;
      resolve(look);
    } else this.#silentDrives.delete(silentDrive);
    this.#next();
  }
}

/** The engine's only one: threads belong to the process. */
export const fileLooker = new FileLooker();
