import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { editSchema } from '../../shared/model/edit';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { softwareProfiles } from '../../electron/streaming/output/profiles';
import { DataFolder } from '../../electron/studio/data-folder';
import { Devices } from '../../electron/studio/devices';
import { parseCommandLine } from '../../electron/studio/options';
import type { ProfileChoice, ProfileChooser } from '../../electron/studio/profile-choice';
import { RestorePoints } from '../../electron/studio/restore-points';
import { SettingsStore } from '../../electron/studio/settings-store';
import { ShowFile } from '../../electron/studio/show-file';
import { Studio } from '../../electron/studio/studio';
import { waitFor } from '../support/wait-for';

const size = { width: 640, height: 360 };
const format = {
  canvas: size,
  output: size,
  fps: 30,
  bitrateKbps: 500,
  codec: 'h264',
  profile: 'superfast-2t',
} as const;
const [profile] = softwareProfiles;
const choice = {
  ...{ profile, reason: '', isFastEnough: true, measurements: [], candidates: [], cpu: { features: [] } },
  forget: () => undefined,
} as unknown as ProfileChoice;

describe('the last edits before the end', () => {
  let folder: DataFolder;
  let studio: Studio;
  const savedName = (): string => {
    try {
      return (JSON.parse(readFileSync(folder.file('show.json'), 'utf8')) as { name: string }).name;
    } catch {
      return '';
    }
  };
  const rename = (name: string): Promise<void> =>
    studio.desk.edit([editSchema.parse({ type: 'collection.rename', name })], 'Rename');

  /** A studio that was not started yet saves what is edited all the same; by itself only in a minute. */
  beforeEach(() => {
    folder = new DataFolder(mkdtempSync(join(tmpdir(), 'studio-stop-')));
    const line = parseCommandLine([]);
    if (line.command !== 'run') throw new Error('no options');
    const points = new RestorePoints(folder.file('points'));
    const showFile = new ShowFile({
      ...{ path: folder.file('show.json'), isOwn: true, points, logger: silentLogger, delayMs: 60_000 },
    });
    studio = new Studio({
      ...{
        engine: line.options,
        dataFolder: folder,
        show: showFile.open(),
        showFile,
        destinations: [],
        wasOn: undefined,
      },
      ...{ format, profile: choice, logger: silentLogger },
      encoders: { choose: () => Promise.resolve(choice), profiles: [] } as unknown as ProfileChooser,
      ffmpeg: { path: 'ffmpeg', origin: 'PATH', version: '5.1', encoders: [], hasFpsMode: true },
      secret: { place: 'file', key: null, trouble: null },
      settings: new SettingsStore(folder),
      ...{ programUrl: 'http://127.0.0.1:7780/live/program.flv', lanPassword: undefined },
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(folder.path, { recursive: true, force: true });
  });

  it('are saved when something else cannot be ended, those made meanwhile too', async () => {
    vi.spyOn(Devices.prototype, 'stop').mockImplementation(async () => {
      await waitFor(() => savedName() === 'Before', 'the saving of what was edited before');
      await rename('Meanwhile');
      throw new Error('a device that cannot be let go of');
    });
    await rename('Before');
    expect(savedName()).toBe('');
    await expect(studio.stop()).rejects.toThrow('cannot be let go of');
    expect(savedName()).toBe('Meanwhile');
  });

  it('are saved when something else never ends', async () => {
    let letGo: () => void = () => undefined;
    vi.spyOn(Devices.prototype, 'stop').mockReturnValue(new Promise((resolve) => (letGo = resolve)));
    await rename('Before');
    const stopped = studio.stop();
    await waitFor(() => savedName() === 'Before', 'the saving of what was edited before');
    letGo();
    await stopped;
  });
});
