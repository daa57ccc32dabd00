import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ContractPeer } from './contract-peer';
import { axeFindings } from './axe';
import { requires } from './requires';
import { launchBrowser, UiTab } from './ui-browser';
import type { Screen } from './ui-screens';

/** Set it to a folder to get the pictures that the layout assertions are made on. */
const picturesDir = process.env['UI_PICTURES_DIR'];

const sizes = [
  { width: 900, height: 700 },
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
  { width: 2560, height: 1440 },
] as const;

/** For states that differ from others in one dialog or panel only. */
const narrowSizes = sizes.slice(0, 2);
/** Contrast and names are the same at every size; what is folded away differs between these, asked in turn. */
const axeWidths = [1280, 2560] as const;

/** Parts of the top bar that stand on one another, or outside of the window. */
function overlaps(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const parts = [...document.querySelectorAll('.top-bar > *, .top-bar > :nth-child(4) > *')]
      .filter((element) => !element.matches('.top-bar > :nth-child(4)'))
      .map((element) => ({
        text: element.textContent ?? '',
        box: element.getBoundingClientRect(),
        inner: element.scrollWidth,
      }))
      .filter(({ box }) => box.width > 1)
      .sort((one, other) => one.box.left - other.box.left);
    return parts
      .filter(
        ({ box }, index) => box.left < (parts[index - 1]?.box.right ?? 0) - 0.5 || box.right > innerWidth,
      )
      .map(({ text }) => text);
  });
}

/** Looks at each of these states at every size, all in one tab. */
export function describeScreens(title: string, screens: readonly Screen[]): void {
  describe.skipIf(!requires('chromium'))(title, () => {
    let browser: Browser;
    let tab: UiTab;
    beforeAll(async () => {
      browser = await launchBrowser();
      tab = await UiTab.open(browser);
      if (picturesDir) mkdirSync(picturesDir, { recursive: true });
    });
    afterAll(() => browser.close());

    const cases = screens.map((screen, index) => ({
      ...screen,
      axeWidth: axeWidths[screen.isBrief ? 0 : index % 2],
    }));
    it.each(cases)(
      '$name: nothing is cut off or runs over, and axe finds nothing',
      async ({ name, isBrief, axeWidth, snapshot, prepare }) => {
        const peer = new ContractPeer({ snapshot: snapshot(), previewFps: 2 });
        await peer.start();
        const { page, problems, close } = await tab.show(peer.url);
        try {
          await page.locator('canvas[data-frame-index]').waitFor();
          peer.emitPastStats(4);
          if (prepare) await prepare(page, peer);
          for (const size of isBrief && !picturesDir ? narrowSizes : sizes) {
            await page.setViewportSize(size);
            // Two frames: one for the layout, one for the observers of it.
            await page.evaluate(
              () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
            );
            const { contentWidth, windowWidth, canvas } = await page.evaluate(() => ({
              contentWidth: document.documentElement.scrollWidth,
              windowWidth: innerWidth,
              canvas: document
                .querySelector('[data-testid=program-canvas]')
                ?.getBoundingClientRect()
                .toJSON() as DOMRect,
            }));
            expect(contentWidth, `${name} at ${size.width}: runs over to the right`).toBeLessThanOrEqual(
              windowWidth,
            );
            expect(canvas.width / canvas.height, 'proportions of the picture').toBeCloseTo(16 / 9, 1);
            expect(canvas.width, 'the picture is what the window is for').toBeGreaterThan(size.width * 0.42);
            expect(await overlaps(page), `${name} at ${size.width}: the top bar`).toEqual([]);
            if (size.width === axeWidth)
              expect(await axeFindings(page), `${name} at ${size.width}: what axe finds`).toEqual([]);
            if (picturesDir) {
              await page.waitForTimeout(350);
              await page.screenshot({
                path: join(picturesDir, `${name}-${size.width}.png`),
                fullPage: size.width < 1100,
              });
            }
          }
          expect(problems).toEqual([]);
          expect(peer.violations).toEqual([]);
        } finally {
          await close();
          await peer.stop();
        }
      },
    );
  });
}
