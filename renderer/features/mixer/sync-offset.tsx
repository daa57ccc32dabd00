import { Minus, Plus, Timer } from 'lucide-react';
import { useState } from 'react';
import {
  Button as AriaButton,
  Dialog,
  DialogTrigger,
  Group,
  Input,
  Label,
  NumberField,
  Popover,
  Text,
} from 'react-aria-components';
import { syncOffsetMaxMs } from '../../../shared/model/sound';

interface SyncOffsetProps {
  name: string;
  offsetMs: number;
  isDisabled: boolean;
  /** @param gesture one as long as the popover is open: one step of undo */
  onChange: (offsetMs: number, gesture: string) => void;
}

/** How much later a source is heard, behind a small button that shows it when there is any. */
export function SyncOffset({ name, offsetMs, isDisabled, onChange }: SyncOffsetProps) {
  const [gesture, setGesture] = useState('');
  return (
    <DialogTrigger
      onOpenChange={(isOpen) => {
        if (isOpen) setGesture(crypto.randomUUID());
      }}
    >
      <AriaButton
        aria-label={`Sync offset of ${name}: ${offsetMs} milliseconds`}
        isDisabled={isDisabled}
        className="strip-button strip-offset"
        data-set={offsetMs > 0 || undefined}
      >
        {offsetMs > 0 ? `${offsetMs} ms` : <Timer size={14} aria-hidden="true" />}
      </AriaButton>
      <Popover placement="top" className="strip-popover">
        <Dialog aria-label={`Sync offset of ${name}`} className="outline-none">
          <NumberField
            value={offsetMs}
            minValue={0}
            maxValue={syncOffsetMaxMs}
            step={5}
            onChange={(value) => {
              if (Number.isFinite(value)) onChange(Math.round(value), gesture);
            }}
            className="flex flex-col gap-1.5"
          >
            <Label className="text-xs font-semibold">Sync offset, milliseconds</Label>
            <Group className="flex items-center gap-1">
              <AriaButton slot="decrement" className="control control-plain control-icon">
                <Minus size={14} aria-hidden="true" />
              </AriaButton>
              <Input className="field w-20 text-center" />
              <AriaButton slot="increment" className="control control-plain control-icon">
                <Plus size={14} aria-hidden="true" />
              </AriaButton>
            </Group>
            <Text slot="description" className="max-w-52 text-xs leading-relaxed text-mute">
              Heard so much later, to meet a picture that comes late. 0 to {syncOffsetMaxMs}.
            </Text>
          </NumberField>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
