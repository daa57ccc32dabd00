import { Camera, Mic, Monitor, RefreshCw, Volume2, AppWindow } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Device, DeviceKind } from '../../../shared/contract/device';
import { Button } from '../../ui/button';
import { ChoiceList } from '../../ui/choice-list';
import { useActions } from '../../studio-context';
import { useDevices } from '../devices/use-devices';
import { deviceDraft, deviceSize } from './new-source';
import { useAddSource } from './use-add-source';

const icons = {
  screen: Monitor,
  window: AppWindow,
  camera: Camera,
  microphone: Mic,
  'desktop-sound': Volume2,
} as const;

const words: Record<DeviceKind, { none: string; whatToDo: string }> = {
  screen: { none: 'No screen was found.', whatToDo: 'Plug one in, or capture by the browser.' },
  window: { none: 'No window was found.', whatToDo: 'Open the program: it appears here by itself.' },
  camera: { none: 'No camera was found.', whatToDo: 'Plug it in: it appears here by itself.' },
  microphone: { none: 'No microphone was found.', whatToDo: 'Plug it in: it appears here by itself.' },
  'desktop-sound': {
    none: 'No sound output was found whose sound could be captured.',
    whatToDo: 'Switch it on in the system’s sound settings: it appears here by itself.',
  },
};

interface DeviceStepProps {
  kind: DeviceKind;
  /** what else would do */
  instead: ReactNode;
  onDone: () => void;
}

export function DeviceStep({ kind, instead, onDone }: DeviceStepProps) {
  const { list, notes } = useDevices();
  const { refreshDevices } = useActions();
  const { add } = useAddSource();
  const devices = list.filter((device) => device.kind === kind);
  const choose = async (device: Device): Promise<void> => {
    if ((await add(deviceDraft(device), device.name, deviceSize(device))) !== null) onDone();
  };
  return (
    <>
      {devices.length === 0 ? (
        <div role="status" className="rounded-md border border-line bg-raised px-4 py-3.5 text-base">
          <p className="font-medium">{notes[kind] ?? words[kind].none}</p>
          <p className="mt-0.5 text-sm text-mute">{words[kind].whatToDo}</p>
        </div>
      ) : (
        <ChoiceList
          label="Which one?"
          choices={devices.map((device) => ({
            id: device.id,
            Icon: icons[kind],
            title: device.name,
            note: [device.isDefault ? 'default' : null, deviceNote(device)].filter(Boolean).join(' · '),
          }))}
          onChoose={(id) => {
            const device = devices.find((each) => each.id === id);
            return device && choose(device);
          }}
        />
      )}
      {devices.length > 0 && notes[kind] !== undefined && <p className="text-xs text-mute">{notes[kind]}</p>}
      <div className="flex flex-wrap gap-2">
        <Button onPress={refreshDevices}>
          <RefreshCw size={13} aria-hidden="true" />
          Look again
        </Button>
        {instead}
      </div>
    </>
  );
}

function deviceNote({ size, modes }: Device): string {
  const [best] = modes;
  if (size) return `${size.width}×${size.height}`;
  return best ? `up to ${best.width}×${best.height} at ${best.fps} fps` : '';
}
