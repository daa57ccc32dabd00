import { describe, expect, it } from 'vitest';
import { preflight } from '../../electron/studio/preflight';
import type { PreflightFacts } from '../../electron/studio/preflight';
import { testedConnections } from '../../electron/studio/preflight-bandwidth';
import { good, own, twitch } from '../support/preflight-facts';

describe('the tests of connections', () => {
  const test = { destinationId: 'twitch', medianKbps: 9000, isLimited: true, ageMs: 180_000 };
  const uploads = (facts: Partial<PreflightFacts>) =>
    preflight({ ...good, upload: null, ...facts })
      .filter(({ subject }) => subject === 'upload')
      .slice(1);

  it('are told with their age, and leave three tenths for bad moments', () => {
    expect(uploads({ tested: [test] })).toMatchObject([
      {
        ...{ result: 'ok', about: 'My channel' },
        finding: 'My channel: 9.0 Mbit/s went through when it was tested 3 minutes ago; 6.2 are needed.',
      },
    ]);
    expect(uploads({ tested: [{ ...test, medianKbps: 8000, ageMs: 7_200_000 }] })).toMatchObject([
      {
        ...{ result: 'warning', finding: expect.stringContaining('2 hours ago') as string },
        error: { code: 'bandwidth-too-small', details: { neededKbps: 6160, mostKbps: 5600 } },
      },
    ]);
    // All that was sent went through: nobody knows how much more would.
    expect(uploads({ tested: [{ ...test, medianKbps: 8000, isLimited: false, ageMs: 0 }] })).toMatchObject([
      {
        result: 'ok',
        finding: expect.stringContaining(
          'at least 8.0 Mbit/s went through when it was tested just now',
        ) as string,
      },
    ]);
  });

  it('say what all destinations together have room for, those on this computer left out', () => {
    const youtube = { ...twitch, id: 'youtube', name: 'YouTube', serviceId: 'youtube' };
    const found = uploads({ destinations: [twitch, youtube, own], tested: [test] });
    expect(found.map(({ about, result }) => [about, result])).toEqual([
      ['My channel', 'ok'],
      ['All destinations together', 'warning'],
    ]);
    expect(found[1]?.error?.details).toMatchObject({ neededKbps: 12_320, mostKbps: 6300 });
    expect(uploads({ destinations: [own], tested: [{ ...test, destinationId: 'own' }] })).toEqual([]);
  });

  it('reckon with the variant that a destination gets', () => {
    const video = { fps: 30, videoKbps: 2500, keyframeSec: 2 };
    const small = { ...twitch, id: 'small', name: 'Small', video };
    const found = uploads({
      destinations: [twitch, small],
      tested: [
        { ...test, medianKbps: 12_000 },
        { ...test, destinationId: 'small', medianKbps: 4000 },
      ],
    });
    expect(found.map(({ about, result }) => [about, result])).toEqual([
      ['My channel', 'ok'],
      ['Small', 'ok'],
      ['All destinations together', 'warning'],
    ]);
    expect(found[2]?.error?.details).toMatchObject({ neededKbps: 6160 + 2660 });
  });

  it('count for a day, of destinations that are there', () => {
    const result = { ...test, host: 'h', lowKbps: 8000, connectMs: 80, roundTripMs: 12, at: 1000 };
    const there = [{ id: 'twitch' }];
    expect(testedConnections([result], there, 181_000)).toEqual([test]);
    expect(testedConnections([result], there, 86_401_001)).toEqual([]);
    expect(testedConnections([result], [{ id: 'other' }], 2000)).toEqual([]);
    expect(testedConnections([{ ...result, at: 5000 }], there, 1000)[0]?.ageMs).toBe(0);
  });
});

describe('the codec of the program', () => {
  const codecsOf = (codec: 'vp8' | 'vp9', destination: Partial<(typeof good)['destinations'][number]>) =>
    preflight({
      ...good,
      program: { ...good.program, codec },
      destinations: [{ ...twitch, ...destination }],
    }).filter(({ error }) => error?.code === 'codec-unsupported');

  it('is told of where RTMP does not carry it, or the server may not take it', () => {
    expect(codecsOf('vp8', {})).toMatchObject([{ result: 'warning', about: 'My channel' }]);
    expect(codecsOf('vp8', { takesVp9: true })).toHaveLength(1);
    expect(codecsOf('vp9', {})).toHaveLength(1);
    expect(codecsOf('vp9', { takesVp9: true })).toEqual([]);
    // Any other server is asked when it is dialled.
    const other = { serviceId: null, url: 'rtmp://relay.example/app' };
    expect(codecsOf('vp9', other)).toEqual([]);
    expect(codecsOf('vp8', other)).toHaveLength(1);
  });

  it('does not matter to who gets a variant', () => {
    expect(codecsOf('vp8', { video: { fps: 30, videoKbps: 2500, keyframeSec: 2 } })).toEqual([]);
  });
});
