import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import type { collectionSchema } from '../../shared/model/collection';

type CollectionInput = z.input<typeof collectionSchema>;

/** Writes a scene collection into the folder and returns its path. */
export function writeCollection(folder: string, collection: Omit<CollectionInput, 'version'>): string {
  const path = join(folder, 'collection.json');
  writeFileSync(path, JSON.stringify({ version: 1, ...collection }));
  return path;
}

/** The sync pattern full-screen as scene “Sync”, and a plain grey one as “Grey”. */
export function syncCollection(folder: string, width: number, height: number): string {
  return writeCollection(folder, {
    sources: [
      { id: 'sync', name: 'Sync', kind: 'sync' },
      { id: 'grey', name: 'Grey', kind: 'color', color: '#808080', width, height },
    ],
    scenes: [
      {
        id: 'sync-scene',
        name: 'Sync',
        items: [{ id: 'sync-item', sourceId: 'sync', x: 0, y: 0, width, height }],
      },
      {
        id: 'grey-scene',
        name: 'Grey',
        items: [{ id: 'grey-item', sourceId: 'grey', x: 0, y: 0, width, height }],
      },
    ],
  });
}
