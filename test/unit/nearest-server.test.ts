import { describe, expect, it } from 'vitest';
import { takeSameKey } from '../../shared/contract/services';
import { parseIngests } from '../../electron/studio/ingest-list';
import { nearestOf } from '../../electron/studio/nearest-server';
import { hiddenKey } from '../../electron/studio/bandwidth-desk';

const entry = (host: string, more: object = {}) => ({
  ...{ _id: 1, availability: 1, default: false, priority: 0, name: `At ${host}` },
  url_template: `rtmp://${host}/app/{stream_key}`,
  url_template_secure: `rtmps://${host}/app/{stream_key}`,
  ...more,
});
const frankfurt = 'euc10.contribute.live-video.net';

describe('a list of servers', () => {
  it('is read as Twitch writes it, without the place of the key', () => {
    const answer = {
      ingests: [entry('ingest.global-contribute.live-video.net'), entry(frankfurt), entry(frankfurt)],
    };
    const servers = parseIngests(answer);
    expect(servers.map(({ host }) => host)).toEqual(['ingest.global-contribute.live-video.net', frankfurt]);
    expect(servers[1]).toEqual({
      ...{ host: frankfurt, name: `At ${frankfurt}` },
      ...{ secureUrl: `rtmps://${frankfurt}/app`, plainUrl: `rtmp://${frankfurt}/app` },
    });
    // Each is one that a key of Twitch may go to.
    for (const { secureUrl } of servers)
      expect(takeSameKey('rtmps://live.twitch.tv/app', secureUrl!)).toBe(true);
  });

  it.each<[string, object]>([
    ['another domain', entry('evil.example')],
    ['a domain that ends alike', entry('evilcontribute.live-video.net')],
    ['a server of others at Amazon', entry('fa723fc1b171.global-contribute.live-video.net')],
    ['another scheme', { name: 'x', url_template_secure: `https://${frankfurt}/app/{stream_key}` }],
    [
      'a plain address for an encrypted one',
      { name: 'x', url_template_secure: `rtmp://${frankfurt}/app/{stream_key}` },
    ],
    ['a login', { name: 'x', url_template_secure: `rtmps://a:b@${frankfurt}/app/{stream_key}` }],
    [
      'a host behind an @',
      { name: 'x', url_template_secure: `rtmps://${frankfurt}@evil.example/app/{stream_key}` },
    ],
    [
      'a line break',
      { name: 'x', url_template_secure: `rtmps://evil.example\n.${frankfurt}/app/{stream_key}` },
    ],
    ['a query', { name: 'x', url_template_secure: `rtmps://${frankfurt}/app?a=b/{stream_key}` }],
    ['no place for the key', { name: 'x', url_template_secure: `rtmps://${frankfurt}/app` }],
    [
      'two hosts',
      entry(frankfurt, { url_template: 'rtmp://use10.contribute.live-video.net/app/{stream_key}' }),
    ],
    ['a name of any length', entry(frankfurt, { name: 'x'.repeat(201) })],
    ['no name', entry(frankfurt, { name: 7 })],
  ])('leaves out what has %s', (_, hostile) => {
    const sydney = 'aps20.contribute.live-video.net';
    expect(parseIngests({ ingests: [hostile, entry(sydney)] }).map(({ host }) => host)).toEqual([sydney]);
    expect(() => parseIngests({ ingests: [hostile] })).toThrow('names no server');
  });

  it('is refused where it is none, and bounded where it is long', () => {
    for (const none of [
      null,
      7,
      '',
      [],
      {},
      { ingests: {} },
      { ingests: Array(1001).fill(entry(frankfurt)) },
    ])
      expect(() => parseIngests(none)).toThrow('of another form');
    expect(() => parseIngests({ ingests: [] })).toThrow('names no server');
    const many = Array.from({ length: 500 }, (_, index) => entry(`x${index}.contribute.live-video.net`));
    expect(parseIngests({ ingests: many })).toHaveLength(64);
    expect(parseIngests({ ingests: [entry(frankfurt, { name: 'a\u202e\u0007\nb' })] })[0]?.name).toBe('a b');
  });
});

describe('the choice of the nearest', () => {
  it.each<[string, Record<string, number>, string | null, string | null]>([
    ['nobody answers', {}, 'a', null],
    ['there is none yet', { a: 30, b: 12 }, null, 'b'],
    ['another is as near', { a: 13, b: 12 }, 'a', 'a'],
    ['another is nearer by a share, not by time', { a: 4, b: 2 }, 'a', 'a'],
    ['another is nearer by time, not by a share', { a: 100, b: 95 }, 'a', 'a'],
    ['another is clearly nearer', { a: 30, b: 12 }, 'a', 'b'],
    ['the present one does not answer', { b: 12, c: 80 }, 'a', 'b'],
  ])('where %s', (_, times, present, chosen) => {
    expect(nearestOf(new Map(Object.entries(times)), present)).toBe(chosen);
  });
});

describe('the key of a test', () => {
  const of = (url: string, key = 'k', isUnwatched = false) =>
    hiddenKey({ name: 'Mine', url, key }, isUnwatched);
  it('hides the stream at Twitch, by its address, and is the key itself for a server of one’s own', () => {
    expect(of('rtmps://live.twitch.tv/app')).toBe('k?bandwidthtest=true');
    expect(of(`rtmp://${frankfurt}/app`, 'k?a=b')).toBe('k?a=b&bandwidthtest=true');
    expect(of('rtmp://192.168.1.9/live')).toBe('k');
    for (const host of ['127.0.0.1', 'localhost', 'nas.local', '[::1]', '[fd00::7]', '172.20.1.2'])
      expect(of(`rtmp://${host}/live`), host).toBe('k');
    // However its name is spelt: it is Twitch that is connected to.
    expect(of('rtmps://live.twitch.tv./app')).toBe('k?bandwidthtest=true');
    expect(of('rtmps://live.%74witch.tv/app')).toBe('k?bandwidthtest=true');
  });

  it.each(['live.example.com', '172.32.0.1', '11.0.0.1', '[2001:db8::1]', '10.example.com', 'local'])(
    'goes to %s only where a person says that nobody watches',
    (host) => {
      expect(() => of(`rtmp://${host}/live`)).toThrow('shows viewers what it gets is not known');
      expect(of(`rtmp://${host}/live`, 'k', true)).toBe('k');
    },
  );

  it.each([
    'rtmp://a.rtmp.youtube.com/live2',
    'rtmps://x.global-contribute.live-video.net/app',
    'rtmps://rtmp-api.facebook.com:443/rtmp',
    'rtmps://a.rtmps.youtube.com./live2',
    'rtmps://a.rtmps.%79outube.com/live2',
  ])('is not had for %s, where viewers would see it', (url) => {
    expect(() => of(url)).toThrow('shows viewers whatever it gets');
  });
});
