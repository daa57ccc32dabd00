import { Pencil, Trash2 } from 'lucide-react';
import type { VariantView } from '../../../shared/contract/variants';
import { formatRate } from '../../../shared/model/frame-rate';
import { IconButton } from '../../ui/button';
import { formatCount, formatKbps } from '../../ui/format';
import { StatusText } from '../../ui/status';
import { useIsOnline } from '../../studio-context';
import { sizeText } from '../settings/video-draft';
import { coresText, reckonedPercent, shortCoresText } from './cost-text';
import { useCostPlace } from './use-cost-place';

interface VariantRowProps {
  variant: VariantView;
  /** names of the destinations that are to get it */
  users: readonly string[];
  onEdit: () => void;
  onRemove: () => void;
}

/** One variant: what it is, who gets it, and what it takes, reckoned and measured. */
export function VariantRow({ variant, users, onEdit, onRemove }: VariantRowProps) {
  const isOnline = useIsOnline();
  const { name, fps, bitrateKbps } = variant;
  return (
    <li aria-label={name} className="rounded-md bg-raised py-1.5 pr-1 pl-3">
      <div className="flex h-6.5 items-center gap-2">
        <span className="min-w-0 flex-1 truncate text-sm font-medium">{name}</span>
        <VariantState variant={variant} />
        <span className="flex items-center">
          <IconButton
            label={`Edit ${name}`}
            icon={<Pencil size={14} />}
            isDisabled={!isOnline}
            onPress={onEdit}
          />
          <IconButton
            label={`Remove ${name}`}
            icon={<Trash2 size={14} />}
            isDisabled={!isOnline}
            onPress={onRemove}
          />
        </span>
      </div>
      <p className="text-xs text-soft tabular-nums">
        {sizeText(variant)} · {formatRate(fps)} fps · {formatKbps(bitrateKbps)} ·{' '}
        {users.length > 0 ? `for ${users.join(', ')}` : 'for no destination yet'}
      </p>
      <Figures variant={variant} />
    </li>
  );
}

function VariantState({ variant: { state } }: { variant: VariantView }) {
  switch (state) {
    case 'off':
      return <StatusText tone="calm">Off</StatusText>;
    case 'starting':
      return (
        <StatusText tone="warn" isBusy>
          Starting…
        </StatusText>
      );
    case 'running':
      return <StatusText tone="good">Running</StatusText>;
    case 'failing':
      return <StatusText tone="air">Its encoder keeps ending</StatusText>;
  }
}

function Figures({ variant }: { variant: VariantView }) {
  const place = useCostPlace();
  const reckoned = reckonedPercent(variant, place);
  const { figures } = variant;
  if (!figures) return <p className="text-xs text-mute">About {coresText(reckoned)} while it is in use</p>;
  const { fps, bitrateKbps, corePercent, skipped } = figures;
  const parts = [
    corePercent === null
      ? `about ${coresText(reckoned)}`
      : `${coresText(corePercent)} (reckoned: ${shortCoresText(reckoned)})`,
    `${fps.toFixed(1)} fps`,
    formatKbps(bitrateKbps),
    ...(skipped > 0 ? [`${formatCount(skipped)} left out`] : []),
  ];
  return (
    <p className="text-xs text-mute tabular-nums">
      Now {parts.slice(0, 3).join(' · ')}
      {parts.length > 3 && <span className="text-warn"> · {parts[3]}</span>}
    </p>
  );
}
