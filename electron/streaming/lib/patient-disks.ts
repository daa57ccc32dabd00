import { driveOf } from './drive-of';

/** A disk that sleeps needs some seconds for its first answer; people wait no longer for a word. */
const silentAfterMs = 4000;
/** Disks without an answer that are waited for, each with a thread… */
const maxSilentDrives = 2;
/** … and one more for what cannot wait for them: a recording must find its disk beside two dead ones. */
const maxSilentForUrgent = 3;
/** so long an answer stands for the next ones at the same path: where that lies takes reading the table of mounts */
const answerStandsMs = 1000;
/** so long a disk at work takes at most */
const promptMs = 200;

/** null: the disk is silent */
export type DiskAnswer<T> = { readonly value: T } | null;

interface Request {
  readonly path: string;
  readonly isUrgent: boolean;
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
 * everybody at once. A second such disk holds another; with two of them only disks are asked that have answered before, or
 * for something urgent.
 */
export class PatientDisks {
  readonly #driveOf: (path: string) => string;
  readonly #silentAfterMs: number;
  readonly #waiting: Request[] = [];
  readonly #silentDrives = new Set<string>();
  readonly #answeringDrives = new Set<string>();
  #isAsking = false;
  #askedAtMs = 0;
  #answered = { path: '', untilMs: 0 };

  constructor(options: PatientDisksOptions = {}) {
    this.#driveOf = options.driveOf ?? ((path) => driveOf(path));
    this.#silentAfterMs = options.silentAfterMs ?? silentAfterMs;
  }

  /** This disk has answered just now, to somebody else. @param path absolute */
  trust(path: string): void {
    this.#answeringDrives.add(this.#driveOf(path));
  }

  /** A thread hangs in a disk, or is about to find out: `exit` would wait for it. */
  get isWaiting(): boolean {
    const isLate = this.#isAsking && performance.now() - this.#askedAtMs > promptMs;
    return isLate || this.#silentDrives.size > 0;
  }

  /**
   * Answers some seconds after it was asked, whatever the disk does. One that is `urgent` is asked next.
   * @param path absolute: where the question leads
   * @throws what the question throws
   */
  ask<T>(
    path: string,
    question: () => Promise<T>,
    { isUrgent = false }: { isUrgent?: boolean } = {},
  ): Promise<DiskAnswer<T>> {
    return new Promise((resolve, reject) => {
      const run = async (): Promise<void> => {
        try {
          resolve({ value: await question() });
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      const request = { path, isUrgent, run, giveUp: () => resolve(null) };
      if (isUrgent) this.#waiting.unshift(request);
      else this.#waiting.push(request);
      this.#next();
    });
  }

  #next(): void {
    while (!this.#isAsking) {
      const request = this.#waiting.shift();
      if (!request) return;
      if (this.#mayAsk(request)) void this.#put(request);
      else request.giveUp();
    }
  }

  #mayAsk({ path, isUrgent }: Request): boolean {
    if (this.#silentDrives.size === 0) return true;
    const drive = this.#driveOf(path);
    if (this.#silentDrives.has(drive)) return false;
    const most = isUrgent ? maxSilentForUrgent : maxSilentDrives;
    return this.#silentDrives.size < most || this.#answeringDrives.has(drive);
  }

  async #put({ path, run, giveUp }: Request): Promise<void> {
    this.#isAsking = true;
    this.#askedAtMs = performance.now();
    let silentDrive: string | null = null;
    const timer = setTimeout(() => {
      silentDrive = this.#driveOf(path);
      this.#silentDrives.add(silentDrive);
      this.#answeringDrives.delete(silentDrive);
      this.#answered.untilMs = 0;
      giveUp();
      this.#isAsking = false;
      this.#next();
    }, this.#silentAfterMs).unref();
    await run();
    clearTimeout(timer);
    this.#noteAnswer(path);
    if (silentDrive === null) this.#isAsking = false;
    else this.#silentDrives.delete(silentDrive);
    this.#next();
  }

  /** Who reads a file piece by piece asks thousands of times. */
  #noteAnswer(path: string): void {
    const nowMs = performance.now();
    if (path === this.#answered.path && nowMs < this.#answered.untilMs) return;
    this.#answeringDrives.add(this.#driveOf(path));
    this.#answered = { path, untilMs: nowMs + answerStandsMs };
  }
}

/** The engine's only ones: threads belong to the process. */
export const patientDisks = new PatientDisks();
