import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ContractPeer, PeerFailure } from '../support/contract-peer';
import { requires } from '../support/requires';
import { launchBrowser, openUi } from '../support/ui-browser';
import type { UiPage } from '../support/ui-browser';

/** generous: the machine may be busy with six other things */
const patience = { timeout: 15_000, interval: 50 };

describe.skipIf(!requires('chromium'))('what is typed is not lost', () => {
  let browser: Browser;
  let peer: ContractPeer;
  let ui: UiPage;
  let page: Page;
  const button = (name: string | RegExp) =>
    page.getByRole('button', { name, exact: typeof name === 'string' });
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    peer = new ContractPeer();
    await peer.start();
    ui = await openUi(browser, peer.url);
    page = ui.page;
    await page.getByRole('main', { name: 'Program' }).waitFor();
  });
  afterEach(async () => {
    await ui.close();
    await peer.stop();
    expect(ui.problems).toEqual([]);
    expect(peer.violations).toEqual([]);
  });

  it('keeps what the engine refused with the reason, until it is corrected or taken back', async () => {
    peer.handlers['settings.update'] = ({ patch }) => {
      if (patch.recordingFolder === '/locked')
        throw new PeerFailure({
          code: 'folder-unwritable',
          details: { path: '/locked', reason: 'permission denied' },
        });
      const { recordingFolder = null } = patch;
      peer.update('settings', (settings) => ({ ...settings, recordingFolder }));
      return {};
    };
    await button('Settings').click();
    await page.getByRole('tab', { name: 'Recording' }).click();
    const folder = page.getByLabel('Folder', { exact: true });
    const reason = page.getByRole('tabpanel').getByRole('alert').getByText('/locked');
    await folder.fill('/locked');
    await folder.press('Tab');
    await reason.waitFor();
    expect(await folder.inputValue()).toBe('/locked');
    expect(await folder.getAttribute('aria-invalid')).toBe('true');

    // Enter asks again, a correction is taken.
    const refused = peer.calls.length;
    await folder.press('Enter');
    await vi.waitFor(() => expect(peer.calls.length).toBe(refused + 1), patience);
    await reason.waitFor();
    await folder.fill('/videos');
    await reason.waitFor({ state: 'detached' });
    await folder.press('Tab');
    await vi.waitFor(() => expect(peer.snapshot.settings.recordingFolder).toBe('/videos'), patience);

    await folder.fill('/locked');
    await folder.press('Enter');
    await reason.waitFor();
    await folder.press('Escape');
    await reason.waitFor({ state: 'detached' });
    expect(await folder.inputValue()).toBe('/videos');

    // A dialog closed with the cursor still in the field: what stands there is sent.
    await folder.fill('/films');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await vi.waitFor(() => expect(peer.snapshot.settings.recordingFolder).toBe('/films'), patience);
  });

  it('keeps a name that is refused while it is typed', async () => {
    peer.handlers['show.edit'] = () => {
      throw new PeerFailure({ code: 'folder-unwritable', details: { path: '/data', reason: 'disk full' } });
    };
    await button(/^Show: /).click();
    const name = page.getByRole('textbox', { name: 'Name of the show' });
    await name.fill('Saturday show');
    await name.press('Tab');
    await page.getByRole('dialog').getByRole('alert').getByText('/data').waitFor();
    expect(await name.inputValue()).toBe('Saturday show');
  });

  it('has what was typed for a destination again after a slip or a lost connection, until it is given up', async () => {
    await button('Add destination').click();
    const dialog = page.getByRole('dialog', { name: 'Add destination' });
    await dialog.getByText('Other', { exact: true }).click();
    await dialog.getByLabel('Name').fill('My relay');
    await dialog.getByLabel('Server address').fill('rtmp://relay.example/app');
    await dialog.getByLabel('Stream key').fill('canary-key');
    const save = dialog.getByRole('button', { name: 'Add destination' });
    await page.waitForLoadState('networkidle');
    await peer.stop();
    await vi.waitFor(async () => expect(await save.isDisabled()).toBe(true), patience);
    await dialog.getByLabel('Name').fill('My second relay');
    await peer.start();
    await vi.waitFor(async () => expect(await save.isDisabled()).toBe(false), patience);
    expect(await dialog.getByLabel('Name').inputValue()).toBe('My second relay');

    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await button('Add destination').click();
    expect(await dialog.getByLabel('Name').inputValue()).toBe('My second relay');
    expect(await dialog.getByLabel('Stream key').inputValue()).toBe('canary-key');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await button('Add destination').click();
    expect(await dialog.getByLabel('Stream key').inputValue()).toBe('');
  });
});
