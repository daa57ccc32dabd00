import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

const entrySchema = z.object({
  /** hardware encoder → usable, or why not */
  hardware: z.record(z.string(), z.union([z.literal(true), z.string()])),
  measurements: z.array(z.object({ profile: z.string(), fps: z.number(), ssim: z.number().nullable() })),
});
export type CacheEntry = z.infer<typeof entrySchema>;

const fileSchema = z.object({ version: z.literal(1), entries: z.record(z.string(), entrySchema) });
/** sizes and rates people try out */
const maxEntries = 32;

/** What was measured on this machine, in a JSON file. A cache: unreadable is empty, unwritable is no error. */
export class SelectionCache {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async get(key: string): Promise<CacheEntry | undefined> {
    return (await this.#read())[key];
  }

  async set(key: string, entry: CacheEntry): Promise<void> {
    const others = Object.entries(await this.#read()).filter(([known]) => known !== key);
    await this.#write([...others, [key, entry]]);
  }

  /** Forgets what was found out for a key, e.g. when a hardware encoder that had passed fails on air. */
  async drop(key: string): Promise<void> {
    await this.#write(Object.entries(await this.#read()).filter(([known]) => known !== key));
  }

  async #read(): Promise<Record<string, CacheEntry>> {
    try {
      return fileSchema.parse(JSON.parse(await readFile(this.#path, 'utf8'))).entries;
    } catch {
      return {};
    }
  }

  async #write(entries: readonly (readonly [string, CacheEntry])[]): Promise<void> {
    const file = { version: 1, entries: Object.fromEntries(entries.slice(-maxEntries)) };
    // Written aside and renamed: a crash in between leaves the old file.
    const temporary = `${this.#path}.${process.pid}.tmp`;
    try {
      await mkdir(dirname(this.#path), { recursive: true });
      await writeFile(temporary, `${JSON.stringify(file, null, 2)}\n`);
      await rename(temporary, this.#path);
    } catch {
      // Measured again next time.
    }
  }
}
