import { codecTitles, formatFor, formatsOfCodec } from '../../../shared/contract/codec';
import type { RecordingFormat } from '../../../shared/contract/recordings';
import type { Settings } from '../../../shared/contract/settings';
import { NumberField } from '../../ui/number-field';
import { formatBytes } from '../../ui/format';
import { SelectField } from '../../ui/select-field';
import { useActions, useIsOnline, useSlice } from '../../studio-context';

type Split = Settings['recordingSplit'];

const formatLabels: Readonly<Record<RecordingFormat, string>> = {
  mp4: 'MP4: plays everywhere',
  mkv: 'MKV (Matroska)',
  webm: 'WebM: plays in browsers',
};
const splits: readonly { value: Split['by']; label: string }[] = [
  { value: 'none', label: 'Never: one file a recording' },
  { value: 'minutes', label: 'After some time' },
  { value: 'size', label: 'At a size' },
];
/** what is suggested when a way is chosen: 4 GB is the most that FAT takes */
const suggested: Readonly<Record<Split['by'], Split>> = {
  none: { by: 'none' },
  minutes: { by: 'minutes', minutes: 60 },
  size: { by: 'size', gigabytes: 4 },
};

/** What kind of file a recording is, and when it goes on in another one. */
export function RecordingFileSettings() {
  const { recordingFormat, recordingSplit: split, replaySec } = useSlice('settings');
  const { bitrateKbps, codec } = useSlice('program');
  const isRecording = useSlice('recording').state === 'recording';
  const isOnline = useIsOnline();
  const { tryUpdateSettings } = useActions();
  return (
    <div className="flex flex-col gap-1.5">
      <div className="grid grid-cols-[1fr_1fr_6.5rem] items-start gap-4">
        <SelectField
          label="Format"
          value={formatFor(codec, recordingFormat)}
          choices={formatsOfCodec[codec].map((value) => ({ value, label: formatLabels[value] }))}
          isDisabled={!isOnline}
          onChange={(format) => tryUpdateSettings({ recordingFormat: format })}
        />
        <SelectField
          label="Begin another file"
          value={split.by}
          choices={splits}
          isDisabled={!isOnline}
          onChange={(by) => tryUpdateSettings({ recordingSplit: suggested[by] })}
        />
        {split.by === 'minutes' && (
          <NumberField
            label="Every"
            value={split.minutes}
            least={1}
            most={1440}
            unit="min"
            isDisabled={!isOnline}
            onChange={(minutes) => tryUpdateSettings({ recordingSplit: { by: 'minutes', minutes } })}
          />
        )}
        {split.by === 'size' && (
          <NumberField
            label="At most"
            value={split.gigabytes}
            least={0.1}
            most={1000}
            digits={1}
            unit="GB"
            isDisabled={!isOnline}
            onChange={(gigabytes) => tryUpdateSettings({ recordingSplit: { by: 'size', gigabytes } })}
          />
        )}
      </div>
      <p className="text-xs text-mute">
        {isRecording
          ? 'Counts from the next recording on.'
          : 'Files are cut at keyframes: together they hold every picture and all the sound.'}
        {codec !== 'h264' && ` ${codecTitles[codec]} with Opus, as the codec is set, is not for MP4.`}
      </p>
      <NumberField
        label="Kept for replays"
        className="mt-2.5 w-40"
        value={replaySec}
        least={0}
        most={600}
        step={5}
        unit="s"
        isDisabled={!isOnline}
        onChange={(seconds) => tryUpdateSettings({ replaySec: seconds })}
      />
      <p className="text-xs text-mute">
        {replaySec === 0
          ? 'Nothing is kept: there is no replay to save.'
          : `The last seconds of the program, in memory (about ${formatBytes((bitrateKbps + 160) * 125 * replaySec)}). “Save the last ${replaySec} s” beside “Record” writes them to a file.`}
      </p>
    </div>
  );
}
