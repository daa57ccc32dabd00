import { useId } from 'react';
import type { KeyboardEvent } from 'react';
import { describedBy, FieldFrame } from './field-frame';
import { expected, useDraft, valid } from './use-draft';
import type { Answer, Gesture, Reading } from './use-draft';

interface NumberFieldProps {
  label: string;
  isLabelHidden?: boolean;
  /** null: unknown or different ones; the field is empty */
  value: number | null;
  least: number;
  most: number;
  step?: number;
  /** decimals; 0: whole numbers */
  digits?: number;
  /** `px`, `%`, `°` */
  unit?: string;
  hint?: string;
  /** further demands: what is expected, or null */
  check?: (value: number) => string | null;
  isDisabled?: boolean;
  className?: string;
  onChange: (value: number, gesture: Gesture) => Answer;
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/** What a person may type for a number: a decimal comma too, and nothing that is not finite. */
export function readNumber(
  text: string,
  { least, most, digits = 0 }: Pick<NumberFieldProps, 'least' | 'most' | 'digits'>,
): Reading<number> {
  const plain = text.trim().replace(',', '.').replace('−', '-');
  const value = /^-?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : Number.NaN;
  if (!Number.isFinite(value) || value < least || value > most || rounded(value, digits) !== value) {
    const kind = digits === 0 ? 'a whole number' : 'a number';
    return expected(`Expected ${kind} from ${least} to ${most}.`);
  }
  return valid(value);
}

/** A number that is typed, or stepped by the arrow keys (Shift: ten steps). */
export function NumberField({ value, step = 1, digits = 0, ...props }: NumberFieldProps) {
  const id = useId();
  const { least, most } = props;
  const draft = useDraft<number | null>({
    value,
    format: (shown) => (shown === null ? '' : String(rounded(shown, digits))),
    read: (text) => {
      const reading = readNumber(text, { least, most, digits });
      const problem = reading.isValid ? (props.check?.(reading.value) ?? null) : null;
      return problem === null ? reading : expected(problem);
    },
    onChange: (next, gesture) => (next === null ? undefined : props.onChange(next, gesture)),
  });
  const press = (event: KeyboardEvent<HTMLInputElement>): void => {
    const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (event.key === 'Escape' && draft.problem !== null) {
      event.stopPropagation();
      draft.takeBack();
    } else if (direction !== undefined) {
      event.preventDefault();
      const typed = readNumber(draft.text, { least, most, digits });
      const from = typed.isValid ? typed.value : (value ?? 0);
      const next = from + direction * step * (event.shiftKey ? 10 : 1);
      draft.set(String(rounded(Math.min(most, Math.max(least, next)), digits)));
    }
  };
  return (
    <FieldFrame
      inputId={id}
      label={props.label}
      isLabelHidden={props.isLabelHidden ?? false}
      problem={draft.problem}
      {...(props.hint !== undefined && { hint: props.hint })}
      {...(props.className !== undefined && { className: props.className })}
    >
      <span className="relative">
        <input
          id={id}
          type="text"
          inputMode="decimal"
          autoComplete="off"
          spellCheck={false}
          className="field"
          style={props.unit === undefined ? undefined : { paddingRight: `${props.unit.length * 7 + 14}px` }}
          value={draft.text}
          placeholder={value === null ? '–' : undefined}
          disabled={props.isDisabled ?? false}
          aria-invalid={draft.problem !== null}
          aria-describedby={describedBy(id, draft.problem, props.hint)}
          onFocus={draft.begin}
          onBlur={draft.leave}
          onKeyDown={press}
          onChange={(event) => {
            draft.set(event.target.value);
          }}
        />
        {props.unit !== undefined && (
          <span aria-hidden="true" className="number-unit">
            {props.unit}
          </span>
        )}
      </span>
    </FieldFrame>
  );
}
