import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ContractPeer } from '../support/contract-peer';
import { PeerFailure } from '../support/contract-peer';
import { believableOutput } from '../support/contract-peer-state';
import { believableServers } from '../support/contract-peer-servers';
import { closePeerWindow, openPeerWindow } from '../support/peer-window';
import { requires } from '../support/requires';
import { launchBrowser, UiTab } from '../support/ui-browser';
import type { UiPage } from '../support/ui-browser';
import { believableResult } from '../support/ui-link-screens';

describe.skipIf(!requires('chromium'))('the ways to destinations', () => {
  let browser: Browser;
  let tab: UiTab;
  let peer: ContractPeer;
  let ui: UiPage;
  let page: Page;
  beforeAll(async () => {
    browser = await launchBrowser();
    tab = await UiTab.open(browser);
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    ({ peer, ui, page } = await openPeerWindow((url) => tab.show(url)));
  });
  afterEach(() => closePeerWindow({ peer, ui }));
  const inputs = (command: string): unknown[] =>
    peer.calls.filter((call) => call.command === command).map(({ input }) => input);
  const open = async (button: string): Promise<Locator> => {
    await page.getByRole('button', { name: button, exact: true }).click();
    return page.getByRole('dialog');
  };

  it('asks Twitch for its servers only once a person streams there, and takes the nearest unless another is chosen', async () => {
    const dialog = await open('Add destination');
    const server = dialog.getByLabel('Server', { exact: true });
    const found = dialog.getByRole('status', { name: 'Servers of Twitch' });
    expect(await server.inputValue()).toBe('nearest');
    await found.getByText('once you have entered a key').waitFor();
    expect(inputs('destination.servers')).toEqual([]);
    await dialog.getByLabel('Stream key').fill('a-key');
    await found.getByText('5 servers. The nearest is Europe: Germany, Frankfurt, 9 ms away.').waitFor();
    expect(inputs('destination.servers')).toEqual([{ serviceId: 'twitch', isAnew: false }]);
    const listed = await server.locator('optgroup option').allTextContents();
    expect(listed).toEqual([
      'Europe: Germany, Frankfurt · 9 ms',
      'Europe: France, Paris · 18 ms',
      'US East: N. Virginia · 96 ms',
      'Australia: Sydney · no answer',
    ]);
    await server.selectOption('euw30.contribute.live-video.net');
    // The key goes along: each server of Twitch takes it.
    expect(await dialog.getByLabel('Stream key').inputValue()).toBe('a-key');

    peer.handlers['destination.servers'] = () => ({ ...believableServers(), servers: [], nearest: null });
    await dialog.getByRole('button', { name: 'Measure again' }).click();
    await found.getByText('None of them answers').waitFor();
    expect(inputs('destination.servers').at(-1)).toEqual({ serviceId: 'twitch', isAnew: true });
    // What was chosen stays, though it is not in the list any more.
    expect(await dialog.getByLabel('Server address').inputValue()).toBe(
      'rtmps://euw30.contribute.live-video.net/app',
    );
    await server.selectOption('nearest');
    await dialog.getByLabel('Name').fill('Second channel');
    await dialog.getByRole('button', { name: 'Add destination' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(inputs('destination.add')).toMatchObject([
      { isNearest: true, url: 'rtmps://ingest.global-contribute.live-video.net/app', key: 'a-key' },
    ]);
    const row = page.getByRole('listitem', { name: 'Second channel' });
    await row.getByText('Nearest server, looked for when you go live').waitFor();
    peer.update('outputs', (outputs) =>
      outputs.map((output) =>
        output.name === 'Second channel'
          ? { ...output, nearest: { name: 'Frankfurt', connectMs: 9 } }
          : output,
      ),
    );
    await row.getByText('Nearest server: Frankfurt, 9 ms').waitFor();

    // Nobody else is asked for servers.
    const before = inputs('destination.servers').length;
    const youtube = await open('Edit YouTube');
    await youtube.getByLabel('Server', { exact: true }).waitFor();
    expect(inputs('destination.servers')).toHaveLength(before);
  });

  it('measures a connection: how far it is, what it found, and why not', async () => {
    const dialog = await open('Connection speed to Twitch');
    await dialog.getByText('Twitch shows it to nobody').waitFor();
    await dialog.getByRole('button', { name: 'Measure' }).click();
    await dialog.getByText('Connecting to').waitFor();
    expect(inputs('destination.testBandwidth')).toEqual([
      { id: 'twitch', viaId: 'twitch', isUnwatched: false },
    ]);
    const running = { destinationId: 'twitch', host: 'the-host', share: 0.4, kbps: 5120 };
    peer.update('bandwidth', (bandwidth) => ({ ...bandwidth, running }));
    await dialog.getByText('Sending to the-host · 5.12 Mbit/s').waitFor();
    expect(await dialog.getByRole('progressbar').getAttribute('value')).toBe('40');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.getByRole('progressbar').waitFor({ state: 'detached' });
    expect(inputs('destination.cancelBandwidthTest')).toHaveLength(1);

    const set = (medianKbps: number): void =>
      peer.set('bandwidth', {
        running: null,
        failure: null,
        results: [believableResult('twitch', medianKbps)],
      });
    set(8700);
    const result = dialog.getByRole('region', { name: 'Result' });
    await result.getByText('they fit, with room for bad moments').waitFor();
    await result.getByText('8.70 Mbit/s').waitFor();
    set(7900);
    await result.getByText('Set 5.50 Mbit/s or less').waitFor();
    const error = {
      code: 'destination-lost',
      details: { host: 'the-host', reason: 'connection reset' },
    } as const;
    peer.update('bandwidth', (bandwidth) => ({ ...bandwidth, failure: { destinationId: 'twitch', error } }));
    await dialog.getByRole('alert').getByText('The connection to the-host was lost').waitFor();
    peer.handlers['destination.testBandwidth'] = () => {
      throw new PeerFailure({ code: 'bandwidth-busy', details: { name: 'Other' } });
    };
    await dialog.getByRole('button', { name: 'Measure again' }).click();
    await dialog.getByRole('alert').getByText('The connection to Other is being tested').waitFor();
    peer.set('live', { isLive: true, since: Date.now() });
    await dialog.getByText('Not while you are live').waitFor();
    expect(await dialog.getByRole('button', { name: 'Measure again' }).isDisabled()).toBe(true);
  });

  it('goes by way of a destination that nobody watches where the service would show the test', async () => {
    const dialog = await open('Connection speed to YouTube');
    await dialog.getByText('YouTube shows viewers whatever it gets').waitFor();
    expect(await dialog.getByLabel('Send the test to').locator('option').allTextContents()).toEqual([
      'Twitch',
    ]);
    await dialog.getByRole('button', { name: 'Measure' }).click();
    await dialog.getByText('Connecting to').waitFor();
    expect(inputs('destination.testBandwidth')).toEqual([
      { id: 'youtube', viaId: 'twitch', isUnwatched: false },
    ]);
    peer.update('bandwidth', (bandwidth) => ({ ...bandwidth, running: null }));
    peer.update('outputs', (outputs) => outputs.filter(({ id }) => id !== 'twitch'));
    await dialog.getByText('add it as a destination of the kind “Other”').waitFor();
    expect(await dialog.getByRole('button', { name: 'Measure' }).isDisabled()).toBe(true);

    // Of a server that may be a platform a person has to say that nobody watches.
    peer.update('outputs', (outputs) => [
      ...outputs,
      believableOutput('far', 'Far server', 'rtmp://live.example.com/app'),
    ]);
    const measure = dialog.getByRole('button', { name: 'Measure' });
    const unwatched = dialog.getByRole('switch', { name: 'Nobody watches at Far server now' });
    await unwatched.waitFor();
    expect(await measure.isDisabled()).toBe(true);
    await unwatched.click();
    await measure.click();
    await dialog.getByText('Connecting to').waitFor();
    expect(inputs('destination.testBandwidth').at(-1)).toEqual({
      ...{ id: 'youtube', viaId: 'far', isUnwatched: true },
    });
  });
});
