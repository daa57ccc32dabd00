import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { soundOf } from '../../shared/model/source';
import { ContractPeer } from '../support/contract-peer';
import { believableSnapshot } from '../support/contract-peer-state';
import { closePeerWindow, openPeerWindow } from '../support/peer-window';
import { requires } from '../support/requires';
import { launchBrowser, openUi } from '../support/ui-browser';
import type { UiPage } from '../support/ui-browser';

const patience = { timeout: 15_000, interval: 50 };

/** Lets a test hear what the page plays: everything that is connected to the loudspeakers goes to an analyser too. */
function tapSound(): void {
  const connect = Object.getOwnPropertyDescriptor(AudioNode.prototype, 'connect')?.value as (
    this: AudioNode,
    target: AudioNode,
  ) => AudioNode;
  AudioNode.prototype.connect = function (this: AudioNode, target: AudioNode) {
    if (target instanceof AudioDestinationNode) {
      const analyser = new AnalyserNode(this.context, { fftSize: 4096, smoothingTimeConstant: 0 });
      connect.call(this, analyser);
      Object.assign(window, { soundTap: analyser });
    }
    return connect.call(this, target);
  } as typeof AudioNode.prototype.connect;
}

/** What the page plays: peak and loudest frequency; null: nothing was ever connected. */
const heard = (page: Page): Promise<{ peak: number; hz: number } | null> =>
  page.evaluate(() => {
    const tap = (window as { soundTap?: AnalyserNode }).soundTap;
    if (!tap) return null;
    const [wave, bins] = [new Float32Array(tap.fftSize), new Float32Array(tap.frequencyBinCount)];
    tap.getFloatTimeDomainData(wave);
    tap.getFloatFrequencyData(bins);
    const loudest = bins.indexOf(Math.max(...bins));
    return {
      peak: Math.max(...wave.map(Math.abs)),
      hz: (loudest * tap.context.sampleRate) / tap.fftSize,
    };
  });

/** Counts what React commits to the page, by the hook that its developer tools use. */
function countCommits(): void {
  let commits = 0;
  const hook = {
    ...{ supportsFiber: true, isDisabled: false, renderers: new Map() },
    ...{ inject: () => 1, checkDCE: () => undefined, onCommitFiberUnmount: () => undefined },
    onPostCommitFiberRoot: () => undefined,
    onCommitFiberRoot: () => {
      commits += 1;
      document.documentElement.dataset['commits'] = `${commits}`;
    },
  };
  Object.assign(window, { __REACT_DEVTOOLS_GLOBAL_HOOK__: hook });
}
const commits = (page: Page): Promise<number> =>
  page.evaluate(() => Number(document.documentElement.dataset['commits'] ?? 0));

