import { useRef, useState } from 'react';
import type { WireError } from '../../shared/contract/errors';
import { classNames } from './class-names';

interface InlineNameProps {
  /** what is named, for screen readers: "Scene name" */
  label: string;
  name: string;
  isEditing: boolean;
  className?: string;
  /** with the new name, never empty. Resolves with null once it is taken; a person has been told of a refusal then */
  onRename: (name: string) => Promise<WireError | null>;
  /** taken, or given up */
  onEnd: () => void;
}

const mostLetters = 200;

/**
 * A name that is written where it stands: Enter or leaving sends it, Escape gives it up. The field stays until the name
 * is taken: one that was refused, or met no engine, is still there to be corrected or sent again.
 */
export function InlineName({ label, name, isEditing, className, onRename, onEnd }: InlineNameProps) {
  /** whoever is renamed meanwhile */
  const [isUnsaved, setUnsaved] = useState(false);
  if (!isEditing && !isUnsaved)
    return <span className={classNames('min-w-0 flex-1 truncate', className)}>{name}</span>;
  return (
    <NameInput
      label={label}
      name={name}
      onRename={(written) => {
        setUnsaved(true);
        return onRename(written);
      }}
      onEnd={() => {
        setUnsaved(false);
        onEnd();
      }}
    />
  );
}

function NameInput({
  label,
  name,
  onRename,
  onEnd,
}: Pick<InlineNameProps, 'label' | 'name' | 'onRename' | 'onEnd'>) {
  const [text, setText] = useState(name);
  const [refusedText, setRefusedText] = useState<string | null>(null);
  const inputRef = useRef<HTMLInputElement | null>(null);
  /** what was sent last, while its answer is awaited */
  const underWay = useRef<string | null>(null);
  const isOver = useRef(false);
  const end = (): void => {
    const input = inputRef.current;
    // Closing takes the focus away, which is leaving: one end is enough.
    isOver.current = true;
    // Back to the row: a list whose focused child just vanishes believes for ever to be focused.
    if (input && input === document.activeElement) input.closest<HTMLElement>('[role=row]')?.focus();
    onEnd();
  };
  const send = async (): Promise<void> => {
    const written = text.trim();
    if (isOver.current || underWay.current === written) return;
    underWay.current = null;
    if (written === '' || written === name) return end();
    underWay.current = written;
    const error = await onRename(written);
    // Given up meanwhile, or a newer name is on its way.
    if (underWay.current !== written) return;
    underWay.current = null;
    if (error) setRefusedText(text);
    else if (inputRef.current?.value.trim() === written) end();
  };
  return (
    <input
      type="text"
      aria-label={label}
      aria-invalid={refusedText === text}
      value={text}
      maxLength={mostLetters}
      autoComplete="off"
      spellCheck={false}
      ref={(input) => {
        inputRef.current = input;
        if (!input || input.dataset['met'] !== undefined) return;
        input.dataset['met'] = '';
        input.focus();
        input.select();
      }}
      className="field h-6! min-w-0 flex-1 px-1.5!"
      onChange={(event) => setText(event.target.value)}
      onBlur={() => void send()}
      // The list must not take letters for its own search, nor arrows for its own way.
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === 'Enter') void send();
        else if (event.key === 'Escape') {
          underWay.current = null;
          end();
        }
      }}
      onPointerDown={(event) => event.stopPropagation()}
      onDoubleClick={(event) => event.stopPropagation()}
    />
  );
}
