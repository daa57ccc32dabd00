import { describe, expect, it } from 'vitest';
import { describeError } from '../../shared/contract/error-text';
import { judgeRefusal, refusalError } from '../../electron/streaming/rtmp/publish-status';
import type { RefusalKind } from '../../electron/streaming/rtmp/publish-status';

const rejected = 'NetConnection.Connect.Rejected';
const badName = 'NetStream.Publish.BadName';

/** What servers say, word for word where it is known. */
const table: readonly (readonly [server: string, code: string, description: string, kind: RefusalKind])[] = [
  ['nginx-rtmp, taken', badName, 'Already publishing', 'in-use'],
  ['node-media-server 2, taken', badName, 'Stream already publishing', 'in-use'],
  [
    'node-media-server 2, twice',
    'NetStream.Publish.BadConnection',
    'Connection already publishing',
    'in-use',
  ],
  ['node-media-server 2, sign', 'NetStream.publish.Unauthorized', 'Authorization required.', 'key-refused'],
  [
    'Adobe, taken',
    badName,
    'Attempt to publish a stream which is already being published by someone else.',
    'in-use',
  ],
  ['Adobe, no rights', 'NetStream.Record.NoAccess', '', 'key-refused'],
  ['Adobe, application', 'NetConnection.Connect.InvalidApp', '', 'app-refused'],
  ['Adobe, unloaded', 'NetConnection.Connect.AppShutdown', '', 'busy'],
  [
    'Adobe, licence',
    rejected,
    '[ License.Limit ] : (_defaultRoot_, _defaultVHost_) : Connections over license limit.',
    'busy',
  ],
  [
    'Adobe, login',
    rejected,
    '[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ',
    'login-needed',
  ],
  [
    'Adobe, challenge',
    rejected,
    '[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=needauth&user=me&salt=s&challenge=c&opaque=o',
    'login-needed',
  ],
  [
    'Adobe, password',
    rejected,
    '[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=authfailed&opaque=o',
    'login-refused',
  ],
  [
    'Adobe, user',
    rejected,
    '[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=nosuchuser',
    'login-refused',
  ],
  [
    'Wowza, application',
    rejected,
    '[ Server.Reject ] : (_defaultVHost_) : Application not found: livee',
    'app-refused',
  ],
  ['Wowza, taken', badName, 'Stream name is already in use', 'in-use'],
  ['Wowza, key', 'NetStream.Publish.Denied', 'Publish not allowed', 'key-refused'],
  [
    'Red5, application',
    'NetConnection.Connect.InvalidApp',
    'No scope "livee" on this server.',
    'app-refused',
  ],
  ['Red5, taken', badName, 'Stream named mine is already published.', 'in-use'],
  ['SRS, taken', badName, 'StreamBusy', 'in-use'],
  ['SRS, application', rejected, 'invalid vhost: x', 'app-refused'],
  ['MediaMTX, key', 'NetStream.Publish.Unauthorized', 'authentication failed', 'key-refused'],
  ['OvenMediaEngine, key', 'NetStream.Publish.Rejected', 'Authentication Failed.', 'key-refused'],
  ['Twitch, key', badName, 'Authentication Failed.', 'key-refused'],
  [
    'Twitch, banned',
    'NetStream.Publish.Denied',
    'Your channel is suspended for violating the Terms of Service',
    'banned',
  ],
  ['YouTube, key', 'NetStream.Publish.Denied', 'Invalid stream key', 'key-refused'],
  ['Facebook, over', 'NetStream.Publish.Denied', 'The live video has expired', 'key-refused'],
  ['Kick, banned', 'NetStream.Publish.Rejected', 'channel banned', 'banned'],
  ['Amazon IVS, taken', 'NetStream.Publish.Rejected', 'stream is already live', 'in-use'],
  ['Amazon IVS, quota', 'NetConnection.Connect.Failed', 'Too many concurrent streams', 'busy'],
  ['this studio, key', badName, 'This stream key is not known.', 'key-refused'],
  ['this studio, taken', badName, 'This stream key is in use.', 'in-use'],
  ['this studio, application', rejected, 'There is no such application; use live.', 'app-refused'],
  ['a bare name', badName, '', 'key-refused'],
  ['other spelling', 'netstream.publish.badname', '', 'key-refused'],
  ['a bare denial', 'NetStream.Publish.Denied', '', 'key-refused'],
  ['a bare rejection', rejected, '', 'unknown'],
  ['a failure', 'NetStream.Failed', 'Internal error', 'unknown'],
  ['nonsense', '𝕏', '\u0000\uffff', 'unknown'],
  ['nothing', '', '', 'unknown'],
];

describe('what a server’s no means', () => {
  it.each(table)('%s: %s “%s” → %s', (_, code, description, kind) => {
    expect(judgeRefusal({ code, description })).toBe(kind);
  });

  const errorOf = (
    code: string,
    description: string,
    own = false,
    hasLogin = false,
  ): ReturnType<typeof refusalError> =>
    refusalError(
      { code, description },
      { host: 'h', app: 'live', reason: 'its words', hasLogin, isAlwaysRetryable: own },
      new Error('its words'),
    );

  it('is tried again where it may pass by itself, and never a key, an account, an application or a login', () => {
    const judged = new Map(
      table.map(([, code, description, kind]) => [kind, errorOf(code, description).retryable] as const),
    );
    expect(Object.fromEntries(judged)).toEqual({
      'in-use': true,
      busy: true,
      unknown: true,
      'key-refused': false,
      banned: false,
      'app-refused': false,
      'login-needed': false,
      'login-refused': false,
    });
    for (const [, code, description] of table) expect(errorOf(code, description, true).retryable).toBe(true);
  });

  it('is told to a person with the server, its words and a remedy', () => {
    const sentences = table.map(([, code, description]) =>
      describeError(errorOf(code, description).toWire()),
    );
    for (const { sentence, remedy } of sentences) {
      expect(sentence).toMatch(/\bh\b.*(\(its words\)|password)/);
      expect(remedy).not.toBe('');
    }
    expect(errorOf(rejected, 'authmod=adobe').toWire().details).toMatchObject({ isGiven: false });
    expect(errorOf(rejected, 'authmod=adobe', false, true).toWire().details).toMatchObject({ isGiven: true });
  });

  it('takes no time to find out, however it is put', () => {
    const startedAt = performance.now();
    for (const word of ['already ', 'publish', ' in use', 'application', '\u00e9', '=', 'live already '])
      judgeRefusal({ code: word.repeat(200), description: word.repeat(200).slice(0, 1000) });
    expect(performance.now() - startedAt).toBeLessThan(200);
  });
});
