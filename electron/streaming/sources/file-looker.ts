import { patientDisks, PatientDisks } from '../lib/patient-disks';
import type { PatientDisksOptions } from '../lib/patient-disks';
import { lookAt } from './file-look';
import type { FileLook } from './file-look';

export interface FileLookerOptions extends PatientDisksOptions {
  readonly ask?: (path: string) => Promise<FileLook>;
  /** without: its own */
  readonly disks?: PatientDisks;
}

/** Looks at files by way of disks that may be silent. */
export class FileLooker {
  readonly #ask: (path: string) => Promise<FileLook>;
  readonly #disks: PatientDisks;

  constructor(options: FileLookerOptions = {}) {
    this.#ask = options.ask ?? ((path) => lookAt(path));
    this.#disks = options.disks ?? new PatientDisks(options);
  }

  /**
   * Answers within seconds, whatever the disk does: `silent` when it does not answer.
   * @param path absolute
   */
  async look(path: string): Promise<FileLook> {
    const answer = await this.#disks.ask(path, () => this.#ask(path));
    return answer ? answer.value : { kind: 'silent' };
  }
}

export const fileLooker = new FileLooker({ disks: patientDisks });
