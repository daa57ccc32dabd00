import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { collectionSchema } from '../../shared/model/collection';
import type { Collection } from '../../shared/model/collection';
import { sourceSchema } from '../../shared/model/source';
import { locateFile } from '../../electron/streaming/lib/locate-file';
import { FileStore, safeName } from '../../electron/studio/file-store';
import type { FileStoreOptions } from '../../electron/studio/file-store';
import { planArchive, writeArchive } from '../../electron/studio/show-archive';
import { readArchive } from '../../electron/studio/show-import';
import { arbitraryShow } from '../support/arbitrary-show';
import { waitFor } from '../support/wait-for';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'archive-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const storeIn = (options: Partial<FileStoreOptions> = {}): FileStore =>
  new FileStore({ folder: join(folder, 'files'), ...options });
async function* bytes(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}
const put = (store: FileStore, name: string, text: string): Promise<string> =>
  store.put({ name, content: bytes(text), bytes: text.length });

const showWith = (...files: string[]): Collection =>
  collectionSchema.parse({
    version: 1,
    name: 'With files',
    sources: files.map((path, at) => ({ id: `image-${at}`, name: path, kind: 'image', path })),
    scenes: [{ id: 's', name: 'S', items: [{ id: 'i', sourceId: 'image-0' }] }],
    programSceneId: 's',
  });
const pathsOf = ({ sources }: Collection): unknown[] =>
  sources.map((source) => ('path' in source ? source.path : null));

/** To the archive and back, into this folder's store. */
async function there(collection: Collection, baseFolder = folder): Promise<string> {
  const path = join(folder, 'show.zip');
  const plan = await planArchive(collection, baseFolder, join(folder, 'data'));
  await pipeline(writeArchive(plan), createWriteStream(path));
  return path;
}
const back = (path: string, store = storeIn()) => readArchive(path, store, (place) => `files/${place}`);

async function zipOf(fill: (zip: ZipFile) => void): Promise<string> {
  const zip = new ZipFile();
  fill(zip);
  zip.end();
  const path = join(folder, 'made.zip');
  await pipeline(zip.outputStream, createWriteStream(path));
  return path;
}
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

describe('a show as one file', () => {
  it('comes back as it was, whatever it is', async () => {
    const store = storeIn();
    const place = await put(store, 'holiday.png', 'a picture');
    const path = `files/${place}`;
    const withFiles = collectionSchema.shape.sources.parse([
      { id: 'picture', name: 'P', kind: 'image', path },
      { id: 'film', name: 'F', kind: 'media', path, loop: false },
    ]);
    await fc.assert(
      fc.asyncProperty(arbitraryShow, fc.boolean(), fc.boolean(), async (show, hasFiles, hasProgram) => {
        const whole = { ...show, sources: [...show.sources, ...(hasFiles ? withFiles : [])] };
        if (!hasProgram) delete whole.programSceneId;
        expect(await back(await there(whole))).toEqual({ collection: whole, missing: [], repairs: [] });
      }),
      { numRuns: 40 },
    );
    // Any of them could have been there.
    const kinds = fc.sample(arbitraryShow, 500).flatMap(({ sources }) => sources.map(({ kind }) => kind));
    expect([...new Set(kinds)].sort()).toEqual(
      [...sourceSchema.options.map(({ shape }) => shape.kind.value), 'hologram', 'sourcery'].sort(),
    );
  });

  it('comes back with a scene on program, whatever it said of one', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryShow, async (show) => {
        const { collection, repairs } = await back(await there({ ...show, programSceneId: 'nowhere' }));
        expect(collection).toEqual({ ...show, programSceneId: show.scenes[0]?.id });
        expect(repairs).toHaveLength(1);
      }),
      { numRuns: 20 },
    );
  });

  it('has its files with it, each once, wherever they lay', async () => {
    mkdirSync(join(folder, 'elsewhere'));
    writeFileSync(join(folder, 'elsewhere', 'logo.png'), 'logo');
    writeFileSync(join(folder, 'clip.png'), 'clip');
    const absolute = join(folder, 'elsewhere', 'logo.png');
    const show = showWith(absolute, 'clip.png', absolute, 'resource:demo/backdrop.jpg');
    const { collection, missing } = await back(await there(show));
    expect(missing).toEqual([]);
    const [logo, clip, again, resource] = pathsOf(collection).map(String);
    expect([again, resource]).toEqual([logo, 'resource:demo/backdrop.jpg']);
    expect(logo).toMatch(/^files\/[0-9a-f]{32}\/logo\.png$/);
    expect(readFileSync(locateFile(logo ?? '', folder), 'utf8')).toBe('logo');
    expect(readFileSync(locateFile(clip ?? '', folder), 'utf8')).toBe('clip');
    // Once more: nothing changes any more, and nothing is stored twice.
    const files = readdirSync(join(folder, 'files'));
    expect((await back(await there(collection))).collection).toEqual(collection);
    expect(readdirSync(join(folder, 'files'))).toEqual(files);
  });

  it('says what was not to be found, and tells nobody where it lay', async () => {
    const archive = await there(showWith('/home/somebody/secret folder/film.mp4'));
    expect(readFileSync(archive).includes('somebody')).toBe(false);
    const { collection, missing } = await back(archive);
    expect([pathsOf(collection), missing]).toEqual([['missing/film.mp4'], ['film.mp4']]);
  });
});

