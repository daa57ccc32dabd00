/** One address of a service that takes the stream. */
export interface ServiceServer {
  readonly id: string;
  /** as people choose it: `Primary`, `Backup` */
  readonly name: string;
  /** without the key; null: each account has its own, copied from `keyPage` */
  readonly url: string | null;
}

/** What a platform takes, and where a person finds their key. */
export interface StreamingService {
  readonly id: string;
  readonly name: string;
  readonly servers: readonly [ServiceServer, ...ServiceServer[]];
  /** most video bitrate it takes, kbit/s; null: it names none */
  readonly maxVideoKbps: number | null;
  /** most sound bitrate it takes, kbit/s; null: it names none */
  readonly maxAudioKbps: number | null;
  /** longest distance of keyframes it takes, seconds; null: it names none */
  readonly maxKeyframeSec: number | null;
  /** most pictures a second; null: it names none */
  readonly maxFps: number | null;
  /** how to come by the key: one sentence */
  readonly keyHelp: string;
  /** the page where it stands; null: it depends */
  readonly keyPage: string | null;
  /** where the service tells its servers, of which each takes every key: the nearest can be chosen; null: nowhere */
  readonly ingestList: string | null;
  /** what is added to the key so that nobody sees the stream; null: whatever arrives is public */
  readonly testFlag: string | null;
}

/**
 * When the figures below were last compared with what the services publish. A service that changes them is still
 * reached: a limit only warns, and every address can be typed over.
 */
export const servicesCheckedOn = '2026-11-20';

/** Encrypted addresses come first: the key travels in them. */
export const streamingServices: readonly StreamingService[] = [
  {
    id: 'twitch',
    name: 'Twitch',
    servers: [
      // The first of Twitch's own list.
      { id: 'default', name: 'Twitch’s choice', url: 'rtmps://ingest.global-contribute.live-video.net/app' },
      { id: 'former', name: 'Former address, encrypted', url: 'rtmps://live.twitch.tv/app' },
      { id: 'former-plain', name: 'Former address, not encrypted', url: 'rtmp://live.twitch.tv/app' },
    ],
    maxVideoKbps: 6000,
    maxAudioKbps: 320,
    maxKeyframeSec: 2,
    maxFps: 60,
    keyHelp: 'In the Creator Dashboard under Settings → Stream: copy the primary stream key.',
    keyPage: 'https://dashboard.twitch.tv/settings/stream',
    // dev.twitch.tv/docs/video-broadcast, and its reference “Get Ingest Servers”.
    ingestList: 'https://ingest.twitch.tv/ingests',
    testFlag: 'bandwidthtest=true',
  },
  {
    id: 'youtube',
    name: 'YouTube',
    servers: [
      { id: 'primary', name: 'Primary', url: 'rtmps://a.rtmps.youtube.com:443/live2' },
      { id: 'backup', name: 'Backup', url: 'rtmps://b.rtmps.youtube.com:443/live2?backup=1' },
    ],
    maxVideoKbps: 51_000,
    maxAudioKbps: null,
    maxKeyframeSec: 4,
    maxFps: 60,
    keyHelp: 'In YouTube Studio under Create → Go live → Stream: copy the stream key.',
    keyPage: 'https://studio.youtube.com',
    ingestList: null,
    testFlag: null,
  },
  {
    id: 'facebook',
    name: 'Facebook',
    servers: [{ id: 'live', name: 'Live', url: 'rtmps://rtmp-api.facebook.com:443/rtmp' }],
    maxVideoKbps: 9000,
    maxAudioKbps: 256,
    maxKeyframeSec: 2,
    maxFps: 60,
    keyHelp: 'In Live Producer choose “Streaming software”: copy the stream key.',
    keyPage: 'https://www.facebook.com/live/producer',
    ingestList: null,
    testFlag: null,
  },
  {
    id: 'kick',
    name: 'Kick',
    servers: [{ id: 'own', name: 'Your stream URL', url: null }],
    maxVideoKbps: 8000,
    maxAudioKbps: null,
    maxKeyframeSec: 2,
    maxFps: 60,
    keyHelp: 'In the Creator Dashboard under Settings → Stream: copy the stream URL, add /app, and the key.',
    keyPage: 'https://kick.com',
    ingestList: null,
    testFlag: null,
  },
];

/** Any server that speaks RTMP, with limits that we do not know. */
export const customService: StreamingService = {
  id: 'custom',
  name: 'Other',
  servers: [{ id: 'own', name: 'Server address', url: null }],
  maxVideoKbps: null,
  maxAudioKbps: null,
  maxKeyframeSec: null,
  maxFps: null,
  keyHelp: 'Whoever runs the server gives its address and a key, as rtmp:// or (encrypted) rtmps://.',
  keyPage: null,
  ingestList: null,
  testFlag: null,
};

export const serviceById = (id: string | null): StreamingService =>
  streamingServices.find((service) => service.id === id) ?? customService;

/** lower case, an IPv6 address in brackets; null: it names none (yet) */
export function hostOfUrl(url: string): string | null {
  try {
    // As those read it who connect: a name before an @, a tab within are no part of the host.
    const { protocol, hostname } = new URL(url.trim());
    return /^rtmps?:$/.test(protocol) && hostname !== '' ? hostname.toLowerCase() : null;
  } catch {
    return null;
  }
}

/** This computer and its network: private addresses (RFC 1918, RFC 3927, RFC 4193, RFC 4291) and names that only they have. */
export function isPrivateServer(url: string): boolean {
  const host = hostOfUrl(url) ?? '';
  return (
    /^(127|10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))(\.\d{1,3})+$/.test(host) ||
    /^\[(::1|f[cd][\da-f]{2}:.*|fe[89ab][\da-f]:.*)\]$/.test(host) ||
    host === 'localhost' ||
    isWithin(host, 'localhost', 'local', 'home.arpa')
  );
}

/** Twitch's own: one of its default server's name, which lies among those of everybody else, and those of its list. */
export function isTwitchHost(host: string): boolean {
  return (
    host === 'ingest.global-contribute.live-video.net' ||
    isWithin(host, 'contribute.live-video.net', 'twitch.tv')
  );
}

/** Where a saved destination names no service: the one whose host its address names. */
export function serviceOfUrl(url: string): StreamingService {
  const host = hostOfUrl(url);
  if (host === null) return customService;
  if (isTwitchHost(host)) return serviceById('twitch');
  // Amazon's service for others, of which Kick is one.
  if (isWithin(host, 'global-contribute.live-video.net')) return serviceById('kick');
  if (isWithin(host, 'youtube.com')) return serviceById('youtube');
  return isWithin(host, 'facebook.com') ? serviceById('facebook') : customService;
}

/**
 * Whether a key given for one address may be sent to the other: they are of one host, or of two servers that one
 * service names. Encrypted or not, port and application play no part.
 */
export function takeSameKey(one: string, other: string): boolean {
  const service = serviceOfServer(one);
  if (service !== customService && service === serviceOfServer(other)) return true;
  const host = hostOfUrl(one);
  return host !== null && host === hostOfUrl(other);
}

function serviceOfServer(url: string): StreamingService {
  const host = hostOfUrl(url);
  if (host !== null && isTwitchHost(host)) return serviceById('twitch');
  const isOf = (known: string | null): boolean => known !== null && host === hostOfUrl(known);
  return (
    streamingServices.find(({ servers }) => servers.some(({ url: known }) => isOf(known))) ?? customService
  );
}

const isWithin = (host: string, ...domains: readonly string[]): boolean =>
  domains.some((domain) => host.endsWith(`.${domain}`));
