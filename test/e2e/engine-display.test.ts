import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { describeError } from '../../shared/contract/error-text';
import { writeCollection } from '../support/collections';
import { TestEngine } from '../support/engine';
import { keepingRate } from '../support/keeping-rate';
import { makeSyncClip } from '../support/media-fixtures';
import { requires } from '../support/requires';
import { clipOffsetsMs, decodeStream, median } from '../support/sync-reader';
import { fakeDevices, isFrameOfTransfer, launchBrowser, openUi, readCanvas } from '../support/ui-browser';
import type { UiPage } from '../support/ui-browser';
import { XServer } from '../support/x-server';

/** generous: the machine may be busy with other things */
const patience = { timeout: 20_000, interval: 50 };
const canvas = { width: 640, height: 360 };
const fps = 30;
/** of the program's pictures may be late while a browser starts, and draws a screen in software */
const browserShare = 0.2;
const isReady = requires('chromium', 'ffmpeg', 'Xvfb', 'xterm', 'xdotool', 'xprop');

/** Real windows, tabs and devices that are not there, through real browsers. */
describe.skipIf(!isReady)('what a browser shares, and what it refuses', () => {
  let folder: string;
  let x: XServer;
  let engine: TestEngine;
  let browser: Browser;
  let ui: UiPage;
  let page: Page;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'display-'));
    [x, engine] = await Promise.all([
      XServer.start(1280, 1024),
      TestEngine.ready([
        ...['--size', `${canvas.width}x${canvas.height}`, '--fps', `${fps}`, '--bitrate', '1500'],
        ...[
          '--collection',
          writeCollection(folder, { sources: [], scenes: [{ id: 's', name: 'Live', items: [] }] }),
        ],
      ]),
      makeSyncClip({ path: join(folder, 'clap.mp4'), ...canvas, fps, seconds: 20 }),
    ]);
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await x.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    await browser.close();
    const { sources } = await engine.snapshot();
    const edits = sources.map(({ id }) => ({ type: 'source.remove', sourceId: id }) as const);
    await engine.call('show.edit', { edits, label: 'Remove' });
    expect(ui.problems).toEqual([]);
  });

  async function add(card: RegExp): Promise<void> {
    await page.getByRole('button', { name: 'Add source', exact: true }).click();
    await page.getByRole('button', { name: card }).click();
  }
  async function open(options: { mayCapture?: boolean } = {}): Promise<void> {
    ui = await openUi(browser, engine.uiUrl, { ...options, isNoise: isFrameOfTransfer });
    page = ui.page;
    await page.locator('canvas[data-frame-index]').waitFor();
  }
  const panel = (state: string) => page.locator(`[data-capture-state=${state}]`);
  const onScreen = ['--window-position=0,0', '--window-size=1280,800'];
  const said = async (
    code: 'capture-not-allowed' | 'device-missing' | 'device-busy' | 'device-failed',
    details: object,
  ): Promise<void> => {
    const { sentence, remedy } = describeError({ code, details } as Parameters<typeof describeError>[0]);
    await panel('failed').getByText(sentence).waitFor();
    await panel('failed').getByText(remedy).waitFor();
  };
  it('shares a window: what moves in it moves in the program, at its own size, until it is closed', async () => {
    const place = { x: 40, y: 820, width: 320, height: 180 };
    const blink =
      'while :; do for color in 41 44; do printf "\\033[${color}m\\033[2J"; sleep 0.2; done; done';
    const window = await x.openWindow('Blinking', 'gray50', place, blink);
    await x.markShown(window);
    browser = await launchBrowser(['--auto-select-window-capture-source-by-title=Blinking', ...onScreen], {
      screen: x,
    });
    await open();
    await add(/^Screen, window or tab/);
    await panel('running').getByText('Captured in this window').waitFor();
    await engine.until(({ sources: [shared] }) =>
      expect(shared).toMatchObject({ state: 'ok', size: { width: place.width, height: place.height } }),
    );
    const seen = new Set<string>();
    await vi.waitFor(async () => {
      const { colors } = await readCanvas(page, [{ x: 0.5, y: 0.5 }]);
      const [red = 0, green = 0, blue = 0] = colors[0] ?? [];
      if (red > green + 80 && red > blue + 80) seen.add('red');
      if (blue > green + 80 && blue > red + 80) seen.add('blue');
      expect([...seen].sort()).toEqual(['blue', 'red']);
    }, patience);
    await x.run('xdotool', 'windowsize', '--sync', `${window.id}`, '400', '200');
    await engine.until(({ sources: [shared] }) => expect(shared?.size).toEqual({ width: 400, height: 200 }));
    await keepingRate(
      engine,
      fps,
      async () => {
        await window.close();
        await engine.until(({ sources: [shared] }) => expect(shared?.error?.code).toBe('capture-page-gone'));
        await panel('idle').getByText('Not captured').waitFor();
        await page
          .getByText('Open the studio’s page, select the source and press Start capture.')
          .first()
          .waitFor();
      },
      browserShare,
    );
  });

  it('keeps picture and sound of a tab together, to within 40 ms where viewers are', async () => {
    writeFileSync(
      join(folder, 'clap.html'),
      `<title>Clap</title>
       <style>body { margin: 0 } video { display: block; width: 100vw; height: 100vh }</style>
       <video src="clap.mp4" autoplay loop></video>`,
    );
    browser = await launchBrowser(
      ['--auto-select-tab-capture-source-by-title=Clap', '--autoplay-policy=no-user-gesture-required'],
      { hasSound: true },
    );
    const clap = await (await browser.newContext({ viewport: canvas })).newPage();
    await clap.goto(`file://${join(folder, 'clap.html')}`);
    await open();
    await add(/^Screen, window or tab/);
    await panel('running')
      .getByText(/ · with sound$/)
      .waitFor();
    await vi.waitFor(
      async () => {
        const watched = await decodeStream(`${engine.rtmpUrl}/program`, { seconds: 3, deadlineMs: 20_000 });
        const offsets = clipOffsetsMs(watched, fps);
        expect(offsets.length, 'pictures with a beep').toBeGreaterThanOrEqual(40);
        const offset = median(offsets);
        expect(Math.abs(offset), `${offset} ms`).toBeLessThanOrEqual(40);
      },
      { timeout: 40_000 },
    );
  });

  it('says what to do when the browser’s picker was closed without a choice', async () => {
    browser = await launchBrowser(onScreen, { screen: x });
    await open();
    await keepingRate(
      engine,
      fps,
      async () => {
        await add(/^Screen, window or tab/);
        await panel('asking').getByText('Waiting for your answer to the browser …').waitFor();
        await vi.waitFor(
          async () => {
            // A person's key, not the page's: the picker belongs to the browser.
            await x.run('xdotool', 'key', 'Escape');
            expect(await panel('failed').count()).toBe(1);
          },
          { timeout: 20_000, interval: 500 },
        );
        await said('capture-not-allowed', { name: 'the screen', isPicker: true });
      },
      browserShare,
    );
    await panel('failed').getByRole('button', { name: 'Start capture' }).waitFor();
  });

  it('says what to do about a camera that is not there', async () => {
    browser = await launchBrowser(['--use-fake-device-for-media-stream=device-count=0']);
    await open({ mayCapture: true });
    await keepingRate(
      engine,
      fps,
      async () => {
        await add(/^Camera of this browser/);
        await said('device-missing', { name: 'The camera' });
      },
      browserShare,
    );
  });

  /**
   * No fake camera of Chromium can be taken by somebody else: until it is let go, the browser answers as it does about a
   * real one. @param deviceId only this one; without it any
   */
  const occupy = (name: string, deviceId?: string): Promise<void> =>
    page.evaluate(
      ([errorName, only]) => {
        const devices = navigator.mediaDevices;
        const open = MediaDevices.prototype.getUserMedia.bind(devices);
        const { dataset } = document.documentElement;
        dataset['timesAsked'] = '0';
        devices.getUserMedia = (constraints) => {
          dataset['timesAsked'] = `${Number(dataset['timesAsked']) + 1}`;
          const wanted = JSON.stringify(constraints?.video ?? null);
          return only === undefined || wanted.includes(only)
            ? Promise.reject(new DOMException('Could not start video source', errorName))
            : open(constraints);
        };
      },
      [name, deviceId] as const,
    );
  const letGo = (): Promise<void> =>
    page.evaluate(() => void Reflect.deleteProperty(navigator.mediaDevices, 'getUserMedia'));
  const timesAsked = (): Promise<number> =>
    page.evaluate(() => Number(document.documentElement.dataset['timesAsked']));

  it('captures a camera by itself once another program lets it go, unless the person stops it', async () => {
    browser = await launchBrowser(fakeDevices);
    await open({ mayCapture: true });
    const reason = 'Could not start video source';
    for (const [name, code] of [
      ['NotReadableError', 'device-busy'],
      ['UnknownError', 'device-failed'],
    ] as const) {
      await keepingRate(
        engine,
        fps,
        async () => {
          await occupy(name);
          await add(/^Camera of this browser/);
          await said(code, { name: 'The camera', reason });
          await vi.waitFor(async () => expect(await timesAsked()).toBeGreaterThanOrEqual(2), patience);
        },
        browserShare,
      );
      await letGo();
      await panel('running').getByText('Captured in this window').waitFor();
      await engine.until(({ sources }) => expect(sources.at(-1)?.state).toBe('ok'));
    }

    await occupy('NotReadableError');
    await add(/^Camera of this browser/);
    await said('device-busy', { name: 'The camera', reason });
    await panel('failed').getByRole('button', { name: 'Stop trying' }).click();
    await panel('idle').waitFor();
    const asked = await timesAsked();
    // The longest that it ever waits is 3 s.
    await page.waitForTimeout(3500);
    expect(await timesAsked()).toBe(asked);
  });

  it('does not say that it tries again where the browser would ask, as for a display', async () => {
    browser = await launchBrowser(fakeDevices);
    await open();
    await page.evaluate(() => {
      navigator.mediaDevices.getDisplayMedia = () =>
        Promise.reject(new DOMException('Could not start video source', 'NotReadableError'));
    });
    await add(/^Screen, window or tab/);
    const reason = 'Could not start video source';
    await said('device-busy', { name: 'The screen', reason, isRetried: false });
    expect(await panel('failed').getByRole('button', { name: 'Stop trying' }).count()).toBe(0);
  });

  it('goes on with the camera that it has when another cannot be opened, and says why', async () => {
    browser = await launchBrowser([
      '--use-fake-device-for-media-stream=device-count=2',
      '--use-fake-ui-for-media-stream',
    ]);
    await open({ mayCapture: true });
    await add(/^Camera of this browser/);
    await panel('running').getByText('Captured in this window').waitFor();
    const field = page.getByLabel('Camera', { exact: true });
    const choices = await field
      .locator('option')
      .evaluateAll((options) =>
        options.map((option) => ({ value: (option as HTMLOptionElement).value, label: option.textContent })),
      );
    const before = await field.inputValue();
    const other = choices.find(({ value }) => value !== '' && value !== before);
    if (!other) throw new Error('no second camera');
    await occupy('NotReadableError', other.value);
    await field.selectOption(other.value);
    const { sentence } = describeError({
      code: 'device-busy',
      details: { name: other.label, reason: 'Could not start video source', isRetried: false },
    });
    await page.getByRole('alert').getByText(sentence).waitFor();
    expect(await field.inputValue()).toBe(before);
    await panel('running').getByText('Captured in this window').waitFor();
    await letGo();
    await field.selectOption(other.value);
    await panel('running').getByText(other.label).first().waitFor();
    expect(await field.inputValue()).toBe(other.value);
  });
});
