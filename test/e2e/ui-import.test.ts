import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { wireErrorSchema } from '../../shared/contract/errors';
import { axeFindings } from '../support/axe';
import { ContractPeer } from '../support/contract-peer';
import { requires } from '../support/requires';
import { launchBrowser, UiTab } from '../support/ui-browser';
import type { UiPage } from '../support/ui-browser';

const question = wireErrorSchema.parse({
  code: 'import-captures',
  details: {
    name: 'Curious',
    devices: [
      { kind: 'microphone', name: 'Desk microphone' },
      { kind: 'window', name: 'Mail' },
    ],
  },
});

describe.skipIf(!requires('chromium'))('the import of a show that captures devices', () => {
  let browser: Browser;
  let tab: UiTab;
  let peer: ContractPeer;
  let ui: UiPage;
  let page: Page;
  /** `path?query body` of each import, as the engine gets it; it asks unless it was told that it may */
  let imports: string[];

  beforeAll(async () => {
    browser = await launchBrowser();
    tab = await UiTab.open(browser);
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    imports = [];
    peer = new ContractPeer();
    await peer.start();
    ui = await tab.show(peer.url);
    page = ui.page;
    await page.route('**/api/show/import*', async (route) => {
      const { pathname, search } = new URL(route.request().url());
      imports.push(`${pathname}${search} ${route.request().postData() ?? ''}`);
      await (search === '?captures=start'
        ? route.fulfill({ json: { name: 'Curious', missing: [] } })
        : route.fulfill({ status: 409, json: question }));
    });
    await page.getByRole('button', { name: /^Show: / }).click();
    const file = { name: 'Curious.zip', mimeType: 'application/zip', buffer: Buffer.from('the archive') };
    await page.getByLabel('Show file').setInputFiles(file);
  });
  afterEach(async () => {
    await page.unroute('**/api/show/import*');
    // That the engine asks back is in the console as what it is, an answer of 409.
    expect(ui.problems.filter((problem) => !problem.includes('409'))).toEqual([]);
    expect(peer.violations).toEqual([]);
    await peer.stop();
  });

  const dialog = () => page.getByRole('alertdialog', { name: 'Start what this show captures?' });

  it('lists them, and imports the show only when somebody agrees', async () => {
    await dialog().waitFor();
    expect(await dialog().getByRole('listitem').allInnerTexts()).toEqual([
      'microphone Desk microphone',
      'window Mail',
    ]);
    expect(imports).toEqual(['/api/show/import the archive']);
    for (const size of [
      { width: 900, height: 700 },
      { width: 1280, height: 720 },
    ]) {
      await page.setViewportSize(size);
      const box = await dialog().boundingBox();
      expect(box && box.x >= 0 && box.x + box.width <= size.width, `${size.width}`).toBe(true);
      expect(await axeFindings(page)).toEqual([]);
    }
    await dialog().getByRole('button', { name: 'Import and start them' }).click();
    await page.getByText('Curious.zip is the show now. Undo brings the former one back.').waitFor();
    expect(imports).toEqual(['/api/show/import the archive', '/api/show/import?captures=start the archive']);
    expect(await dialog().count()).toBe(0);
  });

  it.each(['the button', 'Escape'])('lets go of it by %s, and the show stays as it is', async (way) => {
    await dialog().waitFor();
    if (way === 'Escape') await page.keyboard.press('Escape');
    else await dialog().getByRole('button', { name: 'Do not import' }).click();
    await vi.waitFor(async () => expect(await dialog().count()).toBe(0));
    // It can be tried again at once.
    expect(await page.getByRole('button', { name: 'Import…' }).isEnabled()).toBe(true);
    expect(imports).toHaveLength(1);
    const panel = page.getByRole('region', { name: 'As one file' });
    expect(await panel.getByRole('alert').count()).toBe(0);
  });
});
