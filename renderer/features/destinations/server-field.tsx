import { useId } from 'react';
import type { ListedServer } from '../../../shared/contract/link';
import { hostOfUrl, serviceById, serviceOfUrl } from '../../../shared/contract/services';
import { TextField } from '../../ui/text-field';
import { addressHint, isRtmpUrl, serverOf, settleAddress } from './destination-draft';
import type { DestinationDraft } from './destination-draft';
import { ServerMeasurement } from './server-measurement';
import type { DraftChange } from './use-destination-draft';
import { useServers } from './use-servers';

interface ServerFieldProps {
  draft: DestinationDraft;
  /** of the destination that is edited; null: it is new */
  savedUrl: string | null;
  onChange: (next: DraftChange) => void;
}

const nearest = 'nearest';
const typed = 'typed';

/** A list where the service has several addresses; a field where only the person knows it, or wants another. */
export function ServerField({ draft, savedUrl, onChange }: ServerFieldProps) {
  const id = useId();
  const service = serviceById(draft.serviceId);
  const hasList = service.ingestList !== null;
  const isUsed = savedUrl !== null && serviceOfUrl(savedUrl) === service;
  const { servers, measure } = useServers(service.id, hasList && (isUsed || draft.key !== ''));
  const known = service.servers.filter(({ url }) => url !== null);
  const listed = nearestFirst(servers.choice?.servers ?? []).filter(
    (server) => !known.some(({ url }) => url === addressOf(server)),
  );
  const chosen = serverOf(draft)?.id ?? listed.find((server) => addressOf(server) === draft.url)?.host;
  const value = draft.isNearest ? nearest : (chosen ?? typed);
  const choose = (next: string): void => {
    const listedUrl = listed.find(({ host }) => host === next);
    const url = known.find((each) => each.id === next)?.url ?? (listedUrl && addressOf(listedUrl)) ?? '';
    const isNearest = next === nearest;
    onChange((now) =>
      settleAddress({ ...now, isNearest, url: isNearest ? (service.servers[0].url ?? '') : url }),
    );
  };
  return (
    <div className="flex flex-col gap-2">
      {known.length > 0 && (
        <div className="flex flex-col gap-1">
          <label htmlFor={id} className="text-xs font-medium text-soft">
            Server
          </label>
          <select id={id} className="field" value={value} onChange={(event) => choose(event.target.value)}>
            {hasList && <option value={nearest}>Nearest, looked for when you go live</option>}
            {known.map((each) => (
              <option key={each.id} value={each.id}>
                {each.name} ({each.url})
              </option>
            ))}
            {listed.length > 0 && (
              <optgroup label={`${service.name}’s servers, nearest first`}>
                {listed.map((server) => (
                  <option key={server.host} value={server.host}>
                    {server.name} · {server.connectMs === null ? 'no answer' : `${server.connectMs} ms`}
                  </option>
                ))}
              </optgroup>
            )}
            <option value={typed}>Another address</option>
          </select>
        </div>
      )}
      {hasList && <ServerMeasurement service={service.name} servers={servers} onMeasure={measure} />}
      {value === typed && (
        <TextField
          label="Server address"
          value={draft.url}
          onChange={(url) =>
            onChange((now) => {
              const next = { ...now, url };
              // One of the service's own is complete, and this field gone before it could be left.
              return serverOf(next) ? settleAddress(next) : next;
            })
          }
          onBlur={() => {
            // Half typed, it is the address of another server with every letter.
            if (settleAddress(draft) !== draft) onChange(settleAddress);
          }}
          isRequired
          isMono
          maxLength={500}
          placeholder={addressHint(service.id)}
          validate={(address) =>
            isRtmpUrl(address) ? null : 'Use rtmp://host[:port]/app or rtmps://host[:port]/app.'
          }
        />
      )}
    </div>
  );
}

/** encrypted where it can be: the key travels in it */
const addressOf = ({ secureUrl, plainUrl }: ListedServer): string => secureUrl ?? plainUrl ?? '';

const nearestFirst = (servers: readonly ListedServer[]): ListedServer[] =>
  servers
    .filter((server) => hostOfUrl(addressOf(server)) !== null)
    .sort((one, other) => (one.connectMs ?? Infinity) - (other.connectMs ?? Infinity) || 0);
