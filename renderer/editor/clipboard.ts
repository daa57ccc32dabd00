import { editLabel } from '../actions/edit-label';
import { z } from 'zod';
import type { SceneView, SourceView } from '../../shared/contract/show';
import type { EditInput } from '../../shared/model/edit';
import { sceneItemSchema } from '../../shared/model/scene';
import type { SceneItem } from '../../shared/model/scene';
import { isKnownSource, sourceSchema } from '../../shared/model/source';
import type { SourceKind } from '../../shared/model/source';
import type { EditPlan } from './item-plans';
import { fittingBox } from './reshape';

const mark = 'stream-manager-studio/items';

/** Items as they lie in the clipboard: text, so that another window, or a chat, can carry them. */
const copiedSchema = z.object({
  type: z.literal(mark),
  version: z.literal(1),
  items: z.array(sceneItemSchema).min(1).max(500),
  sources: z.array(sourceSchema).max(500),
});
export type Copied = z.infer<typeof copiedSchema>;

/** What draws by itself is copied with its item; what captures or plays is one thing that several items show. */
const drawnKinds: ReadonlySet<SourceKind> = new Set(['text', 'clock', 'color', 'image']);
const duplicateShiftPx = 24;

export interface PastePlan extends EditPlan {
  /** of the new items */
  readonly itemIds: readonly string[];
}

/** Sources of kinds this version does not know are left out: nobody could add them again. */
export function copiedItems(
  scene: SceneView,
  sources: readonly SourceView[],
  ids: readonly string[],
): Copied | null {
  const known = sources.map(({ settings }) => settings).filter(isKnownSource);
  const items = scene.items.filter(
    (item) => ids.includes(item.id) && known.some(({ id }) => id === item.sourceId),
  );
  if (items.length === 0) return null;
  const used = new Set(items.map(({ sourceId }) => sourceId));
  return { type: mark, version: 1, items, sources: known.filter(({ id }) => used.has(id)) };
}

export const copiedText = (copied: Copied): string => JSON.stringify(copied);

/** @returns null for any other text */
export function readCopied(text: string): Copied | null {
  if (!text.includes(mark)) return null;
  try {
    const parsed = copiedSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** "Title", "Title 2", "Title 3" … the first that is free. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  const stem = name.replace(/ \d+$/, '').slice(0, 190);
  let number = 2;
  while (taken.has(`${stem} ${number}`)) number++;
  return `${stem} ${number}`;
}

/** Beside the original, so that one sees there are two. */
function beside(item: SceneItem, present: readonly SceneItem[]): Pick<SceneItem, 'x' | 'y'> {
  let { x, y } = item;
  while (present.some((other) => other.x === x && other.y === y && other.sourceId === item.sourceId)) {
    x += duplicateShiftPx;
    y += duplicateShiftPx;
  }
  const place = fittingBox({ x, y, width: 1, height: 1, rotation: 0 });
  return { x: place.x, y: place.y };
}

/**
 * Items with new ids on top of a scene. Their sources are used again where they are there still.
 * @param isSeparate what draws by itself gets a source of its own, so that the copy can be changed alone
 */
export function pastePlan(
  copied: Copied,
  scene: SceneView,
  sources: readonly SourceView[],
  { newId, isSeparate, verb }: { newId: () => string; isSeparate: boolean; verb: string },
): PastePlan {
  const edits: EditInput[] = [];
  const newSourceIds = new Map<string, string>();
  const taken = new Set(sources.map(({ name }) => name));
  const itemIds: string[] = [];
  for (const item of copied.items) {
    const source = copied.sources.find(({ id }) => id === item.sourceId);
    const present = sources.find(({ id }) => id === item.sourceId);
    const isThere = present && (!source || present.kind === source.kind);
    const isCopied = source && (!isThere || (isSeparate && drawnKinds.has(source.kind)));
    if (!source && !isThere) continue;
    let sourceId = item.sourceId;
    if (isCopied) {
      sourceId = newSourceIds.get(item.sourceId) ?? newId();
      if (!newSourceIds.has(item.sourceId)) {
        const name = freeName(source.name, taken);
        taken.add(name);
        edits.push({ type: 'source.add', source: { ...source, id: sourceId, name } });
        newSourceIds.set(item.sourceId, sourceId);
      }
    }
    const id = newId();
    itemIds.push(id);
    edits.push({
      type: 'item.add',
      sceneId: scene.id,
      item: { ...item, ...beside(item, scene.items), id, sourceId },
    });
  }
  const name = itemIds.length === 1 ? (copied.sources[0]?.name ?? 'item') : `${itemIds.length} items`;
  return { edits, label: editLabel(`${verb} ${name}`), itemIds };
}

/** A scene with the same items, showing the same sources. */
export function duplicateScenePlan(
  scene: SceneView,
  scenes: readonly SceneView[],
  newId: () => string,
): EditPlan & { readonly sceneId: string } {
  const sceneId = newId();
  const name = freeName(scene.name, new Set(scenes.map((each) => each.name)));
  return {
    sceneId,
    label: editLabel(`Duplicate ${scene.name}`),
    edits: [
      {
        type: 'scene.add',
        scene: { id: sceneId, name, items: scene.items.map((item) => ({ ...item, id: newId() })) },
        index: scenes.findIndex(({ id }) => id === scene.id) + 1,
      },
    ],
  };
}
