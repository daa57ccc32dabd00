import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

const factsSchema = z.object({
  /** file size and modification time when it was asked */
  stamp: z.string(),
  /** as it names itself */
  version: z.string(),
  encoders: z.array(z.string()),
  hasFpsMode: z.boolean(),
  /** of this processor, in libx264's words; absent: not asked yet */
  cpuFeatures: z.array(z.string()).optional(),
});
export type FfmpegFacts = z.infer<typeof factsSchema>;

const fileSchema = z.object({
  version: z.literal(1),
  /** the processor whose features were read */
  cpuModel: z.string(),
  builds: z.record(z.string(), factsSchema),
});

/**
 * What FFmpeg builds said about themselves, in a JSON file: asking takes several processes and a quarter of a second of
 * CPU, and the answer changes with the file only. A cache: unreadable is empty, unwritable is no error.
 */
export class FfmpegFactsCache {
  readonly #path: string;
  readonly #cpuModel: string;

  constructor(path: string, cpuModel: string) {
    this.#path = path;
    this.#cpuModel = cpuModel;
  }

  /** What is known of this build, if the file is still the one that was asked and names the same version. */
  async get(buildPath: string, version: string): Promise<FfmpegFacts | undefined> {
    const facts = (await this.#read())[buildPath];
    return facts?.version === version && facts.stamp === (await stampOf(buildPath)) ? facts : undefined;
  }

  async set(buildPath: string, facts: Omit<FfmpegFacts, 'stamp'>): Promise<void> {
    const stamp = await stampOf(buildPath);
    if (stamp === null) return;
    const builds = { ...(await this.#read()), [buildPath]: { ...facts, stamp } };
    // Written aside and renamed: a crash in between leaves the old file.
    const temporary = `${this.#path}.${process.pid}.tmp`;
    try {
      await mkdir(dirname(this.#path), { recursive: true });
      const file = { version: 1, cpuModel: this.#cpuModel, builds };
      await writeFile(temporary, `${JSON.stringify(file, null, 2)}\n`);
      await rename(temporary, this.#path);
    } catch {
      // Asked again next time.
    }
  }

  async #read(): Promise<Record<string, FfmpegFacts>> {
    try {
      const file = fileSchema.parse(JSON.parse(await readFile(this.#path, 'utf8')));
      return file.cpuModel === this.#cpuModel ? file.builds : {};
    } catch {
      return {};
    }
  }
}

/** Changes when the file is another one; null when there is none. */
export async function stampOf(path: string): Promise<string | null> {
  try {
    const { size, mtimeMs, ino } = await stat(path);
    return `${size} ${mtimeMs} ${ino}`;
  } catch {
    return null;
  }
}
