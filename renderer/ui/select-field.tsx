import { useId } from 'react';
import { FieldFrame } from './field-frame';

export interface Choice<Value extends string> {
  value: Value;
  label: string;
  isDisabled?: boolean;
}

interface SelectFieldProps<Value extends string> {
  label: string;
  isLabelHidden?: boolean;
  /** not among the choices: shown as its own line, so that nothing is changed by looking */
  value: Value;
  choices: readonly Choice<Value>[];
  hint?: string;
  /** the line for a value that is not among the choices */
  strayLabel?: string;
  isDisabled?: boolean;
  className?: string;
  onChange: (value: Value) => unknown;
}

export function SelectField<Value extends string>(props: SelectFieldProps<Value>) {
  const id = useId();
  const isStray = !props.choices.some(({ value }) => value === props.value);
  return (
    <FieldFrame
      inputId={id}
      label={props.label}
      isLabelHidden={props.isLabelHidden ?? false}
      {...(props.hint !== undefined && { hint: props.hint })}
      {...(props.className !== undefined && { className: props.className })}
    >
      <select
        id={id}
        className="field"
        value={props.value}
        disabled={props.isDisabled ?? false}
        aria-describedby={props.hint !== undefined ? `${id}-hint` : undefined}
        onChange={(event) => {
          props.onChange(event.target.value as Value);
        }}
      >
        {isStray && <option value={props.value}>{props.strayLabel ?? props.value}</option>}
        {props.choices.map((choice) => (
          <option key={choice.value} value={choice.value} disabled={choice.isDisabled ?? false}>
            {choice.label}
          </option>
        ))}
      </select>
    </FieldFrame>
  );
}
