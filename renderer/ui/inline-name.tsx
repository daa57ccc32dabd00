import { useRef, useState } from 'react';
import { classNames } from './class-names';

interface InlineNameProps {
  /** what is named, for screen readers: "Scene name" */
  label: string;
  name: string;
  isEditing: boolean;
  className?: string;
  /** with the new name, never empty; null: given up */
  onEnd: (name: string | null) => void;
}

const mostLetters = 200;

/** A name that is written where it stands: Enter or leaving keeps it, Escape gives it up. */
export function InlineName({ label, name, isEditing, className, onEnd }: InlineNameProps) {
  if (!isEditing) return <span className={classNames('min-w-0 flex-1 truncate', className)}>{name}</span>;
  return <NameInput label={label} name={name} onEnd={onEnd} />;
}

function NameInput({ label, name, onEnd }: Pick<InlineNameProps, 'label' | 'name' | 'onEnd'>) {
  const [text, setText] = useState(name);
  const isOver = useRef(false);
  const end = (written: string | null): void => {
    // Leaving follows Enter: one end is enough.
    if (isOver.current) return;
    isOver.current = true;
    const trimmed = written?.trim() ?? '';
    onEnd(trimmed === '' || trimmed === name ? null : trimmed);
  };
  return (
    <input
      type="text"
      aria-label={label}
      value={text}
      maxLength={mostLetters}
      autoComplete="off"
      spellCheck={false}
      ref={(input) => {
        if (!input || input.dataset['met'] !== undefined) return;
        input.dataset['met'] = '';
        input.focus();
        input.select();
      }}
      className="field h-6! min-w-0 flex-1 px-1.5!"
      onChange={(event) => setText(event.target.value)}
      onBlur={() => end(text)}
      // The list must not take letters for its own search, nor arrows for its own way.
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key !== 'Enter' && event.key !== 'Escape') return;
        end(event.key === 'Enter' ? text : null);
        // Back to the row: a list whose focused child just vanishes believes for ever to be focused.
        event.currentTarget.closest<HTMLElement>('[role=row]')?.focus();
      }}
      onPointerDown={(event) => event.stopPropagation()}
      onDoubleClick={(event) => event.stopPropagation()}
    />
  );
}
