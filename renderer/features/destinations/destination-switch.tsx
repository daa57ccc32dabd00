import { useState } from 'react';
import type { OutputView } from '../../../shared/contract/snapshot';
import { ConfirmDialog } from '../../ui/dialog';
import { useActions, useIsOnline, useSlice } from '../../studio-context';

/** Starts and stops one destination by itself. What would put a show on air is asked first. */
export function DestinationSwitch({ output }: { output: OutputView }) {
  const { startDestination, stopDestination } = useActions();
  const { isLive } = useSlice('live');
  const isOnline = useIsOnline();
  const [isAsking, setAsking] = useState(false);
  const { id, name, isWanted, delaySec } = output;
  const toggle = (): void => {
    if (isWanted) void stopDestination(id);
    else if (isLive) void startDestination(id);
    else setAsking(true);
  };
  return (
    <>
      <input
        type="checkbox"
        role="switch"
        className="switch"
        aria-label={`Stream to ${name}`}
        title={isWanted ? `Stop ${name} alone${heldBack(delaySec)}` : `Start ${name} alone`}
        checked={isWanted}
        disabled={!isOnline}
        onChange={toggle}
      />
      <ConfirmDialog
        title={`Go live on ${name} alone?`}
        isOpen={isAsking}
        confirmLabel="Go live"
        onConfirm={() => startDestination(id)}
        onClose={() => {
          setAsking(false);
        }}
      >
        Viewers of {name} see the show {delaySec === 0 ? 'at once' : `${delaySec} s from now`}; the other
        destinations stay off. “Go live” above looks at everything first.
      </ConfirmDialog>
    </>
  );
}

const heldBack = (delaySec: number): string =>
  delaySec === 0 ? '' : ` at once: the last ${delaySec} s are not sent`;
