import { useStudio } from '../../studio-context';
import { addSource } from './add-source';
import { existingSource, newSource } from './new-source';
import type { NewSource, SourceDraft } from './new-source';

interface Size {
  width: number;
  height: number;
}

/** Ways to add to the scene on show; each resolves to the source's id, null when it failed (a toast says why). */
export function useAddSource() {
  const studio = useStudio();
  const run = async (make: (where: Parameters<typeof newSource>[3]) => NewSource): Promise<string | null> => {
    const { snapshot } = studio.store.getState();
    if (!snapshot) return null;
    const added = make({ show: snapshot, sceneId: snapshot.program.sceneId });
    return (await addSource(studio, added)) ? added.sourceId : null;
  };
  return {
    add: (draft: SourceDraft, name: string, ownSize: Size | null = null) =>
      run((where) => newSource(draft, name, ownSize, where)),
    addAgain: (sourceId: string) => run((where) => existingSource(sourceId, where)),
    /** Adds it and lets the browser ask what to capture; must be called in a click. */
    addCapture: async (
      capture: 'display' | 'camera' | 'microphone',
      name: string,
    ): Promise<string | null> => {
      const sourceId = await run((where) =>
        // A camera's microphone is heard only when somebody asks for it: most have one of their own.
        newSource({ kind: 'browser-capture', capture, hasSound: capture !== 'camera' }, name, null, where),
      );
      if (sourceId !== null) void studio.captures.start(sourceId);
      return sourceId;
    },
  };
}
