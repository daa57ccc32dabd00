import { describe, expect, it } from 'vitest';
import {
  customService,
  serviceById,
  hostOfUrl,
  serviceOfUrl,
  servicesCheckedOn,
  streamingServices,
  takeSameKey,
} from '../../shared/contract/services';
import { parseRtmpUrl } from '../../electron/streaming/rtmp/rtmp-url';

describe('whether a key may go along to another address', () => {
  const youtube = 'rtmp://a.rtmp.youtube.com/live2';

  it('is answered by the host that is connected to, however the address is written', () => {
    for (const url of [
      'rtmp://a.rtmp.youtube.com:1@evil.example/live2',
      'rtmp://a.rtmp.youtube.com\t.evil.example/live2',
      'rtmp://a.rtmp.youtube.com\n.evil.example/live2',
      'rtmp://evil.example/a.rtmp.youtube.com',
      'rtmp://a.rtmp.youtube.com.evil.example/live2',
    ]) {
      expect(takeSameKey(youtube, url), url).toBe(false);
      expect(hostOfUrl(url), url).toBe(new URL(url).hostname);
    }
    expect(takeSameKey(youtube, 'rtmps://A.rtmp.YouTube.com:443/other')).toBe(true);
    expect(takeSameKey('rtmps://live.twitch.tv/app', 'rtmps://fra05.contribute.live-video.net/app')).toBe(
      true,
    );
    for (const other of [
      'rtmps://fa723fc1b171.global-contribute.live-video.net/app',
      'rtmps://live.twitch.tv.evil.example/app',
    ])
      expect(takeSameKey('rtmps://ingest.global-contribute.live-video.net/app', other), other).toBe(false);
    expect(hostOfUrl('rtmp://[::1]:1935/live')).toBe('[::1]');
    for (const url of ['', 'rtmp://', 'http://a.rtmp.youtube.com/', 'a.rtmp.youtube.com'])
      expect(hostOfUrl(url), url).toBeNull();
  });
});

describe('the table of services', () => {
  it('is dated, and names each service and each of its servers once', () => {
    expect(new Date(servicesCheckedOn).toISOString().slice(0, 10)).toBe(servicesCheckedOn);
    const ids = [...streamingServices, customService].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { servers } of streamingServices)
      expect(new Set(servers.map(({ id }) => id)).size).toBe(servers.length);
  });

  it.each(streamingServices.flatMap(({ servers }) => servers).flatMap(({ url }) => url ?? []))(
    '%s is an address that the publisher takes as it is',
    (url) => {
      const target = parseRtmpUrl(url);
      expect(target.tcUrl).toBe(url.replace(':443', target.isTls ? ':443' : ''));
    },
  );

  it('sends the key encrypted unless another server is chosen', () => {
    for (const { servers } of streamingServices) expect(servers[0].url ?? 'rtmps:').toMatch(/^rtmps:/);
  });

  it.each([
    ['rtmps://live.twitch.tv/app', 'twitch'],
    ['rtmp://LIVE.twitch.tv/app', 'twitch'],
    ['rtmps://b.rtmps.youtube.com:443/live2?backup=1', 'youtube'],
    ['rtmps://fa723fc1b171.global-contribute.live-video.net/app', 'kick'],
    // Twitch's own servers lie in the same domain, and its default one among those of everybody else.
    ['rtmps://fra05.contribute.live-video.net/app', 'twitch'],
    ['rtmp://euc10.contribute.live-video.net/app', 'twitch'],
    ['rtmps://ingest.global-contribute.live-video.net/app', 'twitch'],
    ['rtmps://live-video.net/app', 'custom'],
    ['rtmps://contribute.live-video.net.evil.example/app', 'custom'],
    ['rtmps://evilcontribute.live-video.net/app', 'custom'],
    ['rtmp://a.rtmp.youtube.com/live2', 'youtube'],
    ['rtmps://live-api-s.facebook.com:443/rtmp', 'facebook'],
    ['rtmps://notyoutube.com/live2', 'custom'],
    ['rtmp://127.0.0.1:1936/live', 'custom'],
    ['rtmps://twitch.example/app', 'custom'],
    ['no address', 'custom'],
  ])('%s belongs to %s', (url, id) => {
    expect(serviceOfUrl(url).id).toBe(id);
  });

  it('takes an unknown or missing name for any server', () => {
    expect(serviceById(null)).toBe(customService);
    expect(serviceById('a service of tomorrow')).toBe(customService);
  });
});