describe('what leaves this computer', () => {
  const showOf = (...sources: object[]): Collection =>
    collectionSchema.parse({ version: 1, name: 'S', sources, scenes: [{ id: 's', name: 'S', items: [] }] });
  const travelled = async (...sources: object[]) => {
    const archive = await there(showOf(...sources));
    const { collection } = await back(archive);
    return { bytes: readFileSync(archive).toString('latin1'), sources: collection.sources };
  };

  it('has no titles of windows, and the windows are still found where a program has one', async () => {
    const window = (id: string, name: string, called = name) => ({
      ...{ id: `source-${id}`, name: called, kind: 'screen', device: { id, name } },
    });
    const { bytes, sources } = await travelled(
      window('x11:window:Mail:Re: divorce', 'Re: divorce'),
      window('windows:window:excel:Re: divorce.xlsx', 'Re: divorce.xlsx', 'The numbers'),
      window('x11:HDMI-1', 'Screen of the divorce'),
      { ...window('x11:window:Mail:Re: divorce', 'Re: divorce'), id: 'later', region: 'of another version' },
      { id: 'tab', name: 'Tab', kind: 'browser-capture', capture: 'display', deviceName: 'Re: divorce' },
      { id: 'cam', name: 'Cam', kind: 'browser-capture', capture: 'camera', deviceName: 'Good camera' },
    );
    expect(bytes).not.toContain('Re: divorce');
    expect(sources).toMatchObject([
      { name: 'Window', device: { id: 'x11:window:Mail:', name: '' } },
      { name: 'The numbers', device: { id: 'windows:window:excel:', name: '' } },
      { device: { id: 'x11:HDMI-1', name: 'Screen of the divorce' } },
      { device: { id: 'x11:window:Mail:' }, region: 'of another version' },
      { deviceName: '' },
      { deviceName: 'Good camera' },
    ]);
  });

  it('names no place of a file in what this version does not know', async () => {
    const hologram = {
      ...{ id: 'h', name: '/not a place', kind: 'hologram', url: 'https://example.org/a', ratio: '16/9' },
      layers: [{ path: '/home/somebody/a.holo' }, 'C:\\Users\\somebody\\b.holo', 'c.holo', '/', 3, null],
    };
    const media = { id: 'm', name: 'M', kind: 'media', path: '/home/somebody/film.mp4', loop: 'twice' };
    const { bytes, sources } = await travelled(hologram, media);
    expect(bytes).not.toContain('somebody');
    expect(sources).toEqual([
      { ...hologram, layers: [{ path: 'missing/a.holo' }, 'missing/b.holo', 'c.holo', '/', 3, null] },
      { ...media, path: 'missing/film.mp4' },
    ]);
  });

  it('is none of the studio’s own files, by whatever way a source names it', async () => {
    const data = join(folder, 'data');
    for (const part of ['files/1', 'recordings', 'restore-points/show'])
      mkdirSync(join(data, part), { recursive: true });
    const own = ['secret.key', 'token', 'restore-points/show/1.json'];
    const open = ['files/1/logo.png', 'recordings/evening.mp4'];
    for (const name of [...own, ...open]) writeFileSync(join(data, name), `this is ${name}`);
    symlinkSync(join(data, 'secret.key'), join(folder, 'link.png'));
    symlinkSync(join(data, 'token'), join(data, 'files', '1', 'link.png'));
    const show = showWith(...own, ...open, join(data, 'secret.key'), '../link.png', 'files/1/link.png');
    const { files, missing } = await planArchive(show, data, data);
    const real = realpathSync(data);
    expect([...files.values()].map(({ place }) => place)).toEqual(open.map((name) => join(real, name)));
    expect(missing).toEqual(['secret.key', 'token', '1.json', 'link.png']);
  });

  it.skipIf(!existsSync('/proc/self/fd'))('is closed again when whoever wanted it leaves', async () => {
    writeFileSync(join(folder, 'film.mp4'), Buffer.alloc(4 * 2 ** 20));
    const open = (): number =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
        } catch {
          return false; // The folder itself was read by this one.
        }
      }).length;
    for (let round = 0; round < 5; round += 1) {
      const archive = writeArchive(await planArchive(showWith('film.mp4'), folder, join(folder, 'data')));
      await once(archive, 'readable');
      await waitFor(() => open() > 0, 'the file to be read');
      archive.destroy();
      await waitFor(() => open() === 0, 'the file to be closed');
    }
  });

  it('breaks off when a file changes meanwhile', async () => {
    writeFileSync(join(folder, 'film.mp4'), 'as it was');
    const plan = await planArchive(showWith('film.mp4'), folder, join(folder, 'data'));
    writeFileSync(join(folder, 'film.mp4'), 'as it became');
    await expect(buffer(writeArchive(plan))).rejects.toThrow(/bytes/);
    rmSync(join(folder, 'film.mp4'));
    await expect(buffer(writeArchive(plan))).rejects.toThrow(/ENOENT/);
  });
});

