import { useState } from 'react';
import { mostDelaySec } from '../../../shared/contract/commands';
import { customService, serviceById } from '../../../shared/contract/services';
import { NumberField } from '../../ui/number-field';
import { SwitchField } from '../../ui/switch-field';
import type { DestinationDraft } from './destination-draft';
import type { DraftChange } from './use-destination-draft';

interface DestinationTimingProps {
  draft: DestinationDraft;
  onChange: (next: DraftChange) => void;
}

/** When and how a destination goes out: with the others or by itself, how much later, and whether its network counts. */
export function DestinationTiming({ draft, onChange }: DestinationTimingProps) {
  const { isEnabled, delaySec, isAdaptive, variantId } = draft;
  // Only at first: it must not close under the hand that sets it back.
  const [isOpenAtFirst] = useState(!isEnabled || delaySec > 0 || isAdaptive || draft.takesVp9);
  return (
    <details className="rounded-md border border-line" open={isOpenAtFirst}>
      <summary className="flex h-8 cursor-default items-center px-3 text-xs font-semibold text-soft">
        When and how it goes out
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
        <SwitchField
          label="Bitrate follows its network"
          hint={
            delaySec > 0
              ? 'Not while it is delayed: what its network does is seen too late.'
              : variantId !== null
                ? 'Not with a variant, whose bitrate stays as it is set.'
                : 'Where it carries less, all of the program gets fewer bits until it carries more; not below 30 %.'
          }
          isOn={isAdaptive}
          isDisabled={delaySec > 0 || variantId !== null}
          onChange={(isOn) => onChange((now) => ({ ...now, isAdaptive: isOn }))}
        />
        {serviceById(draft.serviceId) === customService && (
          <SwitchField
            label="Takes VP9 without saying so"
            hint="For a program in VP9 and servers such as MediaMTX or node-media-server, which hand it on but do not name it when they are asked. Any other would show garbage."
            isOn={draft.takesVp9}
            onChange={(isOn) => onChange((now) => ({ ...now, takesVp9: isOn }))}
          />
        )}
      </div>
    </details>
  );
}
