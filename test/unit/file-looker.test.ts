import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { driveOf } from '../../electron/streaming/lib/drive-of';
import { PatientDisks } from '../../electron/streaming/lib/patient-disks';
import { lookAt, troubleOf } from '../../electron/streaming/sources/file-look';
import type { FileLook } from '../../electron/streaming/sources/file-look';
import { FileLooker } from '../../electron/streaming/sources/file-looker';
import { createSource } from '../../electron/streaming/sources/registry';
import { defaultSound } from '../../shared/model/sound';
import { SilentDisk } from '../support/silent-disk';
import { plainRequest, testContext } from '../support/source-bench';

const found: FileLook = { kind: 'file', stamp: '1:1' };
const never = new AbortController().signal;

/** Disks by the first folder of a path; those in `dead` do not answer. */
function disks(): {
  looker: FileLooker;
  dead: Set<string>;
  asked: string[];
  underWay: () => number;
  wake: () => void;
} {
  const dead = new Set<string>();
  const asked: string[] = [];
  const hanging = new Map<() => void, string>();
  let underWay = 0;
  const driveOfPath = (path: string): string => path.split('/')[1] ?? '';
  const looker = new FileLooker({
    driveOf: driveOfPath,
    ask: async (path) => {
      asked.push(path);
      underWay++;
      const drive = driveOfPath(path);
      if (dead.has(drive)) await new Promise<void>((resolve) => hanging.set(resolve, drive));
      underWay--;
      return found;
    },
  });
  const wake = (): void => {
    for (const [resume, drive] of hanging) if (!dead.has(drive)) resume();
  };
  return { looker, dead, asked, underWay: () => underWay, wake };
}

describe('a look at a file', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'file-look-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('tells a file, nothing, a folder and what is neither apart', async () => {
    const path = join(folder, 'a.png');
    expect(await lookAt(path)).toEqual({ kind: 'missing' });
    writeFileSync(path, 'four');
    expect(await lookAt(path)).toEqual({ kind: 'file', stamp: expect.stringMatching(/^4:\d/) as string });
    expect(await lookAt(join(path, 'below'))).toEqual({ kind: 'missing' });
    expect(await lookAt(folder)).toEqual({ kind: 'folder' });
    expect(await lookAt('/dev/null')).toMatchObject({ kind: 'failed' });
  });

  // The rights of others need another user: root becomes one for the moment, everybody else takes them from himself.
  it.skipIf(process.platform === 'win32')('says when the folder may not be opened', async () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed);
    writeFileSync(join(closed, 'a.png'), '');
    chmodSync(closed, 0o600);
    chmodSync(folder, 0o755);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    try {
      expect(await lookAt(join(closed, 'a.png'))).toEqual({ kind: 'denied' });
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(closed, 0o700);
    }
  });

  it('says when the file itself may not be read, and what the disk reports', async () => {
    const refusing = (code: string) => ({
      stat: () => Promise.resolve({ isFile: () => true, isDirectory: () => false, size: 1, mtimeMs: 1 }),
      access: () => Promise.reject(Object.assign(new Error(code), { code })),
    });
    expect(await lookAt('/a', refusing('EACCES'))).toEqual({ kind: 'denied' });
    expect(await lookAt('/a', refusing('EIO'))).toEqual({
      kind: 'failed',
      reason: 'the disk reports an error',
    });
  });

  it('has a remedy of its own for each trouble', () => {
    const kinds = ['missing', 'folder', 'denied', 'silent'] as const;
    const looks: FileLook[] = [...kinds.map((kind) => ({ kind })), { kind: 'failed', reason: 'EIO' }];
    const told = looks.map((look) => troubleOf('/a', look)?.message);
    expect(new Set(told).size).toBe(looks.length);
    expect(told[2]).toContain('permitted to read');
    expect(troubleOf('/a', found)).toBeNull();
  });
});

describe('looking at many files', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('asks one at a time', async () => {
    const { looker, asked, underWay, dead, wake } = disks();
    dead.add('slow');
    const first = looker.look('/slow/a');
    const second = looker.look('/local/b');
    await vi.advanceTimersByTimeAsync(3000);
    expect([asked, underWay()]).toEqual([['/slow/a'], 1]);
    dead.clear();
    wake();
    expect(await Promise.all([first, second])).toEqual([found, found]);
  });

  it('lets a dead share hold one thread, answers for it, and goes on with the others', async () => {
    const { looker, asked, underWay, dead, wake } = disks();
    dead.add('nas');
    const paths = ['/nas/a', '/nas/b', '/nas/c', '/nas/d', '/local/e'];
    const looks = paths.map((path) => looker.look(path));
    await vi.advanceTimersByTimeAsync(5000);
    expect((await Promise.all(looks)).map(({ kind }) => kind)).toEqual([
      ...['silent', 'silent', 'silent', 'silent'],
      'file',
    ]);
    for (let round = 0; round < 20; round++) {
      expect(await looker.look('/nas/b')).toEqual({ kind: 'silent' });
      expect(await looker.look('/local/e')).toEqual(found);
    }
    expect(underWay()).toBe(1);
    expect(asked.filter((path) => path.startsWith('/nas'))).toEqual(['/nas/a']);
    dead.clear();
    wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(await looker.look('/nas/b')).toEqual(found);
    expect(underWay()).toBe(0);
  });

  it('never holds more than two threads', async () => {
    const { looker, underWay, dead } = disks();
    for (const drive of ['a', 'b', 'c', 'd']) dead.add(drive);
    const looks = [...dead].map((drive) => looker.look(`/${drive}/x`));
    await vi.advanceTimersByTimeAsync(60_000);
    expect((await Promise.all(looks)).every(({ kind }) => kind === 'silent')).toBe(true);
    expect(underWay()).toBe(2);
  });

  it('goes on with a disk that has answered before while two others are dead', async () => {
    const { looker, dead } = disks();
    expect(await looker.look('/local/a')).toEqual(found);
    for (const drive of ['a', 'b']) dead.add(drive);
    const looks = [...dead].map((drive) => looker.look(`/${drive}/x`));
    await vi.advanceTimersByTimeAsync(20_000);
    expect((await Promise.all(looks)).every(({ kind }) => kind === 'silent')).toBe(true);
    expect(await looker.look('/local/b')).toEqual(found);
    expect(await looker.look('/new/c')).toEqual({ kind: 'silent' });
  });

  it('is what pictures and films ask: they say that their disk does not answer, and are back with it', async () => {
    const { looker, asked, dead, wake } = disks();
    dead.add('nas');
    const context = testContext({ files: looker });
    const image = createSource({ id: 'i', name: 'I', kind: 'image', path: '/nas/a.png' }, context);
    const film = createSource(
      { id: 'm', name: 'M', kind: 'media', path: '/nas/b.mp4', loop: true, sound: defaultSound },
      context,
    );
    const started = Promise.all([image.start(), film.start()]);
    await vi.advanceTimersByTimeAsync(5000);
    await started;
    for (const source of [image, film]) {
      expect(source.state).toMatchObject({ state: 'failed', error: { code: 'source-file-silent' } });
      await expect(source.picture(plainRequest, never)).rejects.toMatchObject({ code: 'source-file-silent' });
    }
    await vi.advanceTimersByTimeAsync(30_000);
    expect(asked).toEqual(['/nas/a.png']);
    dead.clear();
    wake();
    await vi.advanceTimersByTimeAsync(3000);
    expect([image.state.state, film.state.state]).toEqual(['idle', 'idle']);
    await Promise.all([image.stop(), film.stop()]);
  });
});

