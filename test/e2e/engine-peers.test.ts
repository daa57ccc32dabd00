import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { syncCollection } from '../support/collections';
import { TestEngine } from '../support/engine';
import { programPath, requires } from '../support/requires';
import { decodeStream, reportSync } from '../support/sync-reader';
import { launchBrowser, openUi } from '../support/ui-browser';
import { addServer, passPreflight } from '../support/ui-live';
import type { UiPage } from '../support/ui-browser';

const program = ['--size', '640x360', '--fps', '30', '--bitrate', '1500'];
/** generous: the machine may be busy with other things */
const patience = { timeout: 20_000, interval: 50 };
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

/** another encoder, as a phone or OBS would be */
function publish(url: string): { process: ChildProcess; ended: Promise<number | null> } {
  const args =
    '-v error -re -f lavfi -i testsrc2=size=320x180:rate=30 -f lavfi -i sine=frequency=440:sample_rate=48000 -c:v libx264 -preset ultrafast -tune zerolatency -g 30 -c:a aac -f flv';
  const child = spawn(programPath('ffmpeg'), [...args.split(' '), url], { stdio: 'ignore' });
  return { process: child, ended: new Promise((resolve) => child.once('close', resolve)) };
}

/** Writes down every state that a row shows from now on, however short; returns how to read them. */
async function recordStates(row: Locator): Promise<() => Promise<string[]>> {
  await row.evaluate((element) => {
    const row = element as HTMLElement;
    const note = (): void => {
      row.dataset['seen'] = `${row.dataset['seen'] ?? ''} ${row.dataset['state'] ?? ''}`;
    };
    note();
    new MutationObserver(note).observe(row, { attributeFilter: ['data-state'] });
  });
  return async () => ((await row.getAttribute('data-seen')) ?? '').trim().split(' ');
}

