import { CircleAlert, CircleCheck } from 'lucide-react';
import { safeShare } from '../../../shared/contract/link';
import type { BandwidthResult } from '../../../shared/contract/link';
import { useSlice } from '../../studio-context';
import { formatClock, formatKbps } from '../../ui/format';

/** What a test found, and what it means for the bitrate of now. */
export function BandwidthFigures({ result }: { result: BandwidthResult }) {
  const { bitrateKbps } = useSlice('program');
  const { medianKbps, lowKbps, isLimited, connectMs, roundTripMs, host, at } = result;
  const safeKbps = Math.floor((medianKbps * safeShare) / 100) * 100;
  const isEnough = bitrateKbps <= (isLimited ? safeKbps : medianKbps);
  const Icon = isEnough ? CircleCheck : CircleAlert;
  const rows = [
    ['In bad moments', formatKbps(lowKbps)],
    ['There and back', roundTripMs === null ? 'not measured' : `${Math.round(roundTripMs)} ms`],
    ['Accepted after', `${Math.round(connectMs)} ms`],
    ['Sent to', host],
    ['Tested', `${new Date(at).toLocaleDateString()}, ${formatClock(at)}`],
  ] as const;
  return (
    <section aria-label="Result" className="flex flex-col gap-3 rounded-md border border-line p-3">
      <p className="text-xl font-semibold tabular-nums">
        {!isLimited && <span className="text-base font-medium text-soft">at least </span>}
        {formatKbps(medianKbps)}
      </p>
      <p className="flex items-start gap-2 text-sm text-text">
        <Icon
          size={16}
          aria-hidden="true"
          className={`mt-0.5 shrink-0 ${isEnough ? 'text-good' : 'text-warn'}`}
        />
        {isEnough
          ? `Your pictures have ${formatKbps(bitrateKbps)}: they fit, with room for bad moments.`
          : `Your pictures have ${formatKbps(bitrateKbps)}. Set ${formatKbps(safeKbps)} or less, so that there is room for bad moments.`}
      </p>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-xs">
        {rows.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-mute">{name}</dt>
            <dd className="truncate text-soft tabular-nums" title={value}>
              {value}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