describe('questions to disks', () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  const disksOf = () => new PatientDisks({ driveOf: (path) => path.split('/')[1] ?? '', silentAfterMs: 20 });

  it('fail as they fail, and the next one is asked', async () => {
    const disks = disksOf();
    const failing = disks.ask('/a', () => Promise.reject(new Error('EIO')));
    const next = disks.ask('/a', () => Promise.resolve(1));
    await expect(failing).rejects.toThrow('EIO');
    expect(await next).toEqual({ value: 1 });
    expect(disks.isWaiting).toBe(false);
  });

  it('at one path, thousands of them, look up where it lies hardly ever', async () => {
    const lookUps: string[] = [];
    const disks = new PatientDisks({
      driveOf: (path) => {
        lookUps.push(path);
        return path;
      },
    });
    for (let at = 0; at < 1000; at++) await disks.ask('/a', () => Promise.resolve(at));
    await disks.ask('/b', () => Promise.resolve(0));
    await new Promise(setImmediate);
    expect(lookUps.length).toBeLessThan(10);
    expect(lookUps).toContain('/b');
  });

  it('that fail too late have been answered', async () => {
    const disks = disksOf();
    let fail = (_error: Error): void => undefined;
    const late = disks.ask('/a', () => new Promise((_, reject) => (fail = reject)));
    expect(await late).toBeNull();
    expect(disks.isWaiting).toBe(true);
    fail(new Error('ENOTCONN'));
    await new Promise(setImmediate);
    expect(disks.isWaiting).toBe(false);
    expect(await disks.ask('/a', () => Promise.resolve(1))).toEqual({ value: 1 });
  });

  it('that are urgent come next, and are asked beside two dead disks', async () => {
    const disks = disksOf();
    const order: string[] = [];
    const ask = (path: string, isUrgent = false) =>
      disks.ask(path, () => Promise.resolve(order.push(path)), { isUrgent });
    await Promise.all([ask('/a/1'), ask('/a/2'), ask('/b/3', true)]);
    expect(order).toEqual(['/a/1', '/b/3', '/a/2']);
    for (const path of ['/c', '/d']) expect(await disks.ask(path, never)).toBeNull();
    expect(await ask('/e')).toBeNull();
    expect(await ask('/e', true)).not.toBeNull();
    expect(await disks.ask('/f', never, { isUrgent: true })).toBeNull();
    // Three of four threads hang: no other disk is risked, but one that is known to be well.
    expect(await ask('/g', true)).toBeNull();
    disks.trust('/g/data');
    expect(await ask('/g')).not.toBeNull();
  });
});

describe('the drive of a path', () => {
  it.runIf(process.platform === 'linux')(
    'is where its links lead, and a share is not asked where they lead on',
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'drive-of-'));
      symlinkSync('/proc/self', join(folder, 'link'));
      symlinkSync('link', join(folder, 'second'));
      symlinkSync('loop', join(folder, 'loop'));
      try {
        expect(driveOf(join(folder, 'second', 'stat'))).toBe('/proc');
        expect(driveOf(join(folder, 'loop', 'a'))).toBe(driveOf(folder));
        if (!SilentDisk.isPossible) return;
        using disk = new SilentDisk();
        symlinkSync(disk.folder, join(folder, 'films'));
        expect(driveOf(join(folder, 'films', 'deep', 'a.mp4'))).toBe(disk.folder);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );

  it.runIf(process.platform === 'linux')('is where it is mounted', () => {
    expect(driveOf('/proc/self/stat')).toBe('/proc');
    expect(driveOf('/processes')).not.toBe('/proc');
    expect(driveOf('/no/such/place')).toBe('/');
  });

  it('is a volume on a Mac', () => {
    expect(driveOf('/Volumes/NAS/show/a.png', 'darwin')).toBe('/Volumes/NAS');
    expect(driveOf('/Users/me/a.png', 'darwin')).toBe('/');
  });
});
