import { readFileSync, renameSync } from 'node:fs';
import { z } from 'zod';
import { StudioError } from '../streaming/lib/errors';
import { writeFileAtomic } from './data-folder';
import type { DataFolder } from './data-folder';
import type { Destination } from './destinations-file';
import { SecretBox, sealedSchema } from './secret-box';

const fileSchema = z.object({
  version: z.literal(1),
  destinations: z.array(z.object({ id: z.string(), name: z.string(), url: z.string(), key: sealedSchema })),
});
type StoredDestination = z.infer<typeof fileSchema>['destinations'][number];

export interface SavedDestination extends Destination {
  readonly id: string;
}

/** The destinations a person added, in `destinations.json`; their keys encrypted. */
export class DestinationStore {
  readonly #path: string;
  readonly #box: SecretBox;
  #stored: StoredDestination[] = [];

  constructor(folder: DataFolder) {
    this.#path = folder.file('destinations.json');
    this.#box = new SecretBox(folder.file('secret.key'));
  }

  /**
   * What was saved. A file that cannot be read is kept aside, never overwritten; an entry whose key does not open is
   * left out but stays in the file.
   * @throws StudioError `destinations-unreadable`; the store is usable (empty) afterwards
   */
  load(): SavedDestination[] {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw this.#unreadable(error);
    }
    try {
      this.#stored = fileSchema.parse(JSON.parse(text)).destinations;
    } catch (error) {
      renameSync(this.#path, `${this.#path}.broken-${Date.now()}`);
      throw this.#unreadable(error);
    }
    return this.#stored.flatMap(({ id, name, url, key }) => {
      try {
        return [{ id, name, url, key: this.#box.open(key, id) }];
      } catch {
        return [];
      }
    });
  }

  add({ id, name, url, key }: SavedDestination): void {
    this.#write([...this.#stored, { id, name, url, key: this.#box.seal(key, id) }]);
  }

  /** Unknown ids are no error: it may have come from a file of the caller's. */
  remove(id: string): void {
    if (this.#stored.some((stored) => stored.id === id))
      this.#write(this.#stored.filter((stored) => stored.id !== id));
  }

  #write(destinations: StoredDestination[]): void {
    writeFileAtomic(this.#path, `${JSON.stringify({ version: 1, destinations }, null, 2)}\n`);
    this.#stored = destinations;
  }

  #unreadable(error: unknown): StudioError {
    const reason =
      error instanceof z.ZodError
        ? 'it is of another form'
        : error instanceof Error
          ? error.message
          : String(error);
    return new StudioError(
      'destinations-unreadable',
      { path: this.#path, line: 0, reason },
      { cause: error },
    );
  }
}
