import { describe, expect, it } from 'vitest';
import { handOnInput, parseLauncherArgs, pinPorts } from '../../electron/launcher/engine-args';
import { resolveDataDir } from '../../electron/streaming/lib/data-dir';

describe('parseLauncherArgs', () => {
  it('keeps --headless and passes the rest on', () => {
    const options = parseLauncherArgs(['--headless', '--data-dir', '/srv/show', '--http', '0']);
    expect(options).toMatchObject({
      isHeadless: true,
      isOneShot: false,
      usesStdin: false,
      dataDir: '/srv/show',
      engineArgs: ['--data-dir', '/srv/show', '--http', '0'],
    });
  });

  it.each([
    [['keys', 'list'], true],
    [['--help'], true],
    [['-h'], true],
    [['--live'], false],
    [[], false],
  ])('%j is a question that is answered and done: %s', (args, isOneShot) => {
    expect(parseLauncherArgs(args).isOneShot).toBe(isOneShot);
  });

  it('notices destinations on the standard input in both spellings', () => {
    expect(parseLauncherArgs(['--destinations', '-']).usesStdin).toBe(true);
    expect(parseLauncherArgs(['--destinations=-']).usesStdin).toBe(true);
    expect(parseLauncherArgs(['--destinations', 'file', '--summary', '-']).usesStdin).toBe(false);
  });
});

it.each([
  [
    ['--destinations', '-', '--summary', '-'],
    ['--destinations', 'fd:3', '--summary', '-'],
  ],
  [['--destinations=-'], ['--destinations=fd:3']],
  [
    ['--destinations', 'file'],
    ['--destinations', 'file'],
  ],
])('handOnInput %j → %j', (args, handed) => {
  expect(handOnInput(args)).toEqual(handed);
});

describe('pinPorts', () => {
  const ready = { uiUrl: 'http://127.0.0.1:40001/#token=t', rtmpUrl: 'rtmp://127.0.0.1:40002/live' };
  it.each([
    [
      ['--http', '0', '--rtmp', '127.0.0.1:0'],
      ['--http', '40001', '--rtmp', '127.0.0.1:40002'],
    ],
    [['--http=0'], ['--http=40001']],
    [
      ['--http', '7780', '--fps', '0'],
      ['--http', '7780', '--fps', '0'],
    ],
    [
      ['--http', '8000'],
      ['--http', '8000'],
    ],
  ])('%j → %j', (args, pinned) => {
    expect(pinPorts(args, ready)).toEqual(pinned);
  });

  it('leaves an ingest that is not there alone', () => {
    expect(pinPorts(['--rtmp', '0'], { ...ready, rtmpUrl: null })).toEqual(['--rtmp', '0']);
  });
});

describe('resolveDataDir', () => {
  it.each([
    [{ STUDIO_DATA_DIR: '/srv/show', XDG_DATA_HOME: '/x' }, 'linux', '/srv/show'],
    [{}, 'linux', '/home/ann/.local/share/stream-manager-studio'],
    [{ XDG_DATA_HOME: '/data' }, 'linux', '/data/stream-manager-studio'],
    [{ XDG_DATA_HOME: 'relative' }, 'linux', '/home/ann/.local/share/stream-manager-studio'],
    [{}, 'darwin', '/home/ann/Library/Application Support/Stream Manager Studio'],
    [
      { APPDATA: 'C:\\Users\\ann\\AppData\\Roaming' },
      'win32',
      'C:\\Users\\ann\\AppData\\Roaming\\Stream Manager Studio',
    ],
  ] as const)('%j on %s → %s', (env, platform, path) => {
    expect(resolveDataDir(env, platform, '/home/ann')).toBe(path);
  });
});
