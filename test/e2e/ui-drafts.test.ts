import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ContractPeer } from '../support/contract-peer';
import { PeerFailure } from '../support/contract-peer';
import { closePeerWindow, openPeerWindow } from '../support/peer-window';
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
    ({ peer, ui, page } = await openPeerWindow((url) => openUi(browser, url)));
    await page.getByRole('main', { name: 'Program' }).waitFor();
  });
  afterEach(() => closePeerWindow({ peer, ui }));

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

  it('sends the name of recordings once, when its field is left', async () => {
    const sent = (): unknown[] =>
      peer.calls.flatMap(({ command, input }) => (command === 'settings.update' ? input : []));
    await button('Settings').click();
    await page.getByRole('tab', { name: 'Recording' }).click();
    const name = page.getByLabel('Name of a recording');
    await name.fill('');
    await name.pressSequentially('{show} of {date}');
    expect(sent()).toEqual([]);
    await name.press('Tab');
    await vi.waitFor(
      () => expect(sent()).toEqual([{ patch: { recordingName: '{show} of {date}' } }]),
      patience,
    );
    await page.getByTestId('recording-example').getByText('Friday show of').waitFor();

    await page.getByLabel('Format').selectOption('mkv');
    await page.getByTestId('recording-example').getByText('.mkv').waitFor();
    await page.getByLabel('Begin another file').selectOption('size');
    const size = page.getByLabel('At most');
    expect(await size.inputValue()).toBe('4');
    await size.fill('1001');
    await page.getByText('Expected a number from 0.1 to 1000.').waitFor();
    await size.fill('0,5');
    const split = { by: 'size', gigabytes: 0.5 };
    await vi.waitFor(() => expect(sent().at(-1)).toEqual({ patch: { recordingSplit: split } }), patience);
    await page.getByLabel('Begin another file').selectOption('none');
    await size.waitFor({ state: 'detached' });
    expect(peer.snapshot.settings).toMatchObject({
      ...{ recordingFormat: 'mkv', recordingSplit: { by: 'none' } },
    });
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

  it.each([
    { what: 'scene', row: 'Gameplay', label: 'Scene name', read: () => peer.snapshot.scenes[1]?.name },
    {
      ...{ what: 'source', row: 'Stream title', label: 'Source name' },
      read: () => peer.snapshot.sources.find(({ id }) => id === 'title')?.name,
    },
  ])('keeps the name of a $what that the engine did not take', async ({ row, label, read }) => {
    const edit = peer.handlers['show.edit'];
    let refuses = true;
    peer.handlers['show.edit'] = (input) => {
      if (refuses)
        throw new PeerFailure({ code: 'folder-unwritable', details: { path: '/data', reason: 'disk full' } });
      return edit(input);
    };
    await page.getByRole('row', { name: row, exact: true }).dblclick();
    const field = page.getByLabel(label);
    await field.fill('A name that took long');
    await field.press('Enter');
    await page.getByRole('alert').getByText('/data').waitFor();
    expect(await field.inputValue()).toBe('A name that took long');
    expect(await field.getAttribute('aria-invalid')).toBe('true');

    // Nor is it lost by leaving, nor by a lost connection.
    await button('Settings').focus();
    await page.waitForLoadState('networkidle');
    await peer.stop();
    await page
      .getByText(/connection/i)
      .first()
      .waitFor();
    await field.focus();
    await field.press('Enter');
    await peer.start();
    await vi.waitFor(() => expect(peer.clientCount).toBe(1), patience);
    refuses = false;
    expect(await field.inputValue()).toBe('A name that took long');
    await vi.waitFor(async () => {
      await field.press('Enter');
      expect(read()).toBe('A name that took long');
    }, patience);
    await field.waitFor({ state: 'detached' });
  });

  it('keeps a refused name while another is written, and lets it go on Escape', async () => {
    peer.handlers['show.edit'] = () => {
      throw new PeerFailure({ code: 'folder-unwritable', details: { path: '/data', reason: 'disk full' } });
    };
    await page.getByRole('row', { name: 'Gameplay', exact: true }).dblclick();
    await page.getByLabel('Scene name').fill('Arena');
    await page.getByRole('row', { name: 'Ending' }).dblclick();
    await vi.waitFor(async () => expect(await page.getByLabel('Scene name').count()).toBe(2), patience);
    const [kept, other] = [page.getByLabel('Scene name').first(), page.getByLabel('Scene name').last()];
    await other.fill('The end');
    await vi.waitFor(async () => expect(await kept.getAttribute('aria-invalid')).toBe('true'), patience);
    expect(await kept.inputValue()).toBe('Arena');
    await kept.press('Escape');
    await page.getByRole('row', { name: 'Gameplay', exact: true }).waitFor();
    await vi.waitFor(async () => expect(await page.getByLabel('Scene name').count()).toBe(1), patience);
    expect(await page.getByLabel('Scene name').inputValue()).toBe('The end');
  });

  it('keeps what was set for the stream over another tab and a closed dialog, until it is taken back', async () => {
    const bitrate = page.getByRole('textbox', { name: 'Bitrate' });
    await button('Settings').click();
    await bitrate.fill('4321');
    await page.getByRole('tab', { name: 'Sound' }).click();
    await page.getByRole('tab', { name: 'Stream' }).click();
    expect(await bitrate.inputValue()).toBe('4321');
    // Beside the dialog.
    await page.mouse.click(4, 4);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await button('Settings').click();
    expect(await bitrate.inputValue()).toBe('4321');
    await button('Take back').click();
    expect(await bitrate.inputValue()).toBe('6000');
  });

  it('keeps what is typed while settings are being applied, and why they were refused', async () => {
    const bitrate = page.getByRole('textbox', { name: 'Bitrate' });
    const update = peer.handlers['settings.update'];
    let answer = (): void => undefined;
    peer.handlers['settings.update'] = async (input) => {
      await new Promise<void>((resolve) => (answer = resolve));
      return update(input);
    };
    await button('Settings').click();
    await bitrate.fill('4000');
    await page.getByLabel('Frames per second').selectOption('30');
    await button('Apply').click();
    await vi.waitFor(() => expect(peer.calls.at(-1)?.command).toBe('settings.update'), patience);
    await bitrate.fill('5000');
    answer();
    await vi.waitFor(() => expect(peer.snapshot.settings.fps).toBe(30), patience);
    await page.getByText('The program runs with the new settings.').waitFor();
    expect(peer.snapshot.settings.bitrateKbps).toBe(4000);
    expect(await bitrate.inputValue()).toBe('5000');

    // The answer to a dialog that was closed meanwhile is there when it is opened again.
    peer.handlers['settings.update'] = async () => {
      await new Promise<void>((resolve) => (answer = resolve));
      throw new PeerFailure({ code: 'folder-unwritable', details: { path: '/data', reason: 'disk full' } });
    };
    const asked = peer.calls.length;
    await button('Apply').click();
    await vi.waitFor(() => expect(peer.calls.length).toBe(asked + 1), patience);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    answer();
    await button('Settings').click();
    await page.getByRole('tabpanel').getByRole('alert').getByText('/data').waitFor();
    expect(await bitrate.inputValue()).toBe('5000');
  });
});
