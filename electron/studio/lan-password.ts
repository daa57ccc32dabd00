import { readFileSync } from 'node:fs';
import { lanPasswordSchema, passwordRecordSchema } from '../../shared/contract/lan-preview';
import type { PasswordRecord } from '../../shared/contract/lan-preview';
import { StudioError } from '../streaming/lib/errors';
import { recordPassword } from '../streaming/lan-preview/password';
import { writeFileAtomic } from './data-folder';

/**
 * The first line of `--lan-password-file`: a command line is for everybody to see, a file is not.
 * @throws StudioError `option-invalid`; what the file holds is in no message
 */
export function readPasswordFile(path: string): string {
  let password: string;
  try {
    password = readFileSync(path, 'utf8').split(/\r?\n/, 1)[0] ?? '';
  } catch (error) {
    throw invalid(String((error as NodeJS.ErrnoException).code));
  }
  if (lanPasswordSchema.safeParse(password).success) return password;
  throw invalid(`one of ${password.length} characters`);
}

const invalid = (found: string): StudioError =>
  new StudioError('option-invalid', {
    option: '--lan-password-file',
    expected: 'a file whose first line is a password of 8 to 200 characters',
    found,
  });

/** The viewers' password, which nobody can read back: a file of the data folder (0600) holds its scrypt digest. */
export class LanPassword {
  readonly #path: string;
  #record: PasswordRecord | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  get record(): PasswordRecord | null {
    return this.#record;
  }

  /** @returns what is wrong with the file; then there is no password */
  load(): StudioError | null {
    try {
      this.#record = passwordRecordSchema.parse(JSON.parse(readFileSync(this.#path, 'utf8')));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return null;
      const reason = code ?? 'it is not of the known form';
      return new StudioError('lan-password-unreadable', { path: this.#path, reason });
    }
    return null;
  }

  /** For this run alone. */
  async use(password: string): Promise<void> {
    this.#record = await recordPassword(password);
  }

  /** @throws StudioError `lan-password-unsaved`; then the former one counts */
  async set(password: string): Promise<void> {
    const record = await recordPassword(password);
    try {
      writeFileAtomic(this.#path, `${JSON.stringify(record)}\n`);
    } catch (cause) {
      const reason = String((cause as NodeJS.ErrnoException).code);
      throw new StudioError('lan-password-unsaved', { path: this.#path, reason }, { cause });
    }
    this.#record = record;
  }
}
