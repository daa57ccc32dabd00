import { isIP } from 'node:net';
import { StudioError } from '../lib/errors';

/** Where to publish, without the key. */
export interface RtmpTarget {
  readonly isTls: boolean;
  /** name or address to connect to, IPv6 without brackets */
  readonly host: string;
  readonly port: number;
  readonly app: string;
  /** what the connect command names as `tcUrl`: the address without the key */
  readonly tcUrl: string;
  /** the name to verify the certificate against; undefined for a bare address */
  readonly serverName: string | undefined;
}

const defaultPorts: Record<string, number> = { 'rtmp:': 1935, 'rtmps:': 443 };

/**
 * `rtmp://host[:port]/app[/instance][?query]`, `rtmps://…`. The query belongs to the app, as platforms expect it.
 * @throws StudioError destination-url-invalid
 */
export function parseRtmpUrl(url: string): RtmpTarget {
  const invalid = (reason: string): StudioError =>
    new StudioError('destination-url-invalid', { url: withoutCredentials(url), reason });
  if (!URL.canParse(url)) throw invalid('it is no address');
  const parsed = new URL(url);
  const defaultPort = defaultPorts[parsed.protocol];
  if (defaultPort === undefined) throw invalid('it begins with neither rtmp:// nor rtmps://');
  if (parsed.username || parsed.password) throw invalid('user name and password are not supported');
  const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1');
  if (!host) throw invalid('the host is missing');
  const app = parsed.pathname.replace(/^\/+|\/+$/g, '') + parsed.search;
  if (!app) throw invalid('the application is missing, as in rtmp://host/live');
  return {
    isTls: parsed.protocol === 'rtmps:',
    host,
    port: parsed.port === '' ? defaultPort : Number(parsed.port),
    app,
    tcUrl: `${parsed.protocol}//${parsed.host}/${app}`,
    serverName: isIP(host) ? undefined : host,
  };
}

const withoutCredentials = (url: string): string => url.replace(/\/\/[^/@]*@/, '//').slice(0, 200);
