import type { ReactNode } from 'react';
import { ChevronRight } from 'lucide-react';

/** A group of fields; what is seldom needed begins closed. */
export function Section({
  title,
  isClosedAtFirst = false,
  children,
}: {
  title: string;
  isClosedAtFirst?: boolean;
  children: ReactNode;
}) {
  return (
    <details open={!isClosedAtFirst} className="group border-b border-line last:border-b-0">
      <summary className="flex h-8 cursor-default list-none items-center gap-1 px-3 text-xs font-semibold text-soft hover:text-text">
        <ChevronRight
          size={13}
          aria-hidden="true"
          className="text-mute transition-transform group-open:rotate-90"
        />
        {title}
      </summary>
      <div className="flex flex-col gap-2.5 px-3.5 pb-3.5">{children}</div>
    </details>
  );
}

export function Row({ children }: { children: ReactNode }) {
  return <div className="grid grid-cols-2 items-start gap-2.5">{children}</div>;
}