describe('an archive from elsewhere', () => {
  const refusal = (reason: RegExp) => ({
    ...{ code: 'import-refused', details: { reason: expect.stringMatching(reason) } },
  });

  it('refers to nothing outside of itself', async () => {
    const outside = ['/etc/passwd', '../../key', '\\\\server\\share\\x.png', 'C:\\secret.png'];
    const archive = await zipOf((zip) => zip.addBuffer(json(showWith(...outside)), 'collection.json'));
    const { collection, missing } = await back(archive);
    expect(pathsOf(collection)).toEqual([
      ...['missing/passwd', 'missing/key', 'missing/x.png', 'missing/secret.png'],
    ]);
    expect(missing).toHaveLength(4);
  });

  it('leaves what the show does not refer to where it is', async () => {
    const archive = await zipOf((zip) => {
      zip.addBuffer(json(showWith('files/1/a.png')), 'collection.json');
      zip.addBuffer(Buffer.from('wanted'), 'files/1/a.png');
      zip.addBuffer(Buffer.from('not wanted'), 'files/2/b.png');
    });
    await back(archive);
    expect(readdirSync(join(folder, 'files'))).toHaveLength(1);
  });

  it('is refused when it is none, or not whole', async () => {
    const noZip = join(folder, 'no.zip');
    writeFileSync(noZip, 'not an archive');
    await expect(back(noZip)).rejects.toMatchObject(refusal(/./));
    const empty = await zipOf((zip) => zip.addBuffer(Buffer.from('x'), 'something else'));
    await expect(back(empty)).rejects.toMatchObject(refusal(/no collection\.json/));
    const wrong = await zipOf((zip) => zip.addBuffer(json({ version: 99 }), 'collection.json'));
    await expect(back(wrong)).rejects.toMatchObject(refusal(/version/));
    const cut = await there(showWith('files/x'));
    writeFileSync(cut, readFileSync(cut).subarray(0, -30));
    await expect(back(cut)).rejects.toMatchObject(refusal(/./));
  });

  it('is refused when a file in it is damaged, and nothing of that file stays', async () => {
    writeFileSync(join(folder, 'a.png'), 'the bytes of a picture');
    const archive = await there(showWith('a.png'));
    const content = readFileSync(archive);
    content.write('THE BYTES', content.indexOf('the bytes'));
    writeFileSync(archive, content);
    await expect(back(archive)).rejects.toMatchObject(refusal(/damaged/));
    expect(readdirSync(join(folder, 'files'))).toEqual([]);
  });

  it('is refused when it would fill the disk: by its ratio, its size, its tricks with names', async () => {
    const bomb = await zipOf((zip) => {
      zip.addBuffer(json(showWith('files/1/a.png')), 'collection.json');
      zip.addBuffer(Buffer.alloc(4 * 2 ** 20), 'files/1/a.png');
    });
    await expect(back(bomb)).rejects.toMatchObject(refusal(/unpacks to 4194304 bytes/));
    const large = await zipOf((zip) => {
      zip.addBuffer(json(showWith('files/1/a.png')), 'collection.json');
      zip.addBuffer(Buffer.alloc(2000), 'files/1/a.png');
    });
    await expect(back(large, storeIn({ maxBytes: 1000 }))).rejects.toMatchObject({
      code: 'upload-too-large',
    });
    const noRoom = storeIn({ freeBytes: async () => 1001, reserveBytes: 1000 });
    await expect(back(large, noRoom)).rejects.toMatchObject({ code: 'upload-no-room' });
    const many = await zipOf((zip) => {
      for (let at = 0; at <= 5000; at += 1) zip.addBuffer(Buffer.alloc(0), `${at}`, { compress: false });
    });
    await expect(back(many)).rejects.toMatchObject(refusal(/5001 files/));
    const twice = await zipOf((zip) => {
      zip.addBuffer(json(showWith()), 'collection.json');
      zip.addBuffer(json(showWith()), 'collection.json');
    });
    await expect(back(twice)).rejects.toMatchObject(refusal(/twice/));
    expect(existsSync(join(folder, 'files', 'a.png'))).toBe(false);
  });

  it('is refused when its show would hold the program up while it is read', async () => {
    const note = { id: 'n', name: 'N', kind: 'note', text: 'x'.repeat(25 * 2 ** 20) };
    const archive = await zipOf((zip) =>
      zip.addBuffer(json({ ...showWith(), sources: [note] }), 'collection.json'),
    );
    await expect(back(archive)).rejects.toMatchObject(
      refusal(/has 25\.0 MiB, and at most 24\.0 can be read/),
    );
  });

  it('with names that lead out of it is refused', async () => {
    const archive = await zipOf((zip) => zip.addBuffer(json(showWith()), 'aa/collection.json'));
    const content = readFileSync(archive).toString('latin1').replaceAll('aa/coll', '../coll');
    writeFileSync(archive, content, 'latin1');
    await expect(back(archive)).rejects.toMatchObject(refusal(/relative path/));
  });
});

