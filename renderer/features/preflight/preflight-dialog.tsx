import { RotateCw } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import type { WireError } from '../../../shared/contract/errors';
import type { PreflightCheck } from '../../../shared/contract/preflight';
import { startingText } from './starting-text';
import { toWireError } from '../../client/engine-error';
import { useActions, useSlice, useStudio } from '../../studio-context';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { ErrorNote } from '../../ui/error-note';
import { CheckList } from './check-list';

/** so long a person sees that all is well before it goes on by itself */
const goodMomentMs = 1200;

type Look =
  | { state: 'looking' }
  | { state: 'failed'; error: WireError }
  | { state: 'done'; checks: readonly PreflightCheck[] };

type Start = { state: 'none' | 'waiting' } | { state: 'refused'; error: WireError };

/** Between “Go live” and being live: what was looked at, and what to do about what is not well. */
export function PreflightDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { stopLive } = useActions();
  const [start, setStart] = useState<Start>({ state: 'none' });
  const cancel = (): void => {
    // Asked for and not begun: it must not begin by itself once nobody thinks of it any more.
    if (start.state === 'waiting') void stopLive();
    onClose();
  };
  return (
    <Dialog title="Before you go live" isOpen={isOpen} onClose={cancel} isWide>
      <Preflight start={start} setStart={setStart} onDone={onClose} onCancel={cancel} />
    </Dialog>
  );
}

interface PreflightProps {
  start: Start;
  setStart: (start: Start) => void;
  onDone: () => void;
  onCancel: () => void;
}

function Preflight({ start, setStart, onDone, onCancel }: PreflightProps) {
  const { client } = useStudio();
  const program = useSlice('program');
  const [turn, setTurn] = useState(0);
  const [look, setLook] = useState<Look>({ state: 'looking' });
  useEffect(() => {
    let isWanted = true;
    const show = (next: Look): void => {
      if (isWanted) setLook(next);
    };
    client.call('preflight.run', {}).then(
      ({ checks }) => show({ state: 'done', checks }),
      (thrown: unknown) => show({ state: 'failed', error: toWireError(thrown) }),
    );
    return () => {
      isWanted = false;
    };
  }, [client, turn]);

  const checks = look.state === 'done' ? look.checks : [];
  const count = (result: PreflightCheck['result']): number =>
    checks.filter((check) => check.result === result).length;
  const isBlocked = count('blocked') > 0;
  const isGood = look.state === 'done' && !isBlocked && count('warning') === 0;
  const goLive = useCallback(async (): Promise<void> => {
    setStart({ state: 'waiting' });
    try {
      await client.call('live.start', {});
      onDone();
    } catch (thrown) {
      setStart({ state: 'refused', error: toWireError(thrown) });
    }
  }, [client, onDone, setStart]);
  const goesByItself = isGood && start.state === 'none';
  useEffect(() => {
    if (!goesByItself) return;
    const timer = setTimeout(() => void goLive(), goodMomentMs);
    return () => {
      clearTimeout(timer);
    };
  }, [goesByItself, goLive]);

  return (
    <div className="flex flex-col gap-4">
      <p role="status" aria-label="Outcome" className="text-base text-soft">
        {start.state === 'waiting'
          ? startingText(program)
          : start.state === 'refused'
            ? 'The stream did not start.'
            : outcomeOf(look, isBlocked, count('warning'))}
      </p>
      {look.state === 'failed' && <ErrorNote error={look.error} />}
      {start.state === 'refused' && (
        <div role="alert">
          <ErrorNote error={start.error} tone="air" />
        </div>
      )}
      <CheckList checks={checks} />
      <div className="flex items-center justify-end gap-2">
        <span className="mr-auto">
          <Button
            isDisabled={look.state === 'looking' || start.state === 'waiting'}
            onPress={() => {
              setStart({ state: 'none' });
              setLook({ state: 'looking' });
              setTurn(turn + 1);
            }}
          >
            <RotateCw size={13} aria-hidden="true" />
            Look again
          </Button>
        </span>
        <Button autoFocus onPress={onCancel}>
          Cancel
        </Button>
        <Button
          look="air"
          isDisabled={isBlocked || look.state === 'looking' || start.state === 'waiting'}
          onPress={goLive}
        >
          {isBlocked || look.state === 'looking' ? 'Go live' : isGood ? 'Go live now' : 'Go live anyway'}
        </Button>
      </div>
    </div>
  );
}

function outcomeOf(look: Look, isBlocked: boolean, warnings: number): string {
  if (look.state === 'looking') return 'Looking at destinations, encoder, connection, disk and sources…';
  if (look.state === 'failed') return 'The checks could not be made.';
  if (isBlocked) return 'Something is missing: put it right, then look again.';
  if (warnings > 0)
    return `${warnings === 1 ? 'One thing' : `${warnings} things`} to know before viewers see it.`;
  return 'All is well. You go live in a moment.';
}
