import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { faderCeilingDb, faderFloorDb } from '../../shared/model/sound';
import { collectionSchema } from '../../shared/model/collection';
import type { Collection } from '../../shared/model/collection';
import { repairedCollection } from './collection-repair';
import type { RepairedCollection } from './collection-repair';
import { StudioError } from './lib/errors';
import { paths } from './lib/paths';

export interface LoadedCollection {
  readonly collection: Collection;
  /** relative paths in the collection are relative to this folder */
  readonly baseFolder: string;
}

/** Up to version 0.1 a media source had a linear `volume`; now it has a fader like all that sounds. */
function withFaders(read: unknown): unknown {
  const sources = (read as { sources?: unknown } | null)?.sources;
  if (!Array.isArray(sources)) return read;
  const migrated = (sources as unknown[]).map((source) => {
    const { volume, ...rest } = (source ?? {}) as Record<string, unknown>;
    if (typeof volume !== 'number' || rest['kind'] !== 'media' || rest['sound'] !== undefined) return source;
    const faderDb = volume > 0 ? Math.min(faderCeilingDb, 20 * Math.log10(volume)) : faderFloorDb;
    return { ...rest, sound: { faderDb } };
  });
  return { ...(read as object), sources: migrated };
}

/**
 * A scene collection as read from JSON, of this version or an earlier one, that holds together.
 * @throws Error that says what does not fit
 */
export function parseCollection(read: unknown): RepairedCollection {
  const parsed = collectionSchema.safeParse(withFaders(read));
  if (parsed.success) return repairedCollection(parsed.data);
  const issue = parsed.error.issues[0];
  throw new Error(`${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'has another form'}`);
}

/** The demo, to take apart: its files stay among the studio's resources. */
export function exampleCollection(): Collection {
  const { collection } = readCollection(paths.demoCollection);
  const sources = collection.sources.map((source) =>
    'path' in source && typeof source.path === 'string'
      ? { ...source, path: `resource:demo/${source.path}` }
      : source,
  );
  return { ...collection, sources };
}

/**
 * Reads a scene collection. Sources of kinds this version does not know, or with settings it cannot read, are kept
 * word for word (they show an error in the list); anything else that does not fit is an error and the file stays as it is.
 * @throws StudioError `collection-unreadable`
 */
export function readCollection(path: string): LoadedCollection {
  try {
    const { collection } = parseCollection(JSON.parse(readFileSync(path, 'utf8')));
    return { collection, baseFolder: dirname(path) };
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? 'it does not exist'
        : error instanceof Error
          ? error.message
          : String(error);
    throw new StudioError('collection-unreadable', { path, reason }, { cause: error });
  }
}

/** A scene by id, else by name (as a person types it). */
export function findScene(
  collection: Collection,
  wanted: string | undefined,
): Collection['scenes'][number] | undefined {
  if (wanted === undefined)
    return collection.scenes.find((scene) => scene.id === collection.programSceneId) ?? collection.scenes[0];
  return (
    collection.scenes.find((scene) => scene.id === wanted) ??
    collection.scenes.find((scene) => scene.name.toLowerCase() === wanted.toLowerCase())
  );
}
