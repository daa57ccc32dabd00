import { Radar } from 'lucide-react';
import type { ServerChoice } from '../../../shared/contract/link';
import { useIsOnline } from '../../studio-context';
import { Button } from '../../ui/button';
import { ErrorNote } from '../../ui/error-note';
import type { Servers } from './use-servers';

interface ServerMeasurementProps {
  /** its name */
  service: string;
  servers: Servers;
  onMeasure: () => void;
}

/** How near the servers of a service are, as far as that was looked at, and the button that looks again. */
export function ServerMeasurement({ service, servers, onMeasure }: ServerMeasurementProps) {
  const isOnline = useIsOnline();
  const problem = servers.error ?? servers.choice?.problem;
  return (
    <div className="flex flex-col gap-1.5">
      <div className="flex items-center gap-3">
        <p role="status" aria-label={`Servers of ${service}`} className="min-w-0 flex-1 text-xs text-mute">
          {textOf(service, servers)}
        </p>
        <Button isDisabled={!isOnline} onPress={onMeasure}>
          <Radar size={14} aria-hidden="true" />
          {servers.choice === null ? 'Measure' : 'Measure again'}
        </Button>
      </div>
      {problem && <ErrorNote error={problem} />}
    </div>
  );
}

function textOf(service: string, { state, choice }: Servers): string {
  if (state === 'measuring') return 'Connecting to each server to see how near it is…';
  if (choice === null)
    return `${service} is asked for its servers once you have entered a key, or press Measure.`;
  const near = choice.servers.find(({ host }) => host === choice.nearest);
  const found =
    near && near.connectMs !== null
      ? `The nearest is ${near.name}, ${near.connectMs} ms away.`
      : 'None of them answers: is this computer online?';
  return `${choice.servers.length} servers${originText(choice)}. ${found}`;
}

function originText({ origin, at }: ServerChoice): string {
  if (origin === 'service') return '';
  return `, as they were on ${new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' })}`;
}
