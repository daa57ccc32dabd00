import { Gauge } from 'lucide-react';
import { costText, costWarnings, originText } from './cost-text';
import type { CostedVariant } from './cost-text';
import { useCostPlace } from './use-cost-place';

interface VariantCostProps {
  variant: CostedVariant;
  /** then it has its room already */
  isRunning: boolean;
}

/** What a variant takes, and what speaks against it: seen before it is chosen. */
export function VariantCost({ variant, isRunning }: VariantCostProps) {
  const place = useCostPlace();
  return (
    <div role="status" aria-label="Cost" className="flex gap-2 text-xs leading-relaxed">
      <Gauge size={14} aria-hidden="true" className="mt-0.5 shrink-0 text-mute" />
      <div className="min-w-0">
        <p className="text-soft">{costText(variant, place)}</p>
        <p className="text-mute">{originText(place.basis)}</p>
        {costWarnings(variant, place, isRunning).map((sentence) => (
          <p key={sentence} className="text-warn">
            {sentence}
          </p>
        ))}
      </div>
    </div>
  );
}
