import { Pause, Play } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { SourceSettingsOf } from '../../../shared/model/source';
import type { SourceView } from '../../../shared/contract/show';
import { IconButton } from '../../ui/button';
import { formatDuration } from '../../ui/format';
import { SwitchField } from '../../ui/switch-field';
import { useActions, useIsOnline } from '../../studio-context';
import { FileField } from './file-field';
import { positionSecAt } from './playback-position';
import { useSourceEdits } from './use-edits';

export function MediaFields({
  source,
  settings,
}: {
  source: SourceView;
  settings: SourceSettingsOf<'media'>;
}) {
  const patch = useSourceEdits(source);
  return (
    <>
      {source.playback && (
        <PlaybackBar source={source} playback={source.playback} isLooping={settings.loop} />
      )}
      <FileField
        label="File"
        path={settings.path}
        accept="video/*,audio/*,image/gif"
        onChange={(path, gesture) => patch({ path }, 'File', gesture)}
      />
      <SwitchField label="Loop" isOn={settings.loop} onChange={(loop) => patch({ loop }, 'Loop')} />
      <p className="text-xs text-mute">Its volume is in the mixer.</p>
    </>
  );
}

const tickMs = 200;

interface PlaybackBarProps {
  source: SourceView;
  playback: NonNullable<SourceView['playback']>;
  isLooping: boolean;
}

/** Play, pause, and a bar that runs by itself and is dragged to seek. It moves without a render. */
function PlaybackBar({ source, playback, isLooping }: PlaybackBarProps) {
  const { playMedia, pauseMedia, seekMedia } = useActions();
  const isOnline = useIsOnline();
  const barRef = useRef<HTMLInputElement>(null);
  const timeRef = useRef<HTMLSpanElement>(null);
  const seekRef = useRef<{ isBusy: boolean; nextSec: number | null }>({ isBusy: false, nextSec: null });
  const [isHeld, setHeld] = useState(false);
  const { durationSec, isPaused } = playback;

  useEffect(() => {
    const show = (): void => {
      const bar = barRef.current;
      if (!bar || isHeld) return;
      const positionSec = positionSecAt(playback, Date.now(), isLooping);
      bar.value = String(positionSec);
      bar.style.setProperty('--filled', `${durationSec ? (positionSec / durationSec) * 100 : 0}%`);
      bar.setAttribute('aria-valuetext', formatDuration(positionSec * 1000));
      if (timeRef.current) timeRef.current.textContent = formatDuration(positionSec * 1000);
    };
    show();
    if (isPaused) return;
    const timer = setInterval(show, tickMs);
    return () => {
      clearInterval(timer);
    };
  }, [playback, isPaused, durationSec, isHeld, isLooping]);

  // One seek under way, the newest place next: a drag must not queue up a hundred decoders.
  const seek = async (positionSec: number): Promise<void> => {
    const state = seekRef.current;
    state.nextSec = positionSec;
    if (state.isBusy) return;
    state.isBusy = true;
    while (state.nextSec !== null) {
      const wanted = state.nextSec;
      state.nextSec = null;
      await seekMedia(source.id, wanted);
    }
    state.isBusy = false;
  };
  return (
    <div className="flex items-center gap-2">
      <IconButton
        label={isPaused ? `Play ${source.name}` : `Pause ${source.name}`}
        icon={isPaused ? <Play size={15} fill="currentColor" /> : <Pause size={15} fill="currentColor" />}
        isDisabled={!isOnline}
        onPress={() => (isPaused ? playMedia(source.id) : pauseMedia(source.id))}
      />
      <span ref={timeRef} className="w-10 text-right text-xs text-soft tabular-nums" />
      <input
        ref={barRef}
        type="range"
        aria-label={`Position of ${source.name}`}
        className="range flex-1"
        min={0}
        max={durationSec ?? 0}
        step={0.1}
        defaultValue={0}
        disabled={!isOnline || durationSec === null}
        onPointerDown={() => {
          setHeld(true);
        }}
        onPointerUp={() => {
          setHeld(false);
        }}
        onPointerCancel={() => {
          setHeld(false);
        }}
        onChange={(event) => {
          const positionSec = event.target.valueAsNumber;
          event.target.style.setProperty(
            '--filled',
            `${durationSec ? (positionSec / durationSec) * 100 : 0}%`,
          );
          if (timeRef.current) timeRef.current.textContent = formatDuration(positionSec * 1000);
          void seek(positionSec);
        }}
      />
      <span className="w-10 text-xs text-mute tabular-nums">
        {durationSec === null ? '–' : formatDuration(durationSec * 1000)}
      </span>
    </div>
  );
}
