import type { ReactNode } from 'react';
import { classNames } from './class-names';

interface FieldFrameProps {
  /** id of the input that the label names */
  inputId: string;
  label: string;
  isLabelHidden?: boolean;
  /** what was expected of what was typed; null: it fits */
  problem?: string | null;
  hint?: ReactNode;
  className?: string;
  children: ReactNode;
}

/** Label above, hint or problem below: the same around every kind of input. */
export function FieldFrame({
  inputId,
  label,
  isLabelHidden = false,
  problem = null,
  hint,
  className,
  children,
}: FieldFrameProps) {
  return (
    <div className={classNames('flex min-w-0 flex-col gap-1', className)}>
      <label htmlFor={inputId} className={isLabelHidden ? 'sr-only' : 'text-xs font-medium text-soft'}>
        {label}
      </label>
      {children}
      {problem !== null && (
        <p id={`${inputId}-problem`} role="alert" className="text-xs text-air-soft">
          {problem}
        </p>
      )}
      {hint !== undefined && problem === null && (
        <p id={`${inputId}-hint`} className="text-xs text-mute">
          {hint}
        </p>
      )}
    </div>
  );
}

/** What ties an input to the words around it. */
export const describedBy = (inputId: string, problem: string | null, hint?: ReactNode): string | undefined =>
  problem !== null ? `${inputId}-problem` : hint !== undefined ? `${inputId}-hint` : undefined;
