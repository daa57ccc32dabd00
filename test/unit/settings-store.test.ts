import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settingsPatchSchema, settingsSchema } from '../../shared/contract/settings';
import type { StudioError } from '../../electron/streaming/lib/errors';
import { DataFolder } from '../../electron/studio/data-folder';
import { fixedBy, programFormat, settingsInEffect } from '../../electron/studio/program-format';
import { SettingsStore } from '../../electron/studio/settings-store';
import { waitFor } from '../support/wait-for';

let folder: DataFolder;
beforeEach(() => (folder = new DataFolder(mkdtempSync(join(tmpdir(), 'settings-')))));
afterEach(() => rmSync(folder.path, { recursive: true, force: true }));
const defaults = settingsSchema.parse({});
const file = (): unknown => JSON.parse(readFileSync(folder.file('settings.json'), 'utf8'));
const loaded = (): SettingsStore => {
  const store = new SettingsStore(folder);
  store.load();
  return store;
};

describe('the settings', () => {
  it('are the defaults where nothing was set, and no file is made of them', () => {
    const store = new SettingsStore(folder);
    expect(store.load()).toBeNull();
    expect(store.settings).toEqual(defaults);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('keep what was set, and what they do not know', async () => {
    writeFileSync(folder.file('settings.json'), JSON.stringify({ ofTomorrow: [1, 2], fps: 30 }));
    await loaded().update(settingsPatchSchema.parse({ bitrateKbps: 4500, output: null }));
    expect(file()).toEqual({ ofTomorrow: [1, 2], fps: 30, bitrateKbps: 4500, output: null });
    expect(loaded().settings).toEqual({ ...defaults, fps: 30, bitrateKbps: 4500 });
  });

  it('lose one that does not fit and no other, and say which', () => {
    writeFileSync(folder.file('settings.json'), JSON.stringify({ fps: 'many', theme: 'light' }));
    const store = new SettingsStore(folder);
    expect(store.load()?.toWire()).toMatchObject({
      code: 'settings-unreadable',
      details: { reason: 'not of the known form: fps' },
    });
    expect(store.settings).toEqual({ ...defaults, theme: 'light' });
  });

  it('are the last good ones when the file is broken, which is put aside when something is set', async () => {
    await loaded().update({ fps: 30 });
    writeFileSync(folder.file('settings.json'), '{"fps":');
    const store = new SettingsStore(folder);
    expect(store.load()?.details).toMatchObject({ used: 'the last good ones' });
    expect(store.settings.fps).toBe(30);
    expect(readFileSync(folder.file('settings.json'), 'utf8')).toBe('{"fps":');
    await store.update({ theme: 'light' });
    expect(file()).toEqual({ fps: 30, theme: 'light' });
    const aside = readdirSync(folder.path).find((name) => name.startsWith('settings.json.broken-'));
    expect(readFileSync(folder.file(aside ?? ''), 'utf8')).toBe('{"fps":');
  });

  it('count although they cannot be written, and are written as soon as they can', async () => {
    const store = new SettingsStore(folder, 5);
    const told: (StudioError | null)[] = [];
    store.onSaved = (error) => told.push(error);
    rmSync(folder.path, { recursive: true });
    void store.update({ fps: 30 });
    void store.update({ theme: 'light' });
    expect(store.settings).toMatchObject({ fps: 30, theme: 'light' });
    await waitFor(() => told.length > 3, 'further attempts');
    expect(told[0]).toMatchObject({ code: 'settings-unsaved', details: { reason: 'ENOENT' } });
    mkdirSync(folder.path);
    await waitFor(() => told.at(-1) === null, 'to be told that they are saved');
    expect(file()).toEqual({ fps: 30, theme: 'light' });
  });

  it('are written while the program goes on, the last ones last, and are on disk once that is said', async () => {
    const store = loaded();
    const answers = [30, 25, 50].map((fps) => store.update({ fps }));
    expect(readdirSync(folder.path)).toEqual([]);
    expect(store.settings.fps).toBe(50);
    await answers[0];
    expect(readdirSync(folder.path)).toContain('settings.json');
    await store.stop();
    expect(file()).toEqual({ fps: 50 });
    expect(readdirSync(folder.path).sort()).toEqual(['settings.json', 'settings.last-good.json']);
  });

  it('are tried a last time at the end', async () => {
    const store = new SettingsStore(folder, 60_000);
    rmSync(folder.path, { recursive: true });
    await store.update({ fps: 30 });
    mkdirSync(folder.path);
    await store.stop();
    expect(file()).toEqual({ fps: 30 });
  });

  it('are for nobody else to read', async () => {
    await loaded().update({ fps: 30 });
    chmodSync(folder.path, 0o700);
    expect(readdirSync(folder.path).sort()).toEqual(['settings.json', 'settings.last-good.json']);
  });
});

describe('the form of the program', () => {
  const small = { width: 640, height: 360 };

  it('is what was set; nothing is fixed', () => {
    const settings = { ...defaults, canvas: small, fps: 25 };
    expect(programFormat(settings, {})).toEqual({
      ...{ canvas: small, output: small, fps: 25, bitrateKbps: 6000, codec: 'h264', profile: 'auto' },
    });
    expect(fixedBy({})).toEqual([]);
    expect(settingsInEffect(settings, {})).toEqual(settings);
  });

  it('is what the command line says, canvas and output alike, and the settings tell what is in effect', () => {
    const settings = { ...defaults, output: { width: 1280, height: 720 } };
    const given = { size: small, bitrateKbps: 900 };
    expect(programFormat(settings, given)).toMatchObject({ canvas: small, output: small, bitrateKbps: 900 });
    expect(fixedBy(given)).toEqual(['canvas', 'output', 'bitrateKbps']);
    expect(settingsInEffect(settings, given)).toMatchObject({
      canvas: small,
      output: small,
      bitrateKbps: 900,
    });
  });
});
