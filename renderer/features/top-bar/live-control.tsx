import { Radio, Square } from 'lucide-react';
import { lazy, Suspense, useCallback, useState } from 'react';
import { Button } from '../../ui/button';
import { StatusText } from '../../ui/status';
import { useActions, useIsOnline, useSlice } from '../../studio-context';
import { liveSummary } from './live-summary';
import { Timer } from './timer';

const PreflightDialog = lazy(() =>
  import('../preflight/preflight-dialog').then((module) => ({ default: module.PreflightDialog })),
);

/** Going live by way of the checks; the state of all destinations in a word, and for how long it has been so. */
export function LiveControl() {
  const { stopLive } = useActions();
  const isOnline = useIsOnline();
  const live = useSlice('live');
  const [isChecking, setChecking] = useState(false);
  const closeChecks = useCallback(() => {
    setChecking(false);
  }, []);
  // Another window has gone live, or this one's answer was lost: the checks have had their end.
  if (live.isLive && isChecking) setChecking(false);
  const summary = liveSummary(live.isLive, useSlice('outputs'), isOnline);
  if (!live.isLive) {
    return (
      <>
        <Button
          look="air"
          isLarge
          data-hotkey="live"
          isDisabled={!isOnline}
          onPress={() => {
            setChecking(true);
          }}
        >
          <Radio size={16} aria-hidden="true" />
          Go live
        </Button>
        {isChecking && (
          <Suspense>
            <PreflightDialog isOpen onClose={closeChecks} />
          </Suspense>
        )}
      </>
    );
  }
  return (
    <>
      <div role="status" aria-label="Live" data-testid="live-state" className="flex items-center gap-2 px-1">
        <StatusText tone={summary.tone} isBusy={summary.isBusy}>
          <span className="font-semibold tracking-wide">{summary.text}</span>
        </StatusText>
        {live.since !== null && <Timer label="Time live" since={live.since} />}
      </div>
      <Button look="stop" isLarge data-hotkey="live" isDisabled={!isOnline} onPress={stopLive}>
        <Square size={13} fill="currentColor" aria-hidden="true" />
        Stop live
      </Button>
    </>
  );
}
