import sharp from 'sharp';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SceneItem } from '../../shared/model/scene';
import { axeFindings } from '../support/axe';
import { ContractPeer, PeerFailure } from '../support/contract-peer';
import { believableSnapshot } from '../support/contract-peer-state';
import { requires } from '../support/requires';
import { launchBrowser, openUi } from '../support/ui-browser';
import type { UiPage } from '../support/ui-browser';
import { dropFile } from '../support/ui-files';

/** generous: the machine may be busy with other things */
const patience = { timeout: 15_000, interval: 30 };

describe.skipIf(!requires('chromium'))('the canvas editor', () => {
  let browser: Browser;
  let peer: ContractPeer;
  let ui: UiPage;
  let page: Page;

  // One page for all: what a test changes is set back by the engine's side, as another window could do it.
  beforeAll(async () => {
    browser = await launchBrowser();
    peer = new ContractPeer();
    await peer.start();
    ui = await openUi(browser, peer.url, { width: 1920, height: 1080 });
    page = ui.page;
    await page.locator('canvas[data-frame-index]').waitFor();
    await page.evaluate(() => document.fonts.ready);
  });
  afterAll(async () => {
    await browser.close();
    await peer.stop();
  });
  beforeEach(async () => {
    const { scenes, sources } = believableSnapshot();
    peer.set('sources', sources);
    peer.set('scenes', scenes);
    peer.update('program', (program) => ({ ...program, sceneId: 'gameplay' }));
    peer.calls.length = 0;
    await row('Sponsor logo').waitFor();
    await page.getByTestId('canvas-editor').focus();
    await page.keyboard.press('0');
    await page.keyboard.press('Escape');
    await page.locator('[data-item]').first().waitFor({ state: 'detached' });
  });
  afterEach(() => {
    expect(ui.problems).toEqual([]);
    expect(peer.violations).toEqual([]);
  });

  const item = (id: string): SceneItem => {
    const found = peer.snapshot.scenes.flatMap(({ items }) => items).find((each) => each.id === id);
    if (!found) throw new Error(`no item ${id}`);
    return found;
  };
  /** Canvas pixels → the page's. */
  const where = async (x: number, y: number): Promise<[number, number]> => {
    const box = await page.getByTestId('program-canvas').boundingBox();
    if (!box) throw new Error('no canvas');
    return [box.x + (x * box.width) / 1920, box.y + (y * box.height) / 1080];
  };
  const drag = async (from: [number, number], to: [number, number]): Promise<void> => {
    await page.mouse.move(...(await where(...from)));
    await page.mouse.down();
    const [x, y] = await where(...to);
    await page.mouse.move(x - 30, y - 20, { steps: 3 });
    await page.mouse.move(x, y);
    await page.mouse.up();
  };
  const edits = () => peer.calls.filter(({ command }) => command === 'show.edit');
  const becomes = (id: string, wanted: Partial<SceneItem>): Promise<void> =>
    vi.waitFor(() => expect(item(id)).toMatchObject(wanted), patience);
  const near = (id: string, wanted: Partial<Record<'x' | 'y' | 'width' | 'height' | 'rotation', number>>) =>
    vi.waitFor(() => {
      for (const [name, value] of Object.entries(wanted))
        expect(Math.abs((item(id)[name as 'x'] ?? -1) - value), `${name} of ${id}`).toBeLessThanOrEqual(1.6);
    }, patience);
  const row = (name: string) => page.getByRole('grid', { name: 'Sources' }).getByRole('row', { name });
  const webcam: [number, number] = [1500, 800];

  it('moves what is dragged to where it is let go, as one step of undo', async () => {
    await page.keyboard.down('Control');
    await drag(webcam, [1037, 551]);
    await page.keyboard.up('Control');
    await near('g2', { x: 897, y: 451, width: 480, height: 270 });
    const gestures = new Set(edits().map(({ input }) => (input as { gesture?: string }).gesture));
    expect(gestures.size).toBe(1);
    expect(await row('Webcam frame').getAttribute('aria-selected')).toBe('true');
    await page.getByRole('button', { name: 'Undo: Move Webcam frame' }).click();
    await becomes('g2', { x: 1360, y: 700 });
    await page.locator('main').click({ position: { x: 4, y: 4 } });
    await page.keyboard.press('Control+y');
    await near('g2', { x: 897, y: 451 });
  });

  it('sticks to the canvas, with a line that says to what', async () => {
    await page.mouse.move(...(await where(...webcam)));
    await page.mouse.down();
    // 6 pixels short of the right edge, 3 beyond the lower one.
    const [x, y] = await where(1574, 913);
    await page.mouse.move(x - 20, y - 10, { steps: 2 });
    await page.mouse.move(x, y);
    await expect.poll(() => page.locator('[data-guide]').count()).toBe(2);
    await expect.poll(() => page.getByTestId('frame-readout').textContent()).toBe('1440, 810');
    await page.mouse.up();
    await becomes('g2', { x: 1440, y: 810 });
    expect(await page.locator('[data-guide]').count()).toBe(0);
  });

  it.each([
    ['nw', [1360, 700], [1264, 646], { x: 1264, y: 646, width: 576, height: 324 }],
    ['n', [1600, 700], [1600, 640], { x: 1360, y: 640, width: 480, height: 330 }],
    ['ne', [1840, 700], [1888, 673], { x: 1360, y: 673, width: 528, height: 297 }],
    ['e', [1840, 835], [1780, 835], { x: 1360, y: 700, width: 420, height: 270 }],
    ['se', [1840, 970], [1744, 916], { x: 1360, y: 700, width: 384, height: 216 }],
    ['s', [1600, 970], [1600, 1030], { x: 1360, y: 700, width: 480, height: 330 }],
    ['sw', [1360, 970], [1456, 916], { x: 1456, y: 700, width: 384, height: 216 }],
    ['w', [1360, 835], [1300, 835], { x: 1300, y: 700, width: 540, height: 270 }],
  ] as const)('the handle %s resizes, the other side stays', async (grip, from, to, wanted) => {
    await page.mouse.click(...(await where(...webcam)));
    const handle = page.locator(`[data-grip=${grip}]`);
    await handle.waitFor();
    await page.keyboard.down('Control');
    await drag([...from], [...to]);
    await page.keyboard.up('Control');
    await near('g2', wanted);
  });

  it('turns by the handle above, in steps with shift', async () => {
    await page.mouse.click(...(await where(...webcam)));
    const grip = await page.locator('[data-grip=rotate]').boundingBox();
    if (!grip) throw new Error('no rotate handle');
    await page.mouse.move(grip.x + grip.width / 2, grip.y + grip.height / 2);
    expect(await page.getByTestId('canvas-editor').evaluate((surface) => surface.style.cursor)).toContain(
      'svg',
    );
    await page.mouse.down();
    await page.keyboard.down('Shift');
    // To the right of the centre and a little below: between 90° and 105°, nearer to 90°.
    await page.mouse.move(...(await where(1800, 850)), { steps: 4 });
    await becomes('g2', { rotation: 90, x: 1360, y: 700 });
    await page.keyboard.up('Shift');
    await page.mouse.move(...(await where(1740, 975)), { steps: 2 });
    await page.mouse.up();
    await near('g2', { rotation: 135 });
  });

  it('crops with alt on a handle and shows what is cut', async () => {
    await page.mouse.click(...(await where(...webcam)));
    await page.mouse.move(...(await where(1360, 835)));
    await page.keyboard.down('Alt');
    await page.mouse.down();
    await page.mouse.move(...(await where(1400, 835)), { steps: 2 });
    await page.mouse.move(...(await where(1480, 835)));
    await page.getByTestId('cut-part').waitFor({ state: 'attached' });
    await page.mouse.up();
    await page.keyboard.up('Alt');
    // 120 pixels of the canvas are 480 of the picture's 1920.
    await near('g2', { x: 1480, y: 700, width: 360, height: 270 });
    expect(Math.abs(item('g2').crop.left - 480)).toBeLessThanOrEqual(6);
  });

  it('takes back a drag on Escape', async () => {
    await page.mouse.move(...(await where(...webcam)));
    await page.mouse.down();
    await page.mouse.move(...(await where(1000, 500)), { steps: 4 });
    await vi.waitFor(() => expect(item('g2').x).toBeLessThan(1300), patience);
    await page.keyboard.press('Escape');
    await becomes('g2', { x: 1360, y: 700 });
    await page.mouse.up();
    await becomes('g2', { x: 1360, y: 700 });
  });

  it('selects by marquee, by click and from the list, and clears', async () => {
    const selected = () =>
      page
        .locator('[role=grid][aria-label=Sources] [role=row][aria-selected=true]')
        .evaluateAll((rows) => rows.map((each) => each.getAttribute('aria-label')));
    // From beside the canvas: the backdrop fills it.
    await page.mouse.move(...(await where(-8, 1060)));
    await page.mouse.down();
    await page.mouse.move(...(await where(300, 930)), { steps: 4 });
    await page.mouse.up();
    await expect.poll(selected).toEqual(['Stream title', 'Gameplay loop']);
    await page.mouse.click(...(await where(...webcam)));
    await expect.poll(selected).toEqual(['Webcam frame']);
    await page.mouse.click(...(await where(200, 940)));
    await expect.poll(selected).toEqual(['Stream title']);
    await row('Webcam frame').click();
    await expect.poll(() => page.locator('[data-item=g2]').count()).toBe(1);
    await page.getByTestId('canvas-editor').focus();
    await page.keyboard.press('Escape');
    await expect.poll(selected).toEqual([]);
  });

  it('by keys: nudge, order, duplicate, delete, and says so', async () => {
    await page.mouse.click(...(await where(...webcam)));
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowUp');
    await becomes('g2', { x: 1361, y: 690 });
    await expect.poll(() => page.getByTestId('editor-said').textContent()).toBe('Webcam frame at 1361, 690');
    await page.keyboard.press('Control+Shift+BracketRight');
    await vi.waitFor(() => expect(peer.snapshot.scenes[1]?.items.at(-1)?.id).toBe('g2'), patience);
    await page.keyboard.press('Control+d');
    await vi.waitFor(() => {
      expect(peer.snapshot.scenes[1]?.items.at(-1)).toMatchObject({ x: 1385, y: 714 });
    }, patience);
    await row('Webcam frame 2').waitFor();
    await page.keyboard.press('Delete');
    await row('Webcam frame 2').waitFor({ state: 'detached' });
    expect(peer.snapshot.sources.some(({ name }) => name === 'Webcam frame 2')).toBe(false);
  });

  it('copies from one scene and window into another', async () => {
    await page.mouse.click(...(await where(200, 940)));
    await page.keyboard.press('Control+c');
    const other = await openUi(browser, peer.url);
    await other.page.getByRole('row', { name: 'Just talking' }).click();
    await vi.waitFor(() => expect(peer.snapshot.program.sceneId).toBe('talk'), patience);
    await page.getByTestId('canvas-editor').focus();
    await page.keyboard.press('Control+v');
    await row('Stream title').waitFor();
    expect(peer.snapshot.scenes[2]?.items.at(-1)).toMatchObject({ sourceId: 'title', x: 96, y: 900 });
    // Whatever text there is becomes a text.
    await page.evaluate(() => navigator.clipboard.writeText('Back at nine'));
    await page.keyboard.press('Control+v');
    await row('Back at nine').waitFor();
    expect(peer.snapshot.sources.at(-1)?.settings).toMatchObject({ kind: 'text', text: 'Back at nine' });
    expect(other.problems).toEqual([]);
    await other.close();
  });

  it('has every command in the menu, by pointer and by key', async () => {
    await page.mouse.click(...(await where(...webcam)), { button: 'right' });
    await page.getByRole('menuitem', { name: 'Size and turn' }).hover();
    await page.getByRole('menuitem', { name: 'Flip left and right' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('menuitem', { name: 'Flip left and right' }).click();
    await becomes('g2', { isFlippedX: true });
    await page.getByRole('menu').first().waitFor({ state: 'detached' });
    await page.keyboard.press('Shift+F10');
    await page.getByRole('menuitem', { name: 'Lock' }).click();
    await becomes('g2', { isLocked: true });
    await page.getByRole('menu').first().waitFor({ state: 'detached' });
    // What is locked lets the pointer through.
    await page.mouse.click(...(await where(...webcam)));
    await expect.poll(() => row('Gameplay loop').getAttribute('aria-selected')).toBe('true');
    await row('Webcam frame').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Unlock' }).click();
    await becomes('g2', { isLocked: false });
  });

  it('shows the truth again when the engine refuses', async () => {
    const accept = peer.handlers['show.edit'];
    peer.handlers['show.edit'] = () => {
      throw new PeerFailure({ code: 'edit-invalid', details: { reason: 'the scene is closed' } });
    };
    await drag(webcam, [1000, 500]);
    await page.getByRole('alert', { name: 'Errors' }).getByText('the scene is closed').waitFor();
    const surface = await page.getByTestId('canvas-editor').boundingBox();
    const [x] = await where(1360, 700);
    const corner = async () =>
      Number.parseFloat((await page.locator('[data-item=g2] polygon').first().getAttribute('points')) ?? '');
    await expect.poll(async () => Math.abs((await corner()) - (x - (surface?.x ?? 0)))).toBeLessThan(1);
    peer.handlers['show.edit'] = accept;
    await page.getByRole('button', { name: 'Dismiss error' }).click();
  });

  it('zooms at the pointer and back to the whole canvas', async () => {
    await page.mouse.move(...(await where(...webcam)));
    const before = await where(...webcam);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -400);
    await page.keyboard.up('Control');
    await expect.poll(async () => Math.round((await where(...webcam))[0])).toBe(Math.round(before[0]));
    expect(await page.getByTestId('zoom').textContent()).not.toBe('50 %');
    await page.mouse.click(...(await where(...webcam)));
    // The place of items does not care how it is looked at.
    await page.keyboard.down('Control');
    await drag(webcam, [1460, 790]);
    await page.keyboard.up('Control');
    await near('g2', { x: 1320, y: 690 });
    await page.getByRole('button', { name: 'Show the whole canvas (0)' }).click();
    await expect
      .poll(() => page.getByRole('button', { name: 'Show the whole canvas (0)' }).isDisabled())
      .toBe(true);
  });

  it('makes a source of a dropped file, where it was dropped, and says what it cannot take', async () => {
    const picture = await sharp({ create: { width: 300, height: 200, channels: 3, background: '#c04030' } })
      .png()
      .toBuffer();
    const drop = async (name: string, type: string, content: Buffer, at: [number, number]): Promise<void> => {
      const [clientX, clientY] = await where(...at);
      await dropFile(page, { name, type, content }, { x: clientX, y: clientY });
    };
    await drop('My logo.png', 'image/png', picture, [600, 400]);
    await row('My logo').waitFor();
    expect(peer.files).toEqual([{ name: 'My logo.png', content: picture }]);
    const placed = peer.snapshot.scenes[1]?.items.at(-1);
    expect(Math.abs((placed?.x ?? 0) - 450)).toBeLessThanOrEqual(2);
    expect(Math.abs((placed?.y ?? 0) - 300)).toBeLessThanOrEqual(2);
    expect(peer.snapshot.sources.at(-1)?.settings).toMatchObject({
      kind: 'image',
      path: 'files/My logo.png',
    });
    await drop('letter.doc', 'application/msword', Buffer.from('x'), [600, 400]);
    await page.getByText('“letter.doc” is neither a picture nor a film nor sound.').waitFor();
  });

  it('renames, locks and orders in the list of sources', async () => {
    await row('Stream title').dblclick();
    await page.getByLabel('Source name').fill('Headline');
    await page.keyboard.press('Enter');
    await row('Headline').waitFor();
    // Once the field is gone the row has the focus again: not in the same moment that its name is there.
    const hasFocus = (): Promise<boolean> =>
      row('Headline').evaluate((element) => element === document.activeElement);
    await vi.waitFor(async () => expect(await hasFocus()).toBe(true), patience);
    await row('Headline').hover();
    await page.getByRole('button', { name: 'Lock Headline' }).click();
    await becomes('g3', { isLocked: true });
    await row('Headline').dragTo(row('Gameplay loop'), { targetPosition: { x: 60, y: 28 } });
    await vi.waitFor(() => expect(peer.snapshot.scenes[1]?.items[0]?.id).toBe('g3'), patience);
  });

  it('adds, names, duplicates, orders and deletes scenes, with a way back', async () => {
    const scenes = () => peer.snapshot.scenes.map(({ name }) => name);
    const scene = (name: string) =>
      page.getByRole('grid', { name: 'Scenes' }).getByRole('row', { name, exact: true });
    await page.getByRole('button', { name: 'Add scene' }).click();
    await page.getByLabel('Scene name').fill('Outro');
    await page.keyboard.press('Enter');
    await scene('Outro').waitFor();
    expect(peer.snapshot.program.sceneId).toBe(peer.snapshot.scenes.at(-1)?.id);
    await scene('Gameplay').focus();
    await page.keyboard.press('Control+d');
    await scene('Gameplay 2').waitFor();
    expect(scenes().slice(1, 3)).toEqual(['Gameplay', 'Gameplay 2']);
    await scene('Gameplay 2').hover();
    await page.getByRole('button', { name: 'More for Gameplay 2' }).click();
    await page.getByRole('menuitem', { name: 'Move up' }).click();
    await vi.waitFor(() => expect(scenes().slice(1, 3)).toEqual(['Gameplay 2', 'Gameplay']), patience);
    await scene('Gameplay 2').focus();
    await page.keyboard.press('Delete');
    await scene('Gameplay 2').waitFor({ state: 'detached' });
    await page.getByRole('alert', { name: 'Errors' }).getByRole('button', { name: 'Undo' }).click();
    await scene('Gameplay 2').waitFor();
    await page.getByRole('radio', { name: 'Cut' }).click();
    await vi.waitFor(() => expect(peer.snapshot.show.transition.kind).toBe('cut'), patience);
  });
});
