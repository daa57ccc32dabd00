import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeCollection } from '../support/collections';
import { TestEngine } from '../support/engine';
import { requires } from '../support/requires';
import { decodeStream } from '../support/sync-reader';
import { launchBrowser, openUi } from '../support/ui-browser';

const [width, height] = [640, 360];

describe.skipIf(!requires('chromium', 'ffmpeg'))('a studio in trouble, in the window', () => {
  let folder: string;
  let browser: Browser;
  let engine: TestEngine;
  const occupier = createServer();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'trouble-'));
    await new Promise<void>((resolve) => occupier.listen(0, '127.0.0.1', resolve));
    const { port } = occupier.address() as AddressInfo;
    const whole = { x: 0, y: 0, width, height };
    const collection = writeCollection(folder, {
      sources: [
        { id: 'sync', name: 'Sync', kind: 'sync' },
        { id: 'logo', name: 'Logo', kind: 'image', path: 'gone.png' },
        { id: 'orb', name: 'Orb', kind: 'hologram' },
      ],
      scenes: [
        {
          id: 'show',
          name: 'Show',
          items: [
            { id: 'sync-item', sourceId: 'sync', ...whole },
            { id: 'logo-item', sourceId: 'logo' },
            { id: 'orb-item', sourceId: 'orb' },
          ],
        },
      ],
    });
    browser = await launchBrowser();
    engine = await TestEngine.ready([
      ...['--size', `${width}x${height}`, '--fps', '30', '--bitrate', '1500'],
      ...['--collection', collection, '--rtmp', String(port)],
    ]);
  });
  afterAll(async () => {
    await browser.close();
    await engine[Symbol.asyncDispose]();
    occupier.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('says at each source what is wrong and what to do, and the rest is on program', async () => {
    const { page, problems, close } = await openUi(browser, engine.uiUrl);
    const row = (name: string) =>
      page.getByRole('row').filter({ has: page.getByRole('button', { name: `Show ${name}` }) });
    await row('Logo')
      .getByText(`The file ${join(folder, 'gone.png')} does not exist.`)
      .waitFor();
    await row('Logo').getByText('Put it back or choose another file for this source.').waitFor();
    await row('Orb')
      .getByText('The source “Orb” is of a kind this version does not know (hologram).')
      .waitFor();
    await row('Orb').getByText('It is kept as it is and left out of the picture').waitFor();
    expect(await row('Sync').getByText('failed').count()).toBe(0);
    await page.locator('canvas[data-frame-index]').waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it('offers another port when the RTMP port is taken, and serves the program there', async () => {
    const { port } = occupier.address() as AddressInfo;
    const { page, problems, close } = await openUi(browser, engine.uiUrl);
    const trouble = page.getByRole('group', { name: 'Incoming streams are not available' });
    await trouble.getByText(`Port ${port} for the RTMP server is already in use.`).waitFor();
    await trouble.getByLabel(/^Port/).fill('0');
    await trouble.getByRole('button', { name: 'Use another port' }).click();
    await trouble.waitFor({ state: 'detached' });
    await page.getByText(/^RTMP on 127\.0\.0\.1:\d+$/).waitFor();
    const { engine: view, notices } = await engine.until((snapshot) => {
      expect(snapshot.outputs.find(({ kind }) => kind === 'local')?.status.state).toBe('live');
    });
    expect(notices.filter(({ error }) => error.code === 'port-in-use')).toEqual([]);
    const watched = await decodeStream(`${view.rtmpUrl}/program`, { seconds: 0.5, deadlineMs: 15_000 });
    expect(watched.frames[0]?.counter).not.toBeNull();
    expect(problems).toEqual([]);
    await close();
  });

  it('without a token says where to find the link, and works once it is pasted', async () => {
    const { page, problems, close } = await openUi(browser, engine.origin);
    await page.getByRole('heading', { name: 'This page needs the studio’s link' }).waitFor();
    await page.getByText('Open the link that the studio printed when it started.').waitFor();
    // With the link pasted into the same tab it works at once.
    await page.goto(engine.uiUrl);
    await page.getByRole('main', { name: 'Program' }).waitFor();
    expect(page.url()).not.toContain(engine.token);
    expect(problems).toEqual([]);
    await close();
  });
});
