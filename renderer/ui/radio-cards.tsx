import type { LucideIcon } from 'lucide-react';
import { useId } from 'react';

interface RadioCardsProps<Value extends string> {
  label: string;
  value: Value;
  choices: readonly { value: Value; title: string; note: string; Icon: LucideIcon; isDisabled?: boolean }[];
  onChange: (value: Value) => void;
}

/** One of a few, each with a picture and a sentence. */
export function RadioCards<Value extends string>({
  label,
  value,
  choices,
  onChange,
}: RadioCardsProps<Value>) {
  const name = useId();
  return (
    <fieldset className="grid grid-cols-2 gap-2">
      <legend className="sr-only">{label}</legend>
      {choices.map((choice) => (
        <label key={choice.value} className="radio-card group" data-disabled={choice.isDisabled || undefined}>
          <input
            type="radio"
            name={name}
            className="sr-only"
            value={choice.value}
            checked={choice.value === value}
            disabled={choice.isDisabled ?? false}
            onChange={() => {
              onChange(choice.value);
            }}
          />
          <choice.Icon size={20} aria-hidden="true" className="shrink-0 text-ice" />
          <span className="min-w-0">
            <span className="block text-base font-semibold">{choice.title}</span>
            <span className="block text-xs text-mute group-has-[:checked]:text-soft">{choice.note}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
