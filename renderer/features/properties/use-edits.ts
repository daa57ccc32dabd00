import type { ItemPatch } from '../../../shared/model/edit';
import type { SceneItem } from '../../../shared/model/scene';
import type { WireError } from '../../../shared/contract/errors';
import type { SourceView } from '../../../shared/contract/show';
import { editLabel } from '../../actions/edit-label';
import { useStudio } from '../../studio-context';

type Settings = Readonly<Record<string, unknown>>;

export type PatchSource = (
  /** a function is given the settings as they are when its turn comes */
  patch: Settings | ((settings: Settings) => Settings),
  what: string,
  gesture?: string,
) => Promise<WireError | null>;

/** @returns how to change settings of a source: `patch({ color }, 'Colour', gesture)` */
export function useSourceEdits(source: Pick<SourceView, 'id' | 'name'>): PatchSource {
  const { liveEdits, store } = useStudio();
  return (patch, what, gesture) => {
    const patchNow = (): Settings => {
      if (typeof patch !== 'function') return patch;
      const now = store.getState().snapshot?.sources.find(({ id }) => id === source.id);
      return patch({ ...now?.settings });
    };
    return liveEdits.send(
      () => [{ type: 'source.update', sourceId: source.id, patch: { ...patchNow() } }],
      editLabel(`${what} of ${source.name}`),
      gesture,
    );
  };
}

/** A part of what one setting holds; its other parts stay as they are by then. */
export const partOf =
  (name: string, part: Settings) =>
  (settings: Settings): Settings => ({ [name]: { ...(settings[name] as Settings | null), ...part } });

export type PatchItems = (
  patch: (item: SceneItem) => ItemPatch | null,
  what: string,
  gesture?: string,
) => Promise<WireError | null>;

/** @returns how to change items, as they are by then, all in one step; null leaves an item as it is */
export function useItemEdits(items: readonly SceneItem[], name: string): PatchItems {
  const { liveEdits, store } = useStudio();
  return (patchOf, what, gesture) => {
    const now = (item: SceneItem): SceneItem =>
      store
        .getState()
        .snapshot?.scenes.flatMap((scene) => scene.items)
        .find(({ id }) => id === item.id) ?? item;
    const edits = () =>
      items.flatMap((item) => {
        const patch = patchOf(now(item));
        return patch ? [{ type: 'item.update' as const, itemId: item.id, patch }] : [];
      });
    return liveEdits.send(edits, editLabel(`${what} of ${name}`), gesture);
  };
}
