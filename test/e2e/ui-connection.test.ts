import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ContractPeer } from '../support/contract-peer';
import { believableOutput } from '../support/contract-peer-state';
import { closePeerWindow, openPeerWindow } from '../support/peer-window';
import { requires } from '../support/requires';
import { launchBrowser, openUi } from '../support/ui-browser';
import type { UiPage } from '../support/ui-browser';

/** generous: the machine may be busy with other things */
const patience = { timeout: 15_000, interval: 50 };

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

describe.skipIf(!requires('chromium'))('the connection', () => {
  let browser: Browser;
  let peer: ContractPeer;
  let ui: UiPage;
  let page: Page;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    ({ peer, ui, page } = await openPeerWindow((url) => openUi(browser, url)));
    await page.getByRole('main', { name: 'Program' }).waitFor();
  });
  afterEach(() => closePeerWindow({ peer, ui }));

  it('takes the token out of the address bar and keeps it for a reload', async () => {
    expect(page.url()).toBe(`${peer.origin}/`);
    await page.reload();
    await page.getByRole('main', { name: 'Program' }).waitFor();
    expect(page.url()).not.toContain('token');
  });

  it('says that the connection is lost, and is back by itself with the new state', async () => {
    await page.locator('canvas[data-frame-index]').waitFor();
    // A font still on its way would be a resource that could not be loaded.
    await page.waitForLoadState('networkidle');
    await peer.stop();
    const banner = page.getByText('Connection lost, reconnecting').first();
    await banner.waitFor();
    expect(await button(page, 'Go live').isDisabled()).toBe(true);
    // What was known stays readable.
    await page.getByText('Stream title').waitFor();

    peer.setSilently('outputs', [
      ...peer.snapshot.outputs,
      believableOutput('kick', 'Kick', 'rtmp://kick.example/app'),
    ]);
    await peer.start();
    await page.getByRole('listitem', { name: 'Kick' }).waitFor();
    await page.getByRole('alert').filter({ hasText: 'Connection lost' }).waitFor({ state: 'detached' });
    expect(await button(page, 'Go live').isDisabled()).toBe(false);
    await vi.waitFor(() => {
      expect(peer.topicsOf(0)?.topics).toEqual(['preview', 'stats', 'meters']);
    }, patience);
  });

  it('asks for the whole state when a slice was missed', async () => {
    peer.setSilently('recording', { ...peer.snapshot.recording, state: 'recording', since: Date.now() });
    peer.set('live', { isLive: true, since: Date.now() });
    await button(page, 'Stop recording').waitFor();
    await button(page, 'Stop live').waitFor();
  });
});

describe.skipIf(!requires('chromium'))('a page that the engine does not let in', () => {
  let browser: Browser;
  let peer: ContractPeer;
  beforeAll(async () => {
    browser = await launchBrowser();
    peer = new ContractPeer();
    await peer.start();
  });
  afterAll(async () => {
    await browser.close();
    await peer.stop();
  });

  it('without a token says where to find the link', async () => {
    const { page, close } = await openUi(browser, peer.origin);
    await page.getByRole('heading', { name: 'This page needs the studio’s link' }).waitFor();
    await page.getByText('Open the link that the studio printed when it started.').waitFor();
    expect(peer.clientCount).toBe(0);
    await close();
  });

  it('with a wrong token says so, and works with the right link', async () => {
    const { page, close } = await openUi(browser, `${peer.origin}/#token=wrong`);
    await page.getByRole('heading', { name: 'The studio did not accept this link' }).waitFor();
    await page.goto(peer.url);
    await page.getByRole('main', { name: 'Program' }).waitFor();
    await close();
  });

  it('needs nothing from anywhere else', async () => {
    const html = await readFile(new URL('../../out/renderer/index.html', import.meta.url), 'utf8');
    expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
  });
});
