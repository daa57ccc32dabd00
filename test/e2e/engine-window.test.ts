import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { syncCollection } from '../support/collections';
import { TestEngine } from '../support/engine';
import { decodeFile } from '../support/probe';
import { requires } from '../support/requires';
import { decodeStream, reportSync } from '../support/sync-reader';
import { readTickClock } from '../support/tick-clock';
import { launchBrowser, openUi, readCanvas, readCanvasCounter } from '../support/ui-browser';
import type { UiPage } from '../support/ui-browser';
import { tabTo } from '../support/ui-keyboard';
import { passPreflight } from '../support/ui-live';

const fps = 30;
/** generous: the machine may be busy with other things */
const patience = { timeout: 20_000, interval: 50 };
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}
const inWords = (values: readonly number[]): string =>
  `median ${quantile(values, 0.5).toFixed(1)}, p95 ${quantile(values, 0.95).toFixed(1)} of ${values.length}`;

describe.skipIf(!requires('chromium', 'ffmpeg'))('the window of a running studio', () => {
  let folder: string;
  let browser: Browser;
  let engine: TestEngine;
  let ui: UiPage;
  let page: Page;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'window-'));
    browser = await launchBrowser();
    engine = await TestEngine.ready([
      ...['--size', '640x360', '--fps', String(fps), '--bitrate', '1500'],
      ...['--collection', syncCollection(folder, 640, 360)],
    ]);
    ui = await openUi(browser, engine.uiUrl);
    page = ui.page;
    await page.locator('canvas[data-frame-index]').waitFor();
  });
  afterAll(async () => {
    await browser.close();
    await engine[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => expect(ui.problems).toEqual([]));

  it('shows the program as it runs: at most 60 ms and 4 frames behind the engine', async () => {
    const clock = await readTickClock(engine, fps);
    const readCounter = async (moment: 'now' | 'painted') => {
      const reading = await readCanvasCounter(page, moment);
      expect(reading.counter, 'the picture is the frame that the page says').toBe(reading.frameIndex);
      return reading;
    };
    // A median over a second or two; again while the machine has something else to do.
    await vi.waitFor(
      async () => {
        const behindMs: number[] = [];
        const behindFrames: number[] = [];
        for (let round = 0; round < 24; round++) {
          const painted = await readCounter('painted');
          behindMs.push(painted.readUnixMs - clock.tickUnixMs(painted.frameIndex));
          await page.waitForTimeout((round * 7) % (1000 / fps));
          const anyTime = await readCounter('now');
          behindFrames.push(clock.frameIndexAt(anyTime.atUnixMs) - anyTime.frameIndex);
        }
        const figures = `behind: ${inWords(behindMs)} (ms); ${inWords(behindFrames)} (frames)`;
        // Nobody sees a frame before its tick: then the two clocks would not be one.
        expect(Math.min(...behindMs), figures).toBeGreaterThan(0);
        expect(quantile(behindMs, 0.5), figures).toBeLessThanOrEqual(60);
        expect(quantile(behindFrames, 0.5), figures).toBeLessThanOrEqual(4);
      },
      { timeout: 30_000, interval: 500 },
    );
  });

  it('switches what is on program by a click, and back', async () => {
    const scene = (name: string) => page.getByRole('grid', { name: 'Scenes' }).getByRole('row', { name });
    await scene('Grey').click();
    await vi.waitFor(async () => {
      expect((await readCanvasCounter(page)).counter).toBeNull();
      const { colors } = await readCanvas(page, [
        { x: 0.1, y: 0.1 },
        { x: 0.9, y: 0.9 },
      ]);
      for (const channel of colors.flat()) expect(Math.abs(channel - 0x80)).toBeLessThanOrEqual(3);
    }, patience);
    expect(await scene('Grey').getAttribute('aria-selected')).toBe('true');
    await scene('Sync').click();
    await vi.waitFor(async () => {
      const { frameIndex, counter } = await readCanvasCounter(page);
      expect(counter).toBe(frameIndex);
    }, patience);
  });

  it('takes an item out of the picture, and puts it back', async () => {
    const toggle = button(page, 'Show Sync');
    await toggle.click();
    await vi.waitFor(async () => {
      const { colors } = await readCanvas(page, [
        { x: 0.5, y: 0.6 },
        { x: 0.5, y: 0.9 },
      ]);
      expect(Math.max(...colors.flat())).toBeLessThanOrEqual(3);
    }, patience);
    expect(await toggle.getAttribute('aria-pressed')).toBe('false');
    await toggle.click();
    await vi.waitFor(async () => {
      const { frameIndex, counter } = await readCanvasCounter(page);
      expect(counter).toBe(frameIndex);
    }, patience);
  });

  it('records: the timer runs, and the file has every frame that was encoded', async () => {
    const lost = async () =>
      (await engine.metric('encoder_dropped_frames')) +
      (await engine.metric('compositor_lagged_frames_total'));
    // What the encoder still holds of the test before had no counter in it.
    await engine.advance(fps);
    const lostBefore = await lost();
    await button(page, 'Record').click();
    await page
      .getByRole('timer', { name: 'Time recorded' })
      .getByText(/^00:00:0[3-9]$/)
      .waitFor();
    const path = (await page.getByTestId('recording-path').getAttribute('title')) ?? '';
    expect(path.startsWith(engine.dataDir)).toBe(true);
    await button(page, 'Stop recording').click();
    await button(page, 'Record').waitFor();

    expect(statSync(path).size).toBeGreaterThan(0);
    expect(decodeFile(path)).toEqual({ videoFrames: expect.any(Number), complaints: '' });
    const recorded = await decodeStream(path);
    // It begins with a keyframe, up to two seconds after the click.
    expect(recorded.frames.length).toBeGreaterThan(fps / 2);
    const report = reportSync(recorded, fps);
    expect(report).toMatchObject({ unreadable: 0, isRising: true });
    // A busy machine loses frames before the encoder; the recording loses none.
    expect(report.missing + report.repeated).toBeLessThanOrEqual((await lost()) - lostBefore);
    expect((await engine.snapshot()).recording.state).toBe('idle');
  });

  it('tells true figures, and draws them', async () => {
    const charts = button(page, 'Statistics');
    if ((await charts.getAttribute('aria-pressed')) !== 'true') await charts.click();
    const figure = async (name: string): Promise<number> =>
      Number((await page.getByTestId(`stat-${name}`).textContent())?.replaceAll('\u202f', ''));
    await vi.waitFor(async () => {
      expect(Math.abs((await figure('fps')) - fps)).toBeLessThanOrEqual(1.5);
      expect(Math.abs((await figure('encoder-fps')) - fps)).toBeLessThanOrEqual(3);
      expect(await figure('bitrate')).toBeGreaterThan(0.1);
      expect(await figure('rtmp-latency')).toBeGreaterThan(10);
      expect(await figure('cpu-total')).toBeGreaterThan(1);
      expect(await figure('memory')).toBeGreaterThan(20);
    }, patience);
    const seen = new Set<string>();
    await vi.waitFor(async () => {
      seen.add(`${await figure('bitrate')} ${await figure('cpu-total')} ${await figure('rtmp-latency')}`);
      expect(seen.size).toBeGreaterThanOrEqual(3);
    }, patience);

    // The pointer reads from the drawn line what was true a moment ago.
    const chart = page.getByRole('figure', { name: 'Frame rate' });
    const plot = await chart.locator('.u-over').boundingBox();
    if (!plot) throw new Error('the chart has no plot');
    await page.mouse.move(plot.x + plot.width - 3, plot.y + plot.height / 2);
    await chart.getByText(/^\d\d:\d\d:\d\d$/).waitFor();
    expect(Number(await chart.locator('[data-hover-value=fps]').textContent())).toBeGreaterThan(1);
    await page.mouse.move(1, 1);
  });

  it('is recorded and put on air by keyboard alone', async () => {
    await tabTo(page, 'Record');
    await page.keyboard.press('Enter');
    await button(page, 'Stop recording').waitFor();
    await tabTo(page, 'Go live');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Before you go live' });
    await dialog.getByText('There is no destination to go live to.').waitFor();
    expect(await dialog.getByRole('button', { name: 'Go live', exact: true }).isDisabled()).toBe(true);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await engine.call('destination.add', { name: 'Nowhere', url: 'rtmp://127.0.0.1:9/live', key: 'k' });
    await page.getByRole('listitem', { name: 'Nowhere' }).waitFor();
    await tabTo(page, 'Go live');
    await page.keyboard.press('Enter');
    await passPreflight(page);
    await page.getByTestId('live-state').waitFor();
    const { live, recording } = await engine.snapshot();
    expect(live.isLive).toBe(true);
    expect(recording.state).toBe('recording');
    await tabTo(page, 'Stop recording');
    await page.keyboard.press('Enter');
    await button(page, 'Record').waitFor();
    await tabTo(page, 'Stop live');
    await page.keyboard.press('Enter');
    await button(page, 'Go live').waitFor();
    expect((await engine.snapshot()).live.isLive).toBe(false);
  });
});
