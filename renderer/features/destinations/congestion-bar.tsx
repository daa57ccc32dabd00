import { classNames } from '../../ui/class-names';

/** How late one destination is: at full width pictures are left out for it. Says it in words once it matters. */
export function CongestionBar({ name, congestion }: { name: string; congestion: number }) {
  const percent = Math.round(Math.min(1, congestion) * 100);
  const tone = percent < 50 ? 'bg-good' : percent < 100 ? 'bg-warn' : 'bg-air';
  return (
    <div className="mt-1 flex items-center gap-2">
      <span
        role="meter"
        aria-label={`Congestion of ${name}`}
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
        className="h-1 min-w-0 flex-1 overflow-hidden rounded-full bg-lift"
      >
        <span className={classNames('block h-full', tone)} style={{ width: `${percent}%` }} />
      </span>
      {percent >= 50 && (
        <span className={classNames('text-xs', percent < 100 ? 'text-warn' : 'text-air-soft')}>
          {percent < 100 ? 'Slow connection' : 'Too slow: frames are left out'}
        </span>
      )}
    </div>
  );
}
