import { FolderOpen, RotateCcw } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { CommandOutput } from '../../../shared/contract/commands';
import type { RecordingEntry } from '../../../shared/contract/recordings';
import { toWireError } from '../../client/engine-error';
import { useActions, useIsOnline, useStudio } from '../../studio-context';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { fileName, formatBytes, formatClock } from '../../ui/format';
import { mediaFault, refusedTicket, unplayableKind } from './playback-fault';
import type { PlaybackFault } from './playback-fault';
import { recordingStory } from './recording-story';

/** leave to read the file, of one attempt to play it */
interface Attempt extends CommandOutput<'recording.ticket'> {
  readonly at: number;
}

/** Plays one recording, over the list. Of one that still runs it plays what there was when it was asked for. */
export function RecordingPlayer({ entry, onClose }: { entry: RecordingEntry; onClose: () => void }) {
  const { id, path, state } = entry;
  const { client } = useStudio();
  const { openRecordingFolder } = useActions();
  const isOnline = useIsOnline();
  const [attempt, setAttempt] = useState<Attempt | null>(null);
  const [fault, setFault] = useState<PlaybackFault | null>(null);
  const [tries, setTries] = useState(0);
  /** where the last attempt was, seconds */
  const reachedRef = useRef(0);

  useEffect(() => {
    let isWanted = true;
    client.call('recording.ticket', { id }).then(
      (ticket) => {
        if (!isWanted) return;
        if (document.createElement('video').canPlayType(ticket.contentType) === '') setFault(unplayableKind);
        else setAttempt({ ...ticket, at: Date.now() });
      },
      (error: unknown) => {
        if (isWanted) setFault(refusedTicket(toWireError(error)));
      },
    );
    return () => {
      isWanted = false;
    };
  }, [client, id, tries]);

  const playAgain = (): void => {
    setFault(null);
    setAttempt(null);
    setTries((count) => count + 1);
  };
  const { story } = recordingStory(entry);
  return (
    <Dialog title={fileName(path)} isOpen isBroad onClose={onClose}>
      <div className="recording-screen">
        {attempt && !fault && (
          <Screen key={attempt.url} {...{ attempt, reachedRef }} name={fileName(path)} onFault={setFault} />
        )}
        {fault && (
          <div role="alert" className="max-w-md px-4 text-center text-sm leading-relaxed">
            <p className="text-text">{fault.sentence}</p>
            <p className="text-mute">{fault.remedy}</p>
          </div>
        )}
        {!attempt && !fault && (
          <p role="status" className="text-sm text-mute">
            Opening the file…
          </p>
        )}
      </div>
      <div className="mt-3 flex flex-wrap items-center gap-2">
        <p className="min-w-48 flex-1 text-xs leading-relaxed text-mute [overflow-wrap:anywhere]">
          {state === 'recording' && attempt
            ? `It is still being recorded: this is what there was at ${formatClock(attempt.at)} (${formatBytes(attempt.bytes)}).`
            : (story ?? path)}
        </p>
        <div className="ml-auto flex gap-2">
          {(fault || state === 'recording') && (
            <Button isDisabled={!isOnline} onPress={playAgain}>
              <RotateCcw size={14} aria-hidden="true" />
              {fault ? 'Try again' : 'Play up to now'}
            </Button>
          )}
          <Button isDisabled={!isOnline} onPress={() => openRecordingFolder(id)}>
            <FolderOpen size={14} aria-hidden="true" />
            Open folder
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

interface ScreenProps {
  readonly attempt: Attempt;
  readonly name: string;
  readonly reachedRef: { current: number };
  readonly onFault: (fault: PlaybackFault) => void;
}

function Screen({ attempt, name, reachedRef, onFault }: ScreenProps) {
  const videoRef = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = videoRef.current;
    return () => {
      if (!video) return;
      // Without this the browser would hold the connection, and the engine the file, until it tidies up.
      video.removeAttribute('src');
      video.load();
    };
  }, []);
  return (
    <video
      ref={videoRef}
      src={attempt.url}
      controls
      autoPlay
      playsInline
      aria-label={name}
      onLoadedMetadata={({ currentTarget: video }) => {
        if (reachedRef.current > 0 && reachedRef.current < video.duration)
          video.currentTime = reachedRef.current;
        // Space, arrows and the rest work without a way to it.
        video.focus();
      }}
      onTimeUpdate={({ currentTarget: video }) => {
        reachedRef.current = video.currentTime;
      }}
      onError={({ currentTarget: video }) => {
        if (video.error) onFault(mediaFault(video.error.code, reachedRef.current > 0));
      }}
    />
  );
}
