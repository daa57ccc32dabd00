import { useState } from 'react';
import { mostDelaySec } from '../../../shared/contract/commands';
import { NumberField } from '../../ui/number-field';
import { SwitchField } from '../../ui/switch-field';
import type { DestinationDraft } from './destination-draft';
import type { DraftChange } from './use-destination-draft';

interface DestinationTimingProps {
  draft: DestinationDraft;
  onChange: (next: DraftChange) => void;
}

/** When a destination goes out: with the others or by itself, and how long after the program. */
export function DestinationTiming({ draft, onChange }: DestinationTimingProps) {
  const { isEnabled, delaySec } = draft;
  // Only at first: it must not close under the hand that sets it back.
  const [isOpenAtFirst] = useState(!isEnabled || delaySec > 0);
  return (
    <details className="rounded-md border border-line" open={isOpenAtFirst}>
      <summary className="flex h-8 cursor-default items-center px-3 text-xs font-semibold text-soft">
        When it goes out
      </summary>
      <div className="flex flex-col gap-3 px-3 pt-1 pb-3">
        <SwitchField
          label="Goes live with the others"
          hint="Otherwise only its own switch starts it."
          isOn={isEnabled}
          onChange={(isOn) => onChange((now) => ({ ...now, isEnabled: isOn }))}
        />
        <NumberField
          label="Delay"
          value={delaySec}
          least={0}
          most={mostDelaySec}
          step={5}
          unit="s"
          hint="Its viewers see the show so much later. Stopping is at once: what is held back then is not sent."
          onChange={(next) => {
            onChange((now) => ({ ...now, delaySec: next }));
          }}
        />
      </div>
    </details>
  );
}
