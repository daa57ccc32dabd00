import { useRef, useState } from 'react';
import type { CommandInput, CommandOutput } from '../../../shared/contract/commands';
import type { WireError } from '../../../shared/contract/errors';
import { toWireError } from '../../client/engine-error';
import { useStudio } from '../../studio-context';

export type Trial =
  | { state: 'none' | 'running' }
  | { state: 'passed'; result: CommandOutput<'destination.test'> }
  | { state: 'failed'; error: WireError };

/** The connection test of what stands in a form: its answer counts only while nothing was changed. */
export function useTrial() {
  const { client } = useStudio();
  const [trial, setTrial] = useState<Trial>({ state: 'none' });
  const turn = useRef(0);
  return {
    trial,
    /** What was found says nothing any more, also what is still to come. */
    clear: () => {
      turn.current += 1;
      setTrial({ state: 'none' });
    },
    run: async (input: CommandInput<'destination.test'>): Promise<void> => {
      turn.current += 1;
      const own = turn.current;
      setTrial({ state: 'running' });
      const next = await client.call('destination.test', input).then(
        (result): Trial => ({ state: 'passed', result }),
        (thrown: unknown): Trial => ({ state: 'failed', error: toWireError(thrown) }),
      );
      if (own === turn.current) setTrial(next);
    },
  };
}
