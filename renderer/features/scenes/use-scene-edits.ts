import { editLabel } from '../../actions/edit-label';
import type { SceneView } from '../../../shared/contract/show';
import { duplicateScenePlan } from '../../editor/clipboard';
import { noteWithUndo } from '../../editor/undo-note';
import { useStudio } from '../../studio-context';

export type NamedScene = Pick<SceneView, 'id' | 'name'>;

/** What can be done with a scene as a whole; a failure is a toast. */
export function useSceneEdits() {
  const studio = useStudio();
  const { actions, editor, store } = studio;
  const scenesNow = (): readonly SceneView[] => store.getState().snapshot?.scenes ?? [];
  return {
    /** @returns did it work? */
    add: async (scene: SceneView): Promise<boolean> =>
      (await actions.edit([{ type: 'scene.add', scene }], editLabel(`Add ${scene.name}`))) !== null,
    /** @returns the refusal, or null */
    rename: (scene: NamedScene, name: string) =>
      actions.tryEdit([{ type: 'scene.rename', sceneId: scene.id, name }], editLabel(`Rename ${scene.name}`)),
    duplicate: async ({ id }: NamedScene): Promise<void> => {
      const scene = scenesNow().find((each) => each.id === id);
      if (!scene) return;
      const plan = duplicateScenePlan(scene, scenesNow(), editor.newId);
      await actions.edit(plan.edits, plan.label);
    },
    /** @param by places down (positive) or up */
    move: (scene: NamedScene, by: number) => {
      const scenes = scenesNow();
      const at = scenes.findIndex(({ id }) => id === scene.id);
      const index = Math.min(scenes.length - 1, Math.max(0, at + by));
      return actions.edit(
        [{ type: 'scene.move', sceneId: scene.id, index }],
        editLabel(`Move ${scene.name}`),
      );
    },
    /** Instead of a question there is a way back. */
    remove: async (scene: NamedScene): Promise<void> => {
      const label = editLabel(`Delete ${scene.name}`);
      if ((await actions.edit([{ type: 'scene.remove', sceneId: scene.id }], label)) === null) return;
      noteWithUndo(studio, `The scene “${scene.name}” was deleted.`, label);
    },
  };
}
