import { ExternalLink } from 'lucide-react';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import type { WireError } from '../../../shared/contract/errors';
import { customService, serviceById, streamingServices } from '../../../shared/contract/services';
import { toWireError } from '../../client/engine-error';
import { Button } from '../../ui/button';
import { ErrorNote } from '../../ui/error-note';
import { SegmentedField } from '../../ui/segmented-field';
import { SelectField } from '../../ui/select-field';
import { TextField } from '../../ui/text-field';
import { useIsOnline, useSlice, useStudio } from '../../studio-context';

const isRtmpUrl = (url: string): boolean => /^rtmps?:\/\/[^\s/]+/i.test(url.trim());
const services = [...streamingServices, customService];

/** The first destination; there can be more later, all at the same time. */
export function PlaceStep({ onDone }: { onDone: () => void }) {
  const { client } = useStudio();
  const isOnline = useIsOnline();
  const destinations = useSlice('outputs').filter(({ kind }) => kind === 'destination');
  const [serviceId, setServiceId] = useState('twitch');
  const [serverId, setServerId] = useState<string | null>(null);
  const [typedUrl, setTypedUrl] = useState('');
  const [key, setKey] = useState('');
  const [error, setError] = useState<WireError | null>(null);
  const [isSending, setSending] = useState(false);
  const service = serviceById(serviceId);
  const server = service.servers.find(({ id }) => id === serverId) ?? service.servers[0];

  const submit = async (): Promise<void> => {
    setSending(true);
    setError(null);
    try {
      const name = service === customService ? 'My server' : service.name;
      const taken = destinations.filter((each) => each.name.startsWith(name)).length;
      await client.call('destination.add', {
        name: taken === 0 ? name : `${name} ${taken + 1}`,
        url: (server.url ?? typedUrl).trim(),
        key: key.trim(),
        serviceId: service === customService ? null : service.id,
      });
      onDone();
    } catch (thrown) {
      setError(toWireError(thrown));
    }
    setSending(false);
  };
  return (
    <Form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSending && isOnline) void submit();
      }}
    >
      {destinations.length > 0 && (
        <p className="text-sm text-mute">
          There already: {destinations.map(({ name }) => name).join(', ')}. One more is possible, all go out
          at the same time.
        </p>
      )}
      <SegmentedField
        label="Service"
        isLabelHidden
        value={serviceId}
        choices={services.map(({ id, name }) => ({ value: id, label: name }))}
        onChange={(id) => {
          setServiceId(id);
          setServerId(null);
        }}
      />
      {service.servers.length > 1 && (
        <SelectField
          label="Server"
          value={server.id}
          choices={service.servers.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={setServerId}
        />
      )}
      {server.url === null && (
        <TextField
          label={server.name}
          value={typedUrl}
          onChange={setTypedUrl}
          isRequired
          isMono
          maxLength={500}
          placeholder="rtmps://host/app"
          validate={(value) =>
            isRtmpUrl(value) ? null : 'Use rtmp://host[:port]/app or rtmps://host[:port]/app.'
          }
        />
      )}
      <TextField
        label="Stream key"
        type="password"
        value={key}
        onChange={setKey}
        isRequired
        isMono
        maxLength={500}
        autoComplete="off"
        description={service.keyHelp}
      />
      {service.keyPage !== null && (
        <p className="-mt-2 text-xs">
          <a
            href={service.keyPage}
            target="_blank"
            rel="noreferrer"
            className="inline-flex items-center gap-1 text-ice underline"
          >
            Open the page with the key
            <ExternalLink size={12} aria-hidden="true" />
          </a>
        </p>
      )}
      {error && (
        <div role="alert">
          <ErrorNote error={error} tone="air" />
        </div>
      )}
      <div className="flex justify-end gap-2">
        <Button onPress={onDone}>{destinations.length > 0 ? 'Continue without' : 'Later'}</Button>
        <Button look="main" type="submit" isDisabled={isSending || !isOnline}>
          Add {service === customService ? 'server' : service.name}
        </Button>
      </div>
    </Form>
  );
}
