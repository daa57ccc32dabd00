import type { Collection } from './collection';
import type { Edit, ItemPatch } from './edit';
import type { Scene, SceneItem } from './scene';
import { isKnownSource, isSoundOnly, sourceSchema } from './source';
import type { AnySource } from './source';

/** The edit does not fit the show it was meant for. `missing` says what was not found; null: it fits no show. */
export class EditError extends Error {
  readonly missing: { readonly kind: 'scene' | 'item' | 'source'; readonly id: string } | null;

  constructor(reason: string, missing: EditError['missing'] = null) {
    super(reason);
    this.name = 'EditError';
    this.missing = missing;
  }
}

const missing = (kind: 'scene' | 'item' | 'source', id: string): EditError =>
  new EditError(`there is no ${kind} ${id}`, { kind, id });

const moved = <Entry>(list: readonly Entry[], from: number, to: number): Entry[] => {
  const rest = list.filter((_, index) => index !== from);
  rest.splice(Math.min(to, rest.length), 0, list[from] as Entry);
  return rest;
};

const inserted = <Entry>(list: readonly Entry[], entry: Entry, index = list.length): Entry[] => {
  const copy = [...list];
  copy.splice(Math.min(index, copy.length), 0, entry);
  return copy;
};

/** An absent size and one that is `undefined` are not the same thing on disk. */
function patched(item: SceneItem, patch: ItemPatch): SceneItem {
  const given = Object.fromEntries(
    Object.entries(patch).filter(
      ([name, value]) => value !== undefined && (value !== null || name === 'chromaKey'),
    ),
  );
  const next = { ...item, ...given };
  if (patch.width === null) delete next.width;
  if (patch.height === null) delete next.height;
  return next;
}

function sceneIndex(show: Collection, sceneId: string): number {
  const index = show.scenes.findIndex(({ id }) => id === sceneId);
  if (index < 0) throw missing('scene', sceneId);
  return index;
}

const withScene = (show: Collection, sceneId: string, change: (scene: Scene) => Scene): Collection => {
  const at = sceneIndex(show, sceneId);
  return { ...show, scenes: show.scenes.map((scene, index) => (index === at ? change(scene) : scene)) };
};

const withItem = (
  show: Collection,
  itemId: string,
  change: (items: SceneItem[], index: number) => SceneItem[],
): Collection => {
  const scene = show.scenes.find(({ items }) => items.some(({ id }) => id === itemId));
  if (!scene) throw missing('item', itemId);
  const at = scene.items.findIndex(({ id }) => id === itemId);
  return withScene(show, scene.id, () => ({ ...scene, items: change(scene.items, at) }));
};

const withSource = (
  show: Collection,
  sourceId: string,
  change: (source: AnySource) => AnySource,
): Collection => {
  if (!show.sources.some(({ id }) => id === sourceId)) throw missing('source', sourceId);
  return {
    ...show,
    sources: show.sources.map((source) => (source.id === sourceId ? change(source) : source)),
  };
};

function updated(source: AnySource, patch: Readonly<Record<string, unknown>>): AnySource {
  if (!isKnownSource(source))
    throw new EditError(`sources of the kind ${source.kind} cannot be changed by this version`);
  const { id, name, kind } = source;
  const result = sourceSchema.safeParse({ ...source, ...patch, id, name, kind });
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new EditError(`${issue?.path.join('.') || kind}: ${issue?.message ?? 'does not fit'}`);
}

function checkItem(show: Collection, item: SceneItem): void {
  const source = show.sources.find(({ id }) => id === item.sourceId);
  if (!source) throw missing('source', item.sourceId);
  if (isSoundOnly(source)) throw new EditError(`${source.name} has no picture to place`);
}

function withoutItem(show: Collection, itemId: string): Collection {
  const sourceId = show.scenes.flatMap(({ items }) => items).find(({ id }) => id === itemId)?.sourceId;
  const next = withItem(show, itemId, (items, index) => items.filter((_, at) => at !== index));
  const isShown = next.scenes.some(({ items }) => items.some((item) => item.sourceId === sourceId));
  return isShown ? next : { ...next, sources: next.sources.filter(({ id }) => id !== sourceId) };
}