describe.skipIf(!requires('chromium'))('the mixer', () => {
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
      (url) => openUi(browser, url),
      new ContractPeer({ snapshot: believableSnapshot(), previewFps: 2 }),
    ));
    await page.getByRole('heading', { name: 'Mixer' }).waitFor();
  });
  afterEach(() => closePeerWindow({ peer, ui }));

  const strips = () => page.getByRole('region', { name: 'Mixer' }).getByRole('listitem');
  const strip = (name: string) => page.getByRole('region', { name: 'Mixer' }).getByRole('listitem', { name });
  const soundNow = (id: string) => {
    const source = peer.snapshot.sources.find((each) => each.id === id);
    return source ? soundOf(source.settings) : null;
  };
  const edits = () => peer.calls.flatMap(({ command, input }) => (command === 'show.edit' ? [input] : []));

  it('has a strip for what is heard: microphones always, files while their scene is on', async () => {
    await vi.waitFor(async () => expect(await strips().count()).toBe(2), patience);
    await strip('Gameplay loop').waitFor();
    peer.update('program', (program) => ({ ...program, sceneId: 'end' }));
    await strip('Gameplay loop').waitFor({ state: 'detached' });
    expect(await strips().count()).toBe(1);
    await strip('Microphone').waitFor();
  });

  it('moves a fader by hand as one step of undo, by keys, and back to 0 dB by a double click', async () => {
    const fader = strip('Microphone').getByRole('slider');
    const box = await fader.boundingBox();
    if (!box) throw new Error('no fader');
    const y = box.y + 9;
    await page.mouse.move(box.x + box.width * 0.75, y);
    await page.mouse.down();
    for (let step = 1; step <= 12; step += 1)
      await page.mouse.move(box.x + box.width * (0.75 - step * 0.02), y);
    await page.mouse.up();
    await vi.waitFor(() => expect(soundNow('mic')?.faderDb).toBeLessThan(-6), patience);
    await vi.waitFor(async () => {
      const text = await fader.getAttribute('aria-valuetext');
      expect(text).toBe(`−${Math.abs(soundNow('mic')?.faderDb ?? 0).toFixed(1)} dB`);
    }, patience);
    expect(new Set(edits().map((edit) => (edit as { gesture?: string }).gesture)).size).toBe(1);
    expect(peer.snapshot.show.undoLabel).toBe('Volume of Microphone');

    await fader.dblclick({ position: { x: 30, y: 9 } });
    await vi.waitFor(() => expect(soundNow('mic')?.faderDb).toBe(0), patience);
    await fader.focus();
    await page.keyboard.press('ArrowDown');
    await vi.waitFor(() => expect(soundNow('mic')?.faderDb).toBe(-0.5), patience);
    await page.keyboard.press('Home');
    await vi.waitFor(async () => expect(await fader.getAttribute('aria-valuetext')).toBe('−∞ dB'), patience);
    await vi.waitFor(() => expect(soundNow('mic')?.faderDb).toBe(-100), patience);
  });

  it('mutes, turns down and delays a source with the longest name that there may be', async () => {
    const name = 'Microphone of the second commentator '.padEnd(200, 'o');
    peer.update('sources', (sources) =>
      sources.map((source) =>
        source.id === 'mic' ? { ...source, name, settings: { ...source.settings, name } } : source,
      ),
    );
    await strip(name)
      .getByRole('button', { name: `Mute ${name}` })
      .click();
    await vi.waitFor(() => expect(soundNow('mic')?.isMuted).toBe(true), patience);
    expect(peer.snapshot.show.undoLabel).toBe(`Mute ${name}`.slice(0, 120));
    await strip(name).getByRole('slider').press('ArrowDown');
    await vi.waitFor(() => expect(soundNow('mic')?.faderDb).toBe(-0.5), patience);
    await strip(name)
      .getByRole('button', { name: /^Sync offset of / })
      .click();
    await page.getByRole('dialog').getByRole('textbox').fill('40');
    await page.keyboard.press('Enter');
    await vi.waitFor(() => expect(soundNow('mic')?.syncOffsetMs).toBe(40), patience);
  });

  it('mutes, and sets a sync offset', async () => {
    await strip('Microphone').getByRole('button', { name: 'Mute Microphone' }).click();
    await vi.waitFor(() => expect(soundNow('mic')?.isMuted).toBe(true), patience);
    await strip('Microphone').getByText('muted').waitFor();
    await strip('Microphone')
      .getByRole('button', { name: /^Sync offset of Microphone/ })
      .click();
    const field = page.getByRole('dialog').getByRole('textbox');
    await field.fill('250');
    await page.keyboard.press('Enter');
    await vi.waitFor(() => expect(soundNow('mic')?.syncOffsetMs).toBe(250), patience);
    await page.keyboard.press('Escape');
    await strip('Microphone').getByText('250 ms').waitFor();
    expect(soundNow('mic')?.isMuted).toBe(true);
  });

  it('says what is wrong with a source, with the remedy', async () => {
    peer.update('sources', (sources) =>
      sources.map((source) =>
        source.id === 'mic'
          ? { ...source, state: 'failed', error: { code: 'device-missing', details: { name: 'Yeti' } } }
          : source,
      ),
    );
    await strip('Microphone')
      .getByRole('button', { name: /no sound/ })
      .click();
    await page.getByRole('dialog').getByText('Yeti is not connected.').waitFor();
  });

  it('shows levels, clipping and the limiter, and none of it through React', async () => {
    await page.context().addInitScript(countCommits);
    await page.goto(`${peer.origin}/?again#token=${peer.token}`);
    const meter = strip('Microphone').getByRole('meter');
    await vi.waitFor(
      async () => expect(Number(await meter.getAttribute('aria-valuenow'))).toBeGreaterThan(-40),
      patience,
    );
    const level = { peakDb: [-3, -3] as [number, number], rmsDb: [-9, -9] as [number, number] };
    const program = page.getByRole('region', { name: 'Program', exact: true });
    const lit = (within: ReturnType<typeof strip>): Promise<number> =>
      within.locator('.clip-lamp[data-clipping]').count();
    // Its fader is down: it clipped before. The other is louder than full scale only by its own fader.
    peer.emit('meters', {
      ...level,
      limiterDb: -3.2,
      isClipping: false,
      inputs: [
        { sourceId: 'mic', ...level, isClipping: true },
        { sourceId: 'capture', ...level, peakDb: [1.5, -2], isClipping: false },
      ],
    });
    await strip('Microphone').locator('.clip-lamp[data-clipping]').waitFor();
    await program.getByText('limiter −3.2').waitFor();
    expect([await lit(strip('Gameplay loop')), await lit(program)]).toEqual([0, 0]);
    expect(await strip('Microphone').locator('.clip-lamp').getAttribute('title')).toContain(
      'before its fader',
    );
    peer.emit('meters', { ...level, limiterDb: -3.2, isClipping: true, inputs: [] });
    await program.locator('.clip-lamp[data-clipping]').waitFor();
    expect(await program.locator('.clip-lamp').getAttribute('title')).toContain('the sum of all');

    expect(await commits(page), 'React has drawn the page').toBeGreaterThan(0);
    const before = await commits(page);
    // Each unlike the one before, a fifth of a second of them in all; the last one tells that all have been seen.
    const ticks = 60;
    for (let tick = 1; tick <= ticks; tick += 1) {
      const swing = -30 + (tick % 20);
      const now = { peakDb: [swing, swing] as [number, number], rmsDb: [swing, swing] as [number, number] };
      peer.emit('meters', {
        ...now,
        isClipping: false,
        limiterDb: tick === ticks ? -7.7 : -0.1 * (tick % 9),
        inputs: peer.snapshot.sources.map(({ id }) => ({ sourceId: id, ...now, isClipping: false })),
      });
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    await program.getByText('limiter −7.7').waitFor();
    // Statistics, a connection, a second: what else may change meanwhile is drawn a few times at most.
    expect((await commits(page)) - before).toBeLessThan(ticks / 6);
  });

  it.each(['dark', 'light'] as const)('leaves nothing to say for axe, %s', async (theme) => {
    peer.update('settings', (settings) => ({ ...settings, theme }));
    await page.locator(`:root[data-theme="${theme}"]`).waitFor();
    await strip('Microphone').getByRole('meter').waitFor();
    await page.evaluate(axe.source);
    const findings = await page.evaluate(async () => {
      const { run } = (window as unknown as { axe: { run: typeof axe.run } }).axe;
      const { violations } = await run('.mixer-dock');
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    });
    expect(findings).toEqual([]);
  });

  it('lets one listen to the program once asked, and stops again', async () => {
    await ui.page.context().addInitScript(tapSound);
    await page.goto(`${peer.origin}/?again#token=${peer.token}`);
    const listen = page.getByRole('button', { name: 'Listen', exact: true });
    await listen.waitFor();
    expect(peer.topicsOf(0)?.topics).not.toContain('monitor');
    let sent = 0;
    const engine = setInterval(() => {
      const samples = new Float32Array(1920);
      for (let at = 0; at < 960; at += 1)
        samples.fill(0.25 * Math.sin((2 * Math.PI * 750 * (sent + at)) / 48_000), at * 2, at * 2 + 2);
      peer.emitSound(sent, samples);
      sent += 960;
    }, 20);
    try {
      await listen.click();
      await vi.waitFor(async () => {
        const sound = await heard(page);
        expect(sound?.hz).toBeGreaterThan(735);
        expect(sound?.hz).toBeLessThan(765);
        expect(sound?.peak).toBeGreaterThan(0.2);
      }, patience);
      await page.getByRole('button', { name: 'Listening' }).click();
      await vi.waitFor(() => expect(peer.topicsOf(0)?.topics).not.toContain('monitor'), patience);
    } finally {
      clearInterval(engine);
    }
  });
});
