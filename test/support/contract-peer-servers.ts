import type { ListedServer, ServerChoice } from '../../shared/contract/link';

const server = (label: string, name: string, connectMs: number | null): ListedServer => {
  const host = `${label}.live-video.net`;
  return { host, name, connectMs, secureUrl: `rtmps://${host}/app`, plainUrl: `rtmp://${host}/app` };
};

/** Twitch's servers as they are seen from Frankfurt, one of them out of reach. */
export const believableServers = (): ServerChoice => ({
  servers: [
    server('ingest.global-contribute', 'Default', 14),
    server('euc10.contribute', 'Europe: Germany, Frankfurt', 9),
    server('euw30.contribute', 'Europe: France, Paris', 18),
    server('use10.contribute', 'US East: N. Virginia', 96),
    server('aps20.contribute', 'Australia: Sydney', null),
  ],
  nearest: 'euc10.contribute.live-video.net',
  origin: 'service',
  at: Date.now(),
  problem: null,
});
