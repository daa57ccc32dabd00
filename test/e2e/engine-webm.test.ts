import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { syncCollection } from '../support/collections';
import { TestEngine } from '../support/engine';
import { requires } from '../support/requires';
import { readSyncPicture } from '../support/sync-reader';
import { launchBrowser, openUi } from '../support/ui-browser';

const [width, height, fps] = [320, 180, 30];

/** A `<video>` of the page plays this until it is so far, and is looked at. */
async function play(
  page: Page,
  path: string,
  untilSec: number,
): Promise<{ counter: number | null; duration: number }> {
  const { rgba, duration } = await page.evaluate(
    async ({ source, until, size }) => {
      const video = document.createElement('video');
      video.muted = true;
      video.src = source;
      document.body.append(video);
      await video.play();
      const deadline = performance.now() + 20_000;
      while (video.currentTime < until && performance.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 20));
      const canvas = new OffscreenCanvas(size.width, size.height);
      const context = canvas.getContext('2d')!;
      context.drawImage(video, 0, 0, size.width, size.height);
      const pixels = context.getImageData(0, 0, size.width, size.height).data;
      const found = { rgba: [...pixels], duration: video.duration };
      video.remove();
      return found;
    },
    { source: path, until: untilSec, size: { width, height } },
  );
  const luma = Uint8Array.from({ length: width * height }, (_, at) => rgba[at * 4 + 1]!);
  return { counter: readSyncPicture(luma, width, height).counter, duration };
}

describe.skipIf(!requires('chromium', 'ffmpeg'))('WebM in a browser', () => {
  let folder: string;
  let browser: Browser;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'webm-'));
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(['vp8', 'vp9'])('plays the program and its recording (%s)', async (codec) => {
    const size = ['--size', `${width}x${height}`, '--fps', String(fps), '--bitrate', '500'];
    const path = join(folder, `${codec}.webm`);
    await using engine = await TestEngine.ready([
      ...[...size, '--collection', syncCollection(folder, width, height)],
      ...['--codec', codec, '--profile', 'auto', '--record', path],
    ]);
    const { page, problems, close } = await openUi(browser, engine.uiUrl);
    await page.getByRole('main', { name: 'Program' }).waitFor();
    const live = await play(page, '/live/program.webm', 1.5);
    // Nobody knows how long it will be; what is shown counts from the program's start.
    expect(live.duration).toBe(Infinity);
    expect(live.counter).toBeGreaterThan(fps / 2);

    await engine.call('recording.stop', {});
    await page.route('**/take.webm', (route) => route.fulfill({ path, contentType: 'video/webm' }));
    const recorded = await play(page, '/take.webm', 1);
    expect(recorded.duration).toBeGreaterThan(1);
    expect(recorded.counter).toBeGreaterThan(fps / 2);
    expect(recorded.counter).toBeLessThan(live.counter! + 10 * fps);
    expect(problems).toEqual([]);
    await close();
  });
});
