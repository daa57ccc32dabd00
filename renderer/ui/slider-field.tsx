import { useId, useState } from 'react';
import type { CSSProperties } from 'react';
import { useGesture } from './use-draft';
import type { Gesture } from './use-draft';

interface SliderFieldProps {
  label: string;
  value: number;
  least: number;
  most: number;
  step: number;
  /** as it is read beside the slider: `80 %` */
  format: (value: number) => string;
  isDisabled?: boolean;
  onChange: (value: number, gesture: Gesture) => unknown;
}

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
  const [held, setHeld] = useState<number | null>(null);
  const shown = held ?? value;
  const change = (next: number): void => {
    setHeld(next);
    const outcome = onChange(next, gesture.current());
    const release = (): void => {
      setHeld((now) => (now === next ? null : now));
    };
    if (outcome instanceof Promise) void outcome.finally(release);
    else release();
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
