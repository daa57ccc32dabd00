import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PeerFailure } from '../support/contract-peer';
import type { ContractPeer } from '../support/contract-peer';
import { closePeerWindow, openPeerWindow } from '../support/peer-window';
import { requires } from '../support/requires';
import { launchBrowser, openUi } from '../support/ui-browser';
import type { UiPage } from '../support/ui-browser';

describe.skipIf(!requires('chromium'))('quality variants', () => {
  let browser: Browser;
  let peer: ContractPeer;
  let ui: UiPage;
  let page: Page;
  beforeAll(async () => {
    browser = await launchBrowser();
    ({ peer, ui, page } = await openPeerWindow((url) => openUi(browser, url)));
  });
  afterAll(async () => {
    await closePeerWindow({ peer, ui });
    await browser.close();
  });
  const inputOf = (command: string): unknown =>
    peer.calls.findLast((call) => call.command === command)?.input;
  const openSettings = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('tab', { name: 'Variants' }).click();
  };

  it('are set up with what they cost in sight, chosen by a destination, and seen to run', async () => {
    await openSettings();
    await page.getByRole('button', { name: 'New variant' }).click();
    const form = page.getByRole('form', { name: 'New variant' });
    const cost = form.getByRole('status', { name: 'Cost' });
    // 12 cores, 7.4 ms a megapixel: 720p30 in half of the program's rate.
    await cost.getByText('About 35 % of one core (3 % of this computer)').waitFor();
    await cost.getByText('2.66 Mbit/s of upload for each destination').waitFor();
    await form.getByLabel('Frames per second').selectOption('60');
    await cost.getByText('About 70 % of one core').waitFor();
    peer.update('variants', ({ basis, ...others }) => ({
      ...others,
      basis: { ...basis, idleCorePercent: 50 },
    }));
    await cost.getByText('about 50 % of one core to spare now').waitFor();
    await form.getByLabel('Frames per second').selectOption('30');
    await cost.getByText('to spare now').waitFor({ state: 'detached' });
    await form.getByLabel('Bitrate').fill('2000');
    await form.getByRole('button', { name: 'Add variant' }).click();
    const row = page.getByRole('listitem', { name: '720p30' });
    await row.getByText('1280×720 · 30 fps · 2.00 Mbit/s · for no destination yet').waitFor();
    expect(inputOf('variant.save')).toEqual({
      ...{ name: '720p30', width: 1280, height: 720, maxFps: 30, bitrateKbps: 2000 },
    });
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: 'Edit YouTube' }).click();
    const dialog = page.getByRole('dialog', { name: 'Edit YouTube' });
    await dialog.getByLabel('Picture').selectOption({ label: '720p30: 1280×720, 30 fps, 2.00 Mbit/s' });
    await dialog.getByText('About 35 % of one core').waitFor();
    await dialog.getByText('When and how it goes out').click();
    const follows = dialog.getByRole('switch', { name: 'Bitrate follows its network' });
    expect(await follows.isDisabled()).toBe(true);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    const { id } = peer.snapshot.variants.list[0]!;
    expect(inputOf('destination.update')).toMatchObject({ id: 'youtube', variantId: id });
    await page.getByRole('listitem', { name: 'YouTube' }).getByText('Gets 720p30').waitFor();

    peer.update('outputs', (outputs) =>
      outputs.map((output) => (output.id === 'youtube' ? { ...output, isWanted: true } : output)),
    );
    peer.update('variants', ({ list, ...others }) => ({
      ...others,
      list: list.map((variant) => ({
        ...variant,
        state: 'running' as const,
        figures: { fps: 29.97, bitrateKbps: 2003, corePercent: 31.6, skipped: 4 },
      })),
    }));
    // Who joins it costs upload alone.
    await page.getByRole('button', { name: 'Edit Twitch' }).click();
    const other = page.getByRole('dialog', { name: 'Edit Twitch' });
    await other.getByLabel('Picture').selectOption(id);
    await other.getByText('YouTube gets the same: only 2.16 Mbit/s of upload more').waitFor();
    await other.getByRole('button', { name: 'Cancel' }).click();

    await openSettings();
    await row.getByText('Now 32 % of one core (reckoned: 36 %) · 30.0 fps').waitFor();
    await row.getByText('4 left out').waitFor();
    peer.handlers['variant.remove'] = () => {
      throw new PeerFailure({
        code: 'variant-in-use',
        details: { name: '720p30', destinations: ['YouTube'] },
      });
    };
    await page.getByRole('button', { name: 'Remove 720p30' }).click();
    await page.getByRole('alert').getByText('“720p30” is what YouTube gets.').waitFor();
    await page.getByRole('button', { name: 'Edit 720p30' }).click();
    const edited = page.getByRole('form', { name: 'Variant 720p30' });
    expect(await edited.getByLabel('Size').isDisabled()).toBe(true);
    await edited.getByText('Not while YouTube is on.').first().waitFor();
    await edited.getByLabel('Bitrate').fill('1500');
    await edited.getByRole('button', { name: 'Save variant' }).click();
    await row.getByText('1.50 Mbit/s').first().waitFor();
    expect(inputOf('variant.save')).toMatchObject({ id, maxFps: 30, bitrateKbps: 1500 });
    expect(ui.problems).toEqual([]);
  });
});
