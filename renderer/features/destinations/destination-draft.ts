import {
  customService,
  hostOfUrl,
  serviceById,
  serviceOfUrl,
  takeSameKey,
} from '../../../shared/contract/services';
import type { ServiceServer } from '../../../shared/contract/services';
import type { OutputView } from '../../../shared/contract/snapshot';

/** A destination as it is being typed. */
export interface DestinationDraft {
  serviceId: string;
  name: string;
  url: string;
  /** '' while that of a saved one stays */
  key: string;
  /** for servers of one's own that ask for it; '' where none does */
  user: string;
  /** '' while that of a saved one stays */
  password: string;
  /** of a server of one's own: it takes VP9, though it does not say so */
  takesVp9: boolean;
  /** the address that the key was given for; null: there is no key, or no address yet */
  keyUrl: string | null;
  /** the saved key, shown on request and not typed */
  isKeyRevealed: boolean;
  /** whose key was taken out of the field as the server became another; null: nobody's */
  keyTakenOf: string | null;
  /** that key, for when its server is back: a slip of the hand costs nobody a key; null: it was not typed */
  taken: { readonly key: string; readonly url: string } | null;
  /** “Go live” takes it along */
  isEnabled: boolean;
  /** seconds after the program */
  delaySec: number;
  /** the program's bitrate follows its network */
  isAdaptive: boolean;
  /** the variant that it gets; null: the program itself */
  variantId: string | null;
  /** whichever server of the service is nearest when it goes live; `url` where none is known */
  isNearest: boolean;
}

const noLogin = { user: '', password: '' } as const;
const noKey = { key: '', keyUrl: null, isKeyRevealed: false, keyTakenOf: null, taken: null } as const;

/** Without its key, which another server must not get. */
const takeKey = (draft: DestinationDraft, owner: string | null): DestinationDraft => ({
  ...draft,
  ...noKey,
  password: '',
  keyTakenOf: owner,
  taken: draft.isKeyRevealed ? null : { key: draft.key, url: draft.keyUrl ?? draft.url },
});

/** With the key that was taken, when this is its server again. */
function giveKeyBack(draft: DestinationDraft): DestinationDraft {
  const { taken, url } = draft;
  if (!taken || draft.key !== '' || !(taken.url === url || takeSameKey(taken.url, url))) return draft;
  return { ...draft, ...noKey, key: taken.key, keyUrl: isRtmpUrl(taken.url) ? taken.url : null };
}

const beginning = (serviceId: string): DestinationDraft => {
  const service = serviceById(serviceId);
  return {
    serviceId: service.id,
    name: service === customService ? '' : service.name,
    url: service.servers[0].url ?? '',
    takesVp9: false,
    ...noLogin,
    ...noKey,
    ...{ isEnabled: true, delaySec: 0, isAdaptive: false, variantId: null },
    isNearest: service.ingestList !== null,
  };
};

/** @param takenNames a second channel on the same platform needs a name of its own */
export function newDestination(takenNames: readonly string[]): DestinationDraft {
  const draft = beginning('twitch');
  return takenNames.includes(draft.name) ? { ...draft, name: '' } : draft;
}

export const draftOf = ({ name, url, serviceId, user, ...output }: OutputView): DestinationDraft => ({
  serviceId: serviceId === null ? serviceOfUrl(url).id : serviceById(serviceId).id,
  name,
  url,
  takesVp9: output.takesVp9 ?? false,
  isEnabled: output.isEnabled,
  delaySec: output.delaySec,
  isAdaptive: output.isAdaptive,
  variantId: output.variantId,
  isNearest: output.nearest !== null,
  ...noLogin,
  ...(user !== null && { user }),
  ...noKey,
});

/** What is known of a saved destination's login; its password is not. */
export interface SavedLogin {
  readonly url: string;
  /** null: it has none */
  readonly user: string | null;
}

/** Whether a password is saved that this address may have. */
export const isPasswordKept = ({ url }: DestinationDraft, saved: SavedLogin | null): boolean =>
  saved !== null && saved.user !== null && takeSameKey(saved.url, url);

/** as it was typed, whole; undefined: none was */
export const typedLogin = ({
  user,
  password,
}: DestinationDraft): { user: string; password: string } | undefined =>
  user === '' || password === '' ? undefined : { user, password };

/** What a change of it says; undefined: nothing. */
export function loginPatch(
  { user, password }: DestinationDraft,
  savedUser: string | null,
): { user: string; password?: string } | null | undefined {
  if (user === '') return savedUser === null ? undefined : null;
  if (password !== '') return { user, password };
  return user === savedUser ? undefined : { user };
}

/** Another service brings its address along; a name that the person has typed stays, the key of the former does not. */
export function changeService(draft: DestinationDraft, serviceId: string): DestinationDraft {
  const next = beginning(serviceId);
  const former = serviceById(draft.serviceId);
  const isOwnName = draft.name !== '' && draft.name !== former.name;
  const name = isOwnName ? draft.name : next.name;
  if (next.serviceId === former.id) return { ...draft, name };
  const owner =
    former === customService ? (hostOfUrl(draft.keyUrl ?? draft.url) ?? 'another server') : former.name;
  const { keyTakenOf, taken } = draft.key === '' ? draft : takeKey(draft, owner);
  const { isEnabled, delaySec, isAdaptive } = draft;
  return giveKeyBack({ ...next, name, isEnabled, delaySec, isAdaptive, keyTakenOf, taken });
}

export const typeKey = (draft: DestinationDraft, key: string): DestinationDraft => ({
  ...{ ...draft, ...noKey, key },
  keyUrl: key !== '' && isRtmpUrl(draft.url) ? draft.url : null,
});

/** A saved key that a person asked to see, unless a key or another server was typed meanwhile. */
export const revealKey = (draft: DestinationDraft, key: string, savedUrl: string): DestinationDraft =>
  draft.key !== '' || !takeSameKey(savedUrl, draft.url)
    ? draft
    : { ...typeKey(draft, key), isKeyRevealed: true };

/** To be kept once the form is closed: a key that was only looked at is not. */
export const withoutRevealedKey = (draft: DestinationDraft): DestinationDraft =>
  draft.isKeyRevealed ? { ...draft, ...noKey } : draft;

/** The address is complete: a key that was given for another server goes, so that this one does not get it. */
export function settleAddress(draft: DestinationDraft): DestinationDraft {
  const { url, key, keyUrl } = draft;
  if (!isRtmpUrl(url)) return draft;
  if (key === '') return giveKeyBack(draft);
  if (keyUrl === null) return { ...draft, keyUrl: url };
  return takeSameKey(keyUrl, url) ? draft : takeKey(draft, hostOfUrl(keyUrl));
}

/** The service's address that is chosen; null: one that was typed. */
export const serverOf = ({ serviceId, url }: DestinationDraft): ServiceServer | null =>
  serviceById(serviceId).servers.find((server) => server.url !== null && server.url === url) ?? null;

export const isRtmpUrl = (url: string): boolean => /^rtmps?:\/\/[^\s/]+\/\S/i.test(url.trim());

export const addressHint = (serviceId: string): string =>
  serviceId === 'kick' ? 'rtmps://….global-contribute.live-video.net/app' : 'rtmp://host/app';
