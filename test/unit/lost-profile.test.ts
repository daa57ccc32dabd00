import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { StudioError } from '../../electron/streaming/lib/errors';
import { DataFolder } from '../../electron/studio/data-folder';
import { forgetLostProfile } from '../../electron/studio/lost-profile';
import { SettingsStore } from '../../electron/studio/settings-store';

let path: string;
beforeEach(() => (path = mkdtempSync(join(tmpdir(), 'lost-profile-'))));
afterEach(() => rmSync(path, { recursive: true, force: true }));

it('starts with the best profile, and says so, when the saved one is not there any more', async () => {
  writeFileSync(join(path, 'settings.json'), JSON.stringify({ profile: 'nvenc', bitrateKbps: 4321 }));
  const settings = new SettingsStore(new DataFolder(path));
  expect(settings.load()).toBeNull();
  let known = ['nvenc'];
  const encoders = {
    check: (name: string): void => {
      if (!known.includes(name)) throw new StudioError('profile-unknown', { profile: name, known });
    },
  };
  expect(await forgetLostProfile(settings, encoders)).toBeNull();
  expect(settings.settings.profile).toBe('nvenc');
  known = [];
  expect(await forgetLostProfile(settings, encoders)).toMatchObject({
    ...{ code: 'profile-lost', details: { profile: 'nvenc' } },
  });
  // Also on the disk: the next change of any setting must not meet it.
  const again = new SettingsStore(new DataFolder(path));
  again.load();
  expect(again.settings).toMatchObject({ profile: 'auto', bitrateKbps: 4321 });
});
