import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { drawText } from '../../electron/streaming/composition/text-picture';
import { textJob } from '../../electron/streaming/sources/text-job';
import { itemBox } from '../../shared/model/placement';
import { textSourceSchema } from '../../shared/model/source';
import type { Snapshot } from '../../shared/contract/snapshot';
import { axeFindings } from '../support/axe';
import { TestEngine } from '../support/engine';
import { edgesAround, findDrawing } from '../support/find-picture';
import type { Mask } from '../support/find-picture';
import { makeSyncClip } from '../support/media-fixtures';
import { NginxServer, freePort } from '../support/nginx-server';
import { programPath, requires } from '../support/requires';
import { plainRequest } from '../support/source-bench';
import { clipOffsetsMs, decodeStream } from '../support/sync-reader';
import { measureTone } from '../support/tone';
import { fakeDevices, launchBrowser, openUi } from '../support/ui-browser';
import type { UiPage } from '../support/ui-browser';
import { passPreflight } from '../support/ui-live';
import { watchStream } from '../support/watched-stream';
import { XServer } from '../support/x-server';

/** generous: the machine may be busy with other things */
const patience = { timeout: 20_000, interval: 100 };
const canvas = { width: 1024, height: 576 };
/** where the person puts the screen, and the title */
const screenPlace = { x: 351, y: 187, width: 640, height: 360 };
const titlePlace = { x: 97, y: 41 };
const fps = 30;
/** where the white window lies on the captured screen, which is as large as the canvas */
const onScreen = { x: 256, y: 144, width: 384, height: 216 };
const tone = { frequencyHz: 1000, amplitude: 0.25 };
const faderDb = -12;
const title = 'Evening show';
const streamKey = 'an-evening-key';

const isReady = requires('chromium', 'ffmpeg', 'Xvfb', 'xterm', 'xdotool', 'xsetroot', 'nginx');

