import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { KeyDirectory } from '../../../shared/contract/rtmp-server';
import type { KeyView } from '../../../shared/contract/snapshot';
import { BaseComponent } from '../lib/component';
import { Emitter } from '../lib/emitter';
import { StudioError } from '../lib/errors';
import { digestKey, findKey } from './key-digest';
import { KeyFile } from './key-file';
import type { KeyFileContent, StoredKey } from './key-file';
import { programName } from './gatekeeper';

export interface StreamKeysOptions {
  /** holds `keys.json`; null: keys live in memory only */
  readonly dataDir: string | null;
  /** how often the file is looked at for changes by another process (`keys add` beside a running engine) */
  readonly watchMs?: number;
  readonly nowUnixMs?: () => number;
}

export interface StreamKeysEvents {
  /** the set of keys is another one */
  changed: undefined;
  /** the file is broken; the keys in memory stay in force */
  unreadable: StudioError<'keys-unreadable'>;
}

/** shown exactly once, by whoever asked for it */
export interface CreatedKey {
  readonly id: string;
  readonly key: string;
  readonly publicName: string;
}

const keyPattern = /^[A-Za-z0-9_.~-]{1,200}$/;
/** 256 bits */
const generatedBytes = 32;
const publicNameMax = 60;

/**
 * The stream keys: who may publish, and under which public name. A key itself is known only to whoever received it from
 * `add`; here and in the file there are hashes.
 */
