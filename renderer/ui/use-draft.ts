import { useRef, useState } from 'react';

/** What belongs together: everything typed until the field is left, one drag of a slider. */
export type Gesture = string;

export function useGesture(): { current: () => Gesture; renew: () => void } {
  const ref = useRef<Gesture | null>(null);
  return {
    current: () => (ref.current ??= crypto.randomUUID()),
    renew: () => {
      ref.current = null;
    },
  };
}

/** What was typed, read: a value, or what was expected instead. */
export type Reading<Value> =
  { readonly isValid: true; readonly value: Value } | { readonly isValid: false; readonly expected: string };

export const valid = <Value>(value: Value): Reading<Value> => ({ isValid: true, value });
export const expected = (text: string): Reading<never> => ({ isValid: false, expected: text });

interface DraftOptions<Value> {
  value: Value;
  format: (value: Value) => string;
  read: (text: string) => Reading<Value>;
  /** called with each valid value as it is typed */
  onChange: (value: Value, gesture: Gesture) => unknown;
  /** a half typed value makes no sense (a path): it is sent on Enter, or when the field is left */
  isSentOnLeaving?: boolean;
}

/**
 * A text that is being typed. While the field has the focus its text is the person's; each valid state of it is sent at
 * once. What is not valid stays as typed, also after leaving, and is never sent; Escape takes it back.
 */
export function useDraft<Value>({
  value,
  format,
  read,
  onChange,
  isSentOnLeaving = false,
}: DraftOptions<Value>) {
  const [draft, setDraft] = useState<string | null>(null);
  const gesture = useGesture();
  const reading = draft === null ? null : read(draft);
  const send = (next: Reading<Value> | null): void => {
    if (next?.isValid === true && format(next.value) !== format(value))
      onChange(next.value, gesture.current());
  };
  const set = (text: string): void => {
    setDraft(text);
    if (!isSentOnLeaving) send(read(text));
  };
  return {
    text: draft ?? format(value),
    problem: reading?.isValid === false ? reading.expected : null,
    set,
    begin: gesture.renew,
    commit: () => {
      if (isSentOnLeaving) send(reading);
    },
    leave: () => {
      if (isSentOnLeaving) send(reading);
      if (reading?.isValid !== false) setDraft(null);
    },
    takeBack: () => {
      setDraft(null);
    },
  };
}
