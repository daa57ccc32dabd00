import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { browserCaptureSourceSchema } from '../../shared/model/source';
import { BrowserFeedTable } from '../../electron/streaming/browser-feeds';
import type { PageFeed } from '../../electron/streaming/browser-feeds';
import { firstSampleOfFrame } from '../../electron/streaming/interfaces/audio-input';
import type { Picture } from '../../electron/streaming/interfaces/layer';
import { createSource } from '../../electron/streaming/sources/registry';
import type { StudioSource } from '../../electron/streaming/sources/source';
import { plainRequest, testContext } from '../support/source-bench';
import type { TestContext } from '../support/source-bench';
import { waitFor } from '../support/wait-for';

const never = new AbortController().signal;
const pageNowUs = (): number => performance.now() * 1000;

let feeds: BrowserFeedTable;
let context: TestContext;
let source: StudioSource;
let page: PageFeed;
let changes: number;

async function start(capture: 'display' | 'camera' | 'microphone', hasSound = true): Promise<void> {
  feeds = new BrowserFeedTable();
  context = { ...testContext(), browserFeeds: feeds };
  const settings = { id: 'cap', name: 'My camera', kind: 'browser-capture', capture, hasSound };
  source = createSource(browserCaptureSourceSchema.parse(settings), context);
  changes = 0;
  source.onChanged(() => (changes += 1));
  await source.start();
  page = join();
}
function join(): PageFeed {
  const feed = feeds.join('cap', { takenOver: () => undefined });
  if (!feed) throw new Error('the source takes no page');
  return feed;
}
/** the newest luma that the compositor would show; null: no live picture */
function newestLuma(picture: Picture): { luma: number | undefined; written: number } | null {
  if (picture.content.type !== 'live') return null;
  const { ring } = picture.content;
  const { buffer } = context.arena.memory;
  const written = Atomics.load(new Int32Array(buffer, ring.control, 1), 0);
  const slot = ring.slots[(written - 1) % ring.slots.length];
  return { luma: slot && new Uint8Array(buffer)[slot.y], written };
}
const put = (luma: number, width = 64, height = 36): void =>
  page.picture(width, height, new Uint8Array(width * height * 1.5).fill(luma), pageNowUs());

beforeEach(() => start('camera'));
afterEach(async () => {
  await source.stop();
  expect(context.arena.live.size, 'all memory is given back').toBe(0);
});

