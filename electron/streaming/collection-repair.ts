import type { Collection } from '../../shared/model/collection';

/** A collection that holds together, and what had to be mended for that, in words: “2 items without a source (left out)”. */
export interface RepairedCollection {
  readonly collection: Collection;
  /** empty: nothing */
  readonly repairs: readonly string[];
}

/** of the 200 letters an id may have; the rest tells those apart that were the same */
const longestStem = 180;

/** Lets every id be there once: who comes second gets one of its own. */
class OwnIds {
  readonly #present: ReadonlySet<string>;
  readonly #given = new Set<string>();
  /** id → the number its next double is tried with */
  readonly #next = new Map<string, number>();
  /** how many got another one */
  doubles = 0;

  /** @param present all that are there: no new one may be one of them */
  constructor(present: readonly string[]) {
    this.#present = new Set(present);
  }

  of(id: string): string {
    let own = id;
    while (this.#given.has(own) || (own !== id && this.#present.has(own))) {
      const number = this.#next.get(id) ?? 2;
      this.#next.set(id, number + 1);
      own = `${id.slice(0, longestStem)}-${number}`;
    }
    this.#given.add(own);
    if (own !== id) this.doubles += 1;
    return own;
  }

  all<Entry extends { readonly id: string }>(entries: readonly Entry[]): Entry[] {
    return entries.map((entry) => {
      const id = this.of(entry.id);
      return id === entry.id ? entry : { ...entry, id };
    });
  }
}

const idsOf = (entries: readonly { readonly id: string }[]): string[] => entries.map(({ id }) => id);

/**
 * Mends what a hand or another program got wrong, so that everything behind may rely on it: each id is there once, the
 * source of each item is there, and so is the scene on program. Nothing is left out but items of sources that are not
 * there: those never showed anything. Items of a source whose id is there twice are the first one's.
 */
export function repairedCollection(collection: Collection): RepairedCollection {
  const sourceIds = new OwnIds(idsOf(collection.sources));
  const sceneIds = new OwnIds(idsOf(collection.scenes));
  const itemIds = new OwnIds(collection.scenes.flatMap(({ items }) => idsOf(items)));
  const sources = sourceIds.all(collection.sources);
  const present = new Set(idsOf(collection.sources));
  let orphans = 0;
  const scenes = sceneIds.all(collection.scenes).map((scene) => {
    const items = scene.items.filter(({ sourceId }) => present.has(sourceId));
    orphans += scene.items.length - items.length;
    return { ...scene, items: itemIds.all(items) };
  });
  const doubles = sourceIds.doubles + sceneIds.doubles + itemIds.doubles;
  const [first] = scenes;
  const { programSceneId = first?.id } = collection;
  const lost = scenes.some(({ id }) => id === programSceneId) ? undefined : first;
  const repairs = [
    ...(orphans > 0 ? [`${orphans} ${orphans === 1 ? 'item' : 'items'} without a source (left out)`] : []),
    ...(doubles > 0 ? [`${doubles} ${doubles === 1 ? 'id' : 'ids'} used twice (made different)`] : []),
    ...(lost ? [`a scene on program that is not there (${lost.name} is on program)`] : []),
  ];
  if (repairs.length === 0) return { collection, repairs };
  return {
    collection: { ...collection, sources, scenes, ...(lost ? { programSceneId: lost.id } : {}) },
    repairs,
  };
}
