import { useEffect, useState } from 'react';
import type { WireError } from '../../../shared/contract/errors';
import type { ServerChoice } from '../../../shared/contract/link';
import { toWireError } from '../../client/engine-error';
import { useStudio } from '../../studio-context';

export interface Servers {
  readonly state: 'unknown' | 'measuring' | 'known' | 'failed';
  /** the last answer, also while another is awaited; null: there was none */
  readonly choice: ServerChoice | null;
  readonly error: WireError | null;
}

interface Answer {
  readonly serviceId: string;
  /** of how many presses it is the answer */
  readonly presses: number;
  readonly choice: ServerChoice | null;
  readonly error: WireError | null;
}

/**
 * The servers of a service, and how near they are.
 * @param isWanted they are asked for without a press of a button: nobody is told of a person who does not stream there
 */
export function useServers(serviceId: string, isWanted: boolean) {
  const { client } = useStudio();
  const [pressed, setPressed] = useState({ serviceId, presses: 0 });
  const [answer, setAnswer] = useState<Answer | null>(null);
  const presses = pressed.serviceId === serviceId ? pressed.presses : 0;
  const isAsked = isWanted || presses > 0;
  useEffect(() => {
    if (!isAsked) return;
    let isStillAsked = true;
    const take = (given: Pick<Answer, 'choice' | 'error'>): void => {
      if (isStillAsked) setAnswer({ serviceId, presses, ...given });
    };
    client.call('destination.servers', { serviceId, isAnew: presses > 0 }).then(
      (choice) => take({ choice, error: null }),
      (thrown: unknown) => take({ choice: null, error: toWireError(thrown) }),
    );
    return () => {
      isStillAsked = false;
    };
  }, [client, serviceId, isAsked, presses]);
  const own = answer?.serviceId === serviceId ? answer : null;
  const isAnswered = own?.presses === presses;
  const servers: Servers = {
    state: !isAsked ? 'unknown' : !isAnswered ? 'measuring' : own.error ? 'failed' : 'known',
    choice: own?.choice ?? null,
    error: isAnswered ? own.error : null,
  };
  return {
    servers,
    measure: (): void => {
      if (servers.state !== 'measuring') setPressed({ serviceId, presses: presses + 1 });
    },
  };
}
