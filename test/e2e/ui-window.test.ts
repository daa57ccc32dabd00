import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OutputState } from '../../shared/contract/snapshot';
import type { ContractPeer } from '../support/contract-peer';
import { PeerFailure } from '../support/contract-peer';
import { closePeerWindow, openPeerWindow } from '../support/peer-window';
import { requires } from '../support/requires';
import { launchBrowser, UiTab } from '../support/ui-browser';
import type { UiPage } from '../support/ui-browser';
import { tabTo, walkTo } from '../support/ui-keyboard';

/** generous: the machine may be busy with six other things */
const patience = { timeout: 15_000, interval: 50 };
const lastCall = (peer: ContractPeer) => peer.calls.at(-1);
const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' });

function setDestination(peer: ContractPeer, id: string, status: OutputState): void {
  peer.update('outputs', (outputs) =>
    outputs.map((output) => (output.id === id ? { ...output, status } : output)),
  );
}

describe.skipIf(!requires('chromium'))('the window in a browser', () => {
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
    await page.getByRole('main', { name: 'Program' }).waitFor();
  });
  afterEach(() => closePeerWindow({ peer, ui }));

  it('switches the scene by a click and shows the sources of the new one', async () => {
    const scene = (name: string) => page.getByRole('grid', { name: 'Scenes' }).getByRole('row', { name });
    expect(await scene('Gameplay').getAttribute('aria-selected')).toBe('true');
    await scene('Be right back').click();
    await page.getByText('Local time').waitFor();
    expect(lastCall(peer)).toEqual({ command: 'scene.switch', input: { sceneId: 'pause' } });
    expect(await scene('Be right back').getAttribute('aria-selected')).toBe('true');
    expect(await scene('Gameplay').getAttribute('aria-selected')).toBe('false');
  });

  it('hides and shows an item, touching nothing else of it', async () => {
    const toggle = button(page, 'Show Stream title');
    expect(await toggle.getAttribute('aria-pressed')).toBe('true');
    await toggle.click();
    await vi.waitFor(async () => {
      expect(await toggle.getAttribute('aria-pressed')).toBe('false');
    }, patience);
    expect(lastCall(peer)).toEqual({
      command: 'show.edit',
      input: {
        edits: [{ type: 'item.update', itemId: 'g3', patch: { visible: false } }],
        label: 'Hide Stream title',
        gesture: expect.any(String),
      },
    });
  });

  it('shows a broken source with sentence and remedy', async () => {
    peer.update('sources', (sources) =>
      sources.map((source) =>
        source.id === 'webcam'
          ? {
              ...source,
              state: 'failed',
              error: { code: 'source-file-missing', details: { path: '/x/cam.png' } },
            }
          : source,
      ),
    );
    await page.getByText('The file /x/cam.png does not exist.').waitFor();
    await page.getByText('Put it back or choose another file for this source.').waitFor();
  });

  it('goes live, tells the true state of each destination, and stops', async () => {
    await button(page, 'Go live').click();
    const state = page.getByTestId('live-state');
    await state.getByText('2 of 2 connecting').waitFor();
    const twitch = page.getByRole('listitem', { name: 'Twitch' });
    const youtube = page.getByRole('listitem', { name: 'YouTube' });
    await twitch.getByText('Connecting…').waitFor();

    setDestination(peer, 'twitch', { state: 'live', since: Date.now() });
    await state.getByText('1 of 2 connecting').waitFor();
    await twitch.getByText(/^Live 0:0/).waitFor();
    setDestination(peer, 'youtube', { state: 'live', since: Date.now() });
    await state.getByText('ON AIR').waitFor();
    await page
      .getByRole('timer', { name: 'Time live' })
      .getByText(/^00:00:0[1-9]$/)
      .waitFor();

    setDestination(peer, 'youtube', {
      state: 'reconnecting',
      attempt: 2,
      retryAt: Date.now() + 60_000,
      error: {
        code: 'destination-lost',
        details: { host: 'a.rtmp.youtube.com', reason: 'connection reset' },
      },
    });
    await state.getByText('1 of 2 reconnecting').waitFor();
    await youtube.getByText('The connection to a.rtmp.youtube.com was lost (connection reset).').waitFor();
    const countdown = youtube.getByText(/^Reconnecting in \d+ s$/);
    await youtube.getByText('Attempt 2 follows').waitFor();
    const secondsLeft = async (): Promise<number> =>
      Number(/in (\d+) s/.exec((await countdown.textContent()) ?? '')?.[1]);
    const before = await secondsLeft();
    expect(before).toBeGreaterThan(30);
    await vi.waitFor(async () => expect(await secondsLeft()).toBeLessThan(before), patience);
    await youtube.getByRole('button', { name: /Retry now/ }).click();
    await youtube.getByText('Connecting (attempt 2)').waitFor();
    expect(lastCall(peer)).toEqual({ command: 'destination.retryNow', input: { id: 'youtube' } });

    setDestination(peer, 'youtube', {
      state: 'failed',
      error: { code: 'destination-key-refused', details: { host: 'a.rtmp.youtube.com', reason: 'bad key' } },
    });
    await state.getByText('1 of 2 failed').waitFor();
    await youtube.getByText('Copy the key anew from its page, save it here, then retry.').waitFor();

    await button(page, 'Stop live').click();
    await button(page, 'Go live').waitFor();
    expect(lastCall(peer)?.command).toBe('live.stop');
  });

  it('records with a timer and the path, and stops', async () => {
    await button(page, 'Record').click();
    await page.getByRole('timer', { name: 'Time recorded' }).waitFor();
    expect(await page.getByTestId('recording-path').getAttribute('title')).toBe(
      '/home/streamer/Videos/2026-11-22 20-15-00.mp4',
    );
    await button(page, 'Stop recording').click();
    await button(page, 'Record').waitFor();
  });

  it('adds a destination without ever showing its key, and removes it after asking', async () => {
    await button(page, 'Add destination').click();
    const dialog = page.getByRole('dialog', { name: 'Add destination' });
    await dialog.getByText('Other', { exact: true }).click();
    await dialog.getByLabel('Name').fill('Own server');
    await dialog.getByLabel('Server address').fill('http://wrong');
    await dialog.getByLabel('Stream key').fill('canary-key');
    expect(await dialog.getByLabel('Stream key').getAttribute('type')).toBe('password');
    await dialog.getByRole('button', { name: 'Add destination' }).click();
    await dialog.getByText('Use rtmp://host[:port]/app or rtmps://host[:port]/app.').waitFor();
    expect(peer.calls).toEqual([]);

    await dialog.getByLabel('Server address').fill('rtmp://media.lan/app');
    await dialog.getByRole('button', { name: 'Add destination' }).click();
    await page.getByRole('listitem', { name: 'Own server' }).getByText('Idle').waitFor();
    expect(lastCall(peer)?.input).toEqual({
      name: 'Own server',
      url: 'rtmp://media.lan/app',
      serviceId: null,
      key: 'canary-key',
      isEnabled: true,
      delaySec: 0,
      isAdaptive: false,
      ...{ variantId: null, isNearest: false, takesVp9: false },
    });
    expect(await page.content()).not.toContain('canary-key');

    await button(page, 'Remove Own server').click();
    await button(page, 'Cancel').click();
    await button(page, 'Remove Own server').click();
    await button(page, 'Remove destination').click();
    await page.getByRole('listitem', { name: 'Own server' }).waitFor({ state: 'detached' });
  });

  it('creates a key that is shown once, copies it, and revokes it after asking', async () => {
    await page.getByLabel('Key name').fill('Camera two');
    await button(page, 'Create key').click();
    const key = (await page.getByTestId('created-key').textContent()) ?? '';
    expect(key).toMatch(/^[\w-]{43}$/);
    expect(await page.getByTestId('created-url').textContent()).toBe(`rtmp://127.0.0.1:1935/live/${key}`);
    await button(page, 'Copy key').click();
    await vi.waitFor(async () => {
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(key);
    }, patience);
    await button(page, 'I have copied it').click();
    await page.getByTestId('created-key').waitFor({ state: 'detached' });
    expect(await page.content()).not.toContain(key);

    peer.set('streams', [
      {
        name: 'camera-two',
        app: 'live',
        publisher: '127.0.0.1:50412',
        since: Date.now(),
        bytesIn: 0,
        players: 2,
        codecs: { video: 'h264', audio: 'aac' },
      },
    ]);
    const stream = page
      .getByRole('list', { name: 'Active streams' })
      .getByRole('listitem', { name: 'camera-two' });
    await stream.getByText(/H\.264 \+ AAC · 2 players · from 127\.0\.0\.1/).waitFor();

    const row = page.getByRole('list', { name: 'Stream keys' }).getByRole('listitem', { name: 'Camera two' });
    await row.getByText('Publishing').waitFor();
    await row.getByRole('button', { name: /Revoke/ }).click();
    await page.getByText('Its stream is cut off at once').waitFor();
    await button(page, 'Revoke key').click();
    await row.waitFor({ state: 'detached' });
    await stream.waitFor({ state: 'detached' });
  });

  it('shows a failed command as sentence and remedy, and keeps what was typed', async () => {
    peer.handlers['key.create'] = ({ name }) => {
      throw new PeerFailure({ code: 'key-name-taken', details: { name } });
    };
    await page.getByLabel('Key name').fill('Phone');
    await button(page, 'Create key').click();
    const alert = page.getByRole('alert', { name: 'Errors' });
    await alert.getByText('A stream key named “Phone” already exists.').waitFor();
    await alert.getByText('Choose another name or revoke the old key.').waitFor();
    expect(await page.getByLabel('Key name').inputValue()).toBe('Phone');
    await button(page, 'Dismiss error').click();
    await alert.getByText('already exists').waitFor({ state: 'detached' });
  });

  it('offers another port when the RTMP port is taken', async () => {
    peer.update('ingest', (ingest) => ({
      ...ingest,
      state: 'degraded',
      error: { code: 'port-in-use', details: { port: 1935, purpose: 'rtmp' } },
    }));
    await page.getByText('Port 1935 for the RTMP server is already in use.').waitFor();
    await page.getByLabel(/^Port/).fill('2935');
    await button(page, 'Use another port').click();
    await page.getByText('RTMP on 127.0.0.1:2935').waitFor();
  });

  it('shows notices until they are dismissed', async () => {
    peer.set('notices', [
      {
        id: 'n1',
        at: Date.now(),
        severity: 'warning',
        error: { code: 'encoder-behind', details: { behindMs: 640 } },
      },
    ]);
    const notices = page.getByRole('log', { name: 'Notices' });
    await notices.getByText('The encoder is 640 ms behind, so frames are skipped.').waitFor();
    await notices.getByText('Choose a faster profile, a lower frame rate or a smaller size.').waitFor();
    await button(page, 'Dismiss notice').click();
    await notices.getByText('640 ms').waitFor({ state: 'detached' });
  });

  it('writes live numbers, and hovering a chart reads an earlier moment', async () => {
    await button(page, 'Statistics').click();
    peer.emitPastStats(1);
    await vi.waitFor(async () => {
      expect(Number(await page.getByTestId('stat-fps').textContent())).toBeGreaterThan(50);
    }, patience);
    const chart = page.getByRole('figure', { name: 'Frame rate' });
    const plot = await chart.locator('.u-over').boundingBox();
    if (!plot) throw new Error('the chart has no plot');
    await page.mouse.move(plot.x + plot.width * 0.8, plot.y + plot.height / 2);
    await chart.getByText(/^\d\d:\d\d:\d\d$/).waitFor();
    // One pointer reads all charts.
    await page
      .getByRole('figure', { name: 'CPU' })
      .getByText(/^\d\d:\d\d:\d\d$/)
      .waitFor();

    // What was taken over is marked on all of them: two minutes are shown, this was half a minute ago.
    const at = Date.now() - 30_000;
    const [from, to] = ['superfast-2t', 'superfast-2t'];
    peer.update('program', (now) => ({
      ...now,
      handOvers: [{ at, cause: 'planned', from, to, bitrateKbps: 3000, gapMs: 17, lostFrames: 0 }],
    }));
    await vi.waitFor(async () => {
      await page.mouse.move(plot.x + plot.width * 0.5, plot.y + plot.height / 2);
      await page.mouse.move(
        plot.x + plot.width * (1 - (Date.now() - at) / 120_000),
        plot.y + plot.height / 2,
      );
      expect(await chart.textContent()).toMatch(/\d\d:\d\d:\d\d · Encoder: 3000 kbit\/s/);
    }, patience);
  });

  it('shows what the engine runs on', async () => {
    await button(page, 'Settings').click();
    const dialog = page.getByRole('dialog', { name: 'Settings' });
    await dialog.getByRole('tab', { name: 'About' }).click();
    for (const text of [
      '/usr/bin/ffmpeg',
      'AVX2',
      'faster-8t',
      /92 pictures a second here/,
      'h264_vaapi',
      'and 2 others that streaming has no use for',
      /12 cores/,
    ])
      await dialog.getByText(text).first().waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  it('is worked by keyboard alone, with a focus one can see', async () => {
    // Lists are one stop each; arrow keys go from row to row and to what is in a row.
    await tabTo(page, 'Gameplay');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await vi.waitFor(() => {
      expect(lastCall(peer)).toEqual({ command: 'scene.switch', input: { sceneId: 'talk' } });
    }, patience);
    await page.getByRole('row', { name: 'Night sky backdrop' }).waitFor();
    await tabTo(page, 'Add source');
    await page.keyboard.press('Tab');
    await walkTo(page, 'ArrowDown', 'Night sky backdrop');
    await walkTo(page, 'ArrowRight', 'Show Night sky backdrop');
    await page.keyboard.press('Space');
    await vi.waitFor(() => {
      expect(lastCall(peer)?.command).toBe('show.edit');
    }, patience);
    // What is selected shows its properties; destinations and keys are on the other tab.
    await tabTo(page, 'Properties');
    await page.keyboard.press('ArrowRight');
    await tabTo(page, 'Remove Twitch');
    await page.keyboard.press('Enter');
    await page.getByRole('alertdialog').waitFor();
    // Enter must not confirm by itself: the focus is on the harmless answer.
    await page.keyboard.press('Enter');
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    expect(peer.snapshot.outputs.some(({ id }) => id === 'twitch')).toBe(true);
    await tabTo(page, 'Revoke Phone');
    await tabTo(page, 'Record');
    await page.keyboard.press('Enter');
    await button(page, 'Stop recording').waitFor();
    await tabTo(page, 'Go live');
    await page.keyboard.press('Enter');
    await button(page, 'Stop live').waitFor();
  });
});