describe('a source that a page captures', () => {
  it('waits for a page, and says what to do', async () => {
    expect(source.state).toEqual({
      state: 'failed',
      error: { code: 'capture-page-gone', details: { name: 'My camera' } },
    });
    const card = await source.picture(plainRequest, never);
    expect(card.content.type).toBe('tile');
    card.release();
  });

  it('shows the newest picture at its own size', async () => {
    page.begin({ deviceName: 'FaceTime', sampleRate: null });
    expect(source.state.state).toBe('loading');
    put(90);
    const picture = await source.picture(plainRequest, never);
    expect(source.state.state).toBe('ok');
    expect(source.size).toEqual({ width: 64, height: 36 });
    expect(picture.size).toEqual({ width: 64, height: 36 });
    expect(newestLuma(picture)).toEqual({ luma: 90, written: 1 });
    put(91);
    put(92);
    expect(newestLuma(picture)).toEqual({ luma: 92, written: 3 });
    picture.release();
  });

  it('follows a window that changes its size', async () => {
    page.begin({ deviceName: 'A window', sampleRate: null });
    put(90);
    const before = await source.picture(plainRequest, never);
    const changed = changes;
    put(120, 32, 48);
    expect(changes).toBeGreaterThan(changed);
    const after = await source.picture(plainRequest, never);
    before.release();
    expect(newestLuma(after)?.luma).toBe(120);
    expect(source.size).toEqual({ width: 32, height: 48 });
    after.release();
  });

  it('holds the last picture for a second at most, then shows the card; a new page brings it back', async () => {
    page.begin({ deviceName: 'FaceTime', sampleRate: null });
    put(90);
    const live = await source.picture(plainRequest, never);
    const changed = changes;
    const goneAt = performance.now();
    page.leave('the page is gone');
    expect(source.state.error).toEqual({ code: 'capture-page-gone', details: { name: 'FaceTime' } });
    expect(changes, 'it is held').toBe(changed);
    await waitFor(() => changes > changed, 'the card');
    const heldMs = performance.now() - goneAt;
    expect(heldMs).toBeGreaterThan(800);
    expect(heldMs).toBeLessThan(1500);
    const card = await source.picture(plainRequest, never);
    live.release();
    expect(card.content.type).toBe('tile');
    page = join();
    page.begin({ deviceName: 'FaceTime', sampleRate: null });
    put(77);
    const again = await source.picture(plainRequest, never);
    card.release();
    expect(newestLuma(again)?.luma).toBe(77);
    expect(source.state.state).toBe('ok');
    again.release();
  });

  it('lets a page that is loaded anew come back before anybody sees it gone', async () => {
    page.begin({ deviceName: 'FaceTime', sampleRate: null });
    put(90);
    const live = await source.picture(plainRequest, never);
    page.leave('the page is gone');
    page = join();
    page.begin({ deviceName: 'FaceTime', sampleRate: null });
    put(91);
    expect(newestLuma(live)?.luma).toBe(91);
    expect(source.state.state).toBe('ok');
    live.release();
  });

  it('hears no page that another one has taken the place of', async () => {
    page.begin({ deviceName: 'First', sampleRate: null });
    const first = page;
    page = join();
    page.begin({ deviceName: 'Second', sampleRate: null });
    put(50);
    first.picture(64, 36, new Uint8Array(64 * 36 * 1.5).fill(200), pageNowUs());
    first.leave('the page is gone');
    const picture = await source.picture(plainRequest, never);
    expect(newestLuma(picture)).toEqual({ luma: 50, written: 1 });
    expect(source.state.state).toBe('ok');
    picture.release();
  });

  it('shows nothing of a former page for long when the next one sends nothing', async () => {
    page.begin({ deviceName: 'First', sampleRate: null });
    put(50);
    const live = await source.picture(plainRequest, never);
    page = join();
    page.begin({ deviceName: 'Second', sampleRate: null });
    const changed = changes;
    await waitFor(() => changes > changed, 'the card');
    const card = await source.picture(plainRequest, never);
    live.release();
    expect(card.content.type).toBe('tile');
    card.release();
  });

  it('keeps its page when only its name or its sound is set otherwise', () => {
    page.begin({ deviceName: 'FaceTime', sampleRate: null });
    put(90);
    const { settings } = source;
    expect(source.update({ ...settings, name: 'Other', hasSound: false })).toBe(true);
    expect(source.state.state).toBe('ok');
    expect(source.update({ ...settings, capture: 'display' })).toBe(false);
  });
});

/** Plays what a page hears in real time: blocks of 10 ms of this value, until the program has heard it. */
async function untilHeard(value: number): Promise<number> {
  let frame = 0;
  let heardAt = Number.NaN;
  const beganAt = performance.now();
  let sent = 0;
  await waitFor(
    () => {
      const elapsedMs = performance.now() - beganAt;
      for (; sent * 10 < elapsedMs; sent += 1)
        page.sound(new Float32Array(960).fill(value), (beganAt + sent * 10) * 1000);
      for (; (frame * 1000) / context.program.fps < elapsedMs; frame += 1) {
        const first = firstSampleOfFrame(frame, context.program.fps);
        const block = new Float32Array((firstSampleOfFrame(frame + 1, context.program.fps) - first) * 2);
        source.audio?.render(first, block);
        if (Math.abs((block.at(-1) ?? 0) - value) < 0.01) heardAt = elapsedMs;
      }
      return !Number.isNaN(heardAt) || elapsedMs > 1500;
    },
    'sound in the program',
    { pollMs: 2 },
  );
  return heardAt;
}

describe('its sound', () => {
  it('is heard soon after it was sent, and a microphone is well with sound alone', async () => {
    await source.stop();
    await start('microphone');
    page.begin({ deviceName: 'Headset', sampleRate: 48_000 });
    expect(await untilHeard(0.5)).toBeLessThan(500);
    expect(source.state.state).toBe('ok');
    const blank = await source.picture(plainRequest, never);
    expect(blank.content.type).toBe('tile');
    blank.release();
  });

  it('is left out when it is not wanted', async () => {
    await source.stop();
    await start('camera', false);
    page.begin({ deviceName: 'Camera', sampleRate: 48_000 });
    expect(await untilHeard(0.5)).toBeNaN();
  });

  it('holds pictures back until their sound is heard', async () => {
    page.begin({ deviceName: 'Camera', sampleRate: 48_000 });
    await untilHeard(0.25);
    const sentAt = performance.now();
    put(90);
    await waitFor(() => source.size, 'the picture', { pollMs: 1 });
    const heldMs = performance.now() - sentAt;
    expect(heldMs).toBeGreaterThan(45);
    expect(heldMs).toBeLessThan(200);
  });
});
