import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PreflightCheck } from '../../shared/contract/preflight';
import type { ContractPeer } from '../support/contract-peer';
import { PeerFailure } from '../support/contract-peer';
import { closePeerWindow, openPeerWindow } from '../support/peer-window';
import { requires } from '../support/requires';
import { launchBrowser, openUi } from '../support/ui-browser';
import type { UiPage } from '../support/ui-browser';

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const lastCall = ({ calls }: ContractPeer) => calls.at(-1);
const good: PreflightCheck = {
  ...{ subject: 'disk', about: '/recordings', result: 'ok', error: null },
  finding: 'There is room for a recording of 44 h.',
};
const warning: PreflightCheck = {
  ...{
    subject: 'bitrate',
    about: 'Twitch',
    result: 'warning',
    finding: 'Twitch: 8000 of at most 6000 kbit/s.',
  },
  error: { code: 'bitrate-too-high', details: { service: 'Twitch', bitrateKbps: 8000, maxKbps: 6000 } },
};
const blocked: PreflightCheck = {
  ...{ subject: 'destination', about: 'Twitch', result: 'blocked', finding: 'Twitch has no key.' },
  error: { code: 'key-missing', details: { name: 'Twitch' } },
};

describe.skipIf(!requires('chromium'))('going on air in the window', () => {
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
    await button(page, 'Go live').waitFor();
  });
  afterEach(() => closePeerWindow({ peer, ui }));

  it('is not possible while something is missing, and is after it was put right', async () => {
    let checks = [good, blocked];
    peer.handlers['preflight.run'] = () => ({ checks });
    await button(page, 'Go live').click();
    const dialog = page.getByRole('dialog', { name: 'Before you go live' });
    await dialog.getByText('Twitch has no stream key.').waitFor();
    expect(await dialog.getByRole('button', { name: 'Go live', exact: true }).isDisabled()).toBe(true);
    // What is missing stands first.
    expect(await dialog.getByRole('listitem').first().getAttribute('data-result')).toBe('blocked');

    checks = [good, warning];
    await dialog.getByRole('button', { name: 'Look again' }).click();
    await dialog
      .getByText(
        'Set the bitrate to 6000 kbit/s or less in the settings, or give it a variant that has less.',
      )
      .waitFor();
    expect(peer.snapshot.live.isLive).toBe(false);
    await dialog.getByRole('button', { name: 'Go live anyway' }).click();
    await dialog.waitFor({ state: 'detached' });
    await button(page, 'Stop live').waitFor();
    expect(lastCall(peer)?.command).toBe('live.start');
  });

  it('does not go live by itself once another window has, and has stopped', async () => {
    peer.handlers['preflight.run'] = () => ({ checks: [good, warning] });
    await button(page, 'Go live').click();
    const dialog = page.getByRole('dialog', { name: 'Before you go live' });
    await dialog.getByRole('button', { name: 'Go live anyway' }).waitFor();
    peer.update('live', (live) => ({ ...live, isLive: true, since: Date.now() }));
    await button(page, 'Stop live').waitFor();
    peer.handlers['preflight.run'] = () => ({ checks: [good] });
    peer.update('live', (live) => ({ ...live, isLive: false, since: null }));
    await button(page, 'Go live').waitFor();
    // Longer than the checks wait before they go on by themselves.
    await page.waitForTimeout(2000);
    expect(await dialog.count()).toBe(0);
    expect(peer.calls.map(({ command }) => command)).not.toContain('live.start');
  });

  it('goes on by itself when all is well, unless it is cancelled', async () => {
    peer.handlers['preflight.run'] = () => ({ checks: [good] });
    await button(page, 'Go live').click();
    const dialog = page.getByRole('dialog', { name: 'Before you go live' });
    await dialog.getByText('All is well. You go live in a moment.').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await button(page, 'Go live').click();
    await button(page, 'Stop live').waitFor();
    await dialog.waitFor({ state: 'detached' });
    const asked = peer.calls.filter(({ command }) => command.startsWith('live.'));
    expect(asked.map(({ command }) => command)).toEqual(['live.start']);
  });

  it('is asked about when the tab is closed meanwhile, and only then', async () => {
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.dismiss();
    });
    peer.set('live', { isLive: true, since: Date.now() });
    await button(page, 'Stop live').click({ trial: true });
    // Browsers ask only on pages that somebody has touched.
    await page.mouse.click(5, 5);
    await page.close({ runBeforeUnload: true });
    await vi.waitFor(() => expect(asked).toEqual(['beforeunload']));
    expect(page.isClosed()).toBe(false);
    peer.set('live', { isLive: false, since: null });
    await button(page, 'Go live').waitFor();
  });

  it('edits a destination; its key stays unless another is typed, and is shown only on request', async () => {
    await button(page, 'Edit Twitch').click();
    const dialog = page.getByRole('dialog', { name: 'Edit Twitch' });
    const key = dialog.getByLabel('Stream key');
    expect(await key.inputValue()).toBe('');
    await dialog.getByLabel('Name').fill('My channel');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(lastCall(peer)).toEqual({
      command: 'destination.update',
      input: {
        ...{ id: 'twitch', name: 'My channel', url: 'rtmp://live.twitch.tv/app', serviceId: 'twitch' },
        ...{ isEnabled: true, delaySec: 0, isAdaptive: false },
        ...{ variantId: null, isNearest: false, takesVp9: false },
      },
    });
    expect(peer.calls.map(({ command }) => command)).not.toContain('destination.revealKey');

    await button(page, 'Edit My channel').click();
    const again = page.getByRole('dialog', { name: 'Edit My channel' });
    await again.getByRole('button', { name: 'Show the key' }).click();
    await expect
      .poll(() => again.getByLabel('Stream key').inputValue())
      .toBe('live_1234567890_abcdefghijklmnop');
    await again.getByRole('button', { name: 'Hide the key' }).click();
    expect(await again.getByLabel('Stream key').getAttribute('type')).toBe('password');
    await again.getByRole('button', { name: 'Cancel' }).click();
  });

  it('tests a connection and says in place what came of it, keeping what was typed', async () => {
    await button(page, 'Add destination').click();
    const dialog = page.getByRole('dialog', { name: 'Add destination' });
    await dialog.getByText('YouTube', { exact: true }).click();
    expect(await dialog.getByLabel('Server').inputValue()).toBe('primary');
    await dialog.getByLabel('Server').selectOption('backup');
    const test = dialog.getByRole('button', { name: 'Test connection' });
    expect(await test.isDisabled()).toBe(true);
    await dialog.getByLabel('Stream key').fill('canary-key');
    await test.click();
    await dialog.getByText('Connected in 38 ms, encrypted, certificate checked.').waitFor();
    expect(lastCall(peer)?.input).toEqual({
      url: 'rtmps://b.rtmps.youtube.com:443/live2?backup=1',
      key: 'canary-key',
      takesVp9: false,
    });
    peer.handlers['destination.test'] = () => {
      throw new PeerFailure({
        code: 'destination-key-refused',
        details: { host: 'b.rtmps.youtube.com', reason: 'NetStream.Publish.BadName' },
      });
    };
    await test.click();
    await dialog.getByText('Copy the key anew from its page, save it here, then retry.').waitFor();
    expect(await dialog.getByLabel('Stream key').inputValue()).toBe('canary-key');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
  });

  it('keeps what was typed when a destination is refused, and says why where the person looks', async () => {
    peer.handlers['destination.add'] = ({ name }) => {
      throw new PeerFailure({ code: 'destination-name-taken', details: { name } });
    };
    await button(page, 'Add destination').click();
    const dialog = page.getByRole('dialog', { name: 'Add destination' });
    await dialog.getByText('Kick', { exact: true }).click();
    await dialog.getByLabel('Server address').fill('rtmps://a1.global-contribute.live-video.net/app');
    await dialog.getByLabel('Stream key').fill('canary-key');
    await dialog.getByRole('button', { name: 'Add destination' }).click();
    await dialog.getByRole('alert').getByText('A destination named “Kick” is there already.').waitFor();
    expect(await dialog.getByLabel('Stream key').inputValue()).toBe('canary-key');
  });

  it('stays open with the reason when the engine will not go live', async () => {
    peer.handlers['preflight.run'] = () => ({ checks: [warning] });
    peer.handlers['live.start'] = () => {
      throw new PeerFailure({ code: 'key-missing', details: { name: 'Twitch' } });
    };
    await button(page, 'Go live').click();
    const dialog = page.getByRole('dialog', { name: 'Before you go live' });
    await dialog.getByRole('button', { name: 'Go live anyway' }).click();
    await dialog.getByRole('alert').getByText('Twitch has no stream key.').waitFor();
    await dialog.getByText('The stream did not start.').waitFor();
    await dialog.getByRole('button', { name: 'Look again' }).click();
    await dialog.getByRole('alert').waitFor({ state: 'detached' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
  });

  it('says what a stream and a recording wait for while the program is replaced', async () => {
    let answer = (): void => undefined;
    const isAnswered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    peer.update('program', (program) => ({ ...program, state: 'starting' }));
    peer.handlers['preflight.run'] = () => ({ checks: [good] });
    peer.handlers['live.start'] = () => isAnswered.then(() => ({}));
    await button(page, 'Go live').click();
    const dialog = page.getByRole('dialog', { name: 'Before you go live' });
    await dialog.getByText('Waiting for the program to run with its settings…').waitFor();
    // What was asked for is taken back: it would begin by itself otherwise.
    expect(peer.calls.map(({ command }) => command)).not.toContain('live.stop');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await vi.waitFor(() => expect(lastCall(peer)?.command).toBe('live.stop'));

    peer.handlers['recording.start'] = () => isAnswered.then(() => ({ path: '/recordings/one.mp4' }));
    await button(page, 'Record').click();
    const status = page.getByRole('status', { name: 'Recording' });
    await status.getByText('Waiting for the program to run with its settings…').waitFor();
    answer();
    await status.getByText('Waiting').waitFor({ state: 'detached' });
  });

  it('shows how much room a recording has, and when it runs short', async () => {
    await page.setViewportSize({ width: 1920, height: 1080 });
    await button(page, 'Record').click();
    await page.getByTestId('free-room').getByText('123.0 GB free').waitFor();
    await page.setViewportSize({ width: 1280, height: 720 });
    await page.getByTestId('free-room').waitFor({ state: 'hidden' });
    peer.update('recording', (recording) => ({ ...recording, freeBytes: 4_200_000_000 }));
    await page.getByTestId('free-room').getByText('4.2 GB free').waitFor();
  });
});
