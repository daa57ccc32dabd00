import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OutputView } from '../../shared/contract/snapshot';
import type { ContractPeer } from '../support/contract-peer';
import { PeerFailure } from '../support/contract-peer';
import { closePeerWindow, openPeerWindow } from '../support/peer-window';
import { requires } from '../support/requires';
import { launchBrowser, openUi } from '../support/ui-browser';
import type { UiPage } from '../support/ui-browser';

const poll = { timeout: 15_000 };

describe.skipIf(!requires('chromium'))('the form of a destination', () => {
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
  });
  afterEach(() => closePeerWindow({ peer, ui }));
  const open = async (button: string, title = button): Promise<Locator> => {
    await page.getByRole('button', { name: button, exact: true }).click();
    return page.getByRole('dialog', { name: title });
  };
  const inputOf = (command: string): unknown =>
    peer.calls.findLast((call) => call.command === command)?.input;

  it('starts and stops each by itself, asks before that puts the show on air, and says when it goes out', async () => {
    const twitch = page.getByRole('switch', { name: 'Stream to Twitch' });
    const youtube = page.getByRole('switch', { name: 'Stream to YouTube' });
    const onAir = page.getByTestId('live-state');
    await twitch.click();
    const question = page.getByRole('alertdialog', { name: 'Go live on Twitch alone?' });
    await question.getByRole('button', { name: 'Cancel' }).click();
    await question.waitFor({ state: 'detached' });
    expect([await twitch.isChecked(), inputOf('destination.start')]).toEqual([false, undefined]);
    await twitch.click();
    await question.getByRole('button', { name: 'Go live' }).click();
    await onAir.getByText('Connecting', { exact: true }).waitFor();
    expect([await twitch.isChecked(), await youtube.isChecked()]).toEqual([true, false]);
    const set = (patch: Partial<OutputView>): void =>
      peer.update('outputs', (outputs) =>
        outputs.map((output) => (output.id === 'twitch' ? { ...output, ...patch } : output)),
      );
    const row = page.getByRole('listitem', { name: 'Twitch' });
    set({ status: { state: 'waiting', until: Date.now() + 65_000 }, delaySec: 65 });
    await row.getByText(/^Starts in 1:0\d$/).waitFor();
    await row.getByText('1:05 after the program').waitFor();
    await onAir.getByText('Held back').waitFor();
    const meter = row.getByRole('meter', { name: 'Congestion of Twitch' });
    set({ status: { state: 'live', since: Date.now() }, congestion: 0.3 });
    await onAir.getByText('ON AIR').waitFor();
    expect(await meter.getAttribute('aria-valuenow')).toBe('30');
    set({ congestion: 1.4 });
    await row.getByText('Too slow: frames are left out').waitFor();
    expect(await meter.getAttribute('aria-valuenow')).toBe('100');

    // On air already: the other one joins without a question, and its leaving costs the first nothing.
    await youtube.click();
    await onAir.getByText('1 of 2 connecting').waitFor();
    expect(inputOf('destination.start')).toEqual({ id: 'youtube' });
    await youtube.click();
    await onAir.getByText('ON AIR').waitFor();
    await twitch.click();
    await page.getByRole('button', { name: 'Go live', exact: true }).waitFor();

    const dialog = await open('Edit YouTube');
    await dialog.getByText('When and how it goes out').click();
    await dialog.getByRole('switch', { name: 'Goes live with the others' }).click();
    await dialog.getByLabel('Delay').fill('1000');
    await dialog.getByText('Expected a whole number from 0 to 900.').waitFor();
    await dialog.getByLabel('Delay').fill('90');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(inputOf('destination.update')).toMatchObject({ id: 'youtube', isEnabled: false, delaySec: 90 });
    await page.getByText('1:30 after the program · not started by “Go live”').waitFor();
    await page.getByRole('button', { name: 'Edit YouTube' }).click();
    expect(await page.getByRole('dialog').getByLabel('Delay').inputValue()).toBe('90');
    const form = page.getByRole('dialog', { name: 'Edit YouTube' });
    const follows = form.getByRole('switch', { name: 'Bitrate follows its network' });
    expect(await follows.isDisabled()).toBe(true);
    await form.getByLabel('Delay').fill('0');
    await follows.click();
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByText('bitrate follows its network').waitFor();
    expect(inputOf('destination.update')).toMatchObject({ isAdaptive: true, delaySec: 0 });
    peer.update('program', (now) => ({ ...now, lowered: { kbps: 1800, destination: 'YouTube' } }));
    await page.getByText('lowered to 1.80 Mbit/s').waitFor();
    await page.getByText('Bitrate lowered to 1800 kbit/s').waitFor();
  });

  it('takes a typed key along to no other service or server, and says why it is gone', async () => {
    const dialog = await open('Add destination');
    const key = dialog.getByLabel('Stream key');
    const reason = dialog.getByRole('status', { name: 'About the key' });
    await key.fill('canary-of-twitch');
    await dialog.getByText('YouTube', { exact: true }).click();
    expect(await key.inputValue()).toBe('');
    await reason.getByText('The key was given for Twitch').waitFor();
    // A slip of the hand: the key is back with its service.
    await dialog.getByText('Twitch', { exact: true }).click();
    expect(await key.inputValue()).toBe('canary-of-twitch');
    await reason.waitFor({ state: 'hidden' });
    await dialog.getByText('YouTube', { exact: true }).click();
    expect(await key.inputValue()).toBe('');

    await key.fill('canary-of-youtube');
    await reason.waitFor({ state: 'hidden' });
    // The other server of the same service takes the same key.
    await dialog.getByLabel('Server').selectOption('backup');
    expect(await key.inputValue()).toBe('canary-of-youtube');
    await dialog.getByLabel('Server').selectOption('typed');
    const address = dialog.getByLabel('Server address');
    await dialog.getByLabel('Name').fill('My relay');
    await address.fill('rtmp://relay.example/app');
    expect(await key.inputValue()).toBe('canary-of-youtube');
    // Sent by Enter, without leaving the field.
    await address.press('Enter');
    await reason.getByText('The key was given for a.rtmps.youtube.com').waitFor();
    expect(await key.inputValue()).toBe('');
    // A typing mistake in the address that is put right.
    await address.fill('rtmps://a.rtmps.youtube.com:443/live2');
    await expect.poll(() => key.inputValue(), poll).toBe('canary-of-youtube');
    // That is one of the service's own again, and the list says so.
    await dialog.getByLabel('Server').selectOption('typed');
    await address.fill('rtmp://relay.example/app');
    await address.press('Tab');
    expect(await key.inputValue()).toBe('');
    expect(inputOf('destination.add')).toBeUndefined();
    await key.fill('canary-of-the-relay');
    await dialog.getByRole('button', { name: 'Add destination' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(inputOf('destination.add')).toMatchObject({
      ...{ url: 'rtmp://relay.example/app', key: 'canary-of-the-relay' },
    });
  });

  it('keeps a saved key for its own server alone', async () => {
    const dialog = await open('Edit Twitch');
    const key = dialog.getByLabel('Stream key');
    const reason = dialog.getByRole('status', { name: 'About the key' });
    expect(await key.getAttribute('placeholder')).toContain('stays as it is');
    await dialog.getByText('Other', { exact: true }).click();
    await dialog.getByLabel('Name').fill('My channel');
    await dialog.getByLabel('Server address').fill('rtmp://relay.example/app');
    await reason.getByText('The key was given for live.twitch.tv').waitFor();
    expect(await key.getAttribute('placeholder')).toBeNull();
    await dialog.getByRole('button', { name: 'Save' }).click();
    expect(inputOf('destination.update')).toBeUndefined();
    expect(await dialog.getByRole('button', { name: 'Show the key' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Server address').fill('rtmp://live.twitch.tv/other');
    await expect.poll(() => key.getAttribute('placeholder'), poll).toContain('stays as it is');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(inputOf('destination.update')).toMatchObject({ url: 'rtmp://live.twitch.tv/other' });
    expect(inputOf('destination.update')).not.toHaveProperty('key');
  });

  it('gives a server of one’s own the login it asks for, whole or not at all', async () => {
    const dialog = await open('Add destination');
    await dialog.getByText('Other', { exact: true }).click();
    await dialog.getByLabel('Name').fill('Hall');
    await dialog.getByLabel('Server address').fill('rtmp://hall.example/live');
    await dialog.getByLabel('Stream key').fill('canary-of-hall');
    await dialog.getByText('Login, if the server asks for one').click();
    await dialog.getByLabel('User', { exact: true }).fill('me');
    const test = dialog.getByRole('button', { name: 'Test connection' });
    expect(await test.isDisabled()).toBe(true);
    await dialog.getByRole('button', { name: 'Add destination' }).click();
    expect(inputOf('destination.add')).toBeUndefined();
    await dialog.getByLabel('Password').fill('canary-password');
    await test.click();
    const login = { user: 'me', password: 'canary-password' };
    await expect.poll(() => inputOf('destination.test'), poll).toMatchObject({ login });
    await dialog.getByText('When and how it goes out').click();
    await dialog.getByRole('switch', { name: 'Takes VP9 without saying so' }).click();
    await dialog.getByRole('button', { name: 'Add destination' }).click();
    await dialog.waitFor({ state: 'detached' });
    const own = { key: 'canary-of-hall', serviceId: null, takesVp9: true, login };
    expect(inputOf('destination.add')).toMatchObject(own);

    peer.update('outputs', (outputs) =>
      outputs.map((output) =>
        output.id === 'twitch' ? { ...output, url: 'rtmp://hall.example/live', user: 'me' } : output,
      ),
    );
    const edit = await open('Edit Twitch');
    await edit.getByLabel('User', { exact: true }).waitFor();
    expect(await edit.getByLabel('Password').getAttribute('placeholder')).toContain('stays as it is');
    await edit.getByLabel('User', { exact: true }).fill('you');
    await edit.getByRole('button', { name: 'Save' }).click();
    await edit.waitFor({ state: 'detached' });
    expect(inputOf('destination.update')).toMatchObject({ login: { user: 'you' } });
  });

  it('shows no answer of a connection test under an address that was typed meanwhile', async () => {
    let answer = (): void => undefined;
    peer.handlers['destination.test'] = () =>
      new Promise((_, reject) => {
        answer = () =>
          reject(
            new PeerFailure({
              code: 'destination-unreachable',
              details: { host: 'one.example', port: 1935, reason: 'ECONNREFUSED' },
            }),
          );
      });
    const dialog = await open('Add destination');
    await dialog.getByText('Other', { exact: true }).click();
    await dialog.getByLabel('Server address').fill('rtmp://one.example/app');
    await dialog.getByLabel('Stream key').fill('canary-key');
    await dialog.getByRole('button', { name: 'Test connection' }).click();
    await dialog.getByRole('button', { name: 'Testing…' }).waitFor();
    await expect.poll(() => inputOf('destination.test'), poll).toBeDefined();
    await dialog.getByLabel('Name').fill('The other one');
    await dialog.getByRole('button', { name: 'Test connection' }).waitFor();
    answer();
    // What is asked later is answered later: by then the first answer is here.
    peer.handlers['destination.test'] = () => ({ connectMs: 7, isEncrypted: false, isKeyChecked: false });
    await expect
      .poll(() => peer.calls.filter(({ command }) => command === 'destination.test').length)
      .toBe(1);
    await page.waitForTimeout(300);
    expect(await dialog.getByRole('status', { name: 'Connection test' }).textContent()).toBe('');
    await dialog.getByRole('button', { name: 'Test connection' }).click();
    await dialog.getByText('Connected in 7 ms').waitFor();
  });

  it('keeps what is typed while the saved key is fetched, and forgets that key when it is closed', async () => {
    let answer = (): void => undefined;
    peer.handlers['destination.revealKey'] = () =>
      new Promise((resolve) => {
        answer = () => resolve({ key: 'canary-of-twitch' });
      });
    const dialog = await open('Edit Twitch');
    const key = dialog.getByLabel('Stream key');
    await dialog.getByRole('button', { name: 'Show the key' }).click();
    await expect.poll(() => inputOf('destination.revealKey'), poll).toEqual({ id: 'twitch' });
    await dialog.getByLabel('Name').fill('My channel');
    answer();
    await expect.poll(() => key.inputValue(), poll).toBe('canary-of-twitch');
    expect(await dialog.getByLabel('Name').inputValue()).toBe('My channel');

    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    const again = await open('Edit Twitch');
    expect(await again.getByLabel('Name').inputValue()).toBe('My channel');
    expect(await again.getByLabel('Stream key').inputValue()).toBe('');

    // A key that is typed meanwhile is the person's.
    await again.getByRole('button', { name: 'Show the key' }).click();
    await expect
      .poll(() => peer.calls.filter(({ command }) => command === 'destination.revealKey').length, poll)
      .toBe(2);
    await again.getByLabel('Stream key').fill('canary-typed');
    answer();
    await again.getByRole('button', { name: 'Hide the key' }).waitFor();
    expect(await again.getByLabel('Stream key').inputValue()).toBe('canary-typed');
  });
});
