import { Gauge } from 'lucide-react';
import { useState } from 'react';
import type { WireError } from '../../../shared/contract/errors';
import { customService, isPrivateServer, serviceById, serviceOfUrl } from '../../../shared/contract/services';
import type { OutputView } from '../../../shared/contract/snapshot';
import { toWireError } from '../../client/engine-error';
import { useIsOnline, useSlice, useStudio } from '../../studio-context';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { ErrorNote } from '../../ui/error-note';
import { formatKbps } from '../../ui/format';
import { SelectField } from '../../ui/select-field';
import { SwitchField } from '../../ui/switch-field';
import { BandwidthFigures } from './bandwidth-figures';

interface BandwidthDialogProps {
  output: OutputView;
  isOpen: boolean;
  onClose: () => void;
}

export function BandwidthDialog({ output, isOpen, onClose }: BandwidthDialogProps) {
  return (
    <Dialog title={`Connection speed to ${output.name}`} isOpen={isOpen} onClose={onClose}>
      <BandwidthTest output={output} />
    </Dialog>
  );
}

/** Whether a stream sent there is seen by nobody, or by whom the person let in. */
const canBeTested = ({ url }: OutputView): boolean =>
  serviceOfUrl(url) === customService || serviceOfUrl(url).testFlag !== null;

/** A server of one's own, or a platform that is not in the list: only the person knows. */
const mayShowViewers = ({ url }: OutputView): boolean =>
  serviceOfUrl(url) === customService && !isPrivateServer(url);

function BandwidthTest({ output }: { output: OutputView }) {
  const { client } = useStudio();
  const isOnline = useIsOnline();
  const { isLive } = useSlice('live');
  const { running, results, failure } = useSlice('bandwidth');
  const others = useSlice('outputs').filter((each) => each.kind === 'destination' && canBeTested(each));
  const [viaId, setViaId] = useState<string | null>(null);
  const [isUnwatched, setUnwatched] = useState(false);
  const [refusal, setRefusal] = useState<WireError | null>(null);
  const isPrivate = canBeTested(output);
  const via = isPrivate ? output : (others.find(({ id }) => id === viaId) ?? others[0]);
  const mayBeWatched = via !== undefined && mayShowViewers(via);
  const own = running?.destinationId === output.id ? running : null;
  const result = results.find(({ destinationId }) => destinationId === output.id);
  const error = refusal ?? (failure?.destinationId === output.id ? failure.error : null);
  const press = async (): Promise<void> => {
    setRefusal(null);
    try {
      if (own) await client.call('destination.cancelBandwidthTest', {});
      else if (via)
        await client.call('destination.testBandwidth', { id: output.id, viaId: via.id, isUnwatched });
    } catch (thrown) {
      setRefusal(toWireError(thrown));
    }
  };
  return (
    <div className="flex flex-col gap-4">
      <p id="bandwidth-note" className="text-sm leading-relaxed text-soft">
        {isLive
          ? 'Not while you are live: the test would take the room that your stream needs.'
          : noteOf(output)}
      </p>
      {!isPrivate && others.length > 0 && (
        <SelectField
          label="Send the test to"
          value={via?.id ?? ''}
          choices={others.map(({ id, name }) => ({ value: id, label: name }))}
          isDisabled={running !== null}
          onChange={setViaId}
        />
      )}
      {!isPrivate && others.length === 0 && (
        <ErrorNote error={{ code: 'bandwidth-public', details: { name: output.name } }} />
      )}
      {mayBeWatched && !own && (
        <SwitchField
          label={`Nobody watches at ${via.name} now`}
          hint="A platform would show your viewers a grey picture."
          isOn={isUnwatched}
          onChange={setUnwatched}
        />
      )}
      {own ? (
        <div className="flex flex-col gap-1.5">
          <progress
            aria-label={`Test of the connection to ${output.name}`}
            className="progress w-full"
            max={100}
            value={Math.round((own.share ?? 0) * 100)}
          />
          <p role="status" aria-label="Progress" className="truncate text-xs text-soft tabular-nums">
            {own.share === null ? `Connecting to ${own.host}…` : `Sending to ${own.host}`}
            {own.kbps !== null && ` · ${formatKbps(own.kbps)}`}
          </p>
        </div>
      ) : (
        result && <BandwidthFigures result={result} />
      )}
      {error && (
        <div role="alert">
          <ErrorNote error={error} tone="air" />
        </div>
      )}
      <div className="flex justify-end">
        {/* One button for both, so that the focus stays where it was. */}
        <Button
          look={own ? 'plain' : 'main'}
          isDisabled={
            !isOnline ||
            (!own && (isLive || running !== null || via === undefined || (mayBeWatched && !isUnwatched)))
          }
          aria-describedby="bandwidth-note"
          onPress={press}
        >
          {!own && <Gauge size={14} aria-hidden="true" />}
          {own ? 'Cancel' : result ? 'Measure again' : 'Measure'}
        </Button>
      </div>
    </div>
  );
}

function noteOf({ url, name }: OutputView): string {
  const service = serviceOfUrl(url);
  if (service.testFlag !== null)
    return `Sends a grey picture and silence to ${service.name} for 10 seconds, as fast as your connection takes it. ${service.name} shows it to nobody; its Inspector lists it as a test.`;
  if (service === customService)
    return `Sends a grey picture and silence to this server for 10 seconds, with its key, as fast as your connection takes it. Whoever watches there sees it.`;
  return `${serviceById(service.id).name} shows viewers whatever it gets, so that no test goes to ${name} itself. It goes by way of a destination that nobody watches, and says what your own line carries.`;
}
