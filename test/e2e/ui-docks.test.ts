import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CommandInput } from '../../shared/contract/commands';
import type { SourceSettingsOf } from '../../shared/model/source';
import type { ContractPeer } from '../support/contract-peer';
import { PeerFailure } from '../support/contract-peer';
import { closePeerWindow, openPeerWindow } from '../support/peer-window';
import { requires } from '../support/requires';
import { launchBrowser, UiTab } from '../support/ui-browser';
import type { UiPage } from '../support/ui-browser';

/** generous: the machine may be busy with six other things */
const patience = { timeout: 15_000, interval: 50 };

type ShowEdit = CommandInput<'show.edit'>;

describe.skipIf(!requires('chromium'))('the docks around the stage', () => {
  let browser: Browser;
  let tab: UiTab;
  let peer: ContractPeer;
  let ui: UiPage;
  let page: Page;

  const button = (name: string | RegExp) =>
    page.getByRole('button', { name, exact: typeof name === 'string' });
  const edits = (): ShowEdit[] =>
    peer.calls.filter(({ command }) => command === 'show.edit').map(({ input }) => input as ShowEdit);
  const titleSettings = (): SourceSettingsOf<'text'> =>
    peer.snapshot.sources.find(({ id }) => id === 'title')?.settings as SourceSettingsOf<'text'>;
  const gameplay = () => peer.snapshot.scenes.find(({ id }) => id === 'gameplay')?.items ?? [];
  const addSource = async (card: RegExp): Promise<void> => {
    await button('Add source').click();
    await page.getByRole('dialog', { name: 'Add source' }).getByRole('button', { name: card }).click();
  };

  beforeAll(async () => {
    browser = await launchBrowser();
    tab = await UiTab.open(browser, { width: 1440, height: 900 });
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    ({ peer, ui, page } = await openPeerWindow((url) => tab.show(url)));
    await page.getByRole('main', { name: 'Program' }).waitFor();
  });
  afterEach(() => closePeerWindow({ peer, ui }));

  it('makes a text from a card, in the middle of the canvas, and lets it be written at once', async () => {
    await addSource(/^Text/);
    const text = page.getByRole('textbox', { name: 'Text', exact: true });
    await text.waitFor();
    const item = gameplay().at(-1);
    const size = peer.snapshot.sources.find(({ id }) => id === item?.sourceId)?.size;
    await vi.waitFor(() => {
      const placed = gameplay().at(-1);
      expect((placed?.x ?? 0) + (size?.width ?? 0) / 2).toBeCloseTo(960, -1);
      expect((placed?.y ?? 0) + (size?.height ?? 0) / 2).toBeCloseTo(540, -1);
    }, patience);
    // Placing it by its true size was no step of its own.
    peer.calls.length = 0;
    await text.fill('');
    await text.pressSequentially('Bells & <b>ringing</b>');
    await vi.waitFor(() => {
      const source = peer.snapshot.sources.find(({ id }) => id === item?.sourceId);
      expect((source?.settings as SourceSettingsOf<'text'>).text).toBe('Bells & <b>ringing</b>');
    }, patience);
    const gestures = new Set(edits().map(({ gesture }) => gesture));
    expect(gestures.size).toBe(1);
    expect([...gestures][0]).toBeTruthy();
  });

  it('asks which device where there is a choice, and says what to do where there is none', async () => {
    await addSource(/^Screen Every/);
    await page.getByRole('button', { name: /^Built-in display/ }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(gameplay().at(-1)).toMatchObject({ x: 0, y: 0 });
    expect(peer.snapshot.sources.at(-1)?.settings).toMatchObject({
      kind: 'screen',
      device: { id: 'x11:eDP-1', name: 'Built-in display' },
    });

    peer.update('devices', ({ list }) => ({
      list: list.filter(({ kind }) => kind !== 'camera'),
      notes: { camera: 'Cameras cannot be listed on this system.' },
    }));
    await addSource(/^Camera A/);
    await page.getByText('Cameras cannot be listed on this system.').waitFor();
    const asked = (): number => peer.calls.filter(({ command }) => command === 'devices.refresh').length;
    await vi.waitFor(() => expect(asked()).toBeGreaterThan(0), patience);
    const before = asked();
    await button('Look again').click();
    await vi.waitFor(() => expect(asked()).toBe(before + 1), patience);
    await button('Use the browser’s instead').waitFor();
  });

  it('finds a source by another word, by keyboard alone, and gives the focus back', async () => {
    await button('Add source').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('searchbox', { name: 'Search sources' }).waitFor();
    await page.keyboard.type('background solid');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(peer.snapshot.sources.at(-1)?.kind).toBe('color');
    await vi.waitFor(async () => {
      expect(await button('Add source').evaluate((element) => element === document.activeElement)).toBe(true);
    }, patience);
  });

  it('creates the key of an incoming stream where it is needed, and shows it this once', async () => {
    await addSource(/^Phone or encoder/);
    await page.getByRole('textbox', { name: 'Or a new device' }).fill('Second phone');
    await button('Create key').last().click();
    const key = (await page.getByTestId('created-key').textContent()) ?? '';
    expect(key.length).toBeGreaterThan(30);
    await button('I have copied it, add the source').click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(peer.snapshot.sources.at(-1)).toMatchObject({ name: 'Second phone', kind: 'ingest' });
    expect(await page.content()).not.toContain(key);
  });

  it('keeps what does not fit as it was typed, says what it expected, and sends nothing', async () => {
    await page
      .getByRole('grid', { name: /Sources|Items/ })
      .or(page.getByText('Stream title'))
      .first()
      .waitFor();
    await selectTitle(page);
    const size = page.getByRole('textbox', { name: 'Size', exact: true });
    await size.fill('3');
    await page.getByText('Expected a number from 4 to 2000.').waitFor();
    expect(edits()).toEqual([]);
    await size.blur();
    expect(await size.inputValue()).toBe('3');
    await size.fill('120');
    await vi.waitFor(() => {
      expect(titleSettings().sizePx).toBe(120);
    }, patience);
    await size.press('Shift+ArrowDown');
    await vi.waitFor(() => {
      expect(titleSettings().sizePx).toBe(110);
    }, patience);
    await page.getByRole('textbox', { name: 'Colour', exact: true }).fill('#FF8800');
    await page.getByRole('switch', { name: 'Outline' }).click();
    await page.getByRole('textbox', { name: 'Outline width' }).fill('6,5');
    await vi.waitFor(() => {
      expect(titleSettings()).toMatchObject({
        color: '#ff8800',
        outline: { color: '#000000', widthPx: 6.5 },
      });
    }, patience);
  });

  it('places by numbers: linked sides, alignment, crop without a jump', async () => {
    await selectTitle(page);
    const box = () => gameplay().find(({ id }) => id === 'g3');
    // 812 × 78 by nature
    await page.getByRole('textbox', { name: 'Width', exact: true }).fill('406');
    await vi.waitFor(() => {
      expect(box()).toMatchObject({ width: 406, height: 39 });
    }, patience);
    await button('Align right').click();
    await vi.waitFor(() => {
      expect(box()?.x).toBe(1920 - 406);
    }, patience);
    await page.getByText('Crop', { exact: true }).click();
    await page.getByRole('textbox', { name: 'From the left' }).fill('112');
    await vi.waitFor(() => {
      const now = box();
      expect(now?.crop.left).toBe(112);
      // What is left stays where it was: the right edge at the canvas's.
      expect((now?.x ?? 0) + (now?.width ?? 0)).toBe(1920);
    }, patience);
  });

  it('applies size and rate together, and says why it cannot on air', async () => {
    await button('Settings').click();
    const dialog = page.getByRole('dialog', { name: 'Settings' });
    await dialog.getByRole('combobox', { name: 'Canvas' }).selectOption('1280×720');
    await dialog.getByRole('combobox', { name: 'Frames per second' }).selectOption('30');
    await dialog.getByRole('textbox', { name: 'Bitrate' }).fill('9000');
    await dialog.getByText('Twitch takes at most 6000 kbit/s.').waitFor();
    expect(peer.calls.filter(({ command }) => command === 'settings.update')).toEqual([]);
    peer.handlers['settings.update'] = () => {
      throw new PeerFailure({ code: 'on-air', details: { what: 'A change of the canvas' } });
    };
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await dialog
      .getByText('A change of the canvas is not possible while you are live or recording.')
      .waitFor();
    // Refused, but not forgotten.
    expect(await dialog.getByRole('combobox', { name: 'Canvas' }).inputValue()).toBe('1280×720');
    expect(peer.calls.at(-1)?.input).toEqual({
      patch: { canvas: { width: 1280, height: 720 }, fps: 30, bitrateKbps: 9000 },
    });
    peer.set('live', { isLive: true, since: Date.now() });
    await dialog.getByText('A change of size, frame rate or codec is not possible').waitFor();
    expect(await dialog.getByRole('combobox', { name: 'Canvas' }).isDisabled()).toBe(true);
    expect(await dialog.getByRole('button', { name: 'Apply' }).isDisabled()).toBe(true);

    // Bitrate and encoder can be changed on air: another one takes over.
    await dialog.getByRole('button', { name: 'Take back' }).click();
    await dialog.getByRole('textbox', { name: 'Bitrate' }).fill('4500');
    await dialog.getByText('streams and recordings go on').waitFor();
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await vi.waitFor(
      () => expect(peer.calls.at(-1)?.input).toEqual({ patch: { bitrateKbps: 4500 } }),
      patience,
    );
  });

  it('takes hotkeys as they are pressed, tells conflicts, and obeys them', async () => {
    // Those it comes with, also where arrow keys alone mean something else.
    const separator = page.getByRole('separator', { name: /^Width of the/ }).first();
    await separator.focus();
    const widthBefore = await separator.getAttribute('aria-valuetext');
    for (const [keys, scene] of [
      ['Control+Shift+ArrowRight', 'Just talking'],
      ['Control+Shift+ArrowLeft', 'Gameplay'],
    ] as const) {
      await page.keyboard.press(keys);
      // Until the page knows it: the next key goes on from the scene that the page shows.
      await page.getByRole('row', { name: scene, exact: true, selected: true }).waitFor();
    }
    expect(peer.snapshot.program.sceneId).toBe('gameplay');
    expect(await separator.getAttribute('aria-valuetext')).toBe(widthBefore);
    await button('Settings').click();
    const dialog = page.getByRole('dialog', { name: 'Settings' });
    await dialog.getByRole('tab', { name: 'Hotkeys' }).click();
    await dialog.getByRole('button', { name: /^Keys for: Next scene/ }).click();
    await page.keyboard.press('Control+z');
    await dialog.getByText(/The same keys are set for “Undo”/).waitFor();
    await dialog.getByRole('button', { name: /^Keys for: Next scene/ }).click();
    await page.keyboard.press('F9');
    await vi.waitFor(() => {
      expect(peer.snapshot.settings.hotkeys['scene.next']).toBe('F9');
    }, patience);
    await dialog.getByRole('button', { name: 'Keys for: Next scene: F9' }).waitFor();
    // Not while a dialog has the keys.
    await page.keyboard.press('F9');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(peer.snapshot.program.sceneId).toBe('gameplay');
    await page.keyboard.press('F9');
    await vi.waitFor(() => {
      expect(peer.snapshot.program.sceneId).toBe('talk');
    }, patience);
    await page.keyboard.press('Control+Shift+M');
    await vi.waitFor(() => {
      expect(peer.snapshot.sources.find(({ id }) => id === 'mic')?.settings).toMatchObject({
        sound: { isMuted: true },
      });
    }, patience);
    // Letters that are typed stay letters.
    peer.calls.length = 0;
    await page.getByLabel('Key name').press('F9');
    await page.getByLabel('Key name').fill('Phone 2');
    expect(peer.calls).toEqual([]);
  });

  it('shows the theme at once, for charts too', async () => {
    await button('Settings').click();
    await page.getByRole('tab', { name: 'Appearance' }).click();
    await page.getByRole('radio', { name: 'Light' }).click();
    await vi.waitFor(async () => {
      expect(
        await page.evaluate(() => [
          document.documentElement.dataset['theme'],
          getComputedStyle(document.body).colorScheme,
        ]),
      ).toEqual(['light', 'light']);
    }, patience);
  });

  it('saves and restores points, renames the show, and says when it is not saved', async () => {
    peer.handlers['show.restorePoints'] = () => ({
      points: [
        { id: 'p1', at: Date.now() - 60_000, label: 'Before', name: 'Friday show', scenes: 5, sources: 8 },
      ],
    });
    await button(/^Show: Friday show/).click();
    const panel = page.getByRole('dialog', { name: 'Show' });
    await panel.getByRole('textbox', { name: 'Name of the show' }).fill('Saturday');
    await button(/^Show: Saturday/)
      .or(panel)
      .first()
      .waitFor();
    await vi.waitFor(() => {
      expect(peer.snapshot.show.name).toBe('Saturday');
    }, patience);
    await panel.getByRole('button', { name: 'Restore Before' }).click();
    await panel.getByText('The show is as it was then.').waitFor();
    expect(
      peer.calls.some(
        ({ command, input }) => command === 'show.restore' && (input as { id: string }).id === 'p1',
      ),
    ).toBe(true);
    peer.update('show', (show) => ({
      ...show,
      saveError: { code: 'show-unsaved', details: { path: '/full/show.json', reason: 'no space left' } },
    }));
    await panel.getByText('The show could not be saved to /full/show.json (no space left).').waitFor();
    await page.keyboard.press('Escape');
    await button(/^Show: Saturday\s*Not saved/).waitFor();
  });

  it('leads through the first steps to a scene of one’s own, and never comes again', async () => {
    peer.update('settings', (settings) => ({ ...settings, isFirstRunDone: false }));
    peer.update('sources', (sources) => sources.filter(({ kind }) => kind !== 'microphone'));
    peer.handlers['preflight.run'] = () => ({
      checks: [
        {
          ...{
            subject: 'microphone',
            about: 'Yeti',
            result: 'warning',
            finding: 'Nothing was heard so far.',
          },
          error: { code: 'microphone-silent', details: { name: 'Yeti' } },
        },
      ],
    });
    await page.getByRole('radio', { name: /My screen/ }).check();
    await page.getByRole('switch', { name: 'My camera in the corner' }).click();
    await page.keyboard.press('Tab');
    await button('Set it up').press('Enter');
    await page.getByRole('heading', { name: 'Where does it go?' }).waitFor();
    const scene = peer.snapshot.scenes[0];
    expect(peer.snapshot.program.sceneId).toBe(scene?.id);
    expect(scene?.items).toHaveLength(2);
    expect(peer.snapshot.sources.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['screen', 'camera', 'microphone']),
    );
    // The demo is still there.
    expect(peer.snapshot.scenes).toHaveLength(6);

    peer.handlers['destination.add'] = () => {
      throw new PeerFailure({ code: 'destination-name-taken', details: { name: 'Kick' } });
    };
    await page.getByRole('dialog').getByText('Kick', { exact: true }).click();
    await page.getByRole('textbox', { name: 'Server address' }).fill('rtmps://fa7.example.net/app');
    await page.getByLabel('Stream key').last().fill('canary-key');
    await page.getByRole('dialog').getByRole('button', { name: 'Add destination' }).click();
    await page.getByText('A destination named “Kick” is there already.').waitFor();
    expect(await page.getByLabel('Stream key').last().inputValue()).toBe('canary-key');
    // A lost connection takes neither the step nor what stands in it.
    await page.waitForLoadState('networkidle');
    await peer.stop();
    await page.getByText('Connection lost, reconnecting').first().waitFor();
    expect(await page.getByLabel('Stream key').last().inputValue()).toBe('canary-key');
    await peer.start();
    await page.getByText('Connection lost, reconnecting').first().waitFor({ state: 'detached' });
    await button('Continue without').click();

    await page.getByText('Yeti has been silent.').waitFor();
    await page.getByRole('img', { name: 'Level of Yeti Stereo Microphone' }).waitFor();
    await button('Into the studio').click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(peer.snapshot.settings.isFirstRunDone).toBe(true);
    await page.reload();
    await page.getByRole('main', { name: 'Program' }).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
  });
});

/** From the list, as the picture's own way of choosing is another test's. */
async function selectTitle(page: Page): Promise<void> {
  await page.getByTestId('program-canvas').waitFor();
  const canvas = await page.locator('.stage-picture').boundingBox();
  if (!canvas) throw new Error('the stage has no picture');
  // The title lies at 96, 900 on a canvas of 1920 × 1080.
  await page.mouse.click(canvas.x + (canvas.width * 300) / 1920, canvas.y + (canvas.height * 940) / 1080);
  await page.getByRole('tab', { name: 'Properties', selected: true }).waitFor();
  await page.getByRole('textbox', { name: /^Name \(text\)/ }).waitFor();
}
