import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BaseComponent } from '../streaming/lib/component';
import { patientDisks } from '../streaming/lib/patient-disks';
import type { PatientDisks } from '../streaming/lib/patient-disks';

export interface DiskWatchOptions {
  /** where the next bytes of a recording go, absolute; it need not exist yet */
  readonly folder: () => string;
  readonly isRecording: () => boolean;
  /** told with every reading that differs from the last */
  readonly onFree: (bytes: number | null) => void;
  /** the disk does not answer; once until it does again, or another folder is looked at */
  readonly onSilent: (path: string) => void;
  readonly onAnswering: () => void;
  /** while recording: little is left; once until there is more again */
  readonly onLow: (path: string, freeBytes: number) => void;
  /** while recording: so little is left that the file must be ended now; once a recording */
  readonly onFull: (path: string, freeBytes: number) => void;
  readonly limits?: DiskLimits;
  readonly intervalMs?: number;
  /** @returns bytes that a person may still write in this folder; null when that cannot be known */
  readonly readFree?: (path: string) => Promise<number | null>;
  readonly disks?: PatientDisks;
}

export interface DiskLimits {
  readonly lowBytes: number;
  readonly fullBytes: number;
}

export const diskLimits: DiskLimits = { lowBytes: 5e9, fullBytes: 0.5e9 };
/** At 100 Mbit/s a second of recording is 12 MB: far less than what is left when it is ended. */
const readingIntervalMs = 2000;

/** Keeps an eye on the disk that recordings go to. */
export class DiskWatch extends BaseComponent {
  readonly #options: DiskWatchOptions;
  readonly #limits: DiskLimits;
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> = Promise.resolve();
  /** a look that is asked for, but has not begun: whoever asks meanwhile gets it, too */
  #nextReading: Promise<void> | null = null;
  #isReading = false;
  #silentPath: string | null = null;
  #freeBytes: number | null = null;
  #wasLow = false;
  #wasFull = false;

  constructor(options: DiskWatchOptions) {
    super();
    this.#options = options;
    this.#limits = options.limits ?? diskLimits;
  }

  /** null: not known (yet) */
  get freeBytes(): number | null {
    return this.#freeBytes;
  }

  /** not worth beginning a recording */
  get isFull(): boolean {
    return this.#freeBytes !== null && this.#freeBytes < this.#limits.fullBytes;
  }

  /** the folder that was asked, and whose disk says nothing; null: it answers */
  get silentFolder(): string | null {
    return this.#silentPath;
  }

  /** The first look is not waited for, nor the last: the show depends on neither. */
  protected onStart(): Promise<void> {
    const look = (): void => void (this.#isReading || this.read());
    look();
    this.#timer = setInterval(look, this.#options.intervalMs ?? readingIntervalMs);
    return Promise.resolve();
  }

  protected onStop(): Promise<void> {
    clearInterval(this.#timer);
    return Promise.resolve();
  }

  /** Looks now, and has an answer within seconds. One look at a time: a network disk may take long. */
  read(): Promise<void> {
    if (this.#nextReading) return this.#nextReading;
    const reading = this.#reading.then(() => {
      this.#nextReading = null;
      return this.#read();
    });
    this.#nextReading = reading;
    // A look that failed is its caller's business; the next one is made all the same.
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  async #read(): Promise<void> {
    const { folder, isRecording, onFree, onLow, onFull } = this.#options;
    const path = folder();
    const freeBytes = await this.#ask(path);
    if (this.lifetime.aborted) return;
    if (freeBytes !== this.#freeBytes) onFree((this.#freeBytes = freeBytes));
    if (freeBytes === null || !isRecording()) {
      this.#wasLow = this.#wasFull = false;
      return;
    }
    const isLow = freeBytes < this.#limits.lowBytes;
    const isFull = freeBytes < this.#limits.fullBytes;
    if (isFull && !this.#wasFull) onFull(path, freeBytes);
    else if (isLow && !this.#wasLow) onLow(path, freeBytes);
    this.#wasLow = isLow;
    this.#wasFull = isFull;
  }

  async #ask(path: string): Promise<number | null> {
    const { readFree = freeBytesOf, disks = patientDisks, onSilent, onAnswering } = this.#options;
    this.#isReading = true;
    const answer = await disks
      .ask(path, () => readFree(path), { isUrgent: true })
      .finally(() => (this.#isReading = false));
    if (this.lifetime.aborted) return null;
    const formerly = this.#silentPath;
    this.#silentPath = answer === null ? path : null;
    if (answer === null) this.#freeBytes = null;
    if (formerly !== null && formerly !== this.#silentPath) onAnswering();
    if (this.#silentPath !== null && this.#silentPath !== formerly) onSilent(path);
    return answer === null ? null : answer.value;
  }
}

/** Of the folder, or of the nearest one above it that exists. */
export async function freeBytesOf(path: string): Promise<number | null> {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    } catch (error) {
      const isMissing = ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
      if (!isMissing || dirname(folder) === folder) return null;
    }
  }
}