export class StreamKeys extends BaseComponent {
  readonly events = new Emitter<StreamKeysEvents>();
  readonly #file: KeyFile | null;
  readonly #watchMs: number;
  readonly #nowUnixMs: () => number;
  #content: KeyFileContent = emptyContent();
  #stamp: string | null = null;
  #watcher: NodeJS.Timeout | undefined;
  #isWatching = false;
  #loadError: StudioError<'keys-unreadable'> | null = null;
  /** changes follow one another */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: StreamKeysOptions) {
    super();
    this.#file = options.dataDir === null ? null : new KeyFile(join(options.dataDir, 'keys.json'));
    this.#watchMs = options.watchMs ?? 300;
    this.#nowUnixMs = options.nowUnixMs ?? Date.now;
  }

  /** what was wrong with the file when it was last found broken; null when it never was */
  get loadError(): StudioError<'keys-unreadable'> | null {
    return this.#loadError;
  }

  /** what the server process needs to compare keys: hashes, never keys */
  get directory(): KeyDirectory {
    const keys = this.#content.keys.map(({ id, publicName, scheme, digest }) => ({
      id,
      publicName,
      scheme,
      digest,
    }));
    return { salt: this.#content.salt, keys };
  }

  list(): KeyView[] {
    return this.#content.keys.map(({ id, name, publicName, weak, createdAt }) => ({
      id,
      name,
      publicName,
      weak,
      createdAt,
    }));
  }

  /** The key's owner, or null. Constant time over all keys. */
  async verify(key: string): Promise<KeyView | null> {
    const entry = await findKey(key, this.directory);
    return this.list().find((view) => view.id === entry?.id) ?? null;
  }

  /**
   * @param key accepted as it is and flagged weak; without it 256 random bits are made
   * @throws StudioError `key-name-taken`, `key-invalid`, `file-unwritable`
   */
  add(name: string, key?: string): Promise<CreatedKey> {
    return this.#change(async (keys, salt) => {
      const label = name.trim();
      if (label === '' || label.length > 60)
        throw new StudioError('key-invalid', { reason: 'its name must have 1 to 60 characters' });
      if (keys.some((other) => other.name === label))
        throw new StudioError('key-name-taken', { name: label });
      if (key !== undefined) await checkGivenKey(key, keys, salt);
      const value = key ?? randomBytes(generatedBytes).toString('base64url');
      const scheme = key === undefined ? 'sha256' : 'scrypt';
      const stored: StoredKey = {
        id: randomUUID(),
        name: label,
        publicName: await freePublicName(label, value, keys, salt),
        weak: key !== undefined,
        createdAt: this.#nowUnixMs(),
        scheme,
        digest: await digestKey(value, scheme, salt),
      };
      return {
        keys: [...keys, stored],
        result: { id: stored.id, key: value, publicName: stored.publicName },
      };
    });
  }

  /** @throws StudioError `key-not-found` */
  async remove(idOrName: string): Promise<void> {
    await this.#change(async (keys) => {
      const removed = keys.find((key) => key.id === idOrName) ?? keys.find((key) => key.name === idOrName);
      if (!removed) throw new StudioError('key-not-found', { id: idOrName });
      return { keys: keys.filter((key) => key !== removed), result: undefined };
    });
  }

  /** Removes the entry of a key itself: the façade's callers know nothing else. @throws StudioError `key-not-found` */
  async removeByKey(key: string): Promise<void> {
    const owner = await this.verify(key);
    // The key must not appear in the message of the error.
    if (!owner) throw new StudioError('key-not-found', { id: 'with this value' });
    await this.remove(owner.id);
  }

  protected override async onStart(): Promise<void> {
    const file = this.#file;
    if (!file) return;
    await this.#load(file).catch(ignoreUnreadable);
    // What cannot be read just now (a file that is being put aside) is looked at again the next time.
    this.#watcher = setInterval(() => void this.#watch(file).catch(() => undefined), this.#watchMs);
    this.#watcher.unref();
  }

  protected override async onStop(): Promise<void> {
    clearInterval(this.#watcher);
    await this.#queue;
  }

  #change<Result>(
    change: (keys: readonly StoredKey[], salt: string) => Promise<{ keys: StoredKey[]; result: Result }>,
  ): Promise<Result> {
    const file = this.#file;
    const work = async (): Promise<Result> => {
      // Another process may have changed the file since it was read last.
      if (file) await this.#load(file);
      const { keys, result } = await change(this.#content.keys, this.#content.salt);
      const content = { ...this.#content, keys };
      if (file) {
        await file.write(content);
        this.#stamp = await file.stamp();
      }
      this.#content = content;
      this.events.emit('changed', undefined);
      return result;
    };
    const done = this.#queue.then(() => (file ? file.exclusively(work) : work()));
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #watch(file: KeyFile): Promise<void> {
    if (this.#isWatching) return;
    this.#isWatching = true;
    try {
      if ((await file.stamp()) === this.#stamp) return;
      const before = JSON.stringify(this.#content);
      await this.#load(file);
      if (JSON.stringify(this.#content) !== before) this.events.emit('changed', undefined);
    } catch (error) {
      ignoreUnreadable(error);
    } finally {
      this.#isWatching = false;
    }
  }

  async #load(file: KeyFile): Promise<void> {
    const stamp = await file.stamp();
    if (stamp === this.#stamp) return;
    try {
      const content = await file.read(this.#nowUnixMs());
      if (content) this.#content = content;
      this.#stamp = stamp;
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      this.#loadError = error;
      this.events.emit('unreadable', error);
      this.#stamp = await file.stamp();
      // Put aside, it cannot be lost, and the next change writes a new one. A file that is still there must stay.
      if (this.#stamp !== null) throw error;
    }
  }
}

const isUnreadable = (error: unknown): error is StudioError<'keys-unreadable'> =>
  error instanceof StudioError && error.code === 'keys-unreadable';

/** reported by the event and by `loadError`; whoever is not changing anything goes on with the keys in memory */
function ignoreUnreadable(error: unknown): void {
  if (!isUnreadable(error)) throw error;
}

const emptyContent = (): KeyFileContent => ({
  version: 1,
  salt: randomBytes(16).toString('base64'),
  keys: [],
});

async function checkGivenKey(key: string, keys: readonly StoredKey[], salt: string): Promise<void> {
  const invalid = (reason: string): StudioError => new StudioError('key-invalid', { reason });
  if (!keyPattern.test(key)) throw invalid('it may have 1 to 200 letters, digits and the signs - _ . ~');
  if (key === programName) throw invalid(`“${programName}” is reserved for the studio's own program`);
  if (keys.some((other) => other.publicName === key))
    throw invalid('it is the public name of another stream, which every viewer knows');
  if (await findKey(key, { salt, keys: [...keys] })) throw invalid('it is in use already');
}

/** A name for viewers, made from the label: no viewer must learn a key from it, so it is never one. */
async function freePublicName(
  label: string,
  key: string,
  keys: readonly StoredKey[],
  salt: string,
): Promise<string> {
  const base =
    label
      .normalize('NFKD')
      .replace(/\p{Mark}/gu, '')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, publicNameMax) || 'stream';
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? base : `${base}-${number}`;
    const isFree =
      candidate !== programName &&
      candidate !== key &&
      !keys.some((other) => other.publicName === candidate) &&
      !(await findKey(candidate, { salt, keys: [...keys] }));
    if (isFree) return candidate;
  }
}