describe('the files people give', () => {
  it('are stored once, by what they hold', async () => {
    const store = storeIn();
    const first = await put(store, 'one.png', 'same');
    expect(await put(store, '../../one.png', 'same')).toBe(first);
    expect(await put(store, 'one.png', 'other')).not.toBe(first);
    expect(readFileSync(join(folder, 'files', first), 'utf8')).toBe('same');
  });

  it('are there whole or not at all', async () => {
    const store = storeIn({ maxBytes: 10 });
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half');
      throw new Error('the connection broke');
    };
    const attempt = (content: AsyncIterable<Uint8Array>, size: number | null = null) =>
      expect(store.put({ name: 'a.png', content, bytes: size })).rejects;
    await attempt(broken()).toMatchObject({
      ...{ code: 'upload-incomplete', details: { name: 'a.png', reason: 'the connection broke' } },
    });
    await attempt(bytes('five5'), 6).toMatchObject({ code: 'upload-incomplete' });
    await attempt(bytes()).toMatchObject({ code: 'upload-incomplete' });
    await attempt(bytes('123456', '78901')).toMatchObject({ code: 'upload-too-large' });
    await attempt(bytes('1'), 11).toMatchObject({ code: 'upload-too-large' });
    expect(readdirSync(join(folder, 'files'))).toEqual([]);
  });

  it('what an engine that was killed had begun to take in is removed', async () => {
    mkdirSync(join(folder, 'files'));
    writeFileSync(join(folder, 'files', '.incoming-x'), 'half');
    const place = await put(storeIn(), 'a.png', 'whole');
    expect(readdirSync(join(folder, 'files'))).toEqual([place.split('/')[0]]);
  });

  it('what is being taken in by others is not: nobody begins before the folder is tidy', async () => {
    mkdirSync(join(folder, 'files'));
    for (let file = 0; file < 300; file += 1)
      writeFileSync(join(folder, 'files', `.incoming-${file}`), 'half');
    const left: number[] = [];
    const store = storeIn({
      freeBytes: (path) => {
        left.push(readdirSync(path).filter((name) => /^\.incoming-\d+$/.test(name)).length);
        return Promise.resolve(2 ** 40);
      },
    });
    await Promise.all([put(store, 'a.png', 'one'), put(store, 'b.png', 'two'), put(store, 'c.png', 'three')]);
    expect(left).toEqual([0, 0, 0]);
  });

  it('a name of the longest kind that people give in any script can be written', async () => {
    const place = await put(storeIn(), `${'花'.repeat(200)}.png`, 'picture');
    expect(readFileSync(join(folder, 'files', place), 'utf8')).toBe('picture');
  });

  it.each([
    ['holiday.png', 'holiday.png'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\me\\Film (1).mp4', 'Film (1).mp4'],
    ['a<b>:"|?*\u0000.png', 'a_b_______.png'],
    ['..', 'file'],
    ['', 'file'],
    ['NUL.png', '_NUL.png'],
    [`${'x'.repeat(300)}.png`, `${'x'.repeat(96)}.png`],
    [`${'花'.repeat(100)}.png`, `${'花'.repeat(65)}.png`],
    [`${'🎬'.repeat(100)}.mp4`, `${'🎬'.repeat(48)}.mp4`],
    [`film.${'花'.repeat(20)}`, `film.${'花'.repeat(6)}`],
  ])('%j is called %j', (given, expected) => expect(safeName(given)).toBe(expected));

  it('a folder that cannot be written is told of', async () => {
    writeFileSync(join(folder, 'files'), 'a file where the folder should be');
    await expect(put(storeIn(), 'a.png', 'x')).rejects.toMatchObject({ code: 'folder-unwritable' });
  });
});