/** One person, one evening: each step goes on where the last one ended. */
describe.skipIf(!isReady)('a show of one’s own, from the first start to the viewers and back', () => {
  let folder: string;
  let x: XServer;
  let platform: NginxServer;
  let browser: Browser;
  let engine: TestEngine;
  let ports: string[];
  let ui: UiPage;
  let page: Page;

  const clip = (): string => join(folder, 'Clap.mp4');

  const startEngine = (): Promise<TestEngine> =>
    TestEngine.ready(ports, { dataDir: join(folder, 'data'), env: { ...x.env, PULSE_SERVER: 'unix:/none' } });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'show-'));
    ports = ['--http', `${await freePort()}`, '--rtmp', `${await freePort()}`];
    const voice = join(folder, 'voice.wav');
    makeTone(voice);
    const [server, nginx, chromium] = await Promise.all([
      XServer.start(canvas.width, canvas.height),
      NginxServer.start(),
      launchBrowser([...fakeDevices, `--use-file-for-fake-audio-capture=${voice}`]),
      makeSyncClip({ path: clip(), ...{ width: 640, height: 360, fps, seconds: 20 } }),
    ]);
    [x, platform, browser] = [server, nginx, chromium];
    await x.paintRoot('gray20');
    await x.openWindow('Game', 'white', onScreen);
    const data = join(folder, 'data');
    mkdirSync(data);
    writeFileSync(join(data, 'settings.json'), JSON.stringify({ canvas, fps, bitrateKbps: 2000 }));
    engine = await startEngine();
    ui = await openUi(browser, engine.uiUrl, { mayCapture: true });
    page = ui.page;
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await engine[Symbol.asyncDispose]();
    await Promise.all([platform.stop(), x.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const button = (name: string | RegExp) =>
    page.getByRole('button', { name, exact: typeof name === 'string' });
  const expectAccessible = async (): Promise<void> => expect(await axeFindings(page)).toEqual([]);
  const sourceNamed = ({ sources }: Snapshot, name: string) => {
    const source = sources.find((each) => each.name === name);
    if (!source)
      throw new Error(`expected a source “${name}”, found ${sources.map((each) => each.name).join(', ')}`);
    return source;
  };
  const sceneOnAir = ({ scenes, program }: Snapshot) => {
    const scene = scenes.find(({ id }) => id === program.sceneId);
    if (!scene) throw new Error('no scene is on program');
    return scene;
  };
  /** Where the item of this source lies on the canvas. */
  const itemBoxOf = (snapshot: Snapshot, name: string) => {
    const source = sourceNamed(snapshot, name);
    const item = sceneOnAir(snapshot).items.find(({ sourceId }) => sourceId === source.id);
    if (!item || !source.size) throw new Error(`“${name}” has no place in the scene on program`);
    return itemBox(item, source.size);
  };

  function expectPlace(snapshot: Snapshot, name: string, place: { x: number; y: number }): void {
    const { x, y } = itemBoxOf(snapshot, name);
    expect(Math.max(Math.abs(x - place.x), Math.abs(y - place.y)), `${x}, ${y}`).toBeLessThanOrEqual(2);
  }

  /** A point of the canvas in the page. */
  async function inPage(point: { x: number; y: number }): Promise<{ x: number; y: number }> {
    const picture = await page.locator('.stage-picture').boundingBox();
    if (!picture) throw new Error('the stage shows no picture');
    const scale = picture.width / canvas.width;
    return { x: picture.x + point.x * scale, y: picture.y + point.y * scale };
  }
  async function drag(from: { x: number; y: number }, to: { x: number; y: number }): Promise<void> {
    const [start, end] = [await inPage(from), await inPage(to)];
    await page.mouse.move(start.x, start.y);
    await page.mouse.down();
    // Held with Ctrl nothing snaps: it lies where the hand lets it go.
    await page.keyboard.down('Control');
    await page.mouse.move((start.x + end.x) / 2, (start.y + end.y) / 2, { steps: 4 });
    await page.mouse.move(end.x, end.y, { steps: 4 });
    await page.mouse.up();
    await page.keyboard.up('Control');
  }

  let firstSeenMs = 0;

  it('is set up in three steps: the screen, and where it goes', async () => {
    firstSeenMs = performance.now();
    const dialog = page.getByRole('dialog', { name: 'What do you want to stream?' });
    await dialog.waitFor();
    await expectAccessible();
    await dialog.getByText('My screen', { exact: true }).click();
    await button('Set it up').click();

    const place = page.getByRole('dialog', { name: 'Where does it go?' });
    await place.getByText('Other', { exact: true }).click();
    await place.getByLabel('Name').fill('My server');
    await place.getByLabel('Server address').fill(platform.url);
    await place.getByLabel('Stream key').fill(streamKey);
    await expectAccessible();
    await place.getByRole('button', { name: 'Add destination' }).click();

    const check = page.getByRole('dialog', { name: 'Is everything there?' });
    await check.getByRole('list', { name: 'Checks' }).getByRole('listitem').first().waitFor();
    await expectAccessible();
    await button('Into the studio').click();
    await check.waitFor({ state: 'detached' });

    const snapshot = await engine.until((state) => {
      expect(state.settings.isFirstRunDone).toBe(true);
      expect(sourceNamed(state, 'Screen').state).toBe('ok');
    });
    expect(sceneOnAir(snapshot).name).toBe('My show');
    expect(itemBoxOf(snapshot, 'Screen')).toMatchObject({ x: 0, y: 0, ...canvas });
    // The demo stays as an example to take apart.
    expect(snapshot.scenes.length).toBeGreaterThan(1);
  });

  it('hears the microphone of the browser, and holds it down with a fader', async () => {
    await button('Add source').click();
    await expectAccessible();
    await button(/^Microphone of this browser/).click();
    await page.getByText('Captured in this window').waitFor();
    await expectAccessible();
    const fader = page.getByRole('slider', { name: 'Volume of Browser microphone' });
    await fader.focus();
    for (let step = 0; step > faderDb; step -= 3) await page.keyboard.press('PageDown');
    await engine.until((state) =>
      expect(sourceNamed(state, 'Browser microphone').settings).toMatchObject({ sound: { faderDb } }),
    );
    // Its level moves in the window, too.
    const level = page.getByRole('meter', { name: 'Level of Browser microphone' });
    await vi.waitFor(async () => {
      expect(Number(await level.getAttribute('aria-valuenow'))).toBeGreaterThan(-40);
    }, patience);
  });

  it('places the screen and a title with the mouse', async () => {
    const centre = { x: canvas.width / 2, y: canvas.height / 2 };
    const middle = await inPage(centre);
    await page.mouse.click(middle.x, middle.y);
    await page.locator('[data-grip=se]').waitFor();
    await drag({ x: canvas.width, y: canvas.height }, { x: screenPlace.width, y: screenPlace.height });
    await engine.until((state) => {
      const { width, height } = itemBoxOf(state, 'Screen');
      expect(Math.abs(width - screenPlace.width)).toBeLessThanOrEqual(2);
      expect(Math.abs(height - screenPlace.height)).toBeLessThanOrEqual(2);
    });
    const held = { x: screenPlace.width / 2, y: screenPlace.height / 2 };
    await drag(held, { x: held.x + screenPlace.x, y: held.y + screenPlace.y });
    await engine.until((state) => expectPlace(state, 'Screen', screenPlace));

    await button('Add source').click();
    await button(/^Text A title/).click();
    // It lies in the middle as soon as its true size is known.
    await engine.until((state) => {
      const { x, width } = itemBoxOf(state, 'Text');
      expect(Math.abs(x + width / 2 - centre.x)).toBeLessThanOrEqual(1);
    });
    await page.getByRole('textbox', { name: 'Text', exact: true }).fill(title);
    const placed = await engine.until((state) => {
      expect(sourceNamed(state, 'Text').settings).toMatchObject({ text: title });
      expect(itemBoxOf(state, 'Text').width).toBeGreaterThan(200);
    });
    const box = itemBoxOf(placed, 'Text');
    const [fromX, fromY] = [box.x + box.width / 2, box.y + box.height / 2];
    await drag({ x: fromX, y: fromY }, { x: fromX + titlePlace.x - box.x, y: fromY + titlePlace.y - box.y });
    await engine.until((state) => expectPlace(state, 'Text', titlePlace));
    await expectAccessible();
  });

  it('goes live by way of the checks', async () => {
    await button('Go live').click();
    const checks = page.getByRole('dialog', { name: 'Before you go live' });
    await checks.getByRole('list', { name: 'Checks' }).getByRole('listitem').first().waitFor();
    expect(await checks.locator('[data-result=blocked]').allTextContents()).toEqual([]);
    await expectAccessible();
    await passPreflight(page);
    await page.getByTestId('live-state').getByText('ON AIR').waitFor();
    await page.getByRole('timer', { name: 'Time live' }).waitFor();
    // From the first start to being on air, with a microphone and a title placed on the way.
    expect((performance.now() - firstSeenMs) / 1000).toBeLessThan(180);
    await expectAccessible();
  });

  it('reaches the viewers: the window where it was dragged, the title readable, the voice as loud as the fader says', async () => {
    await vi.waitFor(expectReached, { timeout: 40_000 });
  });

  /** What a viewer of the platform gets, held to what the person has made. */
  async function expectReached(): Promise<void> {
    const snapshot = await engine.snapshot();
    const { picture, sound } = await watchStream(`${platform.url}/${streamKey}`, canvas, 3);
    const scale = screenPlace.width / canvas.width;
    const wanted = {
      left: screenPlace.x + onScreen.x * scale,
      right: screenPlace.x + (onScreen.x + onScreen.width) * scale,
      top: screenPlace.y + onScreen.y * scale,
      bottom: screenPlace.y + (onScreen.y + onScreen.height) * scale,
    };
    const found = edgesAround(picture, {
      x: (wanted.left + wanted.right) / 2,
      y: (wanted.top + wanted.bottom) / 2,
    });
    for (const side of ['left', 'right', 'top', 'bottom'] as const)
      expect(Math.abs(found[side] - wanted[side]), `${side} edge of the window`).toBeLessThanOrEqual(2);

    const { dx, dy, likeness } = findDrawing(picture, await titleMask(snapshot), titlePlace);
    expect(likeness, 'likeness of the title').toBeGreaterThan(0.9);
    expect(Math.max(Math.abs(dx), Math.abs(dy)), 'shift of the title').toBeLessThanOrEqual(2);

    // A busy machine loses a little of a browser's sound: all the rest is nothing but the voice, as loud as the fader says.
    const pieces = Math.floor(sound.length / 1920);
    const heard = Array.from({ length: pieces }, (_, part) =>
      measureTone(sound.subarray(part * 1920, (part + 1) * 1920), tone.frequencyHz),
    ).filter(({ restDb }) => restDb < -30);
    expect(heard.length / pieces, 'share of 40 ms with nothing but the voice').toBeGreaterThanOrEqual(0.9);
    for (const { amplitude } of heard)
      expect(Math.abs(20 * Math.log10(amplitude / tone.amplitude) - faderDb)).toBeLessThanOrEqual(1);
  }

  /** The title as the engine's own text code draws it: its letters' coverage. */
  async function titleMask(snapshot: Snapshot): Promise<Mask> {
    const style = textSourceSchema.parse(sourceNamed(snapshot, 'Text').settings);
    const job = textJob(style.text, style, plainRequest);
    if (job.type !== 'text') throw new Error('expected a text to be drawn');
    const { data, width, height } = await drawText(job);
    const coverage = Uint8Array.from({ length: width * height }, (_, pixel) => data[pixel * 4 + 3] ?? 0);
    return { width, height, coverage };
  }

  it('is the same after the page is loaded anew, and in a second browser', async () => {
    await page.reload();
    await page.getByTestId('live-state').getByText('ON AIR').waitFor();
    await engine.until((state) => expect(sourceNamed(state, 'Browser microphone').state).toBe('ok'));
    const second = await openUi(browser, engine.uiUrl, { width: 1280, height: 720 });
    try {
      const other = second.page;
      await other.getByTestId('live-state').getByText('ON AIR').waitFor();
      const fader = 'Volume of Browser microphone';
      for (const window of [page, other])
        expect(await window.getByRole('slider', { name: fader }).getAttribute('aria-valuenow')).toBe(
          `${faderDb}`,
        );
      // What one does, the other sees; and takes back.
      const mine = page.getByRole('button', { name: 'Show Text' });
      const theirs = other.getByRole('button', { name: 'Show Text' });
      await theirs.click();
      await mine.and(page.locator('[aria-pressed=false]')).waitFor();
      await page.getByRole('button', { name: /^Undo/ }).click();
      await theirs.and(other.locator('[aria-pressed=true]')).waitFor();
      expect(await axeFindings(other)).toEqual([]);
      expect(second.problems).toEqual([]);
    } finally {
      await second.close();
    }
  });

  it('tells of a platform that is gone, and is with the viewers again when it is back', async () => {
    await page.getByRole('tab', { name: /^Channel/ }).click();
    const row = page.getByRole('listitem', { name: 'My server' });
    await row.and(page.locator('[data-state=live]')).waitFor();
    await platform.cut();
    await row.and(page.locator('[data-state=reconnecting]')).waitFor();
    await row.getByText(/^(The connection to 127\.0\.0\.1 was lost|127\.0\.0\.1:\d+ could not)/).waitFor();
    await page.getByTestId('live-state').getByText('Reconnecting', { exact: true }).waitFor();
    await expectAccessible();
    await platform.restart();
    await row.and(page.locator('[data-state=live]')).waitFor();
    await page.getByTestId('live-state').getByText('ON AIR').waitFor();
    await vi.waitFor(expectReached, { timeout: 40_000 });
  });

  it('keeps picture and sound together', async () => {
    await page.getByRole('button', { name: 'Mute Browser microphone' }).click();
    await button('Add source').click();
    await button(/^Media file/).click();
    await page.getByLabel('Video or sound file').fill(clip());
    await button('Add media').click();
    await engine.until((state) => expect(itemBoxOf(state, 'Clap')).toMatchObject({ x: 0, y: 0, ...canvas }));
    await vi.waitFor(
      async () => {
        const offsets = clipOffsetsMs(
          await decodeStream(`${platform.url}/${streamKey}`, { seconds: 4 }),
          fps,
        );
        expect(offsets.length, 'pictures with a beep').toBeGreaterThanOrEqual(20);
        // A picture that a busy machine shows late says nothing of the sound; most are in time.
        // A picture that a busy machine shows late says nothing of the sound.
        const inTime = offsets.filter((offset) => Math.abs(offset) <= 40);
        expect(inTime.length / offsets.length, `of ${offsets.join()} ms`).toBeGreaterThanOrEqual(0.95);
      },
      { timeout: 40_000 },
    );
  });

  it('is as it was after its engine was killed and started again', async () => {
    await button('Stop live').click();
    await button('Go live').waitFor();
    const show = ({ scenes, sources, program, settings, outputs }: Snapshot) => ({
      ...{ scenes, sceneId: program.sceneId, theme: settings.theme, format: settings.canvas },
      sources: sources.map(({ settings }) => settings),
      destinations: outputs
        .filter(({ kind }) => kind === 'destination')
        .map(({ name, url, hasKey }) => ({ name, url, hasKey })),
    });
    const before = await engine.until(({ show: { savedAt, saveError } }) => {
      expect(saveError).toBeNull();
      expect(savedAt).not.toBeNull();
    });
    await engine.stop('SIGKILL');
    await page.getByText('Connection lost, reconnecting').first().waitFor();
    engine = await startEngine();
    await page.getByRole('alert').filter({ hasText: 'Connection lost' }).waitFor({ state: 'detached' });
    expect(show(await engine.snapshot())).toEqual(show(before));
    await engine.until((state) => {
      expect(sourceNamed(state, 'Screen').state).toBe('ok');
      expect(sourceNamed(state, 'Browser microphone').state).toBe('ok');
    });
    expect(ui.problems).toEqual([]);
  });
});

function makeTone(path: string): void {
  const { frequencyHz, amplitude } = tone;
  const source = `aevalsrc=${amplitude}*sin(2*PI*${frequencyHz}*t):s=48000:d=10`;
  const { status, stderr } = spawnSync(
    programPath('ffmpeg'),
    ['-v', 'error', '-f', 'lavfi', '-i', source, '-c:a', 'pcm_s16le', path],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
}
