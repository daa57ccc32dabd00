import { StudioError } from '../lib/errors';

/** A server's no, in its own words. */
export interface RefusalWords {
  /** `NetStream.Publish.BadName` and the like; '' where there is none */
  readonly code: string;
  readonly description: string;
}

export type RefusalKind =
  'in-use' | 'key-refused' | 'banned' | 'app-refused' | 'login-needed' | 'login-refused' | 'busy' | 'unknown';

/**
 * What is said in words, by whatever code. First match counts: “the stream key is already in use” is about its use.
 * Sources: Adobe Media Server's and Wowza's documentation, nginx-rtmp-module, SRS, Red5, OvenMediaEngine, MediaMTX,
 * node-media-server, and what FFmpeg's and OBS's users report of Twitch, YouTube, Facebook and Kick.
 */
const byDescription: readonly (readonly [RefusalKind, RegExp])[] = [
  // Adobe's access manager, second and third answer; FFmpeg and librtmp look for the same words.
  ['login-refused', /reason=(authfailed|nosuchuser)/i],
  ['login-needed', /authmod=|\bneed ?auth\b/i],
  ['banned', /\b(banned|suspended|black-?listed|blocked|terminated)\b|terms of (service|use)|not eligible/i],
  [
    'in-use',
    /\balready\b.*\b(publish|stream|live|use|connected|exist)|\b(publish\w*|exists|live|connected|used)\b.* already|\bin use\b|being published|\bduplicate|stream ?busy|someone else/i,
  ],
  [
    'busy',
    /licen[cs]e|too many|\blimit\b|limit\.|\bcapacity\b|overload|try again|shut(ting)? ?down|maintenance|unavailable|\bbusy\b/i,
  ],
  ['app-refused', /\b(app|application|vhost|virtual host|instance)\b/i],
  [
    'key-refused',
    /\bkey\b|stream ?name|\btoken\b|credential|authenticat|authori[sz]|permission|denied|forbidden|not allowed|expired|invalid stream|no such stream|signature/i,
  ],
];

/** What a code means where the description says nothing more; in lower case, as servers disagree on that. */
const byCode: Readonly<Record<string, RefusalKind>> = {
  'netconnection.connect.invalidapp': 'app-refused',
  'netconnection.connect.appshutdown': 'busy',
  'netstream.publish.badconnection': 'in-use',
  'netstream.publish.alreadypublished': 'in-use',
  // Adobe means a name in use and always says so in words; without them, servers mean the key.
  'netstream.publish.badname': 'key-refused',
  'netstream.publish.badauth': 'key-refused',
  'netstream.publish.denied': 'key-refused',
  'netstream.publish.rejected': 'key-refused',
  'netstream.publish.unauthorized': 'key-refused',
  'netstream.connect.rejected': 'key-refused',
  'netstream.record.noaccess': 'key-refused',
  'netstream.play.streamnotfound': 'key-refused',
};

export function judgeRefusal({ code, description }: RefusalWords): RefusalKind {
  const said = byDescription.find(([, pattern]) => pattern.test(description));
  return said?.[0] ?? byCode[code.toLowerCase()] ?? 'unknown';
}

export interface RefusalDetails {
  readonly host: string;
  readonly app: string;
  /** the server's words, already without the key */
  readonly reason: string;
  /** a user name and a password are given */
  readonly hasLogin: boolean;
  /** the server may not know the key yet */
  readonly isAlwaysRetryable: boolean;
}

/**
 * The error of a refusal. What may pass by itself (somebody else's stream, a full server, a reason nobody knows) is worth
 * another try; a key, an application, an account or a login that was refused is not, until somebody mends it.
 */
export function refusalError(words: RefusalWords, details: RefusalDetails, cause: Error): StudioError {
  const { host, app, reason, hasLogin, isAlwaysRetryable } = details;
  const passing = { retryable: true, cause };
  const final = { retryable: isAlwaysRetryable, cause };
  switch (judgeRefusal(words)) {
    case 'in-use':
      return new StudioError('destination-in-use', { host, reason }, passing);
    case 'busy':
      return new StudioError('destination-busy', { host, reason }, passing);
    case 'unknown':
      return new StudioError('destination-refused', { host, reason }, passing);
    case 'key-refused':
      return new StudioError('destination-key-refused', { host, reason }, final);
    case 'banned':
      return new StudioError('destination-banned', { host, reason }, final);
    case 'app-refused':
      return new StudioError('destination-app-refused', { host, app, reason }, final);
    case 'login-needed':
    case 'login-refused':
      // Its words are for programs.
      return new StudioError('destination-login', { host, isGiven: hasLogin }, final);
  }
}
