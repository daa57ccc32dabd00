import type { ReactNode } from 'react';
import { classNames } from './class-names';

export type Tone = 'good' | 'warn' | 'air' | 'calm' | 'ice';

const dotTone: Record<Tone, string> = {
  good: 'bg-good',
  warn: 'bg-warn',
  air: 'bg-air',
  calm: 'bg-edge',
  ice: 'bg-ice',
};
const textTone: Record<Tone, string> = {
  good: 'text-good',
  warn: 'text-warn',
  air: 'text-air-soft',
  calm: 'text-mute',
  ice: 'text-ice',
};
const chipTone: Record<Tone, string> = {
  good: 'bg-good-deep text-good',
  warn: 'bg-warn-deep text-warn',
  air: 'bg-air-deep text-air-soft',
  calm: 'bg-lift text-soft',
  ice: 'bg-ice-deep text-ice',
};

export function StatusDot({ tone, isBusy = false }: { tone: Tone; isBusy?: boolean }) {
  return (
    <span
      aria-hidden="true"
      className={classNames('inline-block size-2 shrink-0 rounded-full', dotTone[tone], isBusy && 'pulse')}
    />
  );
}

/** A dot never stands alone: colour is only ever the second sign. */
export function StatusText({
  tone,
  isBusy = false,
  children,
}: {
  tone: Tone;
  isBusy?: boolean;
  children: ReactNode;
}) {
  return (
    <span className={classNames('inline-flex min-w-0 items-center gap-1.5 text-xs', textTone[tone])}>
      <StatusDot tone={tone} isBusy={isBusy} />
      <span className="truncate">{children}</span>
    </span>
  );
}

export function Chip({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span
      className={classNames(
        'inline-flex h-4.5 shrink-0 items-center rounded-sm px-1.5 text-2xs font-semibold',
        chipTone[tone],
      )}
    >
      {children}
    </span>
  );
}
