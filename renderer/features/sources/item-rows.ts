import type { SourceView } from '../../../shared/contract/show';
import type { Snapshot } from '../../../shared/contract/snapshot';
import type { EditorState } from '../../editor/editor-state';
import { sceneOnShow } from '../../store/scene-on-show';

/** What the list says of an item of the scene on show. */
export interface ItemRow {
  /** the item's */
  readonly id: string;
  readonly sourceId: string;
  readonly name: string;
  readonly kind: string;
  readonly state: SourceView['state'] | null;
  readonly error: SourceView['error'];
  readonly visible: boolean;
  readonly isLocked: boolean;
}

/** The topmost first. */
export function itemRows(snapshot: Snapshot): ItemRow[] {
  const byId = new Map(snapshot.sources.map((source) => [source.id, source]));
  return (sceneOnShow(snapshot)?.items ?? [])
    .map(({ id, sourceId, visible, isLocked }) => {
      const source = byId.get(sourceId);
      return {
        ...{ id, sourceId, visible, isLocked },
        name: source?.name ?? sourceId,
        kind: source?.kind ?? 'missing',
        state: source?.state ?? null,
        error: source?.error ?? null,
      };
    })
    .reverse();
}

/** What the rows show before the engine has said so; where an item lies is not their matter. */
export const draftedFlags = ({ drafts }: EditorState): Record<string, Partial<ItemRow>> =>
  Object.fromEntries(
    [...drafts].flatMap(([id, { visible, isLocked }]) =>
      visible === undefined && isLocked === undefined
        ? []
        : [[id, { ...(visible !== undefined && { visible }), ...(isLocked !== undefined && { isLocked }) }]],
    ),
  );
