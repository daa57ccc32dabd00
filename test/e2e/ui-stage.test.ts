import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ContractPeer } from '../support/contract-peer';
import { closePeerWindow, openPeerWindow } from '../support/peer-window';
import { requires } from '../support/requires';
import { launchBrowser, openUi, readCanvas, readCanvasCounter } from '../support/ui-browser';
import type { UiPage } from '../support/ui-browser';

/** generous: the machine may be busy with other things */
const patience = { timeout: 15_000, interval: 50 };

describe.skipIf(!requires('chromium'))('the stage', () => {
  let browser: Browser;
  let peer: ContractPeer;
  let ui: UiPage;
  let page: Page;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    ({ peer, ui, page } = await openPeerWindow(
      (url) => openUi(browser, url, { hasGraphicsCard: true }),
      new ContractPeer({ previewFps: 15 }),
    ));
    await page.getByRole('main', { name: 'Program' }).waitFor();
  });
  afterEach(() => closePeerWindow({ peer, ui }));

  it('paints the program: the counter on the canvas is the counter of the newest frame', async () => {
    await page.locator('canvas[data-frame-index]').waitFor();
    expect(await page.getByTestId('program-canvas').getAttribute('data-painter')).toBe('webgl');
    const seen = new Set<number>();
    await vi.waitFor(async () => {
      const { frameIndex, counter } = await readCanvasCounter(page);
      expect(counter).toBe(frameIndex);
      seen.add(frameIndex);
      expect(seen.size).toBeGreaterThanOrEqual(3);
    }, patience);
  });

  it('needs at most 450 KB of script and style, packed, until the first picture', async () => {
    const bodies = new Map<string, Promise<Buffer>>();
    page.on('response', (response) => {
      if (/\.(js|css)$/.test(response.url())) bodies.set(response.url(), response.body());
    });
    await page.reload();
    await page.locator('canvas[data-frame-index]').waitFor();
    const packed = (await Promise.all(bodies.values())).map((body) => gzipSync(body).length);
    const sum = packed.reduce((total, length) => total + length, 0);
    expect(sum).toBeLessThanOrEqual(450 * 1024);
    // All of it was seen: React alone is more.
    expect(sum).toBeGreaterThan(150 * 1024);
  });

  it('paints BT.709 bars in their colours', async () => {
    await page.locator('canvas[data-frame-index]').waitFor();
    const expected = [
      [191, 191, 191],
      [191, 191, 0],
      [0, 191, 191],
      [0, 191, 0],
      [191, 0, 191],
      [191, 0, 0],
      [0, 0, 191],
    ];
    const { colors } = await readCanvas(
      page,
      expected.map((_, bar) => ({ x: (bar + 0.5) / 7, y: 0.1 })),
    );
    const isNear = (color: number[], wanted: number[]): boolean =>
      color.every((value, channel) => Math.abs(value - (wanted[channel] ?? -99)) <= 4);
    // One bar may be under the moving white line.
    expect(colors.filter((color, bar) => isNear(color, expected[bar] ?? [])).length).toBeGreaterThanOrEqual(
      6,
    );
  });

  it('paints the same without WebGL', async () => {
    await page.addInitScript(() => {
      const original = Object.getOwnPropertyDescriptor(HTMLCanvasElement.prototype, 'getContext')?.value as (
        this: HTMLCanvasElement,
        kind: string,
        ...rest: unknown[]
      ) => unknown;
      Object.defineProperty(HTMLCanvasElement.prototype, 'getContext', {
        value(this: HTMLCanvasElement, kind: string, ...rest: unknown[]) {
          return kind.startsWith('webgl') ? null : original.call(this, kind, ...rest);
        },
      });
    });
    await page.reload();
    await page.locator('canvas[data-painter="2d"][data-frame-index]').waitFor();
    const { frameIndex, counter } = await readCanvasCounter(page);
    expect(counter).toBe(frameIndex);
  });

  it('does not use WebGL that the processor only emulates', async () => {
    const emulated = await openUi(browser, peer.url);
    await emulated.page.locator('canvas[data-painter="2d"][data-frame-index]').waitFor();
    const { frameIndex, counter } = await readCanvasCounter(emulated.page);
    expect(counter).toBe(frameIndex);
    expect(emulated.problems).toEqual([]);
    await emulated.close();
  });

  it('paints again after the graphics driver was lost', async () => {
    await page.locator('canvas[data-frame-index]').waitFor();
    await page.getByTestId('program-canvas').evaluate(async (element) => {
      const canvas = element as HTMLCanvasElement;
      const driver = canvas.getContext('webgl')?.getExtension('WEBGL_lose_context');
      if (!driver) throw new Error('no way to lose the context');
      const lost = new Promise((resolve) => {
        canvas.addEventListener('webglcontextlost', resolve, { once: true });
      });
      driver.loseContext();
      await lost;
      const restored = new Promise((resolve) => {
        canvas.addEventListener('webglcontextrestored', resolve, { once: true });
      });
      // The browser takes the handler's word only after the event is over.
      setTimeout(() => {
        driver.restoreContext();
      });
      await restored;
    });
    await vi.waitFor(async () => {
      const { frameIndex, counter } = await readCanvasCounter(page);
      expect(counter).toBe(frameIndex);
    }, patience);
  });

  it('takes a new picture only when the last one is on the screen', async () => {
    await page.locator('canvas[data-frame-index]').waitFor();
    // A browser that has no time to show anything.
    await page.evaluate(() => {
      window.requestAnimationFrame = () => 0;
    });
    const index = () => page.getByTestId('program-canvas').getAttribute('data-frame-index').then(Number);
    await vi.waitFor(async () => {
      const before = await index();
      // The peer sends 15 pictures a second to whoever asks.
      await page.waitForTimeout(1000);
      expect(await index()).toBe(before);
    }, patience);
  });

  it('asks for no more pixels than it shows, and for none while the tab is hidden', async () => {
    const canvas = await page.getByTestId('program-canvas').boundingBox();
    // Pixel for pixel, so that nothing has to be scaled.
    expect(canvas).toMatchObject({ width: 640, height: 360 });
    await vi.waitFor(() => {
      expect(peer.topicsOf(0)).toEqual({ topics: ['preview', 'stats', 'meters'], previewWidth: 640 });
    }, patience);
    await page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await vi.waitFor(() => {
      expect(peer.topicsOf(0)?.topics).toEqual(['stats']);
    }, patience);
  });
});
