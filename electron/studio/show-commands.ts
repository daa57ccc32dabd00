import type { CommandHandlers } from '../../shared/contract/commands';
import type { ShowDesk } from './show-desk';

type ShowCommand = Extract<keyof CommandHandlers, 'scene.switch' | `show.${string}` | `media.${string}`>;

/** The commands that make the show. */
export function showCommands(desk: ShowDesk): Pick<CommandHandlers, ShowCommand> {
  return {
    'scene.switch': async ({ sceneId, transition }) => {
      await desk.switchScene(sceneId, transition);
      return {};
    },
    'show.edit': async ({ edits, label, gesture }) => {
      await desk.edit(edits, label, gesture);
      return {};
    },
    'show.undo': async () => {
      await desk.undo();
      return {};
    },
    'show.redo': async () => {
      await desk.redo();
      return {};
    },
    'show.restorePoints': async () => ({ points: await desk.restorePoints() }),
    'show.saveRestorePoint': async ({ label }) => {
      await desk.saveRestorePoint(label);
      return {};
    },
    'show.restore': async ({ id }) => {
      await desk.restore(id);
      return {};
    },
    'media.play': ({ sourceId }) => {
      desk.playbackOf(sourceId).play();
      return {};
    },
    'media.pause': ({ sourceId }) => {
      desk.playbackOf(sourceId).pause();
      return {};
    },
    'media.seek': ({ sourceId, positionSec }) => {
      desk.playbackOf(sourceId).seek(positionSec);
      return {};
    },
  };
}
