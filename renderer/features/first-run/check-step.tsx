import { RefreshCw } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { PreflightCheck } from '../../../shared/contract/preflight';
import type { WireError } from '../../../shared/contract/errors';
import { isSoundOnly } from '../../../shared/model/source';
import { toWireError } from '../../client/engine-error';
import { Button } from '../../ui/button';
import { ErrorNote } from '../../ui/error-note';
import { useSlice, useStudio } from '../../studio-context';
import { CheckList } from '../preflight/check-list';

interface Outcome {
  checks: readonly PreflightCheck[];
  error: WireError | null;
}

/** The picture stands beside this step; here are the levels, and what the studio itself has looked at. */
export function CheckStep({ onDone }: { onDone: () => Promise<unknown> }) {
  const { client } = useStudio();
  const [outcome, setOutcome] = useState<Outcome>({ checks: [], error: null });
  const microphones = useSlice('sources').filter(({ settings }) => isSoundOnly(settings));

  const look = useCallback(
    (): Promise<Outcome> =>
      client.call('preflight.run', {}).then(
        ({ checks }) => ({ checks, error: null }),
        (thrown: unknown) => ({ checks: [], error: toWireError(thrown) }),
      ),
    [client],
  );
  useEffect(() => {
    let isMounted = true;
    void look().then((next) => {
      if (isMounted) setOutcome(next);
    });
    return () => {
      isMounted = false;
    };
  }, [look]);
  const { checks, error } = outcome;
  return (
    <div className="flex flex-col gap-4">
      <p className="text-base text-soft">
        Beside this you see what viewers will see. Speak, and watch the level move.
      </p>
      {microphones.map(({ id, name }) => (
        <InputLevel key={id} sourceId={id} name={name} />
      ))}
      {error && (
        <div role="alert">
          <ErrorNote error={error} />
        </div>
      )}
      <CheckList checks={checks} />
      <div className="flex justify-end gap-2">
        <Button onPress={() => look().then(setOutcome)}>
          <RefreshCw size={13} aria-hidden="true" />
          Check again
        </Button>
        <Button look="main" autoFocus onPress={onDone}>
          Into the studio
        </Button>
      </div>
    </div>
  );
}

const floorDb = -60;

/** Moves with every reading, without a render. */
function InputLevel({ sourceId, name }: { sourceId: string; name: string }) {
  const { client } = useStudio();
  const barRef = useRef<HTMLSpanElement>(null);
  useEffect(
    () =>
      client.on('meters', ({ inputs }) => {
        const bar = barRef.current;
        if (!bar) return;
        const input = inputs.find((each) => each.sourceId === sourceId);
        const peakDb = input ? Math.max(...input.peakDb) : floorDb;
        const part = Math.min(1, Math.max(0, 1 - peakDb / floorDb));
        bar.style.transform = `scaleX(${part.toFixed(3)})`;
      }),
    [client, sourceId],
  );
  return (
    <div className="flex items-center gap-3">
      <span className="w-40 truncate text-sm text-soft">{name}</span>
      <span
        role="img"
        aria-label={`Level of ${name}`}
        className="h-2.5 flex-1 overflow-hidden rounded-full bg-lift"
      >
        <span ref={barRef} className="block h-full origin-left bg-good" style={{ transform: 'scaleX(0)' }} />
      </span>
    </div>
  );
}
