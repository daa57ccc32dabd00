import { describe, expect, it } from 'vitest';
import { engineHealth } from '../../renderer/features/top-bar/engine-health';
import { liveSummary } from '../../renderer/features/top-bar/live-summary';
import { ingestServerUrl } from '../../renderer/features/keys/ingest-address';
import { sourceKind } from '../../renderer/features/sources/source-kinds';
import { i420ToRgba } from '../../renderer/stage/i420-to-rgba';
import { meterPosition, nextReading, silentReading } from '../../renderer/stage/meter-ballistics';
import { wantedPreviewWidth } from '../../renderer/stage/preview-player';
import {
  fileName,
  formatBytes,
  formatCodec,
  formatCount,
  formatDuration,
  formatHost,
  formatKbps,
  formatTimer,
  plural,
} from '../../renderer/ui/format';
import type { WireError } from '../../shared/contract/errors';
import type { OutputState, OutputView } from '../../shared/contract/snapshot';
import { commands } from '../../shared/contract/commands';
import { believableOutput, believableSnapshot } from '../support/contract-peer-state';

describe('numbers as people read them', () => {
  it.each([
    [0, '0:00', '00:00:00'],
    [7999, '0:07', '00:00:07'],
    [754_000, '12:34', '00:12:34'],
    [3_723_000, '1:02:03', '01:02:03'],
    [360_000_000, '100:00:00', '100:00:00'],
    [-5, '0:00', '00:00:00'],
  ])('%d ms is %s', (ms, duration, timer) => {
    expect(formatDuration(ms)).toBe(duration);
    expect(formatTimer(ms)).toBe(timer);
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [999_949, '999.9 kB'],
    [999_951, '1.0 MB'],
    [2_790_000_000, '2.8 GB'],
    [5e15, '5000.0 TB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('rates, counts, plurals, file names', () => {
    expect(formatKbps(640.4)).toBe('640 kbit/s');
    expect(formatKbps(6012)).toBe('6.01 Mbit/s');
    expect(formatCount(1_234_567)).toBe('1\u202f234\u202f567');
    expect(plural(1, 'player', 'players')).toBe('1 player');
    expect(plural(2, 'player', 'players')).toBe('2 players');
    expect(fileName('/a/b c.mp4')).toBe('b c.mp4');
    expect(fileName('C:\\a\\b.mp4')).toBe('b.mp4');
  });
});

describe('the live summary says "on air" only of what is', () => {
  const error = { code: 'destination-lost', details: { host: 'h', reason: 'r' } } as const;
  const states = {
    idle: { state: 'idle' },
    waiting: { state: 'waiting', until: 9 },
    connecting: { state: 'connecting', attempt: 1 },
    live: { state: 'live', since: 1 },
    reconnecting: { state: 'reconnecting', attempt: 1, retryAt: 2, error },
    failed: { state: 'failed', error },
  } as const satisfies Record<string, OutputState>;
  const outputs = (...names: (keyof typeof states)[]): OutputView[] =>
    names.map((name, index) => ({
      ...believableOutput(`${index}`, name, 'rtmp://h/a'),
      isWanted: true,
      status: states[name],
    }));

  it.each([
    [['live'], 'ON AIR', 'air'],
    [['live', 'live'], 'ON AIR', 'air'],
    [['connecting'], 'Connecting', 'warn'],
    [['live', 'connecting'], '1 of 2 connecting', 'warn'],
    [['live', 'reconnecting'], '1 of 2 reconnecting', 'warn'],
    [['reconnecting'], 'Reconnecting', 'warn'],
    [['failed'], 'Failed', 'warn'],
    [['live', 'failed', 'reconnecting'], '1 of 3 failed', 'warn'],
    [['idle'], 'Not live', 'warn'],
    [['waiting'], 'Held back', 'warn'],
    [['live', 'waiting'], '1 of 2 held back', 'warn'],
    [[], 'No destination', 'warn'],
  ] as const)('%j: %s', (names, text, tone) => {
    expect(liveSummary(true, outputs(...names))).toMatchObject({ text, tone });
  });

  it('does not count the local program or a recording', () => {
    const local: OutputView = {
      ...believableOutput('l', 'Local', 'rtmp://h/a'),
      kind: 'local',
      status: states.live,
    };
    expect(liveSummary(true, [local]).text).toBe('No destination');
    expect(liveSummary(false, outputs('live')).text).toBe('Off air');
    const off = { ...believableOutput('o', 'Off', 'rtmp://h/a'), isWanted: false };
    expect(liveSummary(true, [...outputs('live'), off]).text).toBe('ON AIR');
  });
});

describe('names as people know them', () => {
  it.each([
    ['h264', 'H.264'],
    ['HEVC', 'HEVC'],
    ['aac', 'AAC'],
    ['speex', 'speex'],
  ])('writes the codec %s as %s', (codec, text) => {
    expect(formatCodec(codec)).toBe(text);
  });

  it.each([
    ['192.168.1.34:50412', '192.168.1.34'],
    ['[fe80::1]:50412', 'fe80::1'],
    ['192.168.1.34', '192.168.1.34'],
    ['fe80::1', 'fe80::1'],
  ])('tells of the peer %s only its host', (address, host) => {
    expect(formatHost(address)).toBe(host);
  });
});

describe('the engine’s health', () => {
  const { engine, program } = believableSnapshot(0);
  it('names what is wrong before what is well', () => {
    expect(engineHealth(engine, program, true)).toMatchObject({ tone: 'good', text: 'Engine ready' });
    expect(engineHealth(engine, program, false).text).toBe('Connection lost, reconnecting');
    expect(
      engineHealth({ ...engine, ready: false, notReadyReason: 'FFmpeg is being probed' }, program, true).text,
    ).toBe('FFmpeg is being probed');
    const missing: WireError = { code: 'ffmpeg-missing', details: { tried: [] } };
    expect(engineHealth(engine, { ...program, state: 'failed', error: missing }, true)).toMatchObject({
      tone: 'air',
      text: expect.stringContaining('No working FFmpeg') as string,
    });
  });

  it('says what cannot keep up and what to do, unless something worse is wrong', () => {
    expect(engineHealth(engine, program, true, 'encoder')).toMatchObject({
      tone: 'warn',
      text: 'Overloaded: the encoder skips frames',
      remedy: 'Choose a faster profile, a lower frame rate or a smaller size.',
    });
    expect(engineHealth(engine, program, true, 'compositor').text).toBe('Overloaded: the picture stutters');
    expect(engineHealth(engine, program, false, 'encoder').text).toBe('Connection lost, reconnecting');
    const lowered = { ...program, lowered: { kbps: 1800, destination: 'Far' } };
    expect(engineHealth(engine, lowered, true)).toMatchObject({
      ...{ tone: 'warn', text: 'Bitrate lowered to 1800 kbit/s' },
      remedy: 'The network to Far carries no more; as set again once it does.',
    });
    expect(engineHealth(engine, lowered, true, 'encoder').text).toContain('Overloaded');
  });
});

describe('the stage', () => {
  it('asks for the width it covers, in steps, within limits', () => {
    expect(wantedPreviewWidth(701, 1, 1920)).toBe(702);
    expect(wantedPreviewWidth(701, 2, 1920)).toBe(1280);
    expect(wantedPreviewWidth(100, 1, 1920)).toBe(320);
    expect(wantedPreviewWidth(2000, 1, 854)).toBe(854);
  });

  it.each([
    ['black', [16, 128, 128], [0, 0, 0]],
    ['white', [235, 128, 128], [255, 255, 255]],
    ['grey', [126, 128, 128], [128, 128, 128]],
    // ITU-R BT.709-6: full red, green, blue in limited range
    ['red', [63, 102, 240], [255, 0, 0]],
    ['green', [173, 42, 26], [0, 255, 0]],
    ['blue', [32, 240, 118], [0, 0, 255]],
  ] as const)('turns BT.709 %s into RGB', (_name, [y, u, v], rgb) => {
    const target = new Uint8ClampedArray(16);
    i420ToRgba(
      {
        width: 2,
        height: 2,
        y: new Uint8Array(4).fill(y),
        u: new Uint8Array([u]),
        v: new Uint8Array([v]),
      },
      target,
    );
    for (let pixel = 0; pixel < 4; pixel++) {
      rgb.forEach((value, channel) => {
        expect(Math.abs((target[pixel * 4 + channel] ?? -99) - value)).toBeLessThanOrEqual(2);
      });
      expect(target[pixel * 4 + 3]).toBe(255);
    }
  });

  it('meters rise at once, fall slowly, and hold the peak', () => {
    const loud = nextReading(silentReading, -6, 1000, 16);
    expect(loud).toEqual({ levelDb: -6, holdDb: -6, holdUntilMs: 2500 });
    const later = nextReading(loud, -120, 2000, 1000);
    expect(later.levelDb).toBeCloseTo(-17.76, 1);
    expect(later.holdDb).toBe(-6);
    expect(nextReading(later, -120, 3000, 1000).holdDb).toBeLessThan(-6);
    expect(meterPosition(0)).toBe(1);
    expect(meterPosition(-30)).toBe(0.5);
    expect(meterPosition(-200)).toBe(0);
  });
});

describe('addresses and kinds', () => {
  it('an engine that listens everywhere is reached where the page came from', () => {
    expect(ingestServerUrl({ host: '127.0.0.1', port: 1935 }, 'studio.lan')).toBe(
      'rtmp://127.0.0.1:1935/live',
    );
    expect(ingestServerUrl({ host: '0.0.0.0', port: 1936 }, 'studio.lan')).toBe(
      'rtmp://studio.lan:1936/live',
    );
    expect(ingestServerUrl({ host: '::1', port: 1 }, 'x')).toBe('rtmp://[::1]:1/live');
  });

  it('an unknown kind of source has a name too', () => {
    expect(sourceKind('image').label).toBe('image');
    expect(sourceKind('hologram').label).toBe('unknown kind hologram');
    expect(sourceKind('constructor').label).toBe('unknown kind constructor');
  });

  it('a patch of a scene item carries what was given, and no defaults', () => {
    const input = commands['show.edit'].input.parse({
      edits: [{ type: 'item.update', itemId: 'a', patch: { visible: false } }],
      label: 'Hide item',
    });
    expect(input.edits).toEqual([{ type: 'item.update', itemId: 'a', patch: { visible: false } }]);
  });
});
