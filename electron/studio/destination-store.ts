import { readFileSync, renameSync } from 'node:fs';
import { z } from 'zod';
import { mostDelaySec } from '../../shared/contract/commands';
import { StudioError } from '../streaming/lib/errors';
import { replaceFile } from '../streaming/lib/replace-file';
import { Turns } from '../streaming/lib/turns';
import type { DataFolder } from './data-folder';
import type { Destination } from './destinations-file';
import { SecretBox, sealedSchema } from './secret-box';
import type { SettledKey } from './secret-key';

const fileSchema = z.object({
  version: z.literal(1),
  destinations: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      url: z.string(),
      key: sealedSchema,
      takesVp9: z.boolean().optional(),
      // Files of the first version name none.
      serviceId: z.string().nullable().default(null),
      isEnabled: z.boolean().default(true),
      delaySec: z.number().int().min(0).max(mostDelaySec).default(0),
      isAdaptive: z.boolean().default(false),
      variantId: z.string().nullable().default(null),
      isNearest: z.boolean().default(false),
      login: z.object({ user: z.string(), password: sealedSchema }).optional(),
    }),
  ),
});
type StoredDestination = z.infer<typeof fileSchema>['destinations'][number];

export interface SavedDestination extends Destination {
  readonly id: string;
}

/** The destinations a person added, in `destinations.json`; their keys encrypted. */
export class DestinationStore {
  readonly #path: string;
  readonly #box: SecretBox;
  /** the system holds the key and does not give it, for this reason; null: nothing is wrong */
  readonly #lockedFor: string | null;
  readonly #turns = new Turns();
  #stored: StoredDestination[] = [];

  /** @param secret the key of the secret box, when it may not lie in its file */
  constructor(folder: DataFolder, secret?: SettledKey) {
    this.#path = folder.file('destinations.json');
    this.#box = new SecretBox(folder.file('secret.key'), secret?.key);
    const isLocked = secret?.place === 'system' && secret.key === null;
    this.#lockedFor = isLocked ? (secret.trouble ?? 'it does not answer') : null;
  }

  /**
   * What was saved. A file that cannot be read is kept aside, never overwritten. Entries whose keys do not open (another
   * or a damaged `secret.key`, a key store that cannot be reached) are left out, stay in the file, and are told of.
   */
  load(): { destinations: SavedDestination[]; error: StudioError | null } {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      const isNew = (error as NodeJS.ErrnoException).code === 'ENOENT';
      return { destinations: [], error: isNew ? null : this.#unreadable(reasonOf(error)) };
    }
    try {
      this.#stored = fileSchema.parse(JSON.parse(text)).destinations;
    } catch {
      return { destinations: [], error: this.#unreadable(`it is of another form; ${this.#putAside()}`) };
    }
    const closed: string[] = [];
    const destinations = this.#stored.flatMap(({ key, login, ...destination }) => {
      const { id } = destination;
      try {
        return [
          {
            ...{ ...destination, key: this.#box.open(key, id) },
            ...(login && { login: { ...login, password: this.#box.open(login.password, passwordOf(id)) } }),
          },
        ];
      } catch {
        closed.push(destination.name);
        return [];
      }
    });
    return { destinations, error: closed.length > 0 ? this.#closedError(closed) : null };
  }

  /** One of the same id or name is replaced, and keeps its place. @throws StudioError `file-unwritable`, `key-store-unavailable` */
  async put({ key, login, ...destination }: SavedDestination): Promise<void> {
    if (this.#lockedFor !== null) throw new StudioError('key-store-unavailable', { reason: this.#lockedFor });
    await this.#write(() => {
      const { id } = destination;
      const next = {
        ...{ ...destination, key: this.#box.seal(key, id) },
        ...(login && { login: { ...login, password: this.#box.seal(login.password, passwordOf(id)) } }),
      };
      const isFormer = (stored: StoredDestination): boolean =>
        stored.id === id || stored.name === destination.name;
      const place = this.#stored.findIndex(isFormer);
      const others = this.#stored.filter((stored) => !isFormer(stored));
      return place < 0 ? [...others, next] : others.toSpliced(place, 0, next);
    });
  }

  has(id: string): boolean {
    return this.#stored.some((stored) => stored.id === id);
  }

  /** Unknown ids are no error: it may have come from a file of the caller's. @throws StudioError `file-unwritable` */
  async remove(id: string): Promise<void> {
    if (this.has(id)) await this.#write(() => this.#stored.filter((stored) => stored.id !== id));
  }

  /** It is on disk when this resolves. */
  #write(change: () => StoredDestination[]): Promise<void> {
    return this.#turns.take(async () => {
      try {
        const destinations = change();
        await replaceFile(this.#path, `${JSON.stringify({ version: 1, destinations }, null, 2)}\n`);
        this.#stored = destinations;
      } catch (error) {
        const details = { path: this.#path, reason: reasonOf(error) };
        throw new StudioError('file-unwritable', details, { cause: error });
      }
    });
  }

  #putAside(): string {
    const aside = `${this.#path}.broken-${Date.now()}`;
    try {
      renameSync(this.#path, aside);
      return `kept as ${aside}`;
    } catch (error) {
      return `it could not be put aside (${reasonOf(error)})`;
    }
  }

  #closedError(names: readonly string[]): StudioError {
    return this.#lockedFor !== null
      ? new StudioError('key-store-unavailable', { reason: this.#lockedFor })
      : this.#unreadable(`the keys of ${names.join(', ')} do not open with the key that is there`);
  }

  #unreadable(reason: string): StudioError {
    return new StudioError('destinations-unreadable', { path: this.#path, line: 0, reason });
  }
}

/** what a sealed password is bound to: it cannot stand in for the key, nor the key for it */
const passwordOf = (id: string): string => `${id} password`;

const reasonOf = (error: unknown): string =>
  error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
