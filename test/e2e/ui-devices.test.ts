import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Device } from '../../shared/contract/device';
import { sceneItemSchema } from '../../shared/model/scene';
import { sourceSchema } from '../../shared/model/source';
import type { ContractPeer } from '../support/contract-peer';
import { closePeerWindow, openPeerWindow } from '../support/peer-window';
import { requires } from '../support/requires';
import { launchBrowser, UiTab } from '../support/ui-browser';
import type { UiPage } from '../support/ui-browser';

/** generous: the machine may be busy with six other things */
const patience = { timeout: 15_000, interval: 50 };

describe.skipIf(!requires('chromium'))('the devices of the engine’s computer', () => {
  let browser: Browser;
  let tab: UiTab;
  let peer: ContractPeer;
  let ui: UiPage;
  let page: Page;

  const button = (name: string) => page.getByRole('button', { name, exact: true });

  beforeAll(async () => {
    browser = await launchBrowser();
    tab = await UiTab.open(browser, { width: 1440, height: 900 });
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    ({ peer, ui, page } = await openPeerWindow((url) => tab.show(url)));
    await page.getByRole('main', { name: 'Program' }).waitFor();
  });
  afterEach(() => closePeerWindow({ peer, ui }));

  it('are looked for wherever they are shown, without being told to', async () => {
    const window = (id: string, name: string): Device => ({
      ...{ id, kind: 'window', name, isDefault: false, modes: [] },
      size: { width: 800, height: 600 },
    });
    let looks = 0;
    peer.handlers['devices.refresh'] = () => {
      looks += 1;
      peer.update('devices', ({ list, notes }) => ({
        list: [...list, window(`x11:window:late-${looks}`, `Opened late ${looks}`)],
        notes,
      }));
      return {};
    };
    await button('Add source').click();
    const dialog = page.getByRole('dialog', { name: 'Add source' });
    await dialog.getByRole('button', { name: /^Window One program/ }).click();
    await page.getByRole('button', { name: /^Opened late 1/ }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    const looked = async (times: number): Promise<void> => {
      await vi.waitFor(() => expect(looks).toBe(times), patience);
    };
    await looked(1);
    await button('Settings').click();
    await page.getByRole('tab', { name: 'Sound' }).click();
    await page.getByRole('region', { name: 'Microphones' }).waitFor();
    // However many lists there are: one question.
    await looked(2);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    peer.update('settings', (settings) => ({ ...settings, isFirstRunDone: false }));
    await page.getByRole('radio', { name: /My screen/ }).waitFor();
    await looked(3);
  });

  it('are shown as the engine has found them, by whatever it knew them, with what they can do', async () => {
    const add = (name: string, settings: object, deviceId: string | null): void =>
      peer.update('sources', (sources) => [
        ...sources,
        {
          ...{ id: name, name, kind: (settings as { kind: string }).kind, state: 'ok', error: null },
          ...{ size: null, playback: null, deviceId },
          settings: sourceSchema.parse({ id: name, name, ...settings }),
        },
      ]);
    const webcam = { id: 'v4l2:old-port', name: 'HD Pro Webcam C920' };
    add('Face', { kind: 'camera', device: webcam }, 'v4l2:usb-046d');
    const page1 = { id: 'x11:window:Browser:Page 1', name: 'Page 1' };
    add('Game', { kind: 'screen', device: page1 }, 'x11:window:game');
    // Its twin is there; the engine says it is not that one.
    const yeti = { id: 'pulse:mic-2', name: 'Yeti Stereo Microphone' };
    add('Guest', { kind: 'microphone', device: yeti }, null);
    peer.update('scenes', (scenes) =>
      scenes.map((scene) => ({
        ...scene,
        items: [
          ...scene.items,
          ...['Face', 'Game'].map((sourceId) => sceneItemSchema.parse({ id: `i-${sourceId}`, sourceId })),
        ],
      })),
    );
    const chosen = (label: string) =>
      page
        .getByRole('combobox', { name: label })
        .evaluate((select) => (select as HTMLSelectElement).selectedOptions[0]?.text);
    await page.getByRole('row', { name: 'Face', exact: true }).click();
    const modes = page.getByRole('combobox', { name: 'Resolution and rate' });
    await modes.waitFor();
    expect(await chosen('Camera')).toBe('HD Pro Webcam C920 (default)');
    await modes.selectOption('1280×720 at 60 fps');
    await vi.waitFor(() => {
      expect(peer.snapshot.sources.find(({ id }) => id === 'Face')?.settings).toMatchObject({
        mode: { width: 1280, height: 720, fps: 60 },
      });
    }, patience);
    await page.getByRole('row', { name: 'Game', exact: true }).click();
    await page.getByRole('combobox', { name: 'Screen or window' }).waitFor();
    expect(await chosen('Screen or window')).toBe('Tower of Bells');
    await button('Settings').click();
    await page.getByRole('tab', { name: 'Sound' }).click();
    expect(await chosen('Guest')).toBe('Yeti Stereo Microphone (not connected)');
  });
});
