import { createContext, useContext, useState, useSyncExternalStore } from 'react';
import type { Snapshot } from '../shared/contract/snapshot';
import type { LiveEdits } from './actions/live-edits';
import type { StudioActions } from './actions/studio-actions';
import type { Captures } from './capture/captures';
import type { DeviceLookout } from './client/device-lookout';
import type { EngineClient } from './client/engine-client';
import type { EngineFiles } from './client/engine-files';
import type { StageEditor } from './editor/stage-editor';
import { useSelectionState } from './store/selection-store';
import type { Selection, SelectionStore } from './store/selection-store';
import type { ChartMarks } from './store/chart-marks';
import type { StatsHistory } from './store/stats-history';
import { steady } from './store/steady';
import { useStudioState } from './store/studio-store';
import type { StudioState, StudioStore } from './store/studio-store';

/** What every part of the window is given; one of each for the life of the page. */
export interface Studio {
  client: EngineClient;
  deviceLookout: DeviceLookout;
  store: StudioStore;
  actions: StudioActions;
  history: StatsHistory;
  marks: ChartMarks;
  selection: SelectionStore;
  liveEdits: LiveEdits;
  files: EngineFiles;
  captures: Captures;
  editor: StageEditor;
}

const StudioContext = createContext<Studio | null>(null);
export const StudioProvider = StudioContext.Provider;

export function useStudio(): Studio {
  const studio = useContext(StudioContext);
  if (!studio) throw new Error('useStudio outside of StudioProvider');
  return studio;
}

export const useActions = (): StudioActions => useStudio().actions;

export function useStudioValue<Selected>(select: (state: StudioState) => Selected): Selected {
  return useStudioState(useStudio().store, select);
}

/** One slice of the engine's state. Only for parts below the shell, which waits for the first snapshot. */
export function useSlice<Name extends keyof Snapshot>(name: Name): Snapshot[Name] {
  return useStudioValue((state) => {
    if (!state.snapshot) throw new Error(`slice ${name} before the first snapshot`);
    return state.snapshot[name];
  });
}

/**
 * What a part of the window needs of the engine's state. It renders when that changes, and not with every other edit: a
 * drag makes thirty of them a second. @param select always the same function, of nothing but the state
 */
export function usePart<Part>(select: (snapshot: Snapshot) => Part): Part {
  const [selectSteadily] = useState(() =>
    steady(({ snapshot }: StudioState) => {
      if (!snapshot) throw new Error('a part of the state before the first snapshot');
      return select(snapshot);
    }),
  );
  return useStudioValue(selectSteadily);
}

/** What is selected in this window. */
export function useSelection<Selected>(select: (selection: Selection) => Selected): Selected {
  return useSelectionState(useStudio().selection, select);
}

/** Commands are only worth offering while somebody listens. */
export const useIsOnline = (): boolean => useStudioValue((state) => state.connection.state === 'open');

const secondListeners = new Set<() => void>();
let secondTimer: ReturnType<typeof setInterval> | undefined;

function listenToSeconds(listener: () => void): () => void {
  secondListeners.add(listener);
  secondTimer ??= setInterval(() => {
    for (const each of [...secondListeners]) each();
  }, 250);
  return () => {
    secondListeners.delete(listener);
    if (secondListeners.size > 0) return;
    clearInterval(secondTimer);
    secondTimer = undefined;
  };
}

/**
 * Whole seconds since (negative: until) a moment. Renders only when the number changes; one timer serves all.
 * @param originMs unix ms
 */
export function useSecondsSince(originMs: number): number {
  return useSyncExternalStore(listenToSeconds, () => Math.floor((Date.now() - originMs) / 1000));
}
