import type { SceneView, SourceView } from '../../shared/contract/show';
import type { ItemPatch } from '../../shared/model/edit';
import { itemBox } from '../../shared/model/placement';
import type { ItemBox } from '../../shared/model/placement';
import type { SceneItem } from '../../shared/model/scene';
import { holds } from './geometry';
import type { Point, Size } from './geometry';

/** A scene item with all that the editor has to know of it. */
export interface PlacedItem {
  readonly item: SceneItem;
  /** the name people gave its source */
  readonly name: string;
  readonly kind: string;
  /** of the source's own picture before the crop; null: not known (yet) */
  readonly size: Size | null;
  /** null: where it lies is not known, because its source's size is not */
  readonly box: ItemBox | null;
}
export type BoxedItem = PlacedItem & { readonly box: ItemBox };

const hasBox = (placed: PlacedItem): placed is BoxedItem => placed.box !== null;

function boxOf(item: SceneItem, size: Size | null): ItemBox | null {
  if (size) return itemBox(item, size);
  const { width, height } = item;
  return width === undefined || height === undefined
    ? null
    : { x: item.x, y: item.y, width, height, rotation: item.rotation };
}

/** What a patch makes of an item, before the engine has said so. */
export function patchedItem(item: SceneItem, patch: ItemPatch): SceneItem {
  const given = Object.entries(patch).filter(([name, value]) => value !== null || name === 'chromaKey');
  const next: SceneItem = { ...item, ...Object.fromEntries(given) };
  if (patch.width === null) delete next.width;
  if (patch.height === null) delete next.height;
  return next;
}

/** The items of a scene, the bottom one first. @param drafts changes that are under way, by item id */
export function placeItems(
  scene: SceneView | undefined,
  sources: readonly SourceView[],
  drafts: ReadonlyMap<string, ItemPatch> = new Map(),
): PlacedItem[] {
  const byId = new Map(sources.map((source) => [source.id, source]));
  return (scene?.items ?? []).map((saved) => {
    const draft = drafts.get(saved.id);
    const item = draft ? patchedItem(saved, draft) : saved;
    const source = byId.get(item.sourceId);
    const size = source?.size ?? null;
    return {
      item,
      name: source?.name ?? item.sourceId,
      kind: source?.kind ?? 'missing',
      size,
      box: boxOf(item, size),
    };
  });
}

/** Those with one of these ids that have a box. */
export const chosenItems = (items: readonly PlacedItem[], ids: readonly string[]): BoxedItem[] =>
  items.filter(({ item }) => ids.includes(item.id)).filter(hasBox);

/** What a pointer can take hold of at this point, the topmost first. */
export const itemsAt = (items: readonly PlacedItem[], point: Point): BoxedItem[] =>
  items
    .filter(hasBox)
    .filter(({ item, box }) => item.visible && !item.isLocked && holds(box, point))
    .reverse();

/** Everything the pointer may choose, the bottom one first. */
export const reachableItems = (items: readonly PlacedItem[]): BoxedItem[] =>
  items.filter(hasBox).filter(({ item }) => item.visible && !item.isLocked);
