import { RefreshCw } from 'lucide-react';
import type { Device, DeviceKind } from '../../../shared/contract/device';
import type { SourceView } from '../../../shared/contract/show';
import type { DeviceReference } from '../../../shared/model/source';
import { IconButton } from '../../ui/button';
import { SelectField } from '../../ui/select-field';
import { useActions, useIsOnline } from '../../studio-context';
import { useDevices } from '../devices/use-devices';

interface DeviceSelectProps {
  label: string;
  kinds: readonly DeviceKind[];
  /** as it was chosen */
  device: DeviceReference;
  /** as the engine has found it */
  deviceId: SourceView['deviceId'];
  onChange: (device: Device) => unknown;
}

/** One of the devices that are there; the chosen one stays in the list while it is away. */
export function DeviceSelect({ label, kinds, device, deviceId, onChange }: DeviceSelectProps) {
  const { refreshDevices } = useActions();
  const isOnline = useIsOnline();
  const { list, notes } = useDevices();
  const fitting = list.filter(({ kind }) => kinds.includes(kind));
  const reasons = kinds.flatMap((kind) => notes[kind] ?? []);
  return (
    <div className="flex flex-col gap-1">
      <div className="flex items-end gap-1.5">
        <SelectField
          label={label}
          className="flex-1"
          value={deviceId ?? device.id}
          strayLabel={`${device.name || device.id}${deviceId === null ? ' (not connected)' : ''}`}
          choices={fitting.map(({ id, name, isDefault }) => ({
            value: id,
            label: isDefault ? `${name} (default)` : name,
          }))}
          onChange={(id) => {
            const chosen = fitting.find((each) => each.id === id);
            return chosen && onChange(chosen);
          }}
        />
        <IconButton
          label="Look for devices again"
          icon={<RefreshCw size={14} />}
          isDisabled={!isOnline}
          onPress={refreshDevices}
        />
      </div>
      {reasons.map((reason) => (
        <p key={reason} className="text-xs text-mute">
          {reason}
        </p>
      ))}
    </div>
  );
}
