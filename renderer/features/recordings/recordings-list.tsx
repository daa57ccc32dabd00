import { Play, X } from 'lucide-react';
import { useState } from 'react';
import type { RecordingEntry } from '../../../shared/contract/recordings';
import { IconButton } from '../../ui/button';
import { CopyButton } from '../../ui/copy-button';
import { fileName, formatBytes, formatDuration } from '../../ui/format';
import { StatusText } from '../../ui/status';
import { useActions, useIsOnline, useSlice } from '../../studio-context';
import { RecordingPlayer } from './recording-player';
import { recordingStory } from './recording-story';

/** What was recorded, the newest first: how long, how big, and what became of what was cut off. */
export function RecordingsList() {
  const recordings = useSlice('recordings');
  const running = useSlice('recording');
  const [playingId, setPlayingId] = useState<string | null>(null);
  const playing = recordings.find(({ id }) => id === playingId);
  if (recordings.length === 0) return null;
  return (
    <section aria-label="Recordings">
      <h3 className="mb-1 text-xs font-semibold text-soft">Recordings ({recordings.length})</h3>
      <ul className="max-h-60 overflow-y-auto rounded-md border border-line">
        {recordings.map((entry) => (
          <RecordingRow
            key={entry.id}
            // What grows is told of once, in its own slice.
            entry={entry.state === 'recording' ? { ...entry, bytes: running.bytes } : entry}
            onPlay={() => setPlayingId(entry.id)}
          />
        ))}
      </ul>
      {playing && <RecordingPlayer entry={playing} onClose={() => setPlayingId(null)} />}
    </section>
  );
}

function RecordingRow({ entry, onPlay }: { entry: RecordingEntry; onPlay: () => void }) {
  const { forgetRecording } = useActions();
  const isOnline = useIsOnline();
  const { id, path, state, bytes, durationSec, startedAt } = entry;
  const name = fileName(path);
  const { tone, word, story } = recordingStory(entry);
  const figures = [
    new Date(startedAt).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }),
    ...(durationSec > 0 ? [formatDuration(durationSec * 1000)] : []),
    ...(bytes > 0 ? [formatBytes(bytes)] : []),
  ];
  return (
    <li aria-label={name} className="border-b border-line px-3 py-2 last:border-b-0">
      <div className="flex min-h-6.5 flex-wrap items-center gap-x-2">
        <span className="min-w-40 flex-1 truncate text-sm font-medium" title={path}>
          {name}
        </span>
        <StatusText tone={tone}>{word}</StatusText>
        {state !== 'broken' && (
          <IconButton
            label={`Play ${name}`}
            icon={<Play size={14} />}
            isDisabled={!isOnline}
            onPress={onPlay}
          />
        )}
        <CopyButton label={`Copy path of ${name}`} text={path} isIcon />
        <IconButton
          label={`Take ${name} from the list`}
          icon={<X size={14} />}
          isDisabled={!isOnline || state === 'recording'}
          onPress={() => forgetRecording(id)}
        />
      </div>
      <p className="text-xs text-mute">{figures.join(' · ')}</p>
      {story !== null && <p className="text-xs text-soft [overflow-wrap:anywhere]">{story}</p>}
    </li>
  );
}
