import type { SourceSettingsOf } from '../../../shared/model/source';
import type { SourceView } from '../../../shared/contract/show';
import { NumberField } from '../../ui/number-field';
import { SelectField } from '../../ui/select-field';
import { SwitchField } from '../../ui/switch-field';
import { useDevices } from '../devices/use-devices';
import { DeviceSelect } from './device-select';
import { Row } from './section';
import { partOf, useSourceEdits } from './use-edits';

export function ScreenFields({
  source,
  settings,
}: {
  source: SourceView;
  settings: SourceSettingsOf<'screen'>;
}) {
  const patch = useSourceEdits(source);
  const { region } = settings;
  const size = useDevices().list.find(({ id }) => id === source.deviceId)?.size;
  return (
    <>
      <DeviceSelect
        label="Screen or window"
        kinds={['screen', 'window']}
        device={settings.device}
        deviceId={source.deviceId}
        onChange={({ id, name }) => patch({ device: { id, name }, region: null }, 'Device')}
      />
      <SwitchField
        label="Show the mouse pointer"
        isOn={settings.isCursorShown}
        onChange={(isCursorShown) => patch({ isCursorShown }, 'Pointer')}
      />
      <NumberField
        label="Frames per second"
        value={settings.fps}
        least={1}
        most={240}
        digits={2}
        unit="fps"
        onChange={(fps, gesture) => patch({ fps }, 'Rate', gesture)}
      />
      <SwitchField
        label="Only a part of it"
        isOn={region !== null}
        onChange={(isOn) =>
          patch(
            { region: isOn ? { x: 0, y: 0, width: size?.width ?? 1280, height: size?.height ?? 720 } : null },
            'Region',
          )
        }
      />
      {region && (
        <>
          <Row>
            {(
              [
                ['x', 'From the left', 0, 32_767],
                ['y', 'From the top', 0, 32_767],
                ['width', 'Width', 2, 16_384],
                ['height', 'Height', 2, 16_384],
              ] as const
            ).map(([name, label, least, most]) => (
              <NumberField
                key={name}
                label={label}
                value={region[name]}
                least={least}
                most={most}
                unit="px"
                onChange={(value, gesture) => patch(partOf('region', { [name]: value }), 'Region', gesture)}
              />
            ))}
          </Row>
          {size && (
            <p className="text-xs text-mute">
              The whole of it is {size.width}×{size.height} pixels.
            </p>
          )}
        </>
      )}
    </>
  );
}

const bestMode = 'best';
const modeKey = (mode: { width: number; height: number; fps: number }): string =>
  `${mode.width}×${mode.height} at ${mode.fps} fps`;

export function CameraFields({
  source,
  settings,
}: {
  source: SourceView;
  settings: SourceSettingsOf<'camera'>;
}) {
  const patch = useSourceEdits(source);
  const modes = useDevices().list.find(({ id }) => id === source.deviceId)?.modes ?? [];
  return (
    <>
      <DeviceSelect
        label="Camera"
        kinds={['camera']}
        device={settings.device}
        deviceId={source.deviceId}
        onChange={({ id, name }) => patch({ device: { id, name }, mode: null }, 'Device')}
      />
      <SelectField
        label="Resolution and rate"
        value={settings.mode ? modeKey(settings.mode) : bestMode}
        choices={[
          { value: bestMode, label: 'The best up to 1080p' },
          ...modes.map((mode) => ({ value: modeKey(mode), label: modeKey(mode) })),
        ]}
        onChange={(key) => patch({ mode: modes.find((mode) => modeKey(mode) === key) ?? null }, 'Resolution')}
      />
    </>
  );
}

export function SoundDeviceFields({
  source,
  settings,
}: {
  source: SourceView;
  settings: SourceSettingsOf<'microphone' | 'desktop-sound'>;
}) {
  const patch = useSourceEdits(source);
  return (
    <>
      <DeviceSelect
        label={settings.kind === 'microphone' ? 'Microphone' : 'Sound of'}
        kinds={[settings.kind]}
        device={settings.device}
        deviceId={source.deviceId}
        onChange={({ id, name }) => patch({ device: { id, name } }, 'Device')}
      />
      <p className="text-xs text-mute">
        It is heard in every scene; level, mute and offset are in the mixer.
      </p>
    </>
  );
}
