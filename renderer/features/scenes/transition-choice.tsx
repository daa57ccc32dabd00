import type { Snapshot } from '../../../shared/contract/snapshot';
import type { Transition } from '../../../shared/model/scene';
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
  const { liveEdits, store } = useStudio();
  const transition = usePart(transitionOf);
  const isOnline = useIsOnline();
  /** The other part stays as it is by then. */
  const change = (part: Partial<Transition>, gesture?: string) => {
    const edit = () => {
      const { snapshot } = store.getState();
      const now = snapshot ? transitionOf(snapshot) : transition;
      return [{ type: 'transition.set' as const, transition: { ...now, ...part } }];
    };
    return liveEdits.send(edit, 'Change transition', gesture);
  };
  return (
    <div className="flex items-start gap-2 px-3.5 pt-2">
      <div className="w-24 shrink-0">
        <SegmentedField
          label="Transition"
          isLabelHidden
          value={transition.kind}
          choices={kinds}
          isDisabled={!isOnline}
          onChange={(kind) => void change({ kind })}
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
          onChange={(durationMs, gesture) => change({ durationMs }, gesture)}
        />
      )}
    </div>
  );
}
