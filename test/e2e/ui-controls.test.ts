import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CommandName } from '../../shared/contract/commands';
import { ContractPeer, PeerFailure } from '../support/contract-peer';
import { believableSnapshot } from '../support/contract-peer-state';
import { requires } from '../support/requires';
import { launchBrowser, UiTab } from '../support/ui-browser';
import type { UiPage } from '../support/ui-browser';

/** generous: the machine may be busy with six other things */
const patience = { timeout: 15_000, interval: 30 };

/** Controls that are worked as a person works them; what the engine holds afterwards is what counts. */
describe.skipIf(!requires('chromium'))('what the controls do', () => {
  let browser: Browser;
  let tab: UiTab;
  let peer: ContractPeer;
  let ui: UiPage;
  let page: Page;

  beforeAll(async () => {
    browser = await launchBrowser();
    tab = await UiTab.open(browser, { width: 1280, height: 900 });
  });
  afterAll(() => browser.close());
  beforeEach(() => show(believableSnapshot()));
  afterEach(async () => {
    const problems = [...ui.problems];
    await ui.close();
    await peer.stop();
    expect(problems).toEqual([]);
    expect(peer.violations).toEqual([]);
  });

  async function show(snapshot: ReturnType<typeof believableSnapshot>): Promise<void> {
    peer = new ContractPeer({ snapshot, previewFps: 2 });
    await peer.start();
    ui = await tab.show(peer.url);
    page = ui.page;
    await page.locator('canvas[data-frame-index]').waitFor();
  }
  const select = (name: string): Promise<void> => page.getByRole('row', { name, exact: true }).click();
  const button = (name: string): Locator => page.getByRole('button', { name, exact: true });
  const field = (name: string): Locator => page.getByRole('textbox', { name, exact: true });
  const slider = (name: string): Locator => page.getByRole('slider', { name, exact: true });
  const toggle = (name: string): Promise<void> => page.getByRole('switch', { name, exact: true }).click();
  const settings = (id: string): Record<string, unknown> => ({
    ...peer.snapshot.sources.find((source) => source.id === id)?.settings,
  });
  const item = (id: string) =>
    peer.snapshot.scenes.flatMap(({ items }) => items).find((each) => each.id === id);
  const holds = (actual: () => unknown, wanted: object): Promise<void> =>
    vi.waitFor(() => expect(actual()).toMatchObject(wanted), patience);
  const inputsOf = (name: CommandName): unknown[] =>
    peer.calls.filter(({ command }) => command === name).map(({ input }) => input);

  it('a media file: pause and play, a place on its bar, the loop', async () => {
    const playback = () => peer.snapshot.sources.find(({ id }) => id === 'capture')?.playback;
    await select('Gameplay loop');
    await button('Pause Gameplay loop').click();
    await holds(playback, { isPaused: true });
    await button('Play Gameplay loop').click();
    await holds(playback, { isPaused: false });
    expect(inputsOf('media.pause')).toEqual([{ sourceId: 'capture' }]);
    expect(inputsOf('media.play')).toEqual([{ sourceId: 'capture' }]);

    await button('Pause Gameplay loop').click();
    await holds(playback, { isPaused: true });
    const bar = slider('Position of Gameplay loop');
    const box = await bar.boundingBox();
    if (!box) throw new Error('no bar');
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width * 0.2, y);
    await page.mouse.down();
    for (let part = 0.3; part < 0.76; part += 0.05) await page.mouse.move(box.x + box.width * part, y);
    await page.mouse.move(box.x + box.width * 0.75, y);
    await page.mouse.up();
    const shown = async () => Number(await bar.inputValue());
    await vi.waitFor(async () => expect(playback()?.positionSec).toBe(await shown()), patience);
    // Of 95 seconds; the thumb has a width.
    expect(Math.abs((await shown()) - 71)).toBeLessThan(3);
    await bar.press('Home');
    await holds(playback, { positionSec: 0 });

    const before = settings('capture')['loop'];
    await toggle('Loop');
    await holds(() => settings('capture'), { loop: !before });
  });

  it('parts of one setting, each changed before the engine has answered for the last: all of them', async () => {
    const edit = peer.handlers['show.edit'];
    peer.handlers['show.edit'] = async (input) => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      return edit(input);
    };
    await select('Webcam frame');
    await toggle('Chroma key');
    await holds(() => item('g2'), { chromaKey: { similarity: 0.2 } });
    await field('Key colour').fill('#1040ff');
    await slider('Similarity').press('ArrowRight');
    await slider('Smoothness').press('End');
    await holds(() => item('g2'), { chromaKey: { color: '#1040ff', similarity: 0.21, smoothness: 1 } });
    await select('Stream title');
    await toggle('Outline');
    await field('Outline width').fill('9');
    await field('Outline colour').fill('#102030');
    await holds(() => settings('title'), { outline: { widthPx: 9, color: '#102030' } });
    peer.handlers['show.edit'] = edit;
  });

  it('an item: how opaque it is, and a colour that becomes transparent', async () => {
    await select('Webcam frame');
    await slider('Opacity').press('Home');
    await holds(() => item('g2'), { opacity: 0 });
    for (let step = 0; step < 3; step += 1) await slider('Opacity').press('ArrowRight');
    await holds(() => item('g2'), { opacity: 0.03 });
    await toggle('Chroma key');
    await holds(() => item('g2'), { chromaKey: { color: '#00b140', similarity: 0.2, smoothness: 0.08 } });
    await field('Key colour').fill('#1040ff');
    await slider('Similarity').press('ArrowRight');
    await slider('Smoothness').press('End');
    await holds(() => item('g2'), { chromaKey: { color: '#1040ff', similarity: 0.21, smoothness: 1 } });
    await toggle('Chroma key');
    await holds(() => item('g2'), { chromaKey: null });
  });

  it('a text: font, weight, alignment, lines, outline and shadow', async () => {
    await select('Stream title');
    await page.getByLabel('Font', { exact: true }).selectOption({ label: 'Other…' });
    await field('Font family').fill('Noto Serif');
    await field('Font family').press('Enter');
    await holds(() => settings('title'), { font: 'Noto Serif' });
    await page.getByRole('radio', { name: 'Bold' }).click({ force: true });
    await page.getByRole('radio', { name: 'Right' }).click({ force: true });
    await holds(() => settings('title'), { weight: 'bold', align: 'right' });
    await toggle('Wrap long lines');
    await field('Width of a line').fill('640');
    await holds(() => settings('title'), { wrapWidthPx: 640 });
    await toggle('Outline');
    await field('Outline width').fill('4,5');
    await field('Outline colour').fill('#204060');
    await holds(() => settings('title'), { outline: { widthPx: 4.5, color: '#204060' } });
    await toggle('Shadow');
    await field('Right').fill('-7');
    await field('Down').fill('9');
    await field('Blur').fill('12');
    await field('Shadow colour').fill('#10203080');
    await holds(() => settings('title'), {
      shadow: { offsetXPx: -7, offsetYPx: 9, blurPx: 12, color: '#10203080' },
    });
    await toggle('Shadow');
    await toggle('Outline');
    await toggle('Wrap long lines');
    await holds(() => settings('title'), { shadow: null, outline: null, wrapWidthPx: null });
  });

  it('the settings of sound: another microphone, one more device, one less', async () => {
    peer.update('devices', ({ list, notes }) => ({
      notes,
      list: [
        ...list,
        {
          ...{ id: 'pulse:second', kind: 'microphone', name: 'Headset', isDefault: false },
          ...{ size: null, modes: [] },
        },
      ],
    }));
    await button('Settings').click();
    await page.getByRole('tab', { name: 'Sound' }).click();
    await page
      .getByRole('tabpanel')
      .getByLabel('Microphone', { exact: true })
      .selectOption({ label: 'Headset' });
    await holds(() => settings('mic'), { device: { id: 'pulse:second', name: 'Headset' } });
    await button('Add desktop sound').click();
    const added = () => peer.snapshot.sources.at(-1)?.settings;
    await holds(added, { kind: 'desktop-sound', device: { id: 'pulse:out', name: 'Built-in audio' } });
    await button('Remove Microphone').click();
    await vi.waitFor(() => expect(peer.snapshot.sources.map(({ id }) => id)).not.toContain('mic'), patience);
  });

  it('saves a replay by its button and by keys, says how it went, and keeps as much as is set', async () => {
    const save = button('Save the last 30 s');
    let finish = (): void => undefined;
    peer.handlers['replay.save'] = async () => {
      await new Promise<void>((resolve) => (finish = resolve));
      return { paths: ['/films/Replay 2026-11-27 21-14-05.mp4'], durationSec: 31.2 };
    };
    await save.click();
    await vi.waitFor(async () => expect(await save.getAttribute('data-busy')).toBe('true'), patience);
    await save.click();
    finish();
    await page.getByText('Saved: Replay 2026-11-27 21-14-05.mp4').waitFor();
    await page.getByText('31 s, in the folder of recordings.').waitFor();
    expect(inputsOf('replay.save')).toEqual([{}]);
    peer.handlers['replay.save'] = () => {
      throw new PeerFailure({ code: 'replay-empty', details: {} });
    };
    await page.keyboard.press('Control+Shift+F');
    await page.getByText('There is nothing to save yet').waitFor();

    await button('Settings').click();
    await page.getByRole('tab', { name: 'Recording' }).click();
    const kept = field('Kept for replays');
    await kept.fill('90');
    await kept.press('Enter');
    await vi.waitFor(() => expect(peer.snapshot.settings.replaySec).toBe(90), patience);
    await button('Save the last 90 s').or(page.getByLabel('Save the last 90 s')).first().waitFor();
    await kept.fill('0');
    await kept.press('Enter');
    await page.getByText('Nothing is kept: there is no replay to save.').waitFor();
    await page.getByLabel(/^Save the last/).waitFor({ state: 'detached' });
  });

  it('opens the folder of recordings, says why it cannot, and when its disk does not answer', async () => {
    await button('Settings').click();
    await page.getByRole('tab', { name: 'Recording' }).click();
    const files = page.getByRole('region', { name: 'Recordings' });
    const repaired = files.getByRole('listitem', { name: '2026-11-20 20-15-00 (2).mp4' });
    await repaired.getByText('It was cut off and repaired: the last 183.2 kB').waitFor();
    await files.getByText('1:00:00 · 2.8 GB').first().waitFor();
    await repaired.getByRole('button', { name: 'Take 2026-11-20 20-15-00 (2).mp4 from the list' }).click();
    await repaired.waitFor({ state: 'detached' });
    expect(inputsOf('recording.forget')).toEqual([{ id: 'friday-2' }]);
    await button('Open folder').click();
    await vi.waitFor(() => expect(inputsOf('recording.openFolder')).toEqual([{}]), patience);
    expect(await page.getByRole('tabpanel').getByRole('alert').count()).toBe(0);
    peer.handlers['recording.openFolder'] = () => {
      throw new PeerFailure({ code: 'folder-unwritable', details: { path: '/films', reason: 'gone' } });
    };
    await button('Open folder').click();
    await page.getByRole('tabpanel').getByRole('alert').getByText('/films').waitFor();
    const panel = page.getByRole('tabpanel');
    await panel.getByText('123.0 GB are free').waitFor();
    peer.update('recording', (recording) => ({
      ...recording,
      freeBytes: null,
      silentFolder: peer.snapshot.settings.recordingFolderNow,
    }));
    await panel.getByText('whose disk does not answer').waitFor();
    expect(await panel.getByText('are free').count()).toBe(0);
  });

  it('skips the first steps as a whole, for good, and leaves the show as it is', async () => {
    await ui.close();
    await peer.stop();
    const snapshot = believableSnapshot();
    await show({ ...snapshot, settings: { ...snapshot.settings, isFirstRunDone: false } });
    const steps = page.getByRole('dialog').getByText('Step 1 of 3');
    await steps.waitFor();
    await button('Skip all this and show me the studio').click();
    await steps.waitFor({ state: 'detached' });
    expect(inputsOf('settings.update')).toEqual([{ patch: { isFirstRunDone: true } }]);
    expect(inputsOf('show.edit')).toEqual([]);
    await page.reload();
    await page.getByRole('row', { name: 'Gameplay', exact: true }).waitFor();
    expect(await steps.count()).toBe(0);
  });
});
