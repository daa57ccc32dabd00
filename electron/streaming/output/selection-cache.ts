import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { Turns } from '../lib/turns';

const trialSchema = z.union([
  z.object({ isUsable: z.literal(true), fps: z.number() }),
  z.object({ isUsable: z.literal(false), words: z.string() }),
]);
/** What a hardware encoder showed when it was tried. */
export type KnownTrial = z.infer<typeof trialSchema>;

const measurementSchema = z.object({
  profile: z.string(),
  /** a digest of the arguments that were measured: under the same name others may be meant today */
  argvDigest: z.string(),
  fps: z.number(),
  ssim: z.number().nullable(),
  cpuMs: z.number().nullable(),
});
/** How one profile did. */
export type Measurement = Readonly<z.infer<typeof measurementSchema>>;

const runSchema = z.object({
  /** what the pictures showed, for people */
  content: z.string(),
  /** Unix time in milliseconds */
  at: z.number(),
  measurements: z.array(measurementSchema),
});
/** Profiles measured one after the other with the same pictures, and so to be compared. */
export type MeasuringRun = z.infer<typeof runSchema>;

const fileSchema = z.object({
  version: z.literal(2),
  trials: z.record(z.string(), trialSchema),
  runs: z.record(z.string(), runSchema),
});
type CacheFile = z.infer<typeof fileSchema>;

/** sizes and rates people try out, for each encoder */
const most = { trials: 96, runs: 32 };

/** What was found out on this machine, in a JSON file. A cache: unreadable is empty, unwritable is no error. */
export class SelectionCache {
  readonly #path: string;
  readonly #turns = new Turns();

  constructor(path: string) {
    this.#path = path;
  }

  async trial(key: string): Promise<KnownTrial | undefined> {
    return (await this.#read()).trials[key];
  }

  async run(key: string): Promise<MeasuringRun | undefined> {
    return (await this.#read()).runs[key];
  }

  keepTrials(trials: Readonly<Record<string, KnownTrial>>): Promise<void> {
    return this.#change((file) => ({ ...file, trials: newest(file.trials, trials, most.trials) }));
  }

  keepRun(key: string, run: MeasuringRun): Promise<void> {
    return this.#change((file) => ({ ...file, runs: newest(file.runs, { [key]: run }, most.runs) }));
  }

  /** An encoder that had passed has failed in use: it has to show again that it works. */
  dropTrial(key: string): Promise<void> {
    return this.#change((file) => {
      const trials = Object.entries(file.trials).filter(([known]) => known !== key);
      return { ...file, trials: Object.fromEntries(trials) };
    });
  }

  /** One at a time: a verdict that is dropped must not come back with a run that is kept. */
  #change(change: (file: CacheFile) => CacheFile): Promise<void> {
    return this.#turns.take(async () => this.#write(change(await this.#read())));
  }

  async #read(): Promise<CacheFile> {
    try {
      return fileSchema.parse(JSON.parse(await readFile(this.#path, 'utf8')));
    } catch {
      return { version: 2, trials: {}, runs: {} };
    }
  }

  async #write(file: CacheFile): Promise<void> {
    // Written aside and renamed: a crash in between leaves the old file.
    const temporary = `${this.#path}.${process.pid}.tmp`;
    try {
      await mkdir(dirname(this.#path), { recursive: true });
      await writeFile(temporary, `${JSON.stringify(file, null, 2)}\n`);
      await rename(temporary, this.#path);
    } catch {
      // Found out again next time.
    }
  }
}

/** The new ones, and of the others those that were added last. */
function newest<Entry>(
  known: Readonly<Record<string, Entry>>,
  added: Readonly<Record<string, Entry>>,
  count: number,
): Record<string, Entry> {
  const others = Object.entries(known).filter(([key]) => !Object.hasOwn(added, key));
  return Object.fromEntries([...others, ...Object.entries(added)].slice(-count));
}
