import { driveOf } from './drive-of';

/** A disk that sleeps needs some seconds for its first answer; people wait no longer for a word. */
const silentAfterMs = 4000;
/** Disks without an answer that are waited for, each with a thread. */
const maxSilentDrives = 2;

/** null: the disk is silent */
export type DiskAnswer<T> = { readonly value: T } | null;

interface Request {
  readonly path: string;
  /** never rejects */
  readonly run: () => Promise<void>;
  readonly giveUp: () => void;
}

export interface PatientDisksOptions {
  readonly driveOf?: (path: string) => string;
  readonly silentAfterMs?: number;
}

/**
 * Questions to disks, one at a time for the whole engine. A dead network share lets whoever asks it hang without end, and
 * Node has four threads for all its files and names: asked by every part on its own, such a share would stop recordings,
 * saving and reconnecting. Here it holds one thread: until it answers, it is asked nothing more, and is `silent` to
 * everybody at once. A second such disk holds another; with two of them only disks are asked that have answered before.
 */
export class PatientDisks {
  readonly #driveOf: (path: string) => string;
  readonly #silentAfterMs: number;
  readonly #waiting: Request[] = [];
  readonly #silentDrives = new Set<string>();
  readonly #answeringDrives = new Set<string>();
  #isAsking = false;

  constructor(options: PatientDisksOptions = {}) {
    this.#driveOf = options.driveOf ?? ((path) => driveOf(path));
    this.#silentAfterMs = options.silentAfterMs ?? silentAfterMs;
  }

  /** A thread hangs in a disk, or is about to find out: `exit` would wait for it. */
  get isWaiting(): boolean {
    return this.#isAsking || this.#silentDrives.size > 0;
  }

  /**
   * Answers within seconds, whatever the disk does.
   * @param path absolute: where the question leads
   * @throws what the question throws
   */
  ask<T>(path: string, question: () => Promise<T>): Promise<DiskAnswer<T>> {
    return new Promise((resolve, reject) => {
      const run = async (): Promise<void> => {
        try {
          resolve({ value: await question() });
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      this.#waiting.push({ path, run, giveUp: () => resolve(null) });
      this.#next();
    });
  }

  #next(): void {
    while (!this.#isAsking) {
      const request = this.#waiting.shift();
      if (!request) return;
      if (this.#mayAsk(request.path)) void this.#put(request);
      else request.giveUp();
    }
  }

  #mayAsk(path: string): boolean {
    if (this.#silentDrives.size === 0) return true;
    const drive = this.#driveOf(path);
    if (this.#silentDrives.has(drive)) return false;
    return this.#silentDrives.size < maxSilentDrives || this.#answeringDrives.has(drive);
  }

  async #put({ path, run, giveUp }: Request): Promise<void> {
    this.#isAsking = true;
    let silentDrive: string | null = null;
    const timer = setTimeout(() => {
      silentDrive = this.#driveOf(path);
      this.#silentDrives.add(silentDrive);
      this.#answeringDrives.delete(silentDrive);
      giveUp();
      this.#isAsking = false;
      this.#next();
    }, this.#silentAfterMs).unref();
    await run();
    clearTimeout(timer);
    this.#answeringDrives.add(this.#driveOf(path));
    if (silentDrive === null) this.#isAsking = false;
    else this.#silentDrives.delete(silentDrive);
    this.#next();
  }
}

/** The engine's only ones: threads belong to the process. */
export const patientDisks = new PatientDisks();
