import { useId } from 'react';
import type { ReactNode } from 'react';

interface DockProps {
  title: string;
  /** small print beside the title: a count, a state */
  note?: ReactNode;
  action?: ReactNode;
  children: ReactNode;
}

/** A titled part of a column; a landmark for screen readers. */
export function Dock({ title, note, action, children }: DockProps) {
  const titleId = useId();
  return (
    <section aria-labelledby={titleId} className="border-b border-line last:border-b-0">
      <header className="flex h-9 items-center gap-2 pr-2 pl-3.5">
        <h2 id={titleId} className="text-sm font-semibold tracking-[0.01em] text-text">
          {title}
        </h2>
        {note !== undefined && <span className="min-w-0 truncate text-xs text-mute">{note}</span>}
        <span className="ml-auto flex items-center gap-1">{action}</span>
      </header>
      <div className="pb-3">{children}</div>
    </section>
  );
}

/** What an empty list says: why it is empty and what to do. */
export function EmptyNote({ children }: { children: ReactNode }) {
  return <p className="px-3.5 pt-0.5 pb-1 text-xs leading-relaxed text-mute">{children}</p>;
}
