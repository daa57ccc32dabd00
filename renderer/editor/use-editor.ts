import { useState } from 'react';
import { useStore } from 'zustand';
import { steady } from '../store/steady';
import { useSelection, useSlice, useStudio } from '../studio-context';
import type { EditorState } from './editor-state';
import { placeItems } from './placed-item';
import type { PlacedItem } from './placed-item';
import type { StageEditor } from './stage-editor';

export const useEditor = (): StageEditor => useStudio().editor;

export function useEditorState<Selected>(select: (state: EditorState) => Selected): Selected {
  return useStore(useEditor().store, select);
}

/** As `usePart`, of what the editor shows. */
export function useEditorPart<Part>(select: (state: EditorState) => Part): Part {
  const [selectSteadily] = useState(() => steady(select));
  return useEditorState(selectSteadily);
}

export interface ItemsOnShow {
  readonly items: readonly PlacedItem[];
  readonly selection: readonly string[];
}

/** The items of the scene on show, the bottom one first, with what is under way; and which of them are selected. */
export function useItemsOnShow(): ItemsOnShow {
  const scenes = useSlice('scenes');
  const sources = useSlice('sources');
  const { sceneId } = useSlice('program');
  const drafts = useEditorState((state) => state.drafts);
  const selection = useSelection(({ itemIds }) => itemIds);
  return {
    items: placeItems(
      scenes.find(({ id }) => id === sceneId),
      sources,
      drafts,
    ),
    selection,
  };
}