function withNewScene(show: Collection, edit: Extract<Edit, { type: 'scene.add' }>): Collection {
  const { scene } = edit;
  if (show.scenes.some(({ id }) => id === scene.id))
    throw new EditError(`the scene ${scene.id} is there already`);
  const present = new Set(show.scenes.flatMap(({ items }) => items.map(({ id }) => id)));
  for (const item of scene.items) {
    checkItem(show, item);
    if (present.has(item.id)) throw new EditError(`the item ${item.id} is there already`);
    present.add(item.id);
  }
  if (show.scenes.length >= 500) throw new EditError('a show has at most 500 scenes');
  return { ...show, scenes: inserted(show.scenes, scene, edit.index) };
}

function withNewItem(show: Collection, edit: Extract<Edit, { type: 'item.add' }>): Collection {
  checkItem(show, edit.item);
  if (show.scenes.some(({ items }) => items.some(({ id }) => id === edit.item.id)))
    throw new EditError(`the item ${edit.item.id} is there already`);
  return withScene(show, edit.sceneId, (scene) => {
    if (scene.items.length >= 500) throw new EditError('a scene has at most 500 items');
    return { ...scene, items: inserted(scene.items, edit.item, edit.index) };
  });
}

function withNewSource(show: Collection, source: AnySource): Collection {
  if (show.sources.some(({ id }) => id === source.id))
    throw new EditError(`the source ${source.id} is there already`);
  if (show.sources.length >= 1000) throw new EditError('a show has at most 1000 sources');
  return { ...show, sources: [...show.sources, source] };
}

function withoutScene(show: Collection, sceneId: string): Collection {
  sceneIndex(show, sceneId);
  if (show.scenes.length === 1) throw new EditError('a show keeps at least one scene');
  const scenes = show.scenes.filter(({ id }) => id !== sceneId);
  const shown = new Set(scenes.flatMap(({ items }) => items.map((item) => item.sourceId)));
  const gone = new Set(
    show.scenes.flatMap((scene) => (scene.id === sceneId ? scene.items : [])).map((item) => item.sourceId),
  );
  return { ...show, scenes, sources: show.sources.filter(({ id }) => !gone.has(id) || shown.has(id)) };
}

/**
 * The show with this change made. Pure: what did not change is shared with the show before, which stays as it was.
 * @throws EditError
 */
export function applyEdit(show: Collection, edit: Edit): Collection {
  switch (edit.type) {
    case 'collection.rename':
      return { ...show, name: edit.name };
    case 'transition.set':
      return { ...show, transition: edit.transition };
    case 'scene.add':
      return withNewScene(show, edit);
    case 'scene.rename':
      return withScene(show, edit.sceneId, (scene) => ({ ...scene, name: edit.name }));
    case 'scene.move':
      return { ...show, scenes: moved(show.scenes, sceneIndex(show, edit.sceneId), edit.index) };
    case 'scene.remove':
      return withoutScene(show, edit.sceneId);
    case 'source.add':
      return withNewSource(show, edit.source);
    case 'source.rename':
      return withSource(show, edit.sourceId, (source) => ({ ...source, name: edit.name }));
    case 'source.update':
      return withSource(show, edit.sourceId, (source) => updated(source, edit.patch));
    case 'source.remove': {
      const rest = withSource(show, edit.sourceId, (source) => source);
      return {
        ...rest,
        sources: rest.sources.filter(({ id }) => id !== edit.sourceId),
        scenes: rest.scenes.map((scene) => ({
          ...scene,
          items: scene.items.filter((item) => item.sourceId !== edit.sourceId),
        })),
      };
    }
    case 'item.add':
      return withNewItem(show, edit);
    case 'item.update':
      return withItem(show, edit.itemId, (items, index) =>
        items.map((item, at) => (at === index ? patched(item, edit.patch) : item)),
      );
    case 'item.move':
      return withItem(show, edit.itemId, (items, index) => moved(items, index, edit.index));
    case 'item.remove':
      return withoutItem(show, edit.itemId);
  }
}

/** @throws EditError for the first that does not fit */
export const applyEdits = (show: Collection, edits: readonly Edit[]): Collection =>
  edits.reduce(applyEdit, show);
