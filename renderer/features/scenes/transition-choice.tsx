import type { Snapshot } from '../../../shared/contract/snapshot';
import { useIsOnline, usePart, useStudio } from '../../studio-context';
import { NumberField } from '../../ui/number-field';
import { SegmentedField } from '../../ui/segmented-field';

const kinds = [
  { value: 'cut', label: 'Cut' },
  { value: 'fade', label: 'Fade' },
] as const;

const transitionOf = ({ show }: Snapshot) => show.transition;

/** How one scene gives way to the next. */
export function TransitionChoice() {
  const { liveEdits } = useStudio();
  const transition = usePart(transitionOf);
  const isOnline = useIsOnline();
  return (
    <div className="flex items-start gap-2 px-3.5 pt-2">
      <div className="w-24 shrink-0">
        <SegmentedField
          label="Transition"
          isLabelHidden
          value={transition.kind}
          choices={kinds}
          isDisabled={!isOnline}
          onChange={(kind) =>
            void liveEdits.send(
              [{ type: 'transition.set', transition: { ...transition, kind } }],
              'Change transition',
            )
          }
        />
      </div>
      {transition.kind === 'fade' && (
        <NumberField
          label="Duration of the fade"
          isLabelHidden
          value={transition.durationMs}
          least={50}
          most={10_000}
          step={50}
          unit="ms"
          isDisabled={!isOnline}
          className="max-w-26 min-w-0 flex-1"
          onChange={(durationMs, gesture) =>
            liveEdits.send(
              [{ type: 'transition.set', transition: { ...transition, durationMs } }],
              'Change transition',
              gesture,
            )
          }
        />
      )}
    </div>
  );
}
