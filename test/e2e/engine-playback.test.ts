import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { axeFindings } from '../support/axe';
import { syncCollection } from '../support/collections';
import { TestEngine } from '../support/engine';
import { requires } from '../support/requires';
import { launchBrowser, openUi } from '../support/ui-browser';
import type { UiPage } from '../support/ui-browser';

const patience = { timeout: 20_000, interval: 50 };

/** Recordings of the real engine, played in the window. */
describe.skipIf(!requires('chromium', 'ffmpeg'))('playing recordings', () => {
  let folder: string;
  let browser: Browser;
  let engine: TestEngine;
  let ui: UiPage;
  let page: Page;
  const files: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'playback-'));
    const collection = syncCollection(folder, 640, 360);
    [browser, engine] = await Promise.all([
      launchBrowser(),
      TestEngine.ready([
        ...['--size', '640x360', '--fps', '30', '--bitrate', '1500', '--collection', collection],
      ]),
    ]);
    await engine.call('settings.update', { patch: { recordingFolder: folder } });
    files.push(await record('mp4'), await record('mkv'));
    ui = await openUi(browser, engine.uiUrl);
    page = ui.page;
    await page.getByRole('button', { name: 'Settings', exact: true }).click();
    await page.getByRole('tab', { name: 'Recording' }).click();
  });
  afterAll(async () => {
    await browser.close();
    await engine[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  /** it begins with the next keyframe, so three seconds or more; @returns the name of the file */
  async function record(recordingFormat: 'mp4' | 'mkv'): Promise<string> {
    await engine.call('settings.update', {
      patch: { recordingFormat, recordingName: `A ${recordingFormat} film` },
    });
    const { path } = await engine.call('recording.start', {});
    await grown(5200);
    await engine.call('recording.stop', {});
    await engine.until(({ recordings }) => expect(recordings[0]).toMatchObject({ path, state: 'finished' }));
    return path;
  }
  /** the running one is so long, and some of it is on the disk */
  const grown = (leastMs: number) =>
    engine.until(({ recording: { since, bytes } }) => {
      expect(Date.now() - (since ?? Infinity)).toBeGreaterThan(leastMs);
      expect(bytes).toBeGreaterThan(0);
    });
  const nameOf = (path: string): string => path.slice(folder.length + 1);
  const play = async (name: string): Promise<Locator> => {
    await page.getByRole('button', { name: `Play ${name}`, exact: true }).press('Enter');
    return page.getByRole('dialog', { name });
  };
  const timeOf = (video: Locator): Promise<number> =>
    video.evaluate((element) => (element as HTMLVideoElement).currentTime);

  it.each([0, 1])('plays file %i, goes on to where it is sent, and lets go of it', async (index) => {
    const dialog = await play(nameOf(files[index]!));
    const video = dialog.locator('video');
    await vi.waitFor(async () => expect(await timeOf(video)).toBeGreaterThan(0.3), patience);
    const state = await video.evaluate((element) => {
      const { videoWidth, videoHeight, duration } = element as HTMLVideoElement;
      return { videoWidth, videoHeight, duration, isFocused: document.activeElement === element };
    });
    expect(state).toMatchObject({ videoWidth: 640, videoHeight: 360, isFocused: true });
    expect(state.duration).toBeGreaterThan(2.5);
    await video.evaluate((element) => {
      (element as HTMLVideoElement).currentTime = 2;
    });
    await vi.waitFor(async () => expect(await timeOf(video)).toBeGreaterThan(2.1), patience);
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await vi.waitFor(
      async () =>
        expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(
          `Play ${nameOf(files[index]!)}`,
        ),
      patience,
    );
  });

  it('plays what there is so far of one that still runs, and then up to now', async () => {
    await engine.call('settings.update', {
      patch: { recordingFormat: 'mp4', recordingName: 'A running film' },
    });
    const { path } = await engine.call('recording.start', {});
    await grown(3500);
    const dialog = await play(nameOf(path));
    const video = dialog.locator('video');
    const durationOf = () => video.evaluate((element) => (element as HTMLVideoElement).duration);
    await dialog.getByText('It is still being recorded: this is what there was at').waitFor();
    await vi.waitFor(async () => expect(await timeOf(video)).toBeGreaterThan(0.2), patience);
    const before = await durationOf();
    await grown(6000);
    await dialog.getByRole('button', { name: 'Play up to now' }).click();
    await vi.waitFor(async () => expect(await durationOf()).toBeGreaterThan(before + 0.5), patience);
    await engine.call('recording.stop', {});
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  it('says that a file is gone, and plays it when it is back', async () => {
    const path = files[0]!;
    renameSync(path, `${path}.away`);
    const dialog = await play(nameOf(path));
    await dialog.getByRole('alert').getByText('is not there any more').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    renameSync(`${path}.away`, path);
    await dialog.getByRole('button', { name: 'Try again' }).press('Enter');
    await vi.waitFor(
      async () => expect(await timeOf(dialog.locator('video'))).toBeGreaterThan(0.2),
      patience,
    );
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(ui.problems).toEqual([]);
  });
});
