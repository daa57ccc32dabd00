import { useId } from 'react';
import type { ReactNode } from 'react';

interface SegmentedFieldProps<Value extends string> {
  label: string;
  isLabelHidden?: boolean;
  value: Value | null;
  choices: readonly { value: Value; label: string; icon?: ReactNode }[];
  isDisabled?: boolean;
  onChange: (value: Value) => unknown;
}

/** One of a few, all in sight. With an icon its label is what screen readers and tooltips say. */
export function SegmentedField<Value extends string>(props: SegmentedFieldProps<Value>) {
  const name = useId();
  return (
    <fieldset className="flex min-w-0 flex-col gap-1" disabled={props.isDisabled ?? false}>
      <legend className={props.isLabelHidden === true ? 'sr-only' : 'mb-1 text-xs font-medium text-soft'}>
        {props.label}
      </legend>
      <div className="segments">
        {props.choices.map(({ value, label, icon }) => (
          <label key={value} className="segment" title={icon === undefined ? undefined : label}>
            <input
              type="radio"
              name={name}
              value={value}
              checked={props.value === value}
              aria-label={label}
              onChange={() => {
                props.onChange(value);
              }}
            />
            <span aria-hidden="true" className="flex items-center">
              {icon ?? label}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
