import type { EditInput } from '../../shared/model/edit';
import type { WireError } from '../../shared/contract/errors';
import type { CommandInput, CommandName, CommandOutput } from '../../shared/contract/commands';
import type { SettingsPatch } from '../../shared/contract/settings';
import { describeError } from '../../shared/contract/error-text';
import type { EngineClient } from '../client/engine-client';
import { toWireError } from '../client/engine-error';
import { fileName } from '../ui/format';
import type { StudioStore } from '../store/studio-store';

export type StudioActions = ReturnType<typeof createStudioActions>;

type Attempt<Name extends CommandName> =
  { output: CommandOutput<Name>; error: null } | { output: null; error: WireError };

const editInput = (edits: readonly EditInput[], label: string, gesture?: string) => ({
  edits: [...edits],
  label,
  ...(gesture !== undefined && { gesture }),
});

/** What a person can do, by name. A failure becomes a toast with sentence and remedy; the result is then null. */
export function createStudioActions(
  client: Pick<EngineClient, 'call'>,
  store: Pick<StudioStore, 'addToast'>,
) {
  const attempt = async <Name extends CommandName>(
    command: Name,
    input: CommandInput<Name>,
  ): Promise<Attempt<Name>> => {
    try {
      return { output: await client.call(command, input), error: null };
    } catch (thrown) {
      const error = toWireError(thrown);
      store.addToast(describeError(error));
      return { output: null, error };
    }
  };
  const run = async <Name extends CommandName>(
    command: Name,
    input: CommandInput<Name>,
  ): Promise<CommandOutput<Name> | null> => (await attempt(command, input)).output;

  return {
    switchScene: (sceneId: string) => run('scene.switch', { sceneId }),
    /** Changes of the show, one step of undo; steps with the same `gesture` in a row count as one. */
    edit: (edits: readonly EditInput[], label: string, gesture?: string) =>
      run('show.edit', editInput(edits, label, gesture)),
    /** The same for a field that keeps what was refused: with the refusal, or null. */
    tryEdit: async (edits: readonly EditInput[], label: string, gesture?: string) =>
      (await attempt('show.edit', editInput(edits, label, gesture))).error,
    undo: () => run('show.undo', {}),
    redo: () => run('show.redo', {}),
    setItemVisible: (itemId: string, visible: boolean) =>
      run('show.edit', {
        edits: [{ type: 'item.update', itemId, patch: { visible } }],
        label: visible ? 'Show item' : 'Hide item',
      }),
    playMedia: (sourceId: string) => run('media.play', { sourceId }),
    pauseMedia: (sourceId: string) => run('media.pause', { sourceId }),
    seekMedia: (sourceId: string, positionSec: number) => run('media.seek', { sourceId, positionSec }),
    refreshDevices: () => run('devices.refresh', {}),
    restorePoints: () => run('show.restorePoints', {}),
    saveRestorePoint: (label: string) => run('show.saveRestorePoint', { label }),
    restoreShow: (id: string) => run('show.restore', { id }),
    updateSettings: (patch: SettingsPatch) => run('settings.update', { patch }),
    tryUpdateSettings: async (patch: SettingsPatch) => (await attempt('settings.update', { patch })).error,
    openRecordingFolder: (id: string) => run('recording.openFolder', { id }),
    runPreflight: () => run('preflight.run', {}),
    startLive: () => run('live.start', {}),
    stopLive: () => run('live.stop', {}),
    startRecording: () => run('recording.start', {}),
    stopRecording: () => run('recording.stop', {}),
    /** What was saved is told, as the failures are. */
    saveReplay: async () => {
      const saved = await run('replay.save', {});
      if (!saved) return;
      const names = saved.paths.map(fileName).join(', ');
      store.addToast({
        isNote: true,
        sentence: `Saved: ${names}`,
        remedy: `${Math.round(saved.durationSec)} s, in the folder of recordings.`,
      });
    },
    forgetRecording: (id: string) => run('recording.forget', { id }),
    createKey: (name: string, key?: string) => run('key.create', { name, ...(key ? { key } : {}) }),
    revokeKey: (id: string) => run('key.revoke', { id }),
    removeDestination: (id: string) => run('destination.remove', { id }),
    startDestination: (id: string) => run('destination.start', { id }),
    stopDestination: (id: string) => run('destination.stop', { id }),
    retryDestination: (id: string) => run('destination.retryNow', { id }),
    setIngestPort: (port: number) => run('ingest.setPort', { port }),
    dismissNotice: (id: string) => run('notice.dismiss', { id }),
  };
}
