import { Camera, Clapperboard, Monitor, MonitorUp } from 'lucide-react';
import { useState } from 'react';
import type { Device, DeviceKind } from '../../../shared/contract/device';
import { Button } from '../../ui/button';
import { RadioCards } from '../../ui/radio-cards';
import { SelectField } from '../../ui/select-field';
import { SwitchField } from '../../ui/switch-field';
import { useIsOnline, useSlice } from '../../studio-context';
import { useDevices } from '../devices/use-devices';
import type { Wish } from './first-show';

interface PictureStepProps {
  onDone: (wish: Wish) => Promise<void>;
  onSkip: () => void;
}

export function PictureStep({ onDone, onSkip }: PictureStepProps) {
  const { list, notes } = useDevices();
  const hasMicrophone = useSlice('sources').some(({ kind }) => kind === 'microphone');
  const isOnline = useIsOnline();
  const of = (kind: DeviceKind): Device[] => list.filter((device) => device.kind === kind);
  const first = (devices: readonly Device[]): Device | null =>
    devices.find(({ isDefault }) => isDefault) ?? devices[0] ?? null;
  const screens = of('screen');
  const cameras = of('camera');
  const microphones = of('microphone');
  const [picture, setPicture] = useState<Wish['picture']>(screens.length > 0 ? 'screen' : 'browser');
  const [chosenId, setChosenId] = useState<string | null>(null);
  const [withCamera, setWithCamera] = useState(false);
  const [microphoneId, setMicrophoneId] = useState<string | null>(null);
  const [withMicrophone, setWithMicrophone] = useState(true);

  const devices = picture === 'screen' ? screens : picture === 'camera' ? cameras : [];
  const device = devices.find(({ id }) => id === chosenId) ?? first(devices);
  const microphone = microphones.find(({ id }) => id === microphoneId) ?? first(microphones);
  const canHaveCorner = cameras.length > 0 && (picture === 'screen' || picture === 'browser');
  const submit = (): Promise<void> =>
    onDone({
      picture,
      device,
      cornerCamera: canHaveCorner && withCamera ? first(cameras) : null,
      microphone: withMicrophone && !hasMicrophone ? microphone : null,
    });
  return (
    <div className="flex flex-col gap-4">
      <RadioCards
        label="What do you want to stream?"
        value={picture}
        choices={[
          {
            ...{ value: 'screen', title: 'My screen', Icon: Monitor, isDisabled: screens.length === 0 },
            note:
              screens.length > 0
                ? 'A whole monitor: games, a desktop, a talk.'
                : (notes.screen ?? 'No screen was found here; the browser can capture one.'),
          },
          {
            ...{ value: 'browser', title: 'A window or tab', Icon: MonitorUp },
            note: 'The browser asks which one.',
          },
          {
            ...{ value: 'camera', title: 'My camera', Icon: Camera },
            note: cameras.length > 0 ? 'Just you, talking.' : 'By the browser: it asks which one.',
          },
          {
            ...{ value: 'demo', title: 'Just the demo', Icon: Clapperboard },
            note: 'A finished scene to look at and take apart.',
          },
        ]}
        onChange={(chosen) => {
          setPicture(chosen);
          setChosenId(null);
        }}
      />
      {devices.length > 1 && (
        <SelectField
          label={picture === 'camera' ? 'Which camera?' : 'Which screen?'}
          value={device?.id ?? ''}
          choices={devices.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={setChosenId}
        />
      )}
      {canHaveCorner && (
        <SwitchField label="My camera in the corner" isOn={withCamera} onChange={setWithCamera} />
      )}
      {hasMicrophone ? (
        <p className="text-sm text-mute">A microphone is in the show already.</p>
      ) : microphone ? (
        <>
          <SwitchField
            label="With my voice"
            hint="The microphone is heard in every scene."
            isOn={withMicrophone}
            onChange={setWithMicrophone}
          />
          {withMicrophone && (
            <SelectField
              label="Microphone"
              value={microphone.id}
              choices={microphones.map(({ id, name }) => ({ value: id, label: name }))}
              onChange={setMicrophoneId}
            />
          )}
        </>
      ) : (
        <p className="text-sm text-mute">
          {notes.microphone ?? 'No microphone was found. Plug one in, or add the browser’s later.'}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button onPress={onSkip}>Skip this step</Button>
        <Button look="main" isDisabled={!isOnline} onPress={submit}>
          {picture === 'demo' ? 'Continue' : 'Set it up'}
        </Button>
      </div>
    </div>
  );
}
