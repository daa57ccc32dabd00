import { createHash } from 'node:crypto';

/** Who may publish on a server that asks for more than a key. Never logged, never part of an error. */
export interface RtmpLogin {
  readonly user: string;
  readonly password: string;
}

/**
 * Adobe's authentication of publishers (its “Access Plugin” for Media Server; Wowza, and what copies them): the server
 * refuses `connect` with words that say what it wants, and is connected to anew with an answer in the query of its
 * application, twice. Described nowhere by Adobe; as librtmp and FFmpeg speak it.
 * @param description of the refusal
 * @param nonce 8 hexadecimal digits, new for each answer
 * @returns the query, without its question mark; null: the refusal asks for nothing that a login answers
 */
export function adobeAnswer(login: RtmpLogin, description: string, nonce: string): string | null {
  if (!/\bauthmod=adobe\b/.test(description)) return null;
  const introduction = `authmod=adobe&user=${inQuery(login.user)}`;
  const [, query] = /\?(\S*)/.exec(description) ?? [];
  if (query === undefined) return /\bneed ?auth\b/.test(description) ? introduction : null;
  const asked = membersOf(query);
  const salt = asked.get('salt');
  if (asked.get('reason') !== 'needauth' || salt === undefined) return null;
  const opaque = asked.get('opaque');
  const secret = md5(login.user + salt + login.password);
  const response = md5(secret + (opaque ?? asked.get('challenge') ?? '') + nonce);
  const answer = `${introduction}&challenge=${nonce}&response=${response}`;
  return opaque === undefined ? answer : `${answer}&opaque=${opaque}`;
}

/** As it stands there: base64, whose plus and equals signs mean themselves. */
function membersOf(query: string): ReadonlyMap<string, string> {
  return new Map(
    query.split('&').map((member) => {
      const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(member) ?? [];
      return [name, value];
    }),
  );
}

const md5 = (text: string): string => createHash('md5').update(text).digest('base64');

/** Servers compare it with what they know, letter by letter: only what would end it is encoded. */
const inQuery = (text: string): string => text.replace(/[%&#?\s]/g, (letter) => encodeURIComponent(letter));
