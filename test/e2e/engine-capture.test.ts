import { mkdtempSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Snapshot } from '../../shared/contract/snapshot';
import { writeCollection } from '../support/collections';
import { TestEngine } from '../support/engine';
import { programPath, requires } from '../support/requires';
import { fakeDevices, isFrameOfTransfer, launchBrowser, openUi, readCanvas } from '../support/ui-browser';
import type { UiPage } from '../support/ui-browser';

/** generous: the machine may be busy with other things */
const patience = { timeout: 20_000, interval: 50 };
const [width, height] = [640, 360];
/** Chromium's fake camera and screen are green, with a paler disc that is eaten and a running time */
const isGreen = ([red = 0, green = 0, blue = 0]: readonly number[]): boolean =>
  green > 90 && green > red + 40 && green > blue + 40;

const sourceOf = (snapshot: Snapshot, name: string) => snapshot.sources.find((each) => each.name === name);

describe.skipIf(!requires('chromium', 'ffmpeg'))('what a page captures', () => {
  let folder: string;
  let browser: Browser;
  let engine: TestEngine;
  let ui: UiPage;
  let page: Page;
  /** as long as the browser has streams of frames */
  let isTransferring = true;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'capture-'));
    browser = await launchBrowser(fakeDevices);
    engine = await TestEngine.ready([
      ...['--size', `${width}x${height}`, '--fps', '30', '--bitrate', '1500'],
      '--collection',
      writeCollection(folder, { sources: [], scenes: [{ id: 's', name: 'Live', items: [] }] }),
    ]);
    await open();
  });
  afterAll(async () => {
    await browser.close();
    await engine[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => expect(ui.problems).toEqual([]));

  const openWindow = (): Promise<UiPage> =>
    openUi(browser, engine.uiUrl, {
      mayCapture: true,
      isNoise: (message) => isTransferring && isFrameOfTransfer(message),
    });
  async function open(): Promise<void> {
    ui = await openWindow();
    page = ui.page;
    await page.locator('canvas[data-frame-index]').waitFor();
  }
  const panel = () => page.locator('[data-capture-state]');
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const until = (name: string, state: string) =>
    engine.until((snapshot) => expect(sourceOf(snapshot, name)?.state).toBe(state));

  async function remove(isMeant: (source: Snapshot['sources'][number]) => boolean): Promise<void> {
    const { sources } = await engine.snapshot();
    const edits = sources.filter(isMeant).map(({ id }) => ({ type: 'source.remove', sourceId: id }) as const);
    await engine.call('show.edit', { edits, label: 'Remove' });
  }
  async function add(card: string): Promise<void> {
    await button('Add source').click();
    await page.getByRole('button', { name: new RegExp(`^${card}`) }).click();
    await panel().and(page.locator('[data-capture-state=running]')).waitFor();
    await page.getByText('Captured in this window').waitFor();
  }
  /** Every colour of a small grid over the whole picture. */
  const grid = Array.from({ length: 400 }, (_, index) => ({
    x: ((index % 20) + 0.5) / 20,
    y: (Math.floor(index / 20) + 0.5) / 20,
  }));
  async function expectMovingGreen(): Promise<void> {
    const seen = new Set<string>();
    await vi.waitFor(async () => {
      const { colors } = await readCanvas(page, grid);
      expect(colors.filter(isGreen).length, 'green points of 400').toBeGreaterThan(200);
      seen.add(JSON.stringify(colors));
      expect(seen.size, 'different pictures').toBeGreaterThan(3);
    }, patience);
  }
  async function expectBlack(): Promise<void> {
    await vi.waitFor(async () => {
      const { colors } = await readCanvas(page, grid);
      expect(colors.filter(isGreen).length).toBe(0);
    }, patience);
  }

  it('loads none of it before something is captured', async () => {
    const loaded = await page.evaluate(() =>
      performance.getEntriesByType('resource').map(({ name }) => name),
    );
    expect(loaded.filter((name) => /capture-(session|worker)|worklet/.test(name))).toEqual([]);
    expect(page.workers()).toEqual([]);
  });

  it('shows the camera of the browser, moving, at its size', async () => {
    await add('Camera of this browser');
    const snapshot = await until('Browser camera', 'ok');
    expect(sourceOf(snapshot, 'Browser camera')?.size).toEqual({ width, height });
    await expectMovingGreen();
    await vi.waitFor(async () => {
      const figures = await page.getByTestId('capture-figures').textContent();
      expect(figures).toMatch(/^640 × 360 · \d+ pictures a second · without sound$/);
    }, patience);
    expect(await page.getByLabel('Camera', { exact: true }).locator('option').allTextContents()).toContain(
      'fake_device_0',
    );
  });

  it('closes every frame that it has read', async () => {
    const [worker] = page.workers();
    await worker?.evaluate(() => {
      const open = new Map<unknown, number>();
      const counts = {
        read: 0,
        stale: () => [...open.values()].filter((at) => performance.now() - at > 1000),
      };
      Reflect.set(globalThis, 'frameCounts', counts);
      const reader = ReadableStreamDefaultReader.prototype;
      const { read } = reader;
      reader.read = async function () {
        const result = (await read.call(this)) as ReadableStreamReadResult<unknown>;
        counts.read += 1;
        open.set(result.value, performance.now());
        return result;
      };
      const { close } = VideoFrame.prototype;
      VideoFrame.prototype.close = function () {
        open.delete(this);
        close.call(this);
      };
    });
    const counts = () =>
      worker?.evaluate(() => {
        const { read, stale } = Reflect.get(globalThis, 'frameCounts') as { read: number; stale(): number[] };
        return { read, openForLong: stale().length };
      });
    await vi.waitFor(async () => expect((await counts())?.read).toBeGreaterThan(60), patience);
    expect(await counts()).toMatchObject({ openForLong: 0 });
  });

  it('offers what the camera can do: at most 2160 lines and 20 pictures a second', async () => {
    const offers = (label: string) => page.getByLabel(label).locator('option').allTextContents();
    expect(await offers('Size, at most')).toEqual([
      'As the canvas',
      '2160 lines',
      '1080 lines',
      '720 lines',
      '480 lines',
    ]);
    expect(await offers('Pictures a second')).toEqual(['30 (this camera: 20)', '15', '20']);
    await page.getByLabel('Pictures a second').selectOption('20');
    await vi.waitFor(async () => expect(await offers('Pictures a second')).toEqual(['15', '20']), patience);
    await page.getByText('Captured in this window').waitFor();
    await until('Browser camera', 'ok');
  });

  it('stops and starts it by a button, and shows a card meanwhile', async () => {
    await button('Stop capture').click();
    await until('Browser camera', 'failed');
    await expectBlack();
    await page
      .getByText('Open the studio’s page, select the source and press Start capture.')
      .first()
      .waitFor();
    await button('Start capture').click();
    await until('Browser camera', 'ok');
    await expectMovingGreen();
  });

  it('brings the sound of the microphone into the program', async () => {
    await add('Microphone of this browser');
    await until('Browser microphone', 'ok');
    const { path } = await engine.call('recording.start', {});
    await engine.advance(100);
    await engine.call('recording.stop', {});
    await engine.until(({ recording }) => expect(recording.state).toBe('idle'));
    const { stdout } = spawnSync(
      programPath('ffmpeg'),
      ['-v', 'error', '-i', path, '-vn', '-ac', '1', '-f', 'f32le', '-'],
      { maxBuffer: 2 ** 26 },
    );
    const samples = new Float32Array(
      stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length),
    );
    // The fake microphone beeps: loud for a moment, and silent in between.
    const loudness = Array.from({ length: Math.floor(samples.length / 480) }, (_, block) =>
      Math.max(...samples.subarray(block * 480, (block + 1) * 480).map(Math.abs)),
    );
    expect(Math.max(...loudness)).toBeGreaterThan(0.1);
    expect(loudness.filter((peak) => peak < 0.02).length, 'silent blocks').toBeGreaterThan(20);
    const begins = loudness.filter((peak, block) => peak > 0.1 && (loudness[block - 1] ?? 1) <= 0.1);
    expect(begins.length, 'beeps').toBeGreaterThanOrEqual(2);
  });

  it('shows a screen, a window or a tab', async () => {
    await add('Screen, window or tab');
    const snapshot = await until('Browser capture', 'ok');
    expect(sourceOf(snapshot, 'Browser capture')?.size?.height).toBeLessThanOrEqual(height);
    await expectMovingGreen();
    await button('Choose another').waitFor();
  });

  it('is taken over by another window, says so, and takes it back by a button', async () => {
    const other = await openWindow();
    const row = other.page.getByRole('row', { name: /^Browser capture/ });
    await row.click();
    await other.page.getByText('Captured in another window').waitFor();
    await other.page.getByRole('button', { name: 'Start capture', exact: true }).click();
    await other.page.getByText('Captured in this window').waitFor();
    const gone = / is captured by another window of the studio now\.$/;
    const remedy = 'Press Start capture to take it back into this one.';
    await page.getByText(gone).waitFor();
    await page.getByText(remedy).waitFor();
    await expectMovingGreen();

    await button('Start capture').click();
    await page.getByText('Captured in this window').waitFor();
    await other.page.getByText(gone).waitFor();
    await other.page.getByText(remedy).waitFor();
    expect(other.problems).toEqual([]);
    await other.close();
    await until('Browser capture', 'ok');
  });

  it('goes on after the page is loaded anew: devices by themselves, a display by a click', async () => {
    await page.reload();
    await page.locator('canvas[data-frame-index]').waitFor();
    await page.getByRole('alert').getByText('Browser capture is not being captured').waitFor();
    await until('Browser camera', 'ok');
    await until('Browser microphone', 'ok');
    expect(sourceOf(await engine.snapshot(), 'Browser capture')?.state).toBe('failed');
    // Its card lies over the camera.
    await remove(({ name }) => name === 'Browser capture');
    await expectMovingGreen();
  });

  it('ends with its page: the picture goes, and the show goes on', async () => {
    await ui.close();
    await until('Browser camera', 'failed');
    await until('Browser microphone', 'failed');
    await open();
    await expectBlack();
  });

  it('works in a browser that gives no frames to workers', async () => {
    await remove(() => true);
    await page.addInitScript(() => {
      Reflect.deleteProperty(globalThis, 'MediaStreamTrackProcessor');
      // Slow to play: the engine has taken the capture on by then, which is told only once.
      const { play } = HTMLMediaElement.prototype;
      HTMLMediaElement.prototype.play = async function () {
        await new Promise((resolve) => setTimeout(resolve, 1000));
        await play.call(this);
      };
    });
    await page.reload();
    isTransferring = false;
    await page.locator('canvas[data-frame-index]').waitFor();
    await add('Camera of this browser');
    await until('Browser camera', 'ok');
    await expectMovingGreen();
    // Nor does it give them sound: an AudioWorklet hears it.
    await add('Microphone of this browser');
    await until('Browser microphone', 'ok');
    const level = page.getByRole('meter', { name: 'Level of Browser microphone' });
    await vi.waitFor(
      async () => expect(Number(await level.getAttribute('aria-valuenow'))).toBeGreaterThan(-40),
      patience,
    );
  });

  it('lets the capture go when its source is removed', async () => {
    expect(page.workers().length).toBe(2);
    await remove(() => true);
    await vi.waitFor(() => expect(page.workers().length).toBe(0), patience);
  });

  it('says where to allow it when the browser forbids it, and keeps the source', async () => {
    const strict = await launchBrowser(['--use-fake-device-for-media-stream']);
    try {
      const refused = await openUi(strict, engine.uiUrl);
      await refused.page.getByRole('button', { name: 'Add source', exact: true }).click();
      await refused.page.getByRole('button', { name: /^Camera of this browser/ }).click();
      await refused.page.getByText('The browser does not let this page use the camera.').waitFor();
      await refused.page.getByText(/^Allow it: click the icon beside the address/).waitFor();
      expect(sourceOf(await engine.snapshot(), 'Browser camera')?.state).toBe('failed');
      expect(refused.problems).toEqual([]);
    } finally {
      await strict.close();
    }
  });
});
