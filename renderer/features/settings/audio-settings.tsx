import { editLabel } from '../../actions/edit-label';
import { Mic, Plus, Trash2, Volume2 } from 'lucide-react';
import type { DeviceKind } from '../../../shared/contract/device';
import { isKnownSource } from '../../../shared/model/source';
import type { SourceSettingsOf } from '../../../shared/model/source';
import { Button, IconButton } from '../../ui/button';
import { ErrorNote } from '../../ui/error-note';
import { useIsOnline, useSlice, useStudio } from '../../studio-context';
import { deviceDraft } from '../add-source/new-source';
import { useAddSource } from '../add-source/use-add-source';
import { useDevices } from '../devices/use-devices';
import { DeviceSelect } from '../properties/device-select';

type SoundKind = 'microphone' | 'desktop-sound';

const words: Record<SoundKind, { title: string; label: string; add: string; note: string }> = {
  microphone: {
    title: 'Microphones',
    label: 'Microphone',
    add: 'Add microphone',
    note: 'Heard in every scene.',
  },
  'desktop-sound': {
    title: 'Sound of this computer',
    label: 'Sound of',
    add: 'Add desktop sound',
    note: 'Game, music and calls, heard in every scene.',
  },
};

/** The devices whose sound is in the show. Levels are in the mixer. */
export function AudioSettings() {
  return (
    <div className="flex flex-col gap-6">
      <SoundDevices kind="microphone" />
      <SoundDevices kind="desktop-sound" />
      <p className="text-xs text-mute">Faders, mute and offsets are in the mixer below the picture.</p>
    </div>
  );
}

function SoundDevices({ kind }: { kind: SoundKind }) {
  const sources = useSlice('sources').filter((source) => source.kind === kind);
  const { list, notes } = useDevices();
  const isOnline = useIsOnline();
  const { actions } = useStudio();
  const { add } = useAddSource();
  const devices = list.filter((device) => device.kind === (kind satisfies DeviceKind));
  const next = devices.find(({ isDefault }) => isDefault) ?? devices[0];
  const Icon = kind === 'microphone' ? Mic : Volume2;
  return (
    <section aria-label={words[kind].title} className="flex flex-col gap-2.5">
      <h3 className="flex items-center gap-2 text-base font-semibold">
        <Icon size={15} aria-hidden="true" className="text-mute" />
        {words[kind].title}
        <span className="text-xs font-normal text-mute">{words[kind].note}</span>
      </h3>
      {sources.map((source) => (
        <div key={source.id} className="flex flex-col gap-1.5">
          <div className="flex items-end gap-1.5">
            <div className="min-w-0 flex-1">
              {isKnownSource(source.settings) && (
                <DeviceSelect
                  label={source.name}
                  kinds={[kind]}
                  device={(source.settings as SourceSettingsOf<SoundKind>).device}
                  deviceId={source.deviceId}
                  onChange={({ id, name }) =>
                    actions.edit(
                      [{ type: 'source.update', sourceId: source.id, patch: { device: { id, name } } }],
                      editLabel(`Device of ${source.name}`),
                    )
                  }
                />
              )}
            </div>
            <IconButton
              label={`Remove ${source.name}`}
              icon={<Trash2 size={14} />}
              isDisabled={!isOnline}
              onPress={() =>
                actions.edit(
                  [{ type: 'source.remove', sourceId: source.id }],
                  editLabel(`Remove ${source.name}`),
                )
              }
            />
          </div>
          {source.error && <ErrorNote error={source.error} />}
        </div>
      ))}
      {sources.length === 0 && devices.length === 0 && (
        <p className="text-sm text-mute">{notes[kind] ?? 'No such device was found on this computer.'}</p>
      )}
      {next && (
        <div>
          <Button isDisabled={!isOnline} onPress={() => add(deviceDraft(next), next.name)}>
            <Plus size={14} aria-hidden="true" />
            {words[kind].add}
          </Button>
        </div>
      )}
    </section>
  );
}
