import { isDeepStrictEqual } from 'node:util';
import type { FileLook } from './file-look';
import type { FileLooker } from './file-looker';

const watchPeriodMs = 2000;

/**
 * Asks every two seconds whether a file is still the one it was. Polling, because change notices are missing on
 * network drives, and a file that does not exist yet cannot be watched otherwise.
 */
export class FileWatch {
  readonly #path: string;
  readonly #looker: FileLooker;
  readonly #onChange: (look: FileLook) => void;
  #timer: NodeJS.Timeout | undefined;
  #last: FileLook = { kind: 'missing' };
  #isRunning = false;

  constructor(path: string, looker: FileLooker, onChange: (look: FileLook) => void) {
    this.#path = path;
    this.#looker = looker;
    this.#onChange = onChange;
  }

  /** what was found last */
  get last(): FileLook {
    return this.#last;
  }

  async start(): Promise<FileLook> {
    this.#isRunning = true;
    await this.look();
    this.#plan();
    return this.#last;
  }

  /** Looks now. The caller acts on what it finds: `onChange` tells only of what is another thing after that. */
  async look(): Promise<FileLook> {
    this.#last = await this.#looker.look(this.#path);
    return this.#last;
  }

  stop(): void {
    this.#isRunning = false;
    clearTimeout(this.#timer);
  }

  #plan(): void {
    if (this.#isRunning) this.#timer = setTimeout(() => void this.#lookAgain(), watchPeriodMs).unref();
  }

  async #lookAgain(): Promise<void> {
    const look = await this.#looker.look(this.#path);
    if (!this.#isRunning) return;
    const hasChanged = !isDeepStrictEqual(look, this.#last);
    this.#last = look;
    this.#plan();
    if (hasChanged) this.#onChange(look);
  }
}
