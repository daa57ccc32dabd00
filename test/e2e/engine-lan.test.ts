import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFindings } from '../support/axe';
import { syncCollection } from '../support/collections';
import { TestEngine, commandLine } from '../support/engine';
import { programPath, requires } from '../support/requires';
import { launchBrowser, openUi } from '../support/ui-browser';
import type { UiPage } from '../support/ui-browser';
import { waitFor } from '../support/wait-for';

/** free a moment ago: where there is no network, no address tells which one was given out */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const canary = 'canary-tulip-4711';
const size = { width: 640, height: 360 };
const patience = { timeout: 30_000 };

describe.skipIf(!requires('chromium', 'ffmpeg'))(
  'the program in the local network, in a viewer’s browser',
  () => {
    let folder: string;
    let browser: Browser;
    let engine: TestEngine;
    let url: string;
    let ui: UiPage;
    let page: Page;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'engine-lan-'));
      const set = { isFirstRunDone: true, canvas: size, fps: 30, bitrateKbps: 800, profile: 'superfast-2t' };
      writeFileSync(join(folder, 'settings.json'), JSON.stringify(set));
      const passwordFile = join(folder, 'password');
      writeFileSync(passwordFile, `${canary}\n`);
      browser = await launchBrowser();
      const port = await freePort();
      const show = syncCollection(folder, size.width, size.height);
      engine = new TestEngine(
        [
          ...['--http', '0', '--rtmp', '0', '--collection', show],
          ...['--lan-preview', String(port), '--lan-password-file', passwordFile],
        ],
        { dataDir: folder },
      );
      await engine.untilReady();
      const { lanPreview } = await engine.until(({ lanPreview: view }) => expect(view.state).toBe('on'));
      // By way of the network where this computer is in one.
      url = lanPreview.urls[0] ?? `http://127.0.0.1:${port}/`;
      ui = await openUi(browser, url, { width: 1280, height: 800 });
      page = ui.page;
    });
    afterAll(async () => {
      await browser.close();
      await engine[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    });

    const isMoving = async (): Promise<boolean> => {
      const at = (): Promise<number> =>
        page.evaluate(() => document.querySelector('video')?.currentTime ?? 0);
      const before = await at();
      await page.waitForTimeout(400);
      return (await at()) > before;
    };

    it('asks for the password, says that a wrong one is wrong, and plays', async () => {
      await page.getByRole('heading', { name: 'Enter the password' }).waitFor(patience);
      expect(await axeFindings(page)).toEqual([]);
      const field = page.getByLabel('Password', { exact: true });
      await field.fill('not the password');
      await page.keyboard.press('Enter');
      await page.getByText('That is not the password.').waitFor(patience);
      await field.fill(canary);
      await page.getByRole('button', { name: 'Watch' }).click();
      await page.getByText('Live', { exact: true }).waitFor(patience);
      await waitFor(isMoving, 'the picture to move');
      expect(await page.evaluate(() => document.querySelector('video')?.videoWidth)).toBe(size.width);
      expect(await axeFindings(page)).toEqual([]);
      await page.getByRole('button', { name: 'Tap for sound' }).click();
      expect(await page.evaluate(() => document.querySelector('video')?.muted)).toBe(false);
      await page.keyboard.press('m');
      await page.getByRole('button', { name: 'Sound on' }).waitFor();
      await engine.until(({ lanPreview }) => expect(lanPreview.viewers).toBe(1));
      // The one refusal, which the browser notes by itself.
      expect(ui.problems.filter((text) => !/401/.test(text))).toEqual([]);
    });

    it('goes on by itself when the program becomes another one', async () => {
      await engine.call('settings.update', { patch: { canvas: { width: 320, height: 180 } } });
      const width = (): Promise<number> =>
        page.evaluate(() => document.querySelector('video')?.videoWidth ?? 0);
      await waitFor(async () => (await width()) === 320 && (await isMoving()), 'the other program', 40_000);
      await page.getByText('Live', { exact: true }).waitFor(patience);
    });

    it('plays in other players, by the network’s address', () => {
      const stream = `${url.replace('http://', `http://viewer:${canary}@`)}live/program.flv`;
      const probed = execFileSync(
        programPath('ffprobe'),
        ['-v', 'error', '-show_entries', 'stream=codec_name,width', '-of', 'csv=p=0', stream],
        { encoding: 'utf8', timeout: 30_000 },
      );
      expect(probed.trim().split('\n').sort()).toEqual(['aac', 'h264,320']);
    });

    it('comes from a WebSocket where a response cannot be read while it comes', async () => {
      const other = await browser.newContext();
      // What mpegts.js asks for before it reads a response as it comes.
      await other.addInitScript(() => Reflect.deleteProperty(window, 'ReadableStream'));
      const old = await other.newPage();
      const sockets: string[] = [];
      old.on('websocket', (socket) => sockets.push(socket.url()));
      await old.goto(url);
      await old.getByLabel('Password', { exact: true }).fill(canary);
      await old.keyboard.press('Enter');
      await old.getByText('Live', { exact: true }).waitFor(patience);
      expect(sockets[0]).toBe(`${url.replace('http', 'ws')}live/program.flv`);
      await other.close();
    });

    it('has its password in no argument, log, metric, state or file of the studio', async () => {
      const snapshot = JSON.stringify(await engine.snapshot());
      await waitFor(
        async () => (await engine.metric('lan_preview_viewers')) === 1,
        'the one viewer that stays',
      );
      expect(await engine.metric('lan_preview_refused_total{reason="password"}')).toBe(1);
      const metrics = await (await fetch(`${engine.origin}/metrics`)).text();
      const processes = [engine.pid, ...engine.children()];
      const told = [
        ...processes.map(commandLine),
        ...processes.map((pid) => readFileSync(`/proc/${pid}/environ`, 'utf8')),
        ...[snapshot, metrics, engine.stderr],
        ...readdirSync(folder, { withFileTypes: true })
          .filter((entry) => entry.isFile() && entry.name !== 'password')
          .map(({ name }) => readFileSync(join(folder, name), 'utf8')),
      ];
      expect(told.filter((text) => text.includes(canary))).toEqual([]);
    });

    it('says when the studio is gone, and leaves nothing of it', async () => {
      const preview = engine.children().filter((pid) => commandLine(pid).includes('lan-preview'));
      expect(preview).toHaveLength(1);
      await engine.stop();
      await page.getByRole('heading', { name: 'The studio does not answer' }).waitFor(patience);
      expect(await axeFindings(page)).toEqual([]);
      expect(() => process.kill(preview[0] ?? 0, 0)).toThrow('ESRCH');
    });
  },
);
