import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

/** What is selected in this window; every window has its own selection. */
export interface Selection {
  /** ids of scene items of the scene on show, in the order in which they were chosen */
  itemIds: readonly string[];
  /** a source without a picture (a microphone), or one chosen in the mixer; null while items are selected */
  sourceId: string | null;
}

export function createSelectionStore() {
  const store = createStore<Selection>(() => ({ itemIds: [], sourceId: null }));
  return {
    ...store,
    selectItems(itemIds: readonly string[]): void {
      store.setState({ itemIds: [...new Set(itemIds)], sourceId: null });
    },
    toggleItem(itemId: string): void {
      const { itemIds } = store.getState();
      store.setState({
        itemIds: itemIds.includes(itemId) ? itemIds.filter((id) => id !== itemId) : [...itemIds, itemId],
        sourceId: null,
      });
    },
    selectSource(sourceId: string): void {
      store.setState({ itemIds: [], sourceId });
    },
    clear(): void {
      store.setState({ itemIds: [], sourceId: null });
    },
    /** Forget what is not there any more. */
    keepOnly(itemIds: ReadonlySet<string>, sourceIds: ReadonlySet<string>): void {
      const { itemIds: chosen, sourceId } = store.getState();
      const kept = chosen.filter((id) => itemIds.has(id));
      const source = sourceId !== null && sourceIds.has(sourceId) ? sourceId : null;
      if (kept.length !== chosen.length || source !== sourceId)
        store.setState({ itemIds: kept, sourceId: source });
    },
  };
}
export type SelectionStore = ReturnType<typeof createSelectionStore>;

export function useSelectionState<Selected>(
  store: SelectionStore,
  select: (selection: Selection) => Selected,
): Selected {
  return useStore(store, select);
}
