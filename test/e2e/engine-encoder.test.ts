import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { syncCollection } from '../support/collections';
import { commandLine, TestEngine } from '../support/engine';
import { requires } from '../support/requires';
import { launchBrowser, openUi } from '../support/ui-browser';
import type { UiPage } from '../support/ui-browser';

/** generous: the machine may be busy with other things */
const patience = { timeout: 60_000 };
const size = { width: 320, height: 180 };

describe.skipIf(!requires('chromium', 'ffmpeg'))('the encoder of a running studio, in its window', () => {
  let folder: string;
  let browser: Browser;
  let engine: TestEngine;
  let ui: UiPage;
  let page: Page;
  let settings: Locator;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'encoder-'));
    const set = { isFirstRunDone: true, canvas: size, fps: 30, bitrateKbps: 500, profile: 'superfast-2t' };
    writeFileSync(join(folder, 'settings.json'), JSON.stringify(set));
    browser = await launchBrowser();
    engine = new TestEngine(
      ['--http', '0', '--rtmp', '0', '--collection', syncCollection(folder, size.width, size.height)],
      { dataDir: folder },
    );
    await engine.untilReady();
    ui = await openUi(browser, engine.uiUrl);
    page = ui.page;
    await page.getByRole('button', { name: 'Settings' }).click();
    settings = page.getByRole('dialog', { name: 'Settings' });
    await tab('Encoder');
  });
  afterAll(async () => {
    await browser.close();
    await engine[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  const tab = (name: string): Promise<void> => settings.getByRole('tab', { name }).click();
  const button = (name: string): Locator => settings.getByRole('button', { name, exact: true });
  const encoders = (): string[] =>
    engine
      .children()
      .map(commandLine)
      .filter((line) => line.includes('libx264'));

  it('is measured with the scene on program, and every encoder is tried, in FFmpeg’s own words', async () => {
    const nvenc = settings.getByRole('row', { name: /^NVIDIA NVENC/ });
    const superfast = settings.getByRole('row', { name: /^superfast-2t/ });
    expect(await nvenc.innerText()).toMatch(/Not tried|Not built in/);
    expect(await superfast.innerText()).toContain('In use');
    await button('Measure with my scene').click();
    await settings.getByText(/^Measuring the speed of/).waitFor(patience);
    await button('Measure with my scene').waitFor(patience);
    await settings.getByText(/^Measured with your scene “Sync”, on/).waitFor();
    for (const name of ['reference-2t', 'superfast-2t'])
      expect(await settings.getByRole('row', { name: new RegExp(`^${name}`) }).innerText()).toMatch(
        /\d+ fps\s+[+−]\d+ %\s+\d+ %\s+[01]\.\d{4}\s+\d+ ms/,
      );
    expect(await nvenc.innerText()).toMatch(/Refused\s+.*(libcuda|nvenc|device)|Works|Not built in/is);
    // It goes on with what was set: by name, not by the figures.
    const { encoder } = await engine.until(({ program }) =>
      expect(program).toMatchObject({ state: 'running', encoder: { profile: 'superfast-2t' } }),
    );
    expect(encoder.profiles.every(({ kind, figures }) => kind === 'hardware' || figures !== null)).toBe(true);
  });

  it('runs with a profile of the person’s own, which says what it cannot be', async () => {
    await button('New profile').click();
    await settings.getByLabel('Name').fill('mine');
    const options = settings.getByLabel('Options of x264');
    await options.fill('ref=3:keyint=1');
    await settings.getByText('keyint: the studio sets it').waitFor();
    expect(await button('Save profile').isDisabled()).toBe(true);
    await options.fill('ref=3:psy-rd=0.9,0.1');
    await button('Save profile').click();
    await settings.getByRole('listitem').filter({ hasText: 'ref=3:psy-rd=0.9,0.1' }).waitFor();
    await tab('Stream');
    await settings.getByLabel('Encoder').selectOption('mine');
    await button('Apply').click();
    await settings.getByText('The program runs with the new settings.').waitFor(patience);
    expect(encoders().join('\n')).toContain('threads=2:ref=3:psy-rd=0.9,0.1:rc-lookahead=10:scenecut=0');
    // x264 knew every word of it.
    expect(engine.stderr).not.toContain('FFmpeg says');
    await tab('Encoder');
    await button('Remove mine').click();
    await settings.getByText('The profile mine is the encoder that is set.').waitFor();
  });

  it('is let go of when somebody goes on air, and not measured there', async () => {
    await button('Measure with my scene').click();
    await settings.getByText(/^Measuring the speed of/).waitFor(patience);
    await engine.call('recording.start', {});
    const { recording, program, encoder } = await engine.snapshot();
    expect(recording.state).toBe('recording');
    expect(program.encoder?.profile).toBe('mine');
    expect(encoder.calibration).toEqual({ state: 'idle', error: null });
    await settings.getByText(/^Not while you are live or recording/).waitFor();
    expect(await button('Measure with my scene').isDisabled()).toBe(true);
    await expect(engine.call('encoder.calibrate', {})).rejects.toMatchObject({ wire: { code: 'on-air' } });
    await engine.call('recording.stop', {});
    expect(ui.problems).toEqual([]);
  });
});
