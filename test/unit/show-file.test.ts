import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collectionSchema } from '../../shared/model/collection';
import type { Collection } from '../../shared/model/collection';
import { locateFile } from '../../electron/streaming/lib/locate-file';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { paths } from '../../electron/streaming/lib/paths';
import { replaceFile } from '../../electron/streaming/lib/replace-file';
import type { StudioError } from '../../electron/streaming/lib/errors';
import { RestorePoints, superfluous } from '../../electron/studio/restore-points';
import { ShowFile } from '../../electron/studio/show-file';
import type { ShowFileOptions } from '../../electron/studio/show-file';
import { waitFor } from '../support/wait-for';

const named = (name: string): Collection =>
  collectionSchema.parse({
    version: 1,
    name,
    sources: [{ id: 'hologram', name: 'Hologram', kind: 'hologram', depth: 3 }],
    scenes: [{ id: 's', name: 'S', items: [{ id: 'i', sourceId: 'hologram' }] }],
    programSceneId: 's',
  });

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'show-'));
  path = join(folder, 'show.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const points = (): RestorePoints => new RestorePoints(join(folder, 'points'));
const openFile = (options: Partial<ShowFileOptions> = {}): ShowFile =>
  new ShowFile({
    ...{ path, isOwn: true, points: points(), logger: silentLogger, delayMs: 1, retryMs: 1 },
    ...options,
  });
const saved = (): Collection => collectionSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
const isSaved = (name: string) => (): boolean =>
  readdirSync(folder).includes('show.json') && saved().name === name;
const brokenFiles = (): string[] => readdirSync(folder).filter((file) => file.includes('.broken-'));

describe('a show that is saved by itself', () => {
  it('is the example at the first start, and nothing is written before the first change', async () => {
    const file = openFile();
    const { collection, error, isStandIn, baseFolder } = file.open();
    expect([collection.name, error, isStandIn, baseFolder]).toEqual(['Demo', null, false, folder]);
    for (const source of collection.sources)
      if ('path' in source) expect(source.path).toMatch(/^resource:demo\//);
    await file.stop();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is there again as it was, with what this version does not know', async () => {
    const file = openFile();
    file.open();
    file.save(named('Mine'));
    await waitFor(isSaved('Mine'), 'the show to be saved');
    await file.stop();
    expect(openFile().open()).toEqual({
      ...{ collection: named('Mine'), baseFolder: folder, error: null, isStandIn: false },
    });
  });

  it('what was changed just before the end is saved, too', async () => {
    const file = openFile({ delayMs: 60_000 });
    file.open();
    file.save(named('At the last moment'));
    await file.stop();
    expect(saved().name).toBe('At the last moment');
  });

  it.each([true, false])(
    'what does not hold together is mended and kept as it was (own: %s)',
    async (isOwn) => {
      const wrong = JSON.stringify({ ...named('By hand'), programSceneId: 'nowhere' });
      writeFileSync(path, wrong);
      const file = openFile({ isOwn });
      const { collection, error, isStandIn } = file.open();
      expect([collection, isStandIn]).toEqual([named('By hand'), false]);
      expect(error).toMatchObject({ code: 'show-repaired', details: { name: 'By hand' } });
      expect(readFileSync(path, 'utf8')).toBe(wrong);
      file.save(named('Later'));
      await file.stop();
      expect(saved().name).toBe('Later');
      expect(brokenFiles().map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual([wrong]);
    },
  );

  it('that was repaired is saved all the same when somebody has taken it away meanwhile', async () => {
    const wrong = JSON.stringify({ ...named('By hand'), programSceneId: 'nowhere' });
    writeFileSync(path, wrong);
    const file = openFile();
    expect(file.open().error).toMatchObject({ code: 'show-repaired' });
    rmSync(path);
    file.save(named('Later'));
    await file.stop();
    expect(saved().name).toBe('Later');
  });

  it('a disk that is full is told of, tried again, and costs nothing', async () => {
    let isFull = true;
    let attempts = 0;
    const told: (StudioError | null)[] = [];
    const file = openFile({
      write: async (target, content) => {
        attempts += 1;
        if (isFull) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
        await replaceFile(target, content);
      },
    });
    file.onSaved = (_at, error) => told.push(error);
    file.open();
    file.save(named('First'));
    await waitFor(() => attempts >= 3, 'three attempts');
    expect(told[0]).toMatchObject({ code: 'show-unsaved', details: { path, reason: 'ENOSPC' } });
    file.save(named('Second'));
    isFull = false;
    await waitFor(isSaved('Second'), 'the show to be saved');
    await waitFor(() => told.at(-1) === null, 'to be told that it is saved');
    await file.stop();
  });

  it('a folder that vanishes while it runs, and comes back: the show is in it again', async () => {
    const stick = join(folder, 'stick');
    mkdirSync(stick);
    const file = openFile({ path: join(stick, 'show.json'), isOwn: false });
    file.open();
    file.save(named('Kept'));
    await waitFor(() => existsSync(file.path), 'the show to be saved');
    rmSync(stick, { recursive: true });
    let failure: StudioError | null = null;
    file.onSaved = (_at, error) => (failure = error);
    file.save(named('Changed meanwhile'));
    await waitFor(() => failure !== null, 'a failure');
    expect(failure).toMatchObject({ code: 'show-unsaved', details: { path: file.path, reason: 'ENOENT' } });
    mkdirSync(stick);
    await waitFor(() => existsSync(file.path), 'the show to be back');
    await file.stop();
    expect(JSON.parse(readFileSync(file.path, 'utf8'))).toEqual(named('Changed meanwhile'));
  });

  it('what can never be saved where it belongs becomes a restore point', async () => {
    const file = openFile({ write: () => Promise.reject(new Error('gone')) });
    file.open();
    file.save(named('Homeless'));
    await file.stop();
    expect((await points().list()).map(({ name }) => name)).toEqual(['Homeless']);
  });
});

describe('a show file that cannot be read', () => {
  it('of our own is put aside, and the newest good state is shown', async () => {
    const file = openFile();
    file.open();
    for (const name of ['One', 'Two', 'Three']) {
      file.save(named(name));
      await waitFor(isSaved(name), `${name} to be saved`);
    }
    await file.stop();
    writeFileSync(path, '{"version":1,');
    const next = openFile();
    const { collection, error, isStandIn } = next.open();
    expect([collection.name, isStandIn]).toEqual(['Two', false]);
    expect(error).toMatchObject({ code: 'show-recovered', details: { path } });
    const [aside] = brokenFiles();
    expect(readFileSync(join(folder, aside ?? ''), 'utf8')).toBe('{"version":1,');
    expect(error?.message).toContain(aside);
    next.save(named('Four'));
    await next.stop();
    expect(saved().name).toBe('Four');
  });

  it('stays recovered at every further start, until it is saved again', async () => {
    await points().keep(named('Two'), 2);
    writeFileSync(path, '{"version":1,');
    expect(openFile().open().collection.name).toBe('Two');
    for (const start of [2, 3]) {
      const { collection, error, isStandIn } = openFile().open();
      expect([start, collection.name, isStandIn]).toEqual([start, 'Two', false]);
      expect(error).toMatchObject({
        code: 'show-recovered',
        details: { path, keptAs: join(folder, brokenFiles()[0] ?? ''), versionAt: 2 },
      });
    }
    expect(brokenFiles()).toHaveLength(1);
  });

  it('is not forgotten at the next start when there is no earlier state of it', () => {
    writeFileSync(path, 'half');
    openFile().open();
    expect(openFile().open()).toMatchObject({
      error: {
        code: 'show-recovered',
        details: { keptAs: join(folder, brokenFiles()[0] ?? ''), versionAt: null },
      },
      ...{ isStandIn: true, collection: { name: 'Demo' } },
    });
  });

  it.each([true, false])(
    'is recovered when it was put aside and its saving failed (own: %s)',
    async (isOwn) => {
      await points().keep(named('Two'), 2);
      writeFileSync(path, 'half');
      const file = openFile({ isOwn, write: () => Promise.reject(new Error('full')) });
      file.open();
      file.save(named('Three'));
      await file.stop();
      expect(existsSync(path)).toBe(false);
      expect(openFile({ isOwn }).open()).toMatchObject({
        error: { code: 'show-recovered', details: { keptAs: join(folder, brokenFiles()[0] ?? '') } },
        ...{ isStandIn: false, collection: { name: 'Three' } },
      });
    },
  );

  it('of somebody else stays as it is until the first change, and is put aside then', async () => {
    writeFileSync(path, 'precious');
    const file = openFile({ isOwn: false });
    expect(file.open()).toMatchObject({
      ...{ error: { code: 'collection-unreadable' }, isStandIn: true, collection: { name: 'Demo' } },
    });
    expect(readFileSync(path, 'utf8')).toBe('precious');
    file.save(named('New'));
    await file.stop();
    expect(saved().name).toBe('New');
    expect(brokenFiles().map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(['precious']);
  });
});

describe('restore points', () => {
  it('ten are kept by themselves, those with a name for ever', async () => {
    const kept = points();
    await kept.add(named('Mine'), 'Before the big day');
    for (let minute = 1; minute <= 30; minute += 1) await kept.keep(named(`${minute}`), minute * 60_000);
    const list = await kept.list();
    const automatic = list.filter(({ label }) => label === null);
    expect(automatic).toHaveLength(10);
    expect([automatic[0]?.name, automatic.at(-1)?.name]).toEqual(['30', '1']);
    expect(list.filter(({ label }) => label !== null)).toMatchObject([
      { label: 'Before the big day', name: 'Mine', scenes: 1, sources: 1 },
    ]);
    expect((await kept.read(list[1]?.id ?? '')).collection.name).toBe(list[1]?.name);
  });

  it('the newer, the closer together', () => {
    let files: string[] = [];
    for (let at = 1; at <= 10_000; at += 1) {
      files = [`${at}-auto-x.json`, ...files];
      const gone = new Set(superfluous(files));
      files = files.filter((file) => !gone.has(file));
    }
    const ages = files.map((file) => 10_000 - Number(file.split('-')[0]));
    expect(ages).toHaveLength(10);
    expect(ages.slice(0, 2)).toEqual([0, 1]);
    // From seconds to hours, every step less than ten times the one before.
    for (const [index, age] of ages.slice(2).entries()) expect(age).toBeLessThan((ages[index + 1] ?? 0) * 10);
    expect(ages.at(-1)).toBe(9999);
  });

  it('an id that is none, or leads elsewhere, is refused; a damaged file is left out', async () => {
    const kept = points();
    await kept.add(named('Mine'), 'Good');
    writeFileSync(join(folder, 'points', '5-auto-x.json'), '{');
    writeFileSync(path, JSON.stringify({ version: 1, at: 1, label: null, collection: named('Outside') }));
    expect((await kept.list()).map(({ label }) => label)).toEqual(['Good']);
    for (const id of ['../show', '5-auto-x', 'nothing'])
      await expect(kept.read(id)).rejects.toMatchObject({ code: 'restore-point-not-found' });
  });
});

describe('where files lie', () => {
  it.each([
    ['clip.mp4', '/shows/clip.mp4'],
    ['../clip.mp4', '/clip.mp4'],
    ['/elsewhere/clip.mp4', '/elsewhere/clip.mp4'],
    ['resource:demo/aurora.mp4', join(paths.resources, 'demo/aurora.mp4')],
    ['resource:../package.json', join(paths.resources, 'package.json')],
    ['resource:demo/../../../etc/passwd', join(paths.resources, 'etc/passwd')],
    ['resource:..\\..\\secret', join(paths.resources, 'secret')],
    ['resource:/etc/passwd', join(paths.resources, 'etc/passwd')],
  ])('%s', (given, expected) => expect(locateFile(given, '/shows')).toBe(expected));
});
