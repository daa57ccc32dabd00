import { useEffect, useRef, useState } from 'react';
import { describeError } from '../../shared/contract/error-text';
import type { WireError } from '../../shared/contract/errors';

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

/** What became of a change: the engine's refusal, or null. Who does not wait for an answer gives none. */
export type Answer = Promise<WireError | null> | undefined;

interface Refusal {
  /** the text that was refused */
  readonly text: string;
  readonly sentence: string;
}

const refusalOf = (text: string, error: WireError): Refusal => {
  const { sentence, remedy } = describeError(error);
  return { text, sentence: `${sentence} ${remedy}` };
};

interface DraftOptions<Value> {
  value: Value;
  format: (value: Value) => string;
  read: (text: string) => Reading<Value>;
  /** called with each valid value as it is typed */
  onChange: (value: Value, gesture: Gesture) => Answer;
  /** a half typed value makes no sense (a path): it is sent on Enter, or when the field is left */
  isSentOnLeaving?: boolean;
}

/**
 * A text that is being typed. While the field has the focus its text is the person's; each valid state of it is sent at
 * once. What is not valid, or what the engine refused, stays as typed, also after leaving, with the reason beside it,
 * until it is corrected; Escape takes it back.
 */
export function useDraft<Value>({
  value,
  format,
  read,
  onChange,
  isSentOnLeaving = false,
}: DraftOptions<Value>) {
  const [draft, setDraft] = useState<string | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const gesture = useGesture();
  /** the text that was sent last, while its answer is awaited */
  const underWay = useRef<string | null>(null);
  const hasFocus = useRef(false);
  const reading = draft === null ? null : read(draft);
  const shownRefusal = refusal !== null && refusal.text === draft ? refusal : null;

  const settle = (text: string, error: WireError | null): void => {
    // A newer text is on its way: its answer counts.
    if (underWay.current !== text) return;
    underWay.current = null;
    setRefusal(error && refusalOf(text, error));
    if (!error && !hasFocus.current) setDraft((now) => (now === text ? null : now));
  };
  const send = (text: string, isAgain = false): void => {
    const next = read(text);
    if (!next.isValid || (format(next.value) === format(value) && !isAgain)) return;
    const answer = onChange(next.value, gesture.current());
    if (!answer) return;
    underWay.current = text;
    void answer.then((error) => {
      settle(text, error);
    });
  };
  const commit = (): void => {
    if (draft !== null && underWay.current !== draft && (isSentOnLeaving || shownRefusal))
      send(draft, shownRefusal !== null);
  };
  const leaveUnseen = useRef(commit);
  useEffect(() => {
    leaveUnseen.current = commit;
  });
  // A dialog that closes takes its fields away without them being left.
  useEffect(
    () => () => {
      if (hasFocus.current) leaveUnseen.current();
    },
    [],
  );
  return {
    text: draft ?? format(value),
    problem: reading?.isValid === false ? reading.expected : (shownRefusal?.sentence ?? null),
    set: (text: string): void => {
      setDraft(text);
      if (!isSentOnLeaving) send(text);
    },
    begin: () => {
      hasFocus.current = true;
      gesture.renew();
    },
    commit,
    leave: () => {
      hasFocus.current = false;
      if (isSentOnLeaving && !shownRefusal) commit();
      if (reading?.isValid !== false && underWay.current === null && !shownRefusal) setDraft(null);
    },
    takeBack: () => {
      underWay.current = null;
      setRefusal(null);
      setDraft(null);
    },
  };
}
