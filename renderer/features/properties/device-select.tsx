import { RefreshCw } from 'lucide-react';
import type { Device, DeviceKind } from '../../../shared/contract/device';
import type { DeviceReference } from '../../../shared/model/source';
import { IconButton } from '../../ui/button';
import { SelectField } from '../../ui/select-field';
import { useActions, useIsOnline } from '../../studio-context';
import { useDevices } from '../devices/use-devices';

interface DeviceSelectProps {
  label: string;
  kinds: readonly DeviceKind[];
  device: DeviceReference;
  onChange: (device: Device) => unknown;
}

/** One of the devices that are there; the chosen one stays in the list while it is away. */
export function DeviceSelect({ label, kinds, device, onChange }: DeviceSelectProps) {
  const { refreshDevices } = useActions();
  const isOnline = useIsOnline();
  const { list, notes } = useDevices();
  const fitting = list.filter(({ kind }) => kinds.includes(kind));
  const found =
    fitting.find(({ id }) => id === device.id) ?? fitting.find(({ name }) => name === device.name);
  const reasons = kinds.flatMap((kind) => notes[kind] ?? []);
  return (
    <div className="flex flex-col gap-1">
      <div className="flex items-end gap-1.5">
        <SelectField
          label={label}
          className="flex-1"
          value={found?.id ?? device.id}
          strayLabel={`${device.name || device.id} (not connected)`}
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
