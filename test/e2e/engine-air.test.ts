import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { paths } from '../../electron/streaming/lib/paths';
import { engineFileSchema } from '../../shared/contract/engine-file';
import { syncCollection } from '../support/collections';
import { NginxServer } from '../support/nginx-server';
import { decodeFile } from '../support/probe';
import { Program } from '../support/program';
import { requires } from '../support/requires';
import { decodeStream, reportSync } from '../support/sync-reader';
import { launchBrowser, openUi } from '../support/ui-browser';
import type { UiPage } from '../support/ui-browser';
import { addServer, passPreflight } from '../support/ui-live';
import { waitFor } from '../support/wait-for';

const fps = 30;
/** generous: the machine may be busy with other things */
const patience = { timeout: 20_000, interval: 50 };

/** On air with two platforms and a recording, as `npm start` runs it: one evening of trouble, step after step. */
describe.skipIf(!requires('chromium', 'ffmpeg', 'nginx'))('a studio on air, when something breaks', () => {
  let folder: string;
  let dataDir: string;
  let [kept, strict]: NginxServer[] = [];
  let browser: Browser;
  let studio: Program;
  let ui: UiPage;
  let page: Page;
  let rows: { kept: Locator; strict: Locator };

  const engineFile = () =>
    engineFileSchema.parse(JSON.parse(readFileSync(join(dataDir, 'engine.json'), 'utf8')));
  const mark = (): string => join(dataDir, 'on-air.json');
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const frameIndex = async (): Promise<number> =>
    Number(await page.getByTestId('program-canvas').getAttribute('data-frame-index'));
  const platforms = (): { kept: NginxServer; strict: NginxServer } => {
    if (!kept || !strict) throw new Error('the platforms are not there');
    return { kept, strict };
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'air-'));
    dataDir = join(folder, 'data');
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'settings.json'), JSON.stringify({ isFirstRunDone: true }));
    [kept, strict, browser] = await Promise.all([NginxServer.start(), NginxServer.start(), launchBrowser()]);
    studio = new Program([
      ...[paths.launcher, '--headless', '--data-dir', dataDir, '--http', '0', '--rtmp', '0'],
      ...['--size', '640x360', '--fps', `${fps}`, '--bitrate', '1000', '--profile', 'superfast-2t'],
      ...['--collection', syncCollection(folder, 640, 360)],
    ]);
    const [, uiUrl = ''] = await studio.line(/^ready (\S+) /);
    ui = await openUi(browser, uiUrl);
    page = ui.page;
    await page.locator('canvas[data-frame-index]').waitFor();
  });
  afterAll(async () => {
    await browser.close();
    studio.process.kill('SIGTERM');
    await studio.exited;
    await Promise.all([kept?.stop(), strict?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('goes live on two platforms and records', async () => {
    const { kept, strict } = platforms();
    rows = {
      kept: await addServer(page, { name: 'Kept', url: kept.url, key: 'a-good-key' }),
      strict: await addServer(page, { name: 'Strict', url: strict.url, key: 'a-key-to-revoke' }),
    };
    await button('Record').click();
    await button('Go live').click();
    await passPreflight(page);
    for (const row of Object.values(rows)) await row.and(page.locator('[data-state=live]')).waitFor();
    await page.getByTestId('live-state').getByText('ON AIR').waitFor();
  });

  it('says which platform has revoked its key and what to do, and goes on with the others', async () => {
    const { kept, strict } = platforms();
    strict.revoke('a-key-to-revoke');
    await rows.strict.and(page.locator('[data-state=reconnecting]')).waitFor();
    await rows.strict.getByText('closed the connection before it accepted the stream.').waitFor();
    await rows.strict
      .getByText(/^Platforms do this to a stream key that is wrong or no longer valid/)
      .waitFor();
    await page.getByTestId('live-state').getByText('1 of 2 reconnecting').waitFor();
    const others = await decodeStream(`${kept.url}/a-good-key`, { seconds: 1, deadlineMs: 20_000 });
    expect(reportSync(others, fps)).toMatchObject({ unreadable: 0, isRising: true });
    expect(await rows.kept.getAttribute('data-state')).toBe('live');
    await rows.kept.getByText(/ · 0 dropped$/).waitFor();
    // The key is good again: that is found out by itself.
    strict.restore('a-key-to-revoke');
    await rows.strict.and(page.locator('[data-state=live]')).waitFor();
    await page.getByTestId('live-state').getByText('ON AIR').waitFor();
  });

  it('has a key mended while the others go on, and is live with it at once', async () => {
    const { kept, strict } = platforms();
    strict.revoke('a-key-to-revoke');
    await rows.strict.and(page.locator('[data-state=reconnecting]')).waitFor();
    await rows.strict.getByRole('button', { name: 'Edit Strict' }).click();
    const dialog = page.getByRole('dialog', { name: 'Edit Strict' });
    await dialog.getByLabel('Stream key').fill('a-better-key');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    await rows.strict.and(page.locator('[data-state=live]')).waitFor();
    expect(await rows.kept.getAttribute('data-state')).toBe('live');
    await rows.kept.getByText(/ · 0 dropped$/).waitFor();
    await rows.kept.getByRole('button', { name: 'Edit Kept (not while live)' }).waitFor();
    const watched = await decodeStream(`${strict.url}/a-better-key`, { seconds: 1, deadlineMs: 20_000 });
    expect(reportSync(watched, fps)).toMatchObject({ unreadable: 0, isRising: true });
    const others = await decodeStream(`${kept.url}/a-good-key`, { seconds: 1, deadlineMs: 20_000 });
    expect(reportSync(others, fps)).toMatchObject({ unreadable: 0, isRising: true });
  });

  it('is back after its engine was killed, tells what happened, and has kept the recording', async () => {
    const path = (await page.getByTestId('recording-path').getAttribute('title')) ?? '';
    const before = engineFile();
    await page.getByRole('button', { name: 'Show Sync' }).waitFor();
    const shown = await frameIndex();
    process.kill(before.pid, 'SIGKILL');
    await page.getByText('Connection lost, reconnecting').first().waitFor();
    await waitFor(() => engineFile().pid !== before.pid, 'another engine');
    await page.getByRole('alert').filter({ hasText: 'Connection lost' }).waitFor({ state: 'detached' });

    const notices = page.getByRole('log', { name: 'Notices' });
    await notices
      .getByText(/^The studio’s engine ended unexpectedly while you were live on Kept, Strict/)
      .waitFor();
    await notices.getByText(`while it recorded to ${path}`).waitFor();
    await notices.getByText('Your viewers see nothing: press Go live to be back.').waitFor();
    await notices.getByText(`The recording ${path} was cut off, and has been repaired`).waitFor();
    // Nothing claims to be on air that is not; the show is as it was.
    for (const row of Object.values(rows)) await row.getByText('Idle').waitFor();
    await button('Go live').waitFor();
    await button('Record').waitFor();
    await page.getByRole('button', { name: 'Show Sync' }).and(page.locator('[aria-pressed=true]')).waitFor();
    await vi.waitFor(async () => expect(await frameIndex()).toBeGreaterThan(0), patience);

    expect(decodeFile(path).complaints).toBe('');
    const recorded = await decodeStream(path);
    expect(reportSync(recorded, fps)).toMatchObject({ unreadable: 0, isRising: true });
    const last = recorded.frames.at(-1)?.counter ?? -1;
    expect((shown - last) / fps, `s missing: ${last} of ${shown}`).toBeLessThanOrEqual(1);
    expect(ui.problems).toEqual([]);
  });

  it('is on air again by the button, and its end by will is nothing to tell of', async () => {
    // What ended with the engine, and that the recording was repaired.
    for (const left of [1, 0]) {
      await button('Dismiss notice').first().click();
      await vi.waitFor(async () => expect(await button('Dismiss notice').count()).toBe(left), patience);
    }
    await button('Go live').click();
    await passPreflight(page);
    for (const row of Object.values(rows)) await row.and(page.locator('[data-state=live]')).waitFor();
    const { kept } = platforms();
    const again = await decodeStream(`${kept.url}/a-good-key`, { seconds: 1, deadlineMs: 20_000 });
    expect(reportSync(again, fps)).toMatchObject({ unreadable: 0, isRising: true });
    expect(existsSync(mark())).toBe(true);
    studio.process.kill('SIGTERM');
    expect((await studio.exited).code).toBe(0);
    expect(existsSync(mark())).toBe(false);
  });
});
