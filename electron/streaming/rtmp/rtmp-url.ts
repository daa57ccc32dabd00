import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { StudioError } from '../lib/errors';

/** Where to publish, without the key. */
export interface RtmpTarget {
  readonly isTls: boolean;
  /** name (IDN in its ASCII form) or address to connect to, IPv6 without brackets */
  readonly host: string;
  readonly port: number;
  readonly app: string;
  /** what the connect command names as `tcUrl`: the address without the key */
  readonly tcUrl: string;
  /** the name to verify the certificate against; undefined for a bare address */
  readonly serverName: string | undefined;
}

const defaultPorts: Record<string, number> = { 'rtmp:': 1935, 'rtmps:': 443 };
/** far more than any platform's; a server need not take a connect command of any length */
const maxUrlLength = 2000;

/**
 * `rtmp://host[:port]/app[/instance][?query]`, `rtmps://…`. The query belongs to the app, as platforms expect it.
 * @throws StudioError destination-url-invalid, without what may be a password
 */
export function parseRtmpUrl(url: string): RtmpTarget {
  const invalid = (reason: string): StudioError =>
    new StudioError('destination-url-invalid', { url: presentable(url), reason });
  if (url.length > maxUrlLength) throw invalid(`it is longer than ${maxUrlLength} characters`);
  // Parsers of URLs drop line breaks without a word; what is left may be another address.
  if (/\p{Cc}/u.test(url)) throw invalid('it contains control characters');
  const withLogin = 'user name and password do not belong in it';
  // A password with a slash makes a port of what stands before it.
  if (!URL.canParse(url)) throw invalid(url.includes('@') ? withLogin : 'it is no address');
  const parsed = new URL(url);
  if (parsed.username || parsed.password) throw invalid(withLogin);
  const defaultPort = defaultPorts[parsed.protocol];
  if (defaultPort === undefined) throw invalid('it begins with neither rtmp:// nor rtmps://');
  if (!parsed.hostname) throw invalid('the host is missing');
  const host = hostIn(parsed.hostname);
  if (host === null) throw invalid('the host is no name and no address');
  const port = parsed.port === '' ? defaultPort : Number(parsed.port);
  if (port === 0) throw invalid('there is no port 0');
  const app = parsed.pathname.replace(/^\/+|\/+$/g, '') + parsed.search + parsed.hash;
  if (!app) throw invalid('the application is missing, as in rtmp://host/live');
  const authority = (isIP(host) === 6 ? `[${host}]` : host) + (parsed.port === '' ? '' : `:${port}`);
  return {
    isTls: parsed.protocol === 'rtmps:',
    host,
    port,
    app,
    tcUrl: `${parsed.protocol}//${authority}/${app}`,
    serverName: isIP(host) ? undefined : host,
  };
}

/** URL.hostname of a scheme that is not the web's: percent-encoded, neither lower case nor ASCII. */
function hostIn(hostname: string): string | null {
  const bracketed = /^\[(.*)\]$/.exec(hostname)?.[1];
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? bracketed : null;
  try {
    // RFC 1035 §2.3.4: no name is longer. A full stop at its end is fine for DNS, but not in a certificate.
    const name = domainToASCII(decodeURIComponent(hostname)).replace(/\.$/, '');
    return name !== '' && name.length <= 253 ? name : null;
  } catch {
    return null;
  }
}

/** What stands before an @ may be a password, wherever it is. */
function presentable(url: string): string {
  return url
    .replace(/\/\/[^]*@/, '//')
    .replace(/^[^/]*@/, '')
    .replace(/\p{Cc}/gu, ' ')
    .slice(0, 200);
}
