import { readFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { settingsSchema } from '../../shared/contract/settings';
import type { Settings, SettingsPatch } from '../../shared/contract/settings';
import type { UserProfile } from '../../shared/contract/user-profile';
import type { Variant } from '../../shared/contract/variants';
import { StudioError } from '../streaming/lib/errors';
import { replaceFile } from '../streaming/lib/replace-file';
import { Turns } from '../streaming/lib/turns';
import type { DataFolder } from './data-folder';

type Raw = Readonly<Record<string, unknown>>;
const fields: Readonly<Record<string, { safeParse(value: unknown): { success: boolean } }>> =
  settingsSchema.shape;

/**
 * What a person has set for this data folder, in `settings.json`. The file holds what was set and nothing else; what
 * this version does not know stays in it. A file that cannot be read is left as it is until something is set, and put
 * aside then; meanwhile the last good one counts. What cannot be written counts all the same and is tried again.
 */
export class SettingsStore {
  /** told of each saving; null: it is saved */
  onSaved: (error: StudioError | null) => void = () => undefined;
  readonly #path: string;
  readonly #lastGoodPath: string;
  #raw: Raw = {};
  #settings = settingsSchema.parse({});
  #isBroken = false;
  readonly #retryMs: number;
  readonly #turns = new Turns();
  #retry: NodeJS.Timeout | undefined;

  /** @param retryMs between two attempts to write what could not be written */
  constructor(folder: DataFolder, retryMs = 2000) {
    this.#path = folder.file('settings.json');
    this.#lastGoodPath = folder.file('settings.last-good.json');
    this.#retryMs = retryMs;
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** @returns what is wrong with the file; then the last good one or the defaults count. Null: nothing, or there is none */
  load(): StudioError | null {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      return this.#fallBack(reasonOf(error));
    }
    const raw = parseObject(text);
    if (!raw) return this.#fallBack('it is not of the known form');
    this.#raw = raw;
    const { settings, unfit } = read(raw);
    this.#settings = settings;
    return unfit.length > 0
      ? this.#unreadable(`not of the known form: ${unfit.join(', ')}`, 'their defaults')
      : null;
  }

  /**
   * What is left out stays. It counts from now on, whether or not there is room for it on the disk.
   * @returns resolves when it is on disk, or `onSaved` was told why not; never rejects
   */
  update(
    patch: SettingsPatch & {
      readonly userProfiles?: readonly UserProfile[];
      readonly variants?: readonly Variant[];
    },
  ): Promise<void> {
    const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
    this.#raw = { ...this.#raw, ...given };
    this.#settings = read(this.#raw).settings;
    return this.#save();
  }

  /** What could not be written yet is tried a last time. */
  async stop(): Promise<void> {
    await this.#turns.over();
    if (this.#retry !== undefined) await this.#save();
    clearTimeout(this.#retry);
  }

  #save(): Promise<void> {
    return this.#turns.take(() => this.#write());
  }

  async #write(): Promise<void> {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    const text = `${JSON.stringify(this.#raw, null, 2)}\n`;
    try {
      if (this.#isBroken) await rename(this.#path, `${this.#path}.broken-${Date.now()}`);
      this.#isBroken = false;
      await replaceFile(this.#path, text);
      await replaceFile(this.#lastGoodPath, text);
    } catch (cause) {
      this.#retry = setTimeout(() => void this.#save(), this.#retryMs).unref();
      const details = { path: this.#path, reason: reasonOf(cause) };
      this.onSaved(new StudioError('settings-unsaved', details, { cause, retryable: true }));
      return;
    }
    this.onSaved(null);
  }

  #fallBack(reason: string): StudioError {
    this.#isBroken = true;
    try {
      const raw = parseObject(readFileSync(this.#lastGoodPath, 'utf8'));
      if (raw) {
        this.#raw = raw;
        this.#settings = read(raw).settings;
        return this.#unreadable(reason, 'the last good ones');
      }
    } catch {
      // There never was a good one.
    }
    return this.#unreadable(reason, 'the defaults');
  }

  #unreadable(reason: string, used: string): StudioError {
    return new StudioError('settings-unreadable', { path: this.#path, reason, used });
  }
}

/** One field that does not fit costs the others nothing. */
function read(raw: Raw): { settings: Settings; unfit: string[] } {
  const unfit = Object.entries(raw)
    .filter(([name, value]) => fields[name]?.safeParse(value).success === false)
    .map(([name]) => name);
  const fit = Object.fromEntries(Object.entries(raw).filter(([name]) => !unfit.includes(name)));
  return { settings: settingsSchema.parse(fit), unfit };
}

function parseObject(text: string): Raw | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : null;
  } catch {
    return null;
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
