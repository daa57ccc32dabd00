import type { IncomingMessage } from 'node:http';

/** What a request of a viewer says, read without trust. */

type RequestHead = Pick<IncomingMessage, 'url' | 'headers'>;

export const livePath = '/live/program.flv';

/** exactly as sent, without the query; '' when it is none of ours (absolute URLs, `*`) */
export const pathOf = (request: RequestHead): string => {
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  return path.startsWith('/') ? path : '';
};

/** The name or address it was sent to, if it is one: it goes into headers of the answer. */
export const hostOf = (request: RequestHead): string | null => {
  const host = request.headers.host ?? '';
  return /^(?:[\w.-]{1,253}|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i.test(host) ? host.toLowerCase() : null;
};

/** Programs send no Origin. Pages send theirs, and only our own may ask: a browser adds cookies and passwords by itself. */
export function isOwnOrigin(request: RequestHead): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return true;
  const host = hostOf(request);
  // https: behind a proxy that encrypts.
  return host !== null && [`http://${host}`, `https://${host}`].includes(origin.toLowerCase());
}

/** The password of HTTP Basic (RFC 7617), whatever the user name; null: none is given */
export function basicPassword(request: RequestHead): string | null {
  const [, encoded] = /^basic +([\w+/]+=*)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? null : text.slice(colon + 1);
}

/** A cookie's value (RFC 6265 5.4), null: it is not there */
export function cookieOf(request: RequestHead, name: string): string | null {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name && value !== undefined && /^[\w-]{43}$/.test(value)) return value;
  }
  return null;
}

/** The field `password` of a form of at most that size; null: it is larger, or has none. @throws Error when it breaks off */
export async function formPassword(request: IncomingMessage, maxBytes: number): Promise<string | null> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return null;
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > maxBytes) return null;
    parts.push(part);
  }
  return new URLSearchParams(Buffer.concat(parts).toString('utf8')).get('password');
}
