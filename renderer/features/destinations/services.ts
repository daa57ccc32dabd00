export interface StreamingService {
  name: string;
  /** null: the account page of the service tells it */
  url: string | null;
  keyHint: string;
}

/** The platforms' public ingest addresses (November 2026), encrypted: the key travels in them. */
export const streamingServices: readonly StreamingService[] = [
  {
    name: 'Twitch',
    url: 'rtmps://live.twitch.tv/app',
    keyHint: 'Twitch: Creator Dashboard → Settings → Stream',
  },
  {
    name: 'YouTube',
    url: 'rtmps://a.rtmps.youtube.com:443/live2',
    keyHint: 'YouTube: Studio → Create → Go live → Stream',
  },
  { name: 'Other', url: null, keyHint: 'The platform shows it beside its server address' },
];
