import { describe, expect, it } from 'vitest';
import {
  customService,
  serviceById,
  serviceOfUrl,
  servicesCheckedOn,
  streamingServices,
} from '../../shared/contract/services';
import { parseRtmpUrl } from '../../electron/streaming/rtmp/rtmp-url';

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
