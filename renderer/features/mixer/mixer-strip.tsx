import { TriangleAlert, Volume2, VolumeX } from 'lucide-react';
import { Button as AriaButton, Dialog, DialogTrigger, Popover, ToggleButton } from 'react-aria-components';
import type { WireError } from '../../../shared/contract/errors';
import type { SourceView } from '../../../shared/contract/show';
import type { SoundSettings } from '../../../shared/model/sound';
import { Hint } from '../../ui/button';
import { ErrorNote } from '../../ui/error-note';
import { useIsOnline, useSelection, useStudio } from '../../studio-context';
import { sourceKind } from '../sources/source-kinds';
import { dbText } from './db-text';
import { Fader } from './fader';
import { LevelMeter } from './level-meter';
import type { MeterBoard } from './meter-board';
import { SyncOffset } from './sync-offset';
import { useSoundEdits } from './use-sound-edits';

interface MixerStripProps {
  board: MeterBoard;
  source: SourceView;
  saved: SoundSettings;
}

/** One source of the mix: how loud, whether at all, how late, and what comes of it. */
export function MixerStrip({ board, source, saved }: MixerStripProps) {
  const { selection } = useStudio();
  const isOnline = useIsOnline();
  const isSelected = useSelection(({ sourceId }) => sourceId === source.id);
  const { sound, change } = useSoundEdits(source, saved);
  const kind = sourceKind(source.kind);
  return (
    <li
      aria-label={source.name}
      className="mixer-strip"
      data-selected={isSelected || undefined}
      data-muted={sound.isMuted || undefined}
    >
      <div className="strip-head">
        <AriaButton
          className="strip-name"
          aria-label={`Select ${source.name}, ${kind.label}`}
          onPress={() => {
            selection.selectSource(source.id);
          }}
        >
          <kind.Icon size={13} aria-hidden="true" className="shrink-0 text-mute" />
          <span className="truncate" title={source.name}>
            {source.name}
          </span>
        </AriaButton>
        {source.error ? (
          <StripTrouble name={source.name} error={source.error} />
        ) : (
          <output className="strip-value">{sound.isMuted ? 'muted' : dbText(sound.faderDb)}</output>
        )}
        <SyncOffset
          name={source.name}
          offsetMs={sound.syncOffsetMs}
          isDisabled={!isOnline}
          onChange={(syncOffsetMs, gesture) => {
            change({ syncOffsetMs }, 'Sync offset of', gesture);
          }}
        />
        <Hint text={sound.isMuted ? `Let ${source.name} be heard` : `Mute ${source.name}`}>
          <ToggleButton
            aria-label={`Mute ${source.name}`}
            isSelected={sound.isMuted}
            isDisabled={!isOnline}
            className="strip-button strip-mute"
            onChange={(isMuted) => {
              change({ isMuted }, isMuted ? 'Mute' : 'Unmute');
            }}
          >
            {sound.isMuted ? <VolumeX size={14} /> : <Volume2 size={14} />}
          </ToggleButton>
        </Hint>
      </div>
      <LevelMeter board={board} id={source.id} label={`Level of ${source.name}`} />
      <Fader
        label={`Volume of ${source.name}`}
        faderDb={sound.faderDb}
        isDisabled={!isOnline}
        onChange={(faderDb, gesture) => {
          change({ faderDb }, 'Volume of', gesture);
        }}
      />
    </li>
  );
}

/** Why nothing comes from it, behind a button: the strip has no room for sentence and remedy. */
function StripTrouble({ name, error }: { name: string; error: WireError }) {
  return (
    <DialogTrigger>
      <AriaButton className="strip-trouble">
        <TriangleAlert size={12} aria-hidden="true" />
        no sound
        <span className="sr-only">: what is wrong with {name}?</span>
      </AriaButton>
      <Popover placement="top" className="strip-popover">
        <Dialog aria-label={`What is wrong with ${name}`} className="outline-none">
          <ErrorNote error={error} />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
