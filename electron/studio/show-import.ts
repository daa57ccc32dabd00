import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { openPromise } from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import type { Collection } from '../../shared/model/collection';
import { parseCollection } from '../streaming/collection';
import type { RepairedCollection } from '../streaming/collection-repair';
import { StudioError } from '../streaming/lib/errors';
import type { FileStore } from './file-store';
import { missingPath } from './portable-source';
import { collectionEntry, fileOf, withPaths } from './show-archive';

export interface ImportedShow {
  readonly collection: Collection;
  /** names of files that it refers to and does not hold */
  readonly missing: readonly string[];
  /** what had to be mended in it, in words */
  readonly repairs: readonly string[];
}

const maxEntries = 5000;
/**
 * It is read in one go, while the program waits: for a fifth of a second a megabyte. A show of 500 scenes with 100 items
 * each has 15 MB, one of a person less than one.
 */
const maxCollectionBytes = 24 * 2 ** 20;
/** What unpacks to more than this much per packed byte was made to fill disks. */
const maxRatio = 100;
const smallBytes = 2 ** 20;

/**
 * Takes a show out of an archive: its files into the store, and only those that it refers to. Nothing in it decides where
 * anything is written, and nothing outside of it is referred to afterwards.
 * @param pathOf the path for a place in the store
 * @param agree throws a StudioError if the show is not to be taken in: before any file is
 * @throws StudioError `import-refused`, `upload-too-large`, `upload-no-room`, `folder-unwritable`
 */
export async function readArchive(
  path: string,
  store: FileStore,
  pathOf: (place: string) => string,
  agree: (collection: Collection) => void = () => undefined,
): Promise<ImportedShow> {
  const zip = await openArchive(path);
  try {
    const entries = await entriesOf(zip);
    const { collection, repairs } = await readCollectionEntry(zip, entries);
    agree(collection);
    const wanted = new Map<string, Entry>();
    for (const source of collection.sources) {
      const name = fileOf(source);
      const entry = name === null ? undefined : entries.get(name);
      if (name !== null && entry) wanted.set(name, entry);
    }
    await checkSizes([...wanted.values()], (await stat(path)).size, store);
    const places = new Map<string, string>();
    for (const [name, entry] of wanted) {
      const content = await contentOf(zip, entry);
      places.set(name, pathOf(await store.put({ name, content, bytes: entry.uncompressedSize })));
    }
    const missing = new Set<string>();
    const found = withPaths(collection, (name) => {
      const place = places.get(name);
      if (place !== undefined) return place;
      missing.add(missingPath(name).slice('missing/'.length));
      return missingPath(name);
    });
    return { collection: found, missing: [...missing], repairs };
  } catch (error) {
    throw error instanceof StudioError && error.code !== 'upload-incomplete' ? error : refused(error);
  } finally {
    zip.close();
  }
}

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

const refused = (cause: unknown): StudioError =>
  new StudioError(
    'import-refused',
    { reason: cause instanceof Error ? cause.message : String(cause) },
    { cause },
  );

async function openArchive(path: string): Promise<ZipFile> {
  try {
    return await openPromise(path, { autoClose: false });
  } catch (error) {
    throw refused(error);
  }
}

async function entriesOf(zip: ZipFile): Promise<Map<string, Entry>> {
  if (zip.entryCount > maxEntries) throw new Error(`it holds ${zip.entryCount} files`);
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue;
    if (entries.has(entry.fileName)) throw new Error(`${entry.fileName} is in it twice`);
    entries.set(entry.fileName, entry);
  }
  return entries;
}

async function readCollectionEntry(
  zip: ZipFile,
  entries: ReadonlyMap<string, Entry>,
): Promise<RepairedCollection> {
  const entry = entries.get(collectionEntry);
  if (!entry) throw new Error(`there is no ${collectionEntry} in it`);
  if (entry.uncompressedSize > maxCollectionBytes)
    throw new Error(
      `its ${collectionEntry} has ${mebibytes(entry.uncompressedSize)} MiB, and at most ${mebibytes(maxCollectionBytes)} can be read`,
    );
  const parts: Uint8Array[] = [];
  for await (const part of await contentOf(zip, entry)) parts.push(part);
  return parseCollection(JSON.parse(Buffer.concat(parts).toString('utf8')));
}

/** Before anything is unpacked. That the sizes are true is seen to while it is. */
async function checkSizes(entries: readonly Entry[], archiveBytes: number, store: FileStore): Promise<void> {
  let packed = 0;
  let unpacked = 0;
  for (const entry of entries) {
    packed += entry.compressedSize;
    unpacked += entry.uncompressedSize;
    if (entry.uncompressedSize > smallBytes + entry.compressedSize * maxRatio)
      throw new Error(`${entry.fileName} unpacks to ${entry.uncompressedSize} bytes`);
  }
  if (packed > archiveBytes) throw new Error('its files lie one in another');
  await store.checkRoom('the show', unpacked);
}

/** @throws Error in the middle when it is damaged */
async function contentOf(zip: ZipFile, entry: Entry): Promise<AsyncIterable<Uint8Array>> {
  const stream = await zip.openReadStreamPromise(entry);
  return Readable.from(verified(stream, entry));
}

async function* verified(stream: Readable, entry: Entry): AsyncGenerator<Uint8Array> {
  let sum = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    sum = crc32(chunk, sum);
    yield chunk;
  }
  if (sum !== entry.crc32) throw new Error(`${entry.fileName} is damaged`);
}
