import { useId, useState } from 'react';
import type { CSSProperties } from 'react';
import { useGesture } from './use-draft';
import type { Answer, Gesture } from './use-draft';

interface SliderFieldProps {
  label: string;
  value: number;
  least: number;
  most: number;
  step: number;
  /** as it is read beside the slider: `80 %` */
  format: (value: number) => string;
  isDisabled?: boolean;
  onChange: (value: number, gesture: Gesture) => Answer;
}

/** What was taken is shown by then; otherwise the engine decided otherwise. */
const patienceMs = 1000;

/** A value on a line. It follows the hand at once; a drag, or the keys until the focus leaves, is one gesture. */
export function SliderField({
  label,
  value,
  least,
  most,
  step,
  format,
  isDisabled = false,
  onChange,
}: SliderFieldProps) {
  const id = useId();
  const gesture = useGesture();
  const [held, setHeld] = useState<{ readonly value: number; readonly isTaken: boolean } | null>(null);
  // The answer may come before the value does: until then a key would step from the old one.
  if (held?.isTaken && held.value === value) setHeld(null);
  const shown = held?.value ?? value;
  const change = (next: number): void => {
    const mine = { value: next, isTaken: false };
    const taken = { value: next, isTaken: true };
    setHeld(mine);
    const answer = onChange(next, gesture.current());
    if (!answer) return setHeld(null);
    void answer.then((error) => {
      setHeld((now) => (now !== mine ? now : error ? null : taken));
      if (!error) setTimeout(() => setHeld((now) => (now === taken ? null : now)), patienceMs);
    });
  };
  return (
    <div className="flex min-w-0 flex-col gap-0.5">
      <span className="flex items-baseline justify-between gap-2">
        <label htmlFor={id} className="text-xs font-medium text-soft">
          {label}
        </label>
        <span aria-hidden="true" className="text-xs text-mute tabular-nums">
          {format(shown)}
        </span>
      </span>
      <input
        id={id}
        type="range"
        className="range"
        min={least}
        max={most}
        step={step}
        value={shown}
        disabled={isDisabled}
        aria-valuetext={format(shown)}
        style={{ '--filled': `${((shown - least) / (most - least)) * 100}%` } as CSSProperties}
        onFocus={gesture.renew}
        onPointerDown={gesture.renew}
        onChange={(event) => {
          change(event.target.valueAsNumber);
        }}
      />
    </div>
  );
}
