import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { PatientDisks } from '../../electron/streaming/lib/patient-disks';
import { DiskWatch, freeBytesOf } from '../../electron/studio/disk-watch';
import type { DiskWatchOptions } from '../../electron/studio/disk-watch';
import { folderOpener, openFolder } from '../../electron/studio/open-folder';

const limits = { lowBytes: 500, fullBytes: 50 };

function watchOf(
  readings: (number | null)[],
  isRecording = true,
): { watch: DiskWatch; options: DiskWatchOptions; told: string[] } {
  const told: string[] = [];
  const options: DiskWatchOptions = {
    folder: () => '/recordings',
    isRecording: () => isRecording,
    onFree: (bytes) => told.push(`free ${bytes}`),
    onSilent: (path) => told.push(`silent ${path}`),
    onAnswering: () => told.push('answering'),
    onLow: (path, bytes) => told.push(`low ${path} ${bytes}`),
    onFull: (path, bytes) => told.push(`full ${path} ${bytes}`),
    limits,
    readFree: () => Promise.resolve(readings.shift() ?? null),
  };
  return { watch: new DiskWatch(options), options, told };
}

describe('the watch over the disk', () => {
  it('warns once while little is left, ends the recording once when too little is, and again after room was made', async () => {
    const { watch, told } = watchOf([900, 499, 400, 49, 20, 900, 300]);
    for (let reading = 0; reading < 7; reading++) await watch.read();
    expect(told.filter((line) => !line.startsWith('free'))).toEqual([
      'low /recordings 499',
      'full /recordings 49',
      'low /recordings 300',
    ]);
    expect(told.filter((line) => line.startsWith('free'))).toHaveLength(7);
  });

  it('ends a recording on a disk that fills up between two looks, without a warning before', async () => {
    const { watch, told } = watchOf([900, 10]);
    await watch.read();
    expect(watch.isFull).toBe(false);
    await watch.read();
    expect(told.at(-1)).toBe('full /recordings 10');
    expect(watch.isFull).toBe(true);
  });

  it('says nothing while nothing is recorded or nothing is known, and the same figure only once', async () => {
    const idle = watchOf([10, 10], false);
    await idle.watch.read();
    await idle.watch.read();
    expect(idle.told).toEqual(['free 10']);
    const unknown = watchOf([null]);
    await unknown.watch.read();
    expect(unknown.told).toEqual([]);
    expect(unknown.watch.isFull).toBe(false);
  });

  it('goes on looking after somebody who was told has failed', async () => {
    const { options, told } = watchOf([10, 10]);
    let failures = 1;
    const watch = new DiskWatch({
      ...options,
      onFull: (path, bytes) => {
        if (failures-- > 0) throw new Error('a bug');
        options.onFull(path, bytes);
      },
    });
    await expect(watch.read()).rejects.toThrow('a bug');
    await watch.read();
    expect(told.at(-1)).toBe('full /recordings 10');
  });

  it('says once that its disk does not answer, is not held up by it, and asks it nothing more until it does', async () => {
    vi.useFakeTimers();
    try {
      const { options, told } = watchOf([]);
      let [asked, answer] = [0, (_bytes: number): void => undefined];
      const watch = new DiskWatch({
        ...options,
        disks: new PatientDisks({ driveOf: () => 'nas' }),
        readFree: () => {
          asked += 1;
          return new Promise((resolve) => (answer = resolve));
        },
      });
      await watch.start();
      await vi.advanceTimersByTimeAsync(30_000);
      expect(told).toEqual(['silent /recordings']);
      expect([asked, watch.silentFolder, watch.freeBytes, watch.isFull]).toEqual([
        1,
        '/recordings',
        null,
        false,
      ]);
      answer(900);
      await vi.advanceTimersByTimeAsync(2000);
      answer(900);
      await vi.advanceTimersByTimeAsync(0);
      expect(told).toEqual(['silent /recordings', 'answering', 'free 900']);
      expect(watch.silentFolder).toBeNull();
      // Its next look hangs: the end waits for none.
      await vi.advanceTimersByTimeAsync(2000);
      await watch.stop();
    } finally {
      vi.useRealTimers();
    }
  });

  it('looks again after a look that failed', async () => {
    vi.useFakeTimers();
    try {
      const { options, told } = watchOf([]);
      let failures = 1;
      const watch = new DiskWatch({
        ...options,
        readFree: () => (failures-- > 0 ? Promise.reject(new Error('a bug')) : Promise.resolve(900)),
      });
      await expect(watch.read()).rejects.toThrow('a bug');
      await watch.start();
      await vi.advanceTimersByTimeAsync(0);
      expect(told).toEqual(['free 900']);
      await watch.stop();
    } finally {
      vi.useRealTimers();
    }
  });

  it('looks once for all who ask before it has begun', async () => {
    const { watch, told } = watchOf([900, 800, 700]);
    await Promise.all([watch.read(), watch.read(), watch.read()]);
    expect(told).toEqual(['free 900']);
  });

  it('reads a real disk, also for a folder that is still to be made', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'disk-'));
    const free = await freeBytesOf(folder);
    expect(free).toBeGreaterThan(0);
    const later = await freeBytesOf(join(folder, 'not', 'there', 'yet'));
    expect(Math.abs((later ?? 0) - (free ?? 0))).toBeLessThan(1e9);
    rmSync(folder, { recursive: true });
  });
});

describe('opening the folder of the recordings', () => {
  it.each([
    ['linux', 'xdg-open'],
    ['darwin', 'open'],
    ['win32', 'explorer.exe'],
  ] as const)('is the file manager of %s', (platform, command) => {
    expect(folderOpener('/r', platform)).toEqual({ command, args: ['/r'] });
  });

  it('says where the folder is when there is no desktop, or no file manager', async () => {
    await expect(openFolder('/recordings', { platform: 'linux', env: {} })).rejects.toMatchObject({
      code: 'folder-unopenable',
      details: { path: '/recordings', reason: 'the engine runs without a desktop' },
    });
    const env = { DISPLAY: ':99', PATH: '/nowhere' };
    const disks = new PatientDisks({ driveOf: () => 'nas', silentAfterMs: 20 });
    void disks.ask('/nas', () => new Promise(() => undefined));
    await expect(openFolder(tmpdir(), { platform: 'linux', env, disks })).rejects.toMatchObject({
      code: 'folder-silent',
      details: { path: tmpdir() },
    });
    await expect(openFolder(tmpdir(), { platform: 'linux', env })).rejects.toMatchObject({
      code: 'folder-unopenable',
      details: { path: tmpdir() },
    });
    // That of a recording is not made anew where somebody took it away.
    const gone = join(tmpdir(), 'nobody-has-this-folder');
    await expect(openFolder(gone, { platform: 'linux', env, isMade: false })).rejects.toMatchObject({
      code: 'folder-unopenable',
      details: { path: gone, reason: 'ENOENT' },
    });
    expect(existsSync(gone)).toBe(false);
  });
});
