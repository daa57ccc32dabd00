import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Snapshot } from '../../shared/contract/snapshot';
import { itemBox } from '../../shared/model/placement';
import { writeCollection } from '../support/collections';
import { TestEngine } from '../support/engine';
import { makeSyncClip } from '../support/media-fixtures';
import { requires } from '../support/requires';
import { decodeStream, median, reportSync } from '../support/sync-reader';
import { launchBrowser, openUi } from '../support/ui-browser';
import type { UiPage } from '../support/ui-browser';
import { dropFile } from '../support/ui-files';
import { watchStream } from '../support/watched-stream';

const canvas = { width: 640, height: 360 };
const fps = 30;
const program = ['--size', `${canvas.width}x${canvas.height}`, '--fps', `${fps}`, '--bitrate', '1500'];
/** over the grey band of the clip and its flash, beside its counter; its middle is where it is let go */
const logo = { x: 480, y: 120, width: 120, height: 80 };
const steps = 500;
const heldSteps = 60;

/** A person's pictures on their way from their disk into one studio, and with the show into another. */
describe.skipIf(!requires('chromium', 'ffmpeg'))('a show’s files, by way of the window', () => {
  let folder: string;
  let browser: Browser;
  let first: TestEngine;
  let second: TestEngine | undefined;
  let untouched: { name: string } & Pick<Snapshot, 'scenes' | 'sources'>;
  let ui: UiPage;
  let page: Page;
  const exported = (): string => join(folder, 'Holiday.zip');

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'files-'));
    const collection = writeCollection(folder, {
      name: 'Holiday',
      sources: [],
      scenes: [
        { id: 'trip', name: 'Trip', items: [] },
        { id: 'empty', name: 'Nothing yet', items: [] },
      ],
    });
    [browser, first] = await Promise.all([
      launchBrowser(),
      TestEngine.ready([...program, '--collection', collection]),
      makeSyncClip({ path: join(folder, 'Beach.mp4'), ...canvas, fps, seconds: 10 }),
    ]);
    await open(first);
  });
  afterAll(async () => {
    await browser.close();
    await first[Symbol.asyncDispose]();
    await second?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(engine: TestEngine): Promise<void> {
    ui = await openUi(browser, engine.uiUrl);
    page = ui.page;
    await page.locator('canvas[data-frame-index]').waitFor();
  }
  const running = (): TestEngine => {
    if (!second) throw new Error('the second studio was never started');
    return second;
  };
  const sourceNamed = ({ sources }: Snapshot, name: string) => {
    const source = sources.find((each) => each.name === name);
    if (!source) throw new Error(`expected “${name}”, found ${sources.map((each) => each.name).join(', ')}`);
    return source;
  };
  const boxOf = (snapshot: Snapshot, name: string) => {
    const { id, size, state } = sourceNamed(snapshot, name);
    const item = snapshot.scenes[0]?.items.find(({ sourceId }) => sourceId === id);
    if (!item || !size || state !== 'ok') throw new Error(`“${name}” is not on show: ${state}`);
    return itemBox(item, size);
  };
  async function inPage(point: { x: number; y: number }): Promise<{ x: number; y: number }> {
    const picture = await page.locator('.stage-picture').boundingBox();
    if (!picture) throw new Error('the stage shows no picture');
    const scale = picture.width / canvas.width;
    return { x: picture.x + point.x * scale, y: picture.y + point.y * scale };
  }
  /** A player begins with the cached group of pictures: the first ones may be those of before. */
  const expectDrawn = (engine: TestEngine): Promise<void> =>
    vi.waitFor(() => expectPicture(engine), { timeout: 30_000 });
  /** What viewers get: the clip plays, and the logo lies on it. */
  async function expectPicture(engine: TestEngine): Promise<void> {
    const url = `${engine.rtmpUrl}/program`;
    const played = await decodeStream(url, { seconds: 2, deadlineMs: 20_000 });
    const counters = new Set(played.frames.map(({ counter }) => counter));
    expect(counters.has(null)).toBe(false);
    expect(counters.size).toBeGreaterThan(fps);
    expect(reportSync(played, fps).maxOffsetMs).toBeLessThanOrEqual(40);
    const { picture } = await watchStream(url, canvas, 1);
    const luma = (x: number, y: number): number => picture.luma[y * canvas.width + x] ?? -1;
    // Half white, half black, to the pixel next to its edges.
    for (const y of [logo.y + 4, logo.y + logo.height - 4]) {
      expect(luma(logo.x + 4, y)).toBeGreaterThan(225);
      expect(luma(logo.x + logo.width - 4, y)).toBeLessThan(26);
    }
    expect(luma(logo.x - 6, logo.y + logo.height - 4)).toBeLessThan(140);
  }

  /** Watches the page draw; returns how to read the usual time between two frames, ms. */
  async function watchFrames(): Promise<() => Promise<number>> {
    const body = page.locator('body');
    await body.evaluate((element) => {
      const gaps: number[] = [];
      let last = performance.now();
      const look = (now: number): void => {
        gaps.push(now - last);
        last = now;
        element.dataset['gaps'] = gaps.join(' ');
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    return async () => median(((await body.getAttribute('data-gaps')) ?? '').split(' ').map(Number));
  }

  it('takes what is dropped on the picture: a film and a picture, drawn where they were let go', async () => {
    const middle = { x: canvas.width / 2, y: canvas.height / 2 };
    const film = { name: 'Beach.mp4', type: 'video/mp4', content: readFileSync(join(folder, 'Beach.mp4')) };
    await dropFile(page, film, await inPage(middle));
    await first.until((state) => expect(boxOf(state, 'Beach')).toMatchObject({ x: 0, y: 0, ...canvas }));

    const half = { width: logo.width / 2, height: logo.height, channels: 3 } as const;
    const content = await sharp({ create: { ...half, background: '#ffffff' } })
      .extend({ right: logo.width / 2, background: '#000000' })
      .png()
      .toBuffer();
    const at = { x: logo.x + logo.width / 2, y: logo.y + logo.height / 2 };
    await dropFile(page, { name: 'Logo.png', type: 'image/png', content }, await inPage(at));
    const state = await first.until((state) =>
      expect(boxOf(state, 'Logo')).toMatchObject({ width: logo.width }),
    );
    const box = boxOf(state, 'Logo');
    expect(Math.abs(box.x - logo.x)).toBeLessThanOrEqual(2);
    expect(Math.abs(box.y - logo.y)).toBeLessThanOrEqual(2);
    for (const name of ['Beach', 'Logo'])
      expect(sourceNamed(state, name).settings).toMatchObject({
        path: expect.stringContaining(first.dataDir),
      });
    await first.call('show.edit', {
      edits: [
        {
          type: 'item.update',
          itemId: state.scenes[0]?.items[1]?.id ?? '',
          patch: { x: logo.x, y: logo.y },
        },
      ],
      label: 'To an even place',
    });
    await expectDrawn(first);
  });

  it('leaves as one file by the show menu', async () => {
    await page.getByRole('button', { name: /^Show: Holiday/ }).click();
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export…' }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe('Holiday.zip');
    await download.saveAs(exported());
    expect(ui.problems).toEqual([]);
  });

  it('is the same show in another studio, which needs nothing of the first', async () => {
    const before = await first.snapshot();
    await ui.close();
    await first.stop();
    rmSync(first.dataDir, { recursive: true, force: true });
    const own = mkdtempSync(join(folder, 'second-'));
    const collection = writeCollection(own, {
      sources: [],
      scenes: [{ id: 'other', name: 'Other', items: [] }],
    });
    second = await TestEngine.ready([...program, '--fps', '60', '--collection', collection]);
    const { show, scenes, sources } = await second.snapshot();
    untouched = { name: show.name, scenes, sources };
    await open(second);
    await page.getByRole('button', { name: /^Show: / }).click();
    await page.getByLabel('Show file').setInputFiles(exported());
    await page.getByText('Holiday.zip is the show now. Undo brings the former one back.').waitFor();
    const state = await second.until((state) => {
      boxOf(state, 'Beach');
      boxOf(state, 'Logo');
    });
    expect(state.show.name).toBe('Holiday');
    expect(state.scenes).toEqual(before.scenes);
    expect(state.program.sceneId).toBe(before.program.sceneId);
    const settings = ({ sources }: Snapshot) =>
      sources.map(({ settings }) => ({ ...settings, path: undefined }));
    expect(settings(state)).toEqual(settings(before));
    await page.getByRole('row', { name: 'Logo' }).waitFor();
    await expectDrawn(second);
    expect(ui.problems).toEqual([]);
  });

  it(`goes back for as long as Ctrl+Z is held, and ${steps} steps and the import in all`, async () => {
    await page.keyboard.press('Escape');
    const engine = running();
    const item = (await engine.snapshot()).scenes[0]?.items[1];
    if (!item) throw new Error('there is no logo');
    const move = (step: number): Promise<unknown> =>
      engine.call('show.edit', {
        edits: [{ type: 'item.update', itemId: item.id, patch: { x: item.x - step } }],
        label: `Step ${step}`,
      });
    for (let done = 0; done < steps; done += 50)
      await Promise.all(Array.from({ length: 50 }, (_, index) => move(done + index + 1)));
    const undo = page.getByRole('button', { name: /^(Undo: |Nothing to undo)/ });
    await undo.and(page.getByLabel(/Step \d+/)).waitFor();
    const usualGapMs = await watchFrames();
    const stepsLeft = async (): Promise<number> =>
      Number(/Step (\d+)/.exec((await undo.getAttribute('aria-label')) ?? '')?.[1]);
    // A key that is held comes again and again.
    await page.keyboard.down('Control');
    await vi.waitFor(
      async () => {
        await page.keyboard.down('z');
        expect(await stepsLeft()).toBeLessThanOrEqual(steps - heldSteps);
      },
      { timeout: 60_000, interval: 15 },
    );
    await page.keyboard.up('z');
    await page.keyboard.up('Control');
    expect(await usualGapMs(), 'ms between two frames of the page').toBeLessThan(250);
    // It ends where the key is let go: one step may have been under way.
    const { show: held } = await engine.snapshot();
    await undo.and(page.getByLabel(held.undoLabel ?? '')).waitFor();
    // The rest, and the import, faster than keys.
    for (const rest = async (): Promise<unknown> => (await engine.snapshot()).show.undoLabel; await rest();)
      await Promise.all(Array.from({ length: 50 }, () => engine.call('show.undo', {})));
    const { show, scenes, sources } = await engine.until((state) =>
      expect(state.scenes[0]?.name).toBe('Other'),
    );
    expect({ name: show.name, scenes, sources }).toEqual(untouched);
    await page.getByRole('row', { name: 'Other' }).waitFor();
    expect(ui.problems).toEqual([]);
  });
});
