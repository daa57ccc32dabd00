import { stat } from 'node:fs/promises';
import { posix, relative, sep } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { Collection } from '../../shared/model/collection';
import { isKnownSource } from '../../shared/model/source';
import type { AnySource } from '../../shared/model/source';
import { isResourcePath, locateFile } from '../streaming/lib/locate-file';
import { safeName } from './file-store';

/** the show in an archive; everything else in it are the files it refers to */
export const collectionEntry = 'collection.json';

/** A show as one file: what it holds, and what of it could not be found. */
export interface ArchivePlan {
  /** with the paths that its files have in the archive */
  readonly collection: Collection;
  /** name in the archive → where it lies */
  readonly files: ReadonlyMap<string, string>;
  /** names of files that are not there */
  readonly missing: readonly string[];
}

/** The file that a source refers to; null: none, or one that every studio has. */
export function fileOf(source: AnySource): string | null {
  if (!isKnownSource(source) || !('path' in source) || isResourcePath(source.path)) return null;
  return source.path;
}

/** The show with other paths for the files it refers to. */
export function withPaths(collection: Collection, pathOf: (path: string) => string): Collection {
  const sources = collection.sources.map((source) => {
    const path = fileOf(source);
    return path === null ? source : { ...source, path: pathOf(path) };
  });
  return { ...collection, sources };
}

/** What is not there keeps its name and nothing else: the folders of this computer are nobody's business. */
export const missingPath = (path: string): string => `missing/${safeName(path)}`;

/** Looks for the files of a show and gives each a name in the archive. */
export async function planArchive(collection: Collection, baseFolder: string): Promise<ArchivePlan> {
  const files = new Map<string, string>();
  const names = new Map<string, string>();
  const missing = new Set<string>();
  for (const source of collection.sources) {
    const path = fileOf(source);
    if (path === null || names.has(path)) continue;
    const place = locateFile(path, baseFolder);
    const isThere = await stat(place).then(
      (found) => found.isFile(),
      () => false,
    );
    if (!isThere) missing.add(safeName(path));
    const name = isThere ? entryName(place, baseFolder, files.size + 1) : missingPath(path);
    names.set(path, name);
    if (isThere) files.set(name, place);
  }
  return {
    collection: withPaths(collection, (path) => names.get(path) ?? path),
    files,
    missing: [...missing],
  };
}

/** Our own store's names (`files/<digest>/<name>`) stay, so that a show that comes back is the same. */
function entryName(place: string, baseFolder: string, number: number): string {
  const inside = relative(baseFolder, place).split(sep).join(posix.sep);
  return /^files\/[0-9a-f]{32}\/[^/]+$/.test(inside) ? inside : `files/${number}/${safeName(place)}`;
}

/** The archive as it is read; nothing is held in memory but the show itself. A file that changes meanwhile breaks it off. */
export function writeArchive({ collection, files }: ArchivePlan): Readable {
  const zip = new ZipFile();
  const output = new PassThrough();
  zip.outputStream.pipe(output);
  zip.on('error', (error: Error) => output.destroy(error));
  zip.addBuffer(Buffer.from(`${JSON.stringify(collection, null, 2)}\n`), collectionEntry);
  // Pictures, films and music are compressed already.
  for (const [name, place] of files) zip.addFile(place, name, { compress: false });
  zip.end();
  return output;
}
