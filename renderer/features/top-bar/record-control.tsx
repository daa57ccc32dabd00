import { Circle, History, Square } from 'lucide-react';
import { useState } from 'react';
import { Button, Hint, IconButton } from '../../ui/button';
import { fileName, formatBytes } from '../../ui/format';
import { useActions, useIsOnline, useSlice } from '../../studio-context';
import { startingText } from '../preflight/starting-text';
import { Timer } from './timer';

/** below this the engine warns, too */
const lowBytes = 5e9;

/** The recording: how long, how much, into which file, and how much room is left. */
export function RecordControl() {
  const { startRecording, stopRecording } = useActions();
  const isOnline = useIsOnline();
  const recording = useSlice('recording');
  const program = useSlice('program');
  const [isStarting, setStarting] = useState(false);
  if (recording.state === 'recording' || recording.state === 'stopping') {
    return (
      <>
        <div className="flex min-w-0 items-center gap-2 text-xs text-soft" data-testid="recording-state">
          <span aria-hidden="true" className="pulse size-2 rounded-full bg-air" />
          {recording.since !== null && <Timer label="Time recorded" since={recording.since} />}
          <span className="text-mute max-[1199px]:hidden">{formatBytes(recording.bytes)}</span>
          <FreeRoom bytes={recording.freeBytes} />
          {recording.path !== null && (
            <span
              className="max-w-44 truncate text-mute max-[1749px]:hidden"
              title={recording.path}
              data-testid="recording-path"
            >
              {fileName(recording.path)}
            </span>
          )}
        </div>
        <SaveReplay />
        <Hint text={recording.path ?? 'Recording'}>
          <Button
            isLarge
            data-hotkey="recording"
            isDisabled={!isOnline || recording.state === 'stopping'}
            onPress={stopRecording}
          >
            <Square size={13} fill="currentColor" aria-hidden="true" />
            {recording.state === 'stopping' ? 'Finishing…' : 'Stop recording'}
          </Button>
        </Hint>
      </>
    );
  }
  const record = async (): Promise<void> => {
    setStarting(true);
    await startRecording();
    setStarting(false);
  };
  return (
    <>
      <span role="status" aria-label="Recording" className="max-w-64 truncate text-xs text-warn">
        {isStarting && program.state !== 'running' && startingText(program)}
      </span>
      <SaveReplay />
      <Button isLarge data-hotkey="recording" isDisabled={!isOnline} onPress={record}>
        <Circle size={13} className="text-air" fill="currentColor" aria-hidden="true" />
        Record
      </Button>
    </>
  );
}

/** The last seconds into a file, with or without a recording; not there when none are kept. */
function SaveReplay() {
  const { saveReplay } = useActions();
  const isOnline = useIsOnline();
  const { replaySec } = useSlice('settings');
  if (replaySec === 0) return null;
  return (
    <IconButton
      label={`Save the last ${replaySec} s`}
      icon={<History size={16} />}
      isDisabled={!isOnline}
      onPress={saveReplay}
    />
  );
}

/** Small windows hear of it only when it runs short. */
function FreeRoom({ bytes }: { bytes: number | null }) {
  if (bytes === null) return null;
  const isLow = bytes < lowBytes;
  return (
    <span
      data-testid="free-room"
      title="Room left on the disk of the recording"
      className={
        isLow
          ? 'font-semibold whitespace-nowrap text-warn'
          : 'whitespace-nowrap text-mute max-[1499px]:hidden'
      }
    >
      {formatBytes(bytes)} free
    </span>
  );
}
