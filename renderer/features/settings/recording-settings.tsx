import { FolderOpen } from 'lucide-react';
import { useState } from 'react';
import { formatFor } from '../../../shared/contract/codec';
import type { WireError } from '../../../shared/contract/errors';
import { toWireError } from '../../client/engine-error';
import { Button } from '../../ui/button';
import { DraftTextField } from '../../ui/draft-text-field';
import { ErrorNote } from '../../ui/error-note';
import { formatBytes, plural } from '../../ui/format';
import { useActions, useIsOnline, useSlice, useStudio } from '../../studio-context';
import { RecordingsList } from '../recordings/recordings-list';
import { RecordingFileSettings } from './recording-file-settings';
import { recordingExample, unknownFields } from './recording-example';

const checkTemplate = (template: string): string | null => {
  const unknown = unknownFields(template);
  return unknown.length === 0
    ? null
    : `Expected {date}, {time}, {scene} or {show}, found ${unknown.join(', ')}.`;
};

export function RecordingSettings() {
  const settings = useSlice('settings');
  const program = useSlice('program');
  const show = useSlice('show');
  const scenes = useSlice('scenes');
  const { freeBytes, silentFolder } = useSlice('recording');
  const isOnline = useIsOnline();
  const { client } = useStudio();
  const { tryUpdateSettings } = useActions();
  const [error, setError] = useState<WireError | null>(null);
  const [at] = useState(() => new Date());

  const run = async (work: () => Promise<unknown>): Promise<void> => {
    setError(null);
    try {
      await work();
    } catch (thrown) {
      setError(toWireError(thrown));
    }
  };
  const scene = scenes.find(({ id }) => id === program.sceneId)?.name ?? 'Scene';
  // kbit/s ÷ 8 is bytes a millisecond.
  const leftMs = freeBytes === null ? null : freeBytes / ((program.bitrateKbps + 160) / 8);
  return (
    <div className="flex flex-col gap-4">
      <div className="flex items-end gap-2">
        <DraftTextField
          label="Folder"
          className="flex-1"
          value={settings.recordingFolder ?? ''}
          mostLength={4096}
          isOptional
          isMono
          isSentOnLeaving
          isDisabled={!isOnline}
          placeholder={settings.recordingFolderNow}
          onChange={(folder) => tryUpdateSettings({ recordingFolder: folder.trim() || null })}
        />
        <Button isDisabled={!isOnline} onPress={() => run(() => client.call('recording.openFolder', {}))}>
          <FolderOpen size={14} aria-hidden="true" />
          Open folder
        </Button>
      </div>
      <p className="-mt-2 text-xs text-mute [overflow-wrap:anywhere]">
        On the computer that runs the studio. Recordings go to {settings.recordingFolderNow}
        {freeBytes !== null &&
          leftMs !== null &&
          `, where ${formatBytes(freeBytes)} are free: room for about ${plural(Math.floor(leftMs / 3_600_000), 'hour', 'hours')} of this show`}
        {silentFolder === settings.recordingFolderNow && (
          <span className="text-warn">, whose disk does not answer</span>
        )}
        .
      </p>
      {error && (
        <div role="alert">
          <ErrorNote error={error} tone="air" />
        </div>
      )}
      <DraftTextField
        label="Name of a recording"
        value={settings.recordingName}
        mostLength={200}
        isSentOnLeaving
        isDisabled={!isOnline}
        check={checkTemplate}
        onChange={(recordingName) => tryUpdateSettings({ recordingName })}
      />
      <p className="-mt-2 text-xs text-mute">
        {'{date} {time} {scene} {show} are filled in. Next: '}
        <span className="font-mono text-soft" data-testid="recording-example">
          {recordingExample(settings.recordingName, { at, scene, show: show.name })}.
          {formatFor(program.codec, settings.recordingFormat)}
        </span>
      </p>
      <RecordingFileSettings />
      <RecordingsList />
    </div>
  );
}
