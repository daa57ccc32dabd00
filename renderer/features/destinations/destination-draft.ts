import { customService, serviceById, serviceOfUrl } from '../../../shared/contract/services';
import type { ServiceServer } from '../../../shared/contract/services';
import type { OutputView } from '../../../shared/contract/snapshot';

/** A destination as it is being typed. */
export interface DestinationDraft {
  serviceId: string;
  name: string;
  url: string;
  /** '' while that of a saved one stays */
  key: string;
}

const beginning = (serviceId: string): DestinationDraft => {
  const service = serviceById(serviceId);
  return {
    serviceId: service.id,
    name: service === customService ? '' : service.name,
    url: service.servers[0].url ?? '',
    key: '',
  };
};

/** @param takenNames a second channel on the same platform needs a name of its own */
export function newDestination(takenNames: readonly string[]): DestinationDraft {
  const draft = beginning('twitch');
  return takenNames.includes(draft.name) ? { ...draft, name: '' } : draft;
}

export const draftOf = ({ name, url, serviceId }: OutputView): DestinationDraft => ({
  serviceId: serviceId === null ? serviceOfUrl(url).id : serviceById(serviceId).id,
  name,
  url,
  key: '',
});

/** Another service brings its address along; a name or key that the person has typed stays. */
export function changeService(draft: DestinationDraft, serviceId: string): DestinationDraft {
  const next = beginning(serviceId);
  const isOwnName = draft.name !== '' && draft.name !== serviceById(draft.serviceId).name;
  return { ...next, name: isOwnName ? draft.name : next.name, key: draft.key };
}

/** The service's address that is chosen; null: one that was typed. */
export const serverOf = ({ serviceId, url }: DestinationDraft): ServiceServer | null =>
  serviceById(serviceId).servers.find((server) => server.url !== null && server.url === url) ?? null;

export const isRtmpUrl = (url: string): boolean => /^rtmps?:\/\/[^\s/]+\/\S/i.test(url.trim());

export const addressHint = (serviceId: string): string =>
  serviceId === 'kick' ? 'rtmps://….global-contribute.live-video.net/app' : 'rtmp://host/app';
