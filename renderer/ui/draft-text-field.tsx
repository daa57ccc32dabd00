import { useId } from 'react';
import { describedBy, FieldFrame } from './field-frame';
import { expected, useDraft, valid } from './use-draft';
import type { Answer, Gesture } from './use-draft';

interface DraftTextFieldProps {
  label: string;
  isLabelHidden?: boolean;
  value: string;
  mostLength: number;
  /** may it be left empty? */
  isOptional?: boolean;
  isMultiline?: boolean;
  isMono?: boolean;
  /** sent on Enter or when left, not letter by letter */
  isSentOnLeaving?: boolean;
  hint?: string;
  placeholder?: string;
  /** offered while typing; anything else may be typed too */
  suggestions?: readonly string[];
  isDisabled?: boolean;
  className?: string;
  /** further demands: what is expected, or null */
  check?: (text: string) => string | null;
  onChange: (text: string, gesture: Gesture) => Answer;
}

/** A text whose every valid state takes effect as it is typed. */
export function DraftTextField(props: DraftTextFieldProps) {
  const id = useId();
  const { mostLength, isOptional = false, isMultiline = false } = props;
  const draft = useDraft({
    value: props.value,
    format: (text) => text,
    read: (text) => {
      if (!isOptional && text.trim() === '') return expected('Expected at least one character.');
      if (text.length > mostLength)
        return expected(`Expected at most ${mostLength} characters, found ${text.length}.`);
      const problem = props.check?.(text) ?? null;
      return problem === null ? valid(text) : expected(problem);
    },
    onChange: props.onChange,
    isSentOnLeaving: props.isSentOnLeaving ?? false,
  });
  const shared = {
    id,
    value: draft.text,
    placeholder: props.placeholder,
    disabled: props.isDisabled ?? false,
    spellCheck: false,
    autoComplete: 'off',
    'aria-invalid': draft.problem !== null,
    'aria-describedby': describedBy(id, draft.problem, props.hint),
    onFocus: draft.begin,
    onBlur: draft.leave,
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
      {isMultiline ? (
        <textarea
          {...shared}
          rows={3}
          className="field field-area"
          onChange={(event) => {
            draft.set(event.target.value);
          }}
        />
      ) : (
        <input
          {...shared}
          type="text"
          list={props.suggestions ? `${id}-list` : undefined}
          className={props.isMono === true ? 'field font-mono' : 'field'}
          onKeyDown={(event) => {
            if (event.key === 'Enter') draft.commit();
            if (event.key === 'Escape' && draft.problem !== null) {
              event.stopPropagation();
              draft.takeBack();
            }
          }}
          onChange={(event) => {
            draft.set(event.target.value);
          }}
        />
      )}
      {props.suggestions && (
        <datalist id={`${id}-list`}>
          {props.suggestions.map((suggestion) => (
            <option key={suggestion} value={suggestion} />
          ))}
        </datalist>
      )}
    </FieldFrame>
  );
}
