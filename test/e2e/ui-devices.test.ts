import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Device } from '../../shared/contract/device';
import { ContractPeer } from '../support/contract-peer';
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
    peer = new ContractPeer();
    await peer.start();
    ui = await tab.show(peer.url);
    page = ui.page;
    await page.getByRole('main', { name: 'Program' }).waitFor();
  });
  afterEach(async () => {
    await ui.close();
    await peer.stop();
    expect(ui.problems).toEqual([]);
    expect(peer.violations).toEqual([]);
  });

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
});
