import { fstatSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDestinations, readDestinations } from '../../electron/studio/destinations-file';
import { plainDestination } from '../support/plain-destination';

describe('a destinations file', () => {
  it('has one destination a line, comments and blank lines aside', () => {
    expect(
      parseDestinations(
        '# mine\n\ntwitch rtmps://live.example/app  abc\r\nown rtmp://127.0.0.1:1936/live k2',
        'f',
      ),
    ).toEqual([
      { name: 'twitch', url: 'rtmps://live.example/app', key: 'abc', serviceId: null, ...plainDestination },
      { name: 'own', url: 'rtmp://127.0.0.1:1936/live', key: 'k2', serviceId: null, ...plainDestination },
    ]);
  });

  it.each([
    ['a rtmp://h/app', 1, 'three words'],
    ['\na http://h/app secretkey', 2, 'rtmp://'],
    ['a rtmp://h secretkey', 1, 'rtmp://'],
    ['a rtmp://h/app secretkey\na rtmp://h/app secretkey', 2, 'twice'],
  ])('refuses %j, names the line and never tells the key', (text, line, reason) => {
    expect(() => parseDestinations(text, '/some/file')).toThrow(
      expect.objectContaining({
        code: 'destinations-unreadable',
        details: expect.objectContaining({ line }),
      }),
    );
    try {
      parseDestinations(text, '/some/file');
    } catch (error) {
      expect(String(error)).toContain(reason);
      expect(String(error)).not.toContain('secretkey');
    }
  });
});

it('destinations are read from an open descriptor, which is closed then', () => {
  const folder = mkdtempSync(join(tmpdir(), 'destinations-'));
  try {
    writeFileSync(join(folder, 'file'), 'own rtmp://127.0.0.1/live k2\n');
    const descriptor = openSync(join(folder, 'file'), 'r');
    expect(readDestinations(`fd:${descriptor}`)).toEqual([
      { name: 'own', url: 'rtmp://127.0.0.1/live', key: 'k2', serviceId: null, ...plainDestination },
    ]);
    expect(() => fstatSync(descriptor)).toThrow('EBADF');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('a destinations file that is not there is named, without a line', () => {
  expect(() => readDestinations('/nowhere/destinations')).toThrow(
    'The destinations file /nowhere/destinations could not be read (ENOENT). Check its path',
  );
});
