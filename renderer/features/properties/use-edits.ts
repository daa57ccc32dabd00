import type { ItemPatch } from '../../../shared/model/edit';
import type { SceneItem } from '../../../shared/model/scene';
import type { WireError } from '../../../shared/contract/errors';
import type { SourceView } from '../../../shared/contract/show';
import { editLabel } from '../../actions/edit-label';
import { useStudio } from '../../studio-context';

export type PatchSource = (
  patch: Readonly<Record<string, unknown>>,
  what: string,
  gesture?: string,
) => Promise<WireError | null>;

/** @returns how to change settings of a source: `patch({ color }, 'Colour', gesture)` */
export function useSourceEdits(source: Pick<SourceView, 'id' | 'name'>): PatchSource {
  const { liveEdits } = useStudio();
  return (patch, what, gesture) =>
    liveEdits.send(
      [{ type: 'source.update', sourceId: source.id, patch: { ...patch } }],
      editLabel(`${what} of ${source.name}`),
      gesture,
    );
}

export type PatchItems = (
  patch: (item: SceneItem) => ItemPatch | null,
  what: string,
  gesture?: string,
) => Promise<WireError | null>;

/** @returns how to change items, all in one step; null leaves an item as it is */
export function useItemEdits(items: readonly SceneItem[], name: string): PatchItems {
  const { liveEdits } = useStudio();
  return (patchOf, what, gesture) => {
    const edits = items.flatMap((item) => {
      const patch = patchOf(item);
      return patch ? [{ type: 'item.update' as const, itemId: item.id, patch }] : [];
    });
    return edits.length === 0
      ? Promise.resolve(null)
      : liveEdits.send(edits, editLabel(`${what} of ${name}`), gesture);
  };
}
