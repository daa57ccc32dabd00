import { formatTimer } from '../../ui/format';
import { useSecondsSince } from '../../studio-context';

/** How long something has been running. @param since unix ms */
export function Timer({ label, since }: { label: string; since: number }) {
  const seconds = useSecondsSince(since);
  return (
    <span role="timer" aria-label={label} className="font-semibold tabular-nums">
      {formatTimer(seconds * 1000)}
    </span>
  );
}
