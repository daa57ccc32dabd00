import { randomUUID } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { RestorePoint } from '../../shared/contract/show';
import type { Collection } from '../../shared/model/collection';
import { parseCollection } from '../streaming/collection';
import { StudioError } from '../streaming/lib/errors';
import { replaceFile } from '../streaming/lib/replace-file';

const fileSchema = z.object({
  version: z.literal(1),
  /** unix milliseconds */
  at: z.number(),
  label: z.string().nullable(),
  collection: z.unknown(),
});

/** `1764204000000-auto-….json`: when, by whom, and which of that moment. */
const fileName = /^(\d+)-(auto|named)-[\w-]+\.json$/;
const keptByThemselves = 10;

interface Saved {
  readonly at: number;
  readonly label: string | null;
  readonly collection: Collection;
}

/** Earlier states of one show, a file each: those a person named, and ten that were kept by themselves. */
export class RestorePoints {
  readonly folder: string;
  readonly #now: () => number;

  /** @param now unix milliseconds */
  constructor(folder: string, now: () => number = Date.now) {
    this.folder = folder;
    this.#now = now;
  }

  /** Newest first. Files that cannot be read are left out. */
  async list(): Promise<RestorePoint[]> {
    const points = await Promise.all(
      (await this.#files()).map(async (file) => {
        const saved = await this.#read(file);
        if (!saved) return [];
        const { at, label, collection } = saved;
        const { name, scenes, sources } = collection;
        return [{ id: idOf(file), at, label, name, scenes: scenes.length, sources: sources.length }];
      }),
    );
    return points.flat();
  }

  /** @throws StudioError `restore-point-not-found` */
  async read(id: string): Promise<Saved> {
    const file = (await this.#files()).find((name) => idOf(name) === id);
    const saved = file === undefined ? null : await this.#read(file);
    if (!saved) throw new StudioError('restore-point-not-found', { id });
    return saved;
  }

  /** A point that a person named: it stays. @throws what the system says */
  async add(collection: Collection, label: string): Promise<void> {
    await this.#write({ at: this.#now(), label, collection });
  }

  /** A state that a newer one has taken the place of. Of these ten stay. @param at when it was saved */
  async keep(collection: Collection, at: number): Promise<void> {
    await this.#write({ at, label: null, collection });
    const kept = (await this.#files()).filter((file) => file.includes('-auto-'));
    for (const file of superfluous(kept)) await rm(join(this.folder, file), { force: true });
  }

  /** The newest state that can be read; null: none. Blocks: for the start, when nothing runs yet. */
  newest(): Saved | null {
    let files: string[];
    try {
      files = newestFirst(readdirSync(this.folder));
    } catch {
      return null;
    }
    for (const file of files) {
      try {
        return parse(readFileSync(join(this.folder, file), 'utf8'));
      } catch {
        // The next older one, then.
      }
    }
    return null;
  }

  async #files(): Promise<string[]> {
    return newestFirst(await readdir(this.folder).catch(() => []));
  }

  async #read(file: string): Promise<Saved | null> {
    try {
      return parse(await readFile(join(this.folder, file), 'utf8'));
    } catch {
      return null;
    }
  }

  async #write(saved: Saved): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const kind = saved.label === null ? 'auto' : 'named';
    const path = join(this.folder, `${saved.at}-${kind}-${randomUUID()}.json`);
    await replaceFile(path, `${JSON.stringify({ version: 1, ...saved })}\n`);
  }
}

const idOf = (file: string): string => file.slice(0, -'.json'.length);
const timeOf = (file: string): number => Number(fileName.exec(file)?.[1]);
const newestFirst = (files: readonly string[]): string[] =>
  files.filter((file) => fileName.test(file)).sort((one, other) => timeOf(other) - timeOf(one));

function parse(text: string): Saved {
  const { at, label, collection } = fileSchema.parse(JSON.parse(text));
  return { at, label, collection: parseCollection(collection).collection };
}

/**
 * What goes so that ten stay, and the newer they are the closer together: minutes of the last hour, hours of the last
 * day. Each time the one goes whose neighbours are closest by the measure of their age; the newest and the oldest stay.
 */
export function superfluous(newestFirstFiles: readonly string[]): string[] {
  const kept = [...newestFirstFiles];
  const gone: string[] = [];
  const newest = timeOf(kept[0] ?? '');
  while (kept.length > keptByThemselves) {
    let least = Infinity;
    let at = 1;
    for (let index = 1; index < kept.length - 1; index += 1) {
      const older = timeOf(kept[index + 1] ?? '');
      const gap = (timeOf(kept[index - 1] ?? '') - older) / (newest - older + 1);
      if (gap >= least) continue;
      least = gap;
      at = index;
    }
    gone.push(...kept.splice(at, 1));
  }
  return gone;
}
