import { createReadStream } from 'node:fs';
import type { ReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, posix, relative, sep } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { Collection } from '../../shared/model/collection';
import { isKnownSource } from '../../shared/model/source';
import type { AnySource } from '../../shared/model/source';
import { isResourcePath, locateFile } from '../streaming/lib/locate-file';
import { safeName } from './file-store';
import { missingPath, portableSource } from './portable-source';

/** the show in an archive; everything else in it are the files it refers to */
export const collectionEntry = 'collection.json';

/** of the data folder, what people gave to the studio or made with it; everything else there are its own secrets */
const openFolders: readonly string[] = ['files', 'recordings'];

export interface ArchivedFile {
  /** where it lies */
  readonly place: string;
  readonly bytes: number;
  readonly modifiedAt: Date;
}

/** A show as one file: what it holds, and what of it could not be found. */
export interface ArchivePlan {
  /** with the paths that its files have in the archive */
  readonly collection: Collection;
  /** by name in the archive */
  readonly files: ReadonlyMap<string, ArchivedFile>;
  /** names of files that are not there, or not to leave this computer */
  readonly missing: readonly string[];
}

/** The file that a source refers to; null: none, or one that every studio has. */
export function fileOf(source: AnySource): string | null {
  if (!isKnownSource(source) || !('path' in source) || isResourcePath(source.path)) return null;
  return source.path;
}

/** The show with other paths for the files it refers to, and nothing else in it that is this computer's own. */
export function withPaths(collection: Collection, pathOf: (path: string) => string): Collection {
  const sources = collection.sources.map((source) => {
    const path = fileOf(source);
    return path === null ? portableSource(source) : { ...source, path: pathOf(path) };
  });
  return { ...collection, sources };
}

/**
 * Looks for the files of a show and gives each a name in the archive.
 * @param baseFolder relative paths are relative to it
 * @param dataFolder the studio's own: keys, token and settings in it count as missing, whatever names them
 */
export async function planArchive(
  collection: Collection,
  baseFolder: string,
  dataFolder: string,
): Promise<ArchivePlan> {
  const files = new Map<string, ArchivedFile>();
  const names = new Map<string, string>();
  const missing = new Set<string>();
  const ownFolder = await realpath(dataFolder).catch(() => dataFolder);
  for (const source of collection.sources) {
    const path = fileOf(source);
    if (path === null || names.has(path)) continue;
    const place = locateFile(path, baseFolder);
    const file = await fileAt(place, ownFolder);
    if (!file) missing.add(safeName(path));
    const name = file ? entryName(place, baseFolder, files.size + 1) : missingPath(path);
    names.set(path, name);
    if (file) files.set(name, file);
  }
  return {
    collection: withPaths(collection, (path) => names.get(path) ?? path),
    files,
    missing: [...missing],
  };
}

/** @returns null when there is none, or it is one of the studio's own, also by way of a link */
async function fileAt(place: string, ownFolder: string): Promise<ArchivedFile | null> {
  try {
    const real = await realpath(place);
    const found = await stat(real);
    const inside = relative(ownFolder, real);
    const isOutside = isAbsolute(inside) || inside.startsWith(`..${sep}`);
    const isOwn = !isOutside && !isOpen(inside);
    if (isOwn || !found.isFile()) return null;
    return { place: real, bytes: found.size, modifiedAt: found.mtime };
  } catch {
    return null;
  }
}

const isOpen = (inside: string): boolean => openFolders.some((folder) => inside.startsWith(folder + sep));

/** Our own store's names (`files/<digest>/<name>`) stay, so that a show that comes back is the same. */
function entryName(place: string, baseFolder: string, number: number): string {
  const inside = relative(baseFolder, place).split(sep).join(posix.sep);
  return /^files\/[0-9a-f]{32}\/[^/]+$/.test(inside) ? inside : `files/${number}/${safeName(place)}`;
}

/**
 * The archive as it is read; nothing is held in memory but the show itself. A file that changes meanwhile breaks it off.
 * Whoever leaves in the middle destroys it: then no file stays open.
 */
export function writeArchive({ collection, files }: ArchivePlan): Readable {
  const zip = new ZipFile();
  const output = new PassThrough();
  let reading: ReadStream | undefined;
  zip.outputStream.pipe(output);
  zip.on('error', (error: Error) => output.destroy(error));
  output.once('close', () => reading?.destroy());
  zip.addBuffer(Buffer.from(`${JSON.stringify(collection)}\n`), collectionEntry);
  for (const [name, { place, bytes, modifiedAt }] of files) {
    // Pictures, films and music are compressed already.
    const options = { compress: false, size: bytes, mtime: modifiedAt };
    zip.addReadStreamLazy(name, options, (give) => {
      if (output.destroyed) return;
      reading = createReadStream(place).on('error', (error) => output.destroy(error));
      give(null, reading);
    });
  }
  zip.end();
  return output;
}
