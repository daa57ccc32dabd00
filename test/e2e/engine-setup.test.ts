import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Child } from '../../electron/streaming/lib/child';
import { itemBox } from '../../shared/model/placement';
import { TestEngine } from '../support/engine';
import { edgesAround } from '../support/find-picture';
import { PulseServer } from '../support/pulse-server';
import { requires } from '../support/requires';
import { measureTone } from '../support/tone';
import { launchBrowser, openUi } from '../support/ui-browser';
import type { UiPage } from '../support/ui-browser';
import { watchStream } from '../support/watched-stream';
import { XServer } from '../support/x-server';

/** generous: the machine may be busy with other things */
const patience = { timeout: 20_000, interval: 100 };
const screen = { width: 1280, height: 720 };
const game = { x: 320, y: 180, width: 640, height: 360 };
const program = { width: 1280, height: 720 };
const tone = { frequencyHz: 1000, amplitude: 0.25 };
const isReady = requires('chromium', 'ffmpeg', 'Xvfb', 'xterm', 'xdotool', 'xsetroot', 'pulseaudio', 'pactl');

describe.skipIf(!isReady)('a studio set up by a person for a modest computer', () => {
  let x: XServer;
  let pulse: PulseServer;
  let voice: Child;
  let browser: Browser;
  let engine: TestEngine;
  let ui: UiPage;
  let page: Page;

  beforeAll(async () => {
    [x, pulse, browser] = await Promise.all([
      XServer.start(screen.width, screen.height),
      PulseServer.start(),
      launchBrowser(),
    ]);
    await x.paintRoot('gray20');
    await x.openWindow('Game', 'white', game);
    await pulse.addSink('headset');
    await pulse.addMicrophone('mic', 'Studio microphone', 'headset');
    voice = pulse.play('headset', tone.frequencyHz, tone.amplitude);
    engine = await TestEngine.ready([], {
      isFirstStart: true,
      env: { ...x.env, PULSE_SERVER: pulse.address },
    });
    ui = await openUi(browser, engine.uiUrl);
    page = ui.page;
  });
  afterAll(async () => {
    await browser.close();
    await engine[Symbol.asyncDispose]();
    await voice.stop();
    await Promise.all([pulse.stop(), x.stop()]);
  });
  const button = (name: string) => page.getByRole('button', { name, exact: true });

  it('is offered its microphone in the first steps, and hears it in the last of them', async () => {
    const picture = page.getByRole('dialog', { name: 'What do you want to stream?' });
    await picture.getByText('My screen', { exact: true }).click();
    expect(await picture.getByRole('switch', { name: /^With my voice/ }).isChecked()).toBe(true);
    await picture.getByLabel('Microphone', { exact: true }).selectOption({ label: 'Studio microphone' });
    await button('Set it up').click();
    await page
      .getByRole('dialog', { name: 'Where does it go?' })
      .getByRole('button', { name: 'Later' })
      .click();
    const check = page.getByRole('dialog', { name: 'Is everything there?' });
    const level = check.getByRole('img', { name: 'Level of Studio microphone' }).locator('span');
    await vi.waitFor(async () => {
      const scale = await level.evaluate((bar) => new DOMMatrix(getComputedStyle(bar).transform).a);
      // −12 dB of the 60 that it shows
      expect(scale).toBeGreaterThan(0.7);
      expect(scale).toBeLessThan(0.9);
    }, patience);
    await button('Into the studio').click();
    await check.waitFor({ state: 'detached' });
    expect((await engine.snapshot()).program).toMatchObject({ width: 1920, height: 1080, fps: 60 });
  });

  it('goes on at 720p30 as soon as that is set, with its screen and its voice', async () => {
    await button('Settings').click();
    const settings = page.getByRole('dialog', { name: 'Settings' });
    await settings.getByLabel('Canvas').selectOption('1280×720');
    await settings.getByLabel('Frames per second').selectOption('30');
    await button('Apply').click();
    await settings.getByText('The program runs with the new settings.').waitFor();
    await page.keyboard.press('Escape');
    const state = await engine.until(({ program: running, sources }) => {
      expect(running).toMatchObject({ ...program, fps: 30, state: 'running' });
      for (const { name, state } of sources.filter(({ kind }) => ['screen', 'microphone'].includes(kind)))
        expect([name, state]).toEqual([name, 'ok']);
    });
    const saved: unknown = JSON.parse(readFileSync(join(engine.dataDir, 'settings.json'), 'utf8'));
    expect(saved).toMatchObject({ canvas: program, fps: 30 });
    // All of it, as before: not its upper left part.
    const scene = state.scenes.find(({ id }) => id === state.program.sceneId);
    const shown = scene?.items[0] && itemBox(scene.items[0], screen);
    expect(shown).toMatchObject({ x: 0, y: 0, ...program });
    if (!shown) throw new Error('the screen is not on show');
    // A player begins with the cached group of pictures: the first ones may be those of before.
    await vi.waitFor(
      async () => {
        const { picture, sound } = await watchStream(`${engine.rtmpUrl}/program`, program, 3);
        const scale = shown.width / screen.width;
        const left = shown.x + game.x * scale;
        const top = shown.y + game.y * scale;
        const found = edgesAround(picture, { x: left + 40, y: top + 40 });
        expect(Math.abs(found.left - left), `left edge of the window: ${found.left}`).toBeLessThanOrEqual(2);
        expect(Math.abs(found.top - top), `top edge of the window: ${found.top}`).toBeLessThanOrEqual(2);
        // Nobody has touched its fader.
        const heard = measureTone(sound.subarray(-24_000, -4800), tone.frequencyHz);
        expect(
          Math.abs(20 * Math.log10(heard.amplitude / tone.amplitude)),
          `${heard.amplitude}`,
        ).toBeLessThanOrEqual(1);
      },
      { timeout: 40_000 },
    );
    expect(ui.problems).toEqual([]);
  });
});
