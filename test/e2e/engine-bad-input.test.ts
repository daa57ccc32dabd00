import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeError } from '../../shared/contract/error-text';
import type { WireError } from '../../shared/contract/errors';
import { writeCollection } from '../support/collections';
import { emptyPng } from '../support/empty-png';
import { TestEngine } from '../support/engine';
import { keepingRate } from '../support/keeping-rate';
import { makeSyncClip } from '../support/media-fixtures';
import { NginxServer } from '../support/nginx-server';
import { requires } from '../support/requires';
import { decodeStream, reportSync } from '../support/sync-reader';
import { launchBrowser, openUi } from '../support/ui-browser';
import type { UiPage } from '../support/ui-browser';
import { addServer, passPreflight } from '../support/ui-live';

const canvas = { width: 640, height: 360 };
const fps = 30;

/** One thing after the other goes wrong, each told where the person looks, and viewers notice nothing of it. */
describe.skipIf(!requires('chromium', 'ffmpeg', 'nginx'))('a person to whom everything happens', () => {
  let folder: string;
  let [kept, strict]: NginxServer[] = [];
  let browser: Browser;
  let engine: TestEngine;
  let ui: UiPage;
  let page: Page;

  const clip = (): string => join(folder, 'clip.mp4');
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const row = (name: string) =>
    page.getByRole('row').filter({ has: page.getByRole('button', { name: `Show ${name}` }) });
  const update = (sourceId: string, patch: Record<string, unknown>) =>
    engine.call('show.edit', { edits: [{ type: 'source.update', sourceId, patch }], label: 'Change' });
  const said = async (name: string, error: WireError): Promise<void> => {
    const { sentence, remedy } = describeError(error);
    await row(name).getByText(sentence).waitFor();
    await row(name).getByText(remedy).waitFor();
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bad-input-'));
    await makeSyncClip({ path: clip(), width: 160, height: 90, fps, seconds: 60 });
    const collection = writeCollection(folder, {
      sources: [
        { id: 'sync', name: 'Sync', kind: 'sync' },
        { id: 'clip', name: 'Clip', kind: 'media', path: 'clip.mp4', loop: false },
        { id: 'text', name: 'Title', kind: 'text', text: 'Evening' },
      ],
      scenes: [
        {
          id: 's',
          name: 'S',
          items: [
            { id: 'sync-item', sourceId: 'sync', x: 0, y: 0, ...canvas },
            { id: 'clip-item', sourceId: 'clip', x: 16, y: 183, width: 96, height: 54 },
            { id: 'text-item', sourceId: 'text', x: 300, y: 185, width: 200, height: 40 },
          ],
        },
      ],
    });
    [kept, strict, browser, engine] = await Promise.all([
      NginxServer.start(),
      NginxServer.start(),
      launchBrowser(),
      TestEngine.ready([
        ...['--size', `${canvas.width}x${canvas.height}`, '--fps', `${fps}`, '--bitrate', '1500'],
        ...['--collection', collection],
      ]),
    ]);
    ui = await openUi(browser, engine.uiUrl);
    page = ui.page;
    await page.locator('canvas[data-frame-index]').waitFor();
  });
  afterAll(async () => {
    await browser.close();
    await engine[Symbol.asyncDispose]();
    await Promise.all([kept?.stop(), strict?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('a picture that would fill the memory', () =>
    keepingRate(engine, fps, async () => {
      const path = join(folder, 'bomb.png');
      writeFileSync(path, emptyPng(20_000, 20_000));
      await button('Add source').click();
      await page.getByRole('button', { name: /^Image/ }).click();
      await page.getByLabel('Picture file').fill(path);
      await button('Add image').click();
      await said('bomb', { code: 'picture-too-large', details: { path, width: 20_000, height: 20_000 } });
    }));

  it('a font that is not there', () =>
    keepingRate(engine, fps, async () => {
      await row('Title').click();
      await page.getByLabel('Font', { exact: true }).selectOption('Other…');
      await page.getByLabel('Font family').fill('Nowhere Sans');
      await page.getByLabel('Font family').press('Enter');
      await row('Title')
        .getByText(/^The font Nowhere Sans is not on this computer; .+ is shown instead\.$/)
        .waitFor();
      await row('Title')
        .getByText(/^Choose another font, or install it/)
        .waitFor();
    }));

  it('a media file that is deleted while it plays', () =>
    keepingRate(engine, fps, async () => {
      await engine.until(({ sources }) => expect(sources.find(({ id }) => id === 'clip')?.state).toBe('ok'));
      rmSync(clip());
      await said('Clip', { code: 'source-file-missing', details: { path: clip() } });
    }));

  it('a place 20,000 px away, and what is no number', () =>
    keepingRate(engine, fps, async () => {
      await row('Title').click();
      const x = page.getByLabel('X', { exact: true });
      for (const typed of ['20000', 'NaN', '1e9']) {
        await x.fill(typed);
        await x.press('Enter');
        await page.getByText('Expected a whole number from -16384 to 16384.').waitFor();
        expect(await x.inputValue()).toBe(typed);
      }
      // As large and as far away as it may be, turned: drawn where it meets the canvas, and nowhere else.
      const far = { x: -16_384, y: 16_384, width: 16_384, height: 16_384, rotation: 33 };
      await engine.call('show.edit', {
        edits: [{ type: 'item.update', itemId: 'text-item', patch: far }],
        label: 'Far away',
      });
      await engine.advance(fps);
      await engine.call('show.undo', {});
    }));

  it('a key that the platform does not take, while others are live', () =>
    keepingRate(engine, fps, async () => {
      if (!kept || !strict) throw new Error('the platforms are not there');
      strict.revoke('a-wrong-key');
      await page.getByRole('tab', { name: /^Channel/ }).click();
      const good = await addServer(page, { name: 'Kept', url: kept.url, key: 'a-good-key' });
      const bad = await addServer(page, { name: 'Strict', url: strict.url, key: 'a-wrong-key' });
      await button('Go live').click();
      await passPreflight(page);
      await good.and(page.locator('[data-state=live]')).waitFor();
      await bad.getByText(/^Platforms do this to a stream key that is wrong or no longer valid/).waitFor();
      const viewers = await decodeStream(`${kept.url}/a-good-key`, { seconds: 2, deadlineMs: 20_000 });
      expect(reportSync(viewers, fps)).toMatchObject({ unreadable: 0, isRising: true });
    }));

  it('and none of it was too much for the page', async () => {
    expect(ui.problems).toEqual([]);
    await update('text', { font: 'sans-serif' });
    await row('Title').getByText('Nowhere Sans').waitFor({ state: 'detached' });
  });
});