describe.skipIf(!requires('chromium', 'ffmpeg'))('the window and who else talks to the studio', () => {
  let folder: string;
  let collection: string;
  let browser: Browser;
  let engine: TestEngine;
  let ui: UiPage;
  let page: Page;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'peers-'));
    collection = syncCollection(folder, 640, 360);
    browser = await launchBrowser();
    const dataDir = join(folder, 'data');
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'settings.json'), JSON.stringify({ isFirstRunDone: true }));
    engine = await TestEngine.ready([...program, '--collection', collection], { dataDir });
    ui = await openUi(browser, engine.uiUrl);
    page = ui.page;
    await page.getByRole('main', { name: 'Program' }).waitFor();
  });
  afterAll(async () => {
    await browser.close();
    await engine[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => expect(ui.problems).toEqual([]));

  /** neither in the page, nor kept by the browser, nor in what the engine tells windows */
  async function expectUntold(secret: string): Promise<void> {
    expect(secret.length).toBeGreaterThan(8);
    const kept = await page.evaluate(() =>
      JSON.stringify([localStorage, sessionStorage].map((storage) => Object.entries(storage))),
    );
    const places = { page: await page.content(), kept, snapshot: JSON.stringify(await engine.snapshot()) };
    expect(
      Object.entries(places)
        .filter(([, text]) => text.includes(secret))
        .map(([place]) => place),
    ).toEqual([]);
  }

  it('a key made in the window lets an encoder publish; revoking it there cuts the encoder off', async () => {
    await page.getByLabel('Key name').fill('Phone camera');
    await page.keyboard.press('Enter');
    const key = (await page.getByTestId('created-key').textContent()) ?? '';
    const url = (await page.getByTestId('created-url').textContent()) ?? '';
    expect(url).toBe(`${engine.rtmpUrl}/${key}`);
    await button(page, 'Copy URL').click();
    await vi.waitFor(
      async () => expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(url),
      patience,
    );
    await button(page, 'I have copied it').click();
    await page.getByTestId('created-key').waitFor({ state: 'detached' });
    await expectUntold(key);

    const encoder = publish(url);
    try {
      const stream = page.getByRole('list', { name: 'Active streams' }).getByRole('listitem');
      await stream.getByText(/H\.?264 \+ AAC · 0 players · from 127\.0\.0\.1/i).waitFor();
      await page.getByText('Incoming now').waitFor();
      expect(await stream.count()).toBe(1);
      await stream.getByText(/^(\d+ kbit|[\d.]+ Mbit)\/s/).waitFor();
      const row = page
        .getByRole('list', { name: 'Stream keys' })
        .getByRole('listitem', { name: 'Phone camera' });
      await row.getByText('Publishing').waitFor();
      await expectUntold(key);

      await row.getByRole('button', { name: 'Revoke Phone camera' }).click();
      await page.getByText('Its stream is cut off at once').waitFor();
      await button(page, 'Revoke key').click();
      const revokedAt = performance.now();
      expect(await encoder.ended).not.toBe(0);
      expect(performance.now() - revokedAt).toBeLessThan(2000);
      await row.waitFor({ state: 'detached' });
      await stream.waitFor({ state: 'detached' });
    } finally {
      encoder.process.kill('SIGKILL');
    }
    expect(await publish(url).ended).not.toBe(0);
    await expectUntold(key);
  });

  it('goes live to a destination added in the window, and tells the truth when that is lost', async () => {
    // The far end is a second studio.
    let platform = await TestEngine.ready([...program, '--collection', collection]);
    const { dataDir } = platform;
    const rtmpPort = new URL(platform.rtmpUrl.replace('rtmp:', 'http:')).port;
    try {
      const { key, publicName } = await platform.call('key.create', { name: 'Channel' });
      const row = await addServer(page, { name: 'Far', url: platform.rtmpUrl, key });
      await expectUntold(key);

      const readStates = await recordStates(row);
      await button(page, 'Go live').click();
      await passPreflight(page);
      const state = page.getByTestId('live-state');
      await state.getByText('ON AIR').waitFor();
      await row.getByText(/^Live 0:0[1-9]$/).waitFor();
      expect(await readStates()).toEqual(['idle', 'connecting', 'live']);
      await page
        .getByRole('timer', { name: 'Time live' })
        .getByText(/^00:00:0[2-9]$/)
        .waitFor();
      await row.getByText(/[kM]B · .*bit\/s · 0 dropped/).waitFor();
      const arrived = await decodeStream(`${platform.rtmpUrl}/${publicName}`, {
        seconds: 1,
        deadlineMs: 30_000,
      });
      expect(reportSync(arrived, 30)).toMatchObject({ unreadable: 0, isRising: true });

      await platform.stop('SIGKILL');
      await state.getByText('Reconnecting', { exact: true }).waitFor();
      await row.getByText(/^Attempt \d+ follows$/).waitFor();
      await row.getByText(/^Reconnecting in \d+ s$/).waitFor();
      await row.getByText(/^(The connection to 127\.0\.0\.1 was lost|127\.0\.0\.1:\d+ could not)/).waitFor();
      await row.getByText('It is tried again by itself').or(row.getByText('It is made again')).waitFor();
      const retry = row.getByRole('button', { name: 'Retry now: Far' });
      await retry.waitFor();

      platform = await TestEngine.ready([...program, '--collection', collection, '--rtmp', rtmpPort], {
        dataDir,
      });
      // By itself or by the button, whichever the moment allows.
      await retry.click({ timeout: 2000 }).catch(() => undefined);
      await state.getByText('ON AIR').waitFor();
      await row.getByText(/ · [1-9]\d* reconnects?$/).waitFor();
      await button(page, 'Stop live').click();
      await button(page, 'Go live').waitFor();
      await row.getByText('Idle').waitFor();
      await platform.until(({ streams }) => expect(streams.map(({ name }) => name)).toEqual(['program']));
      await expectUntold(key);
    } finally {
      await platform.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  });

  it('comes back by itself, with the same token, when its engine was killed and started again', async () => {
    await page.locator('canvas[data-frame-index]').waitFor();
    const { dataDir } = engine;
    const [httpPort, rtmpPort] = [engine.origin, engine.rtmpUrl.replace('rtmp:', 'http:')].map(
      (url) => new URL(url).port,
    ) as [string, string];
    const { token } = engine;
    // A font still on its way would be a resource that could not be loaded.
    await page.waitForLoadState('networkidle');
    await engine.stop('SIGKILL');
    await page.getByText('Connection lost, reconnecting').first().waitFor();
    expect(await button(page, 'Go live').isDisabled()).toBe(true);
    // What was known stays readable.
    await button(page, 'Show Sync').waitFor();
    const lastFrame = Number(await page.getByTestId('program-canvas').getAttribute('data-frame-index'));

    engine = await TestEngine.ready(
      [...program, '--collection', collection, '--http', httpPort, '--rtmp', rtmpPort],
      { dataDir },
    );
    expect(engine.token).toBe(token);
    await page.getByRole('alert').filter({ hasText: 'Connection lost' }).waitFor({ state: 'detached' });
    expect(await button(page, 'Go live').isEnabled()).toBe(true);
    await page.getByText(`RTMP on 127.0.0.1:${rtmpPort}`).waitFor();
    await vi.waitFor(async () => {
      const frame = Number(await page.getByTestId('program-canvas').getAttribute('data-frame-index'));
      // A new engine counts anew.
      expect(frame).not.toBe(lastFrame);
      expect((await engine.snapshot()).ingest.state).toBe('running');
    }, patience);
  });
});
