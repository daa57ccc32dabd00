import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkRecordingFolder, checkRecordingName } from '../../electron/studio/recording-place';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'place-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a folder for recordings', () => {
  it('may be there or be made later, and is left as it was', async () => {
    await checkRecordingFolder(folder);
    await checkRecordingFolder(join(folder, 'later', 'on'));
    expect(readdirSync(folder)).toEqual([]);
    mkdirSync(join(folder, 'used'));
    await checkRecordingFolder(join(folder, 'used', 'inner'));
    expect(readdirSync(folder)).toEqual(['used']);
  });

  it.each(['Videos', './Videos', '../Videos', '~/Videos'])(
    'is no path that begins anywhere: %s',
    async (path) => {
      await expect(checkRecordingFolder(path)).rejects.toMatchObject({
        code: 'folder-relative',
        details: { path },
      });
      expect(existsSync(path)).toBe(false);
    },
  );

  it('is none that is a file, or lies below one', async () => {
    const file = join(folder, 'notes.txt');
    writeFileSync(file, 'mine');
    for (const path of [file, join(file, 'inside', 'deeper')])
      await expect(checkRecordingFolder(path)).rejects.toMatchObject({
        code: 'folder-unwritable',
        details: { path, reason: 'there is a file of that name' },
      });
  });

  it.skipIf(process.platform !== 'linux')('is none where nobody may write, not even root', async () => {
    await expect(checkRecordingFolder('/proc/recordings')).rejects.toMatchObject({
      code: 'folder-unwritable',
      details: { path: '/proc/recordings' },
    });
  });
});

describe('a name for recordings', () => {
  it.each(['{date} {time}', 'Evening', '{show}: {scene}', '50 % {date}'])('may be %s', (name) =>
    expect(() => checkRecordingName(name)).not.toThrow(),
  );

  it.each([
    ['{dat} {time}', '{dat} stands for nothing'],
    ['{}', '{} stands for nothing'],
    ['{show}/{date}', 'a / or \\ would lead to another folder'],
    ['..\\{date}', 'a / or \\ would lead to another folder'],
    [' . ', 'no file can be called that'],
  ])('is not %s', (name, reason) =>
    expect(() => checkRecordingName(name)).toThrow(
      expect.objectContaining({ code: 'recording-name-invalid', details: { name, reason } }),
    ),
  );
});
