import type { Snapshot } from '../../../shared/contract/snapshot';
import type { Studio } from '../../studio-context';
import { firstPlace } from './first-place';
import type { NewSource } from './new-source';

/** A capture waits for a person to choose in the browser's picker; a file is there in a moment. */
const patienceMs = 120_000;

type Host = Pick<Studio, 'actions' | 'selection' | 'store'>;

/** Makes the source, selects it, and settles its place as soon as its true size is known. @returns did it work? */
export async function addSource(studio: Host, added: NewSource): Promise<boolean> {
  // One gesture: taking it back takes the settling back too.
  const gesture = crypto.randomUUID();
  if (!(await studio.actions.edit(added.edits, added.label, gesture))) return false;
  if (added.itemId === null) studio.selection.selectSource(added.sourceId);
  else {
    studio.selection.selectItems([added.itemId]);
    void settleItem(studio, added.itemId, added.label, gesture);
  }
  return true;
}

interface Found {
  item: Snapshot['scenes'][number]['items'][number];
  source: Snapshot['sources'][number];
  isAlone: boolean;
}

function find(snapshot: Snapshot | null, itemId: string): Found | null {
  const scene = snapshot?.scenes.find(({ items }) => items.some(({ id }) => id === itemId));
  const item = scene?.items.find(({ id }) => id === itemId);
  const source = snapshot?.sources.find(({ id }) => id === item?.sourceId);
  return scene && item && source ? { item, source, isAlone: scene.items.length === 1 } : null;
}

/** Waits for the true size and places the item by it; whatever a person has moved meanwhile stays where it was put. */
export async function settleItem(
  studio: Host,
  itemId: string,
  label: string,
  gesture: string,
): Promise<void> {
  const { store, actions } = studio;
  const placed = find(store.getState().snapshot, itemId);
  if (!placed) return;
  const size = await sizeOf(store, itemId);
  const found = find(store.getState().snapshot, itemId);
  const canvas = store.getState().snapshot?.program;
  if (!size || !found || !canvas) return;
  const isTouched = (['x', 'y', 'width', 'height', 'rotation'] as const).some(
    (name) => found.item[name] !== placed.item[name],
  );
  if (isTouched) return;
  const place = firstPlace(found.source.settings, size, canvas, found.isAlone);
  const patch = { ...place, width: place.width ?? null, height: place.height ?? null };
  const isThere =
    patch.x === found.item.x &&
    patch.y === found.item.y &&
    (patch.width ?? undefined) === found.item.width &&
    (patch.height ?? undefined) === found.item.height;
  if (!isThere) await actions.edit([{ type: 'item.update', itemId, patch }], label, gesture);
}

/** The source's own size; null: the item went, or it took too long. */
function sizeOf(store: Host['store'], itemId: string): Promise<{ width: number; height: number } | null> {
  return new Promise((resolve) => {
    const done = (size: { width: number; height: number } | null): void => {
      clearTimeout(timer);
      stop();
      resolve(size);
    };
    const look = (): void => {
      const found = find(store.getState().snapshot, itemId);
      if (!found) done(null);
      else if (found.source.size) done(found.source.size);
    };
    const stop = store.subscribe(look);
    const timer = setTimeout(() => done(null), patienceMs);
    look();
  });
}
