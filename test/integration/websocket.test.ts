import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readMonitorBlock } from '../../shared/contract/monitor-block';
import { readPreviewFrame } from '../../shared/contract/preview-frame';
import { EngineFace, faceToken } from '../support/engine-face';

let face: EngineFace;
beforeEach(async () => (face = await EngineFace.start()));
afterEach(() => face[Symbol.asyncDispose]());

describe('the WebSocket', () => {
  it('welcomes with the whole face.state, then sends slices with rising revisions', async () => {
    const page = await face.welcome();
    const welcome = await page.until('welcome');
    expect(welcome.snapshot).toEqual(face.state.snapshot);
    face.state.set('live', { isLive: true, since: 7 });
    face.state.set('live', { isLive: true, since: 7 });
    face.state.set('live', { isLive: false, since: null });
    await vi.waitFor(() => expect(page.messages.filter(({ type }) => type === 'slice')).toHaveLength(2));
    expect(page.messages.slice(1)).toMatchObject([
      { type: 'slice', revision: welcome.revision + 1, slice: 'live', value: { isLive: true } },
      { type: 'slice', revision: welcome.revision + 2, slice: 'live', value: { isLive: false } },
    ]);
    page.send({ type: 'resync' });
    await vi.waitFor(() =>
      expect(page.messages.at(-1)).toMatchObject({ type: 'welcome', revision: welcome.revision + 2 }),
    );
  });

  it.each([
    ['a wrong token', { type: 'hello', version: 1, token: 'wrong' }, 4401],
    ['another version', { type: 'hello', version: 999, faceToken }, 4400],
    ['a call before hello', { type: 'call', id: 1, command: 'key.list', input: {} }, 4401],
    ['something else', 'not even json', 4400],
  ])('refuses %s', async (_what, message, code) => {
    const page = face.page();
    await page.open();
    page.send(message);
    await page.until('refused');
    await vi.waitFor(() => expect(page.closeCode).toBe(code));
    expect(page.messages.some(({ type }) => type === 'welcome')).toBe(false);
  });

  it('closes on who says nothing, and leaves who said hello alone', async () => {
    const welcome = await face.welcome();
    const silent = face.page();
    await silent.open();
    await vi.waitFor(() => expect(silent.closeCode).toBe(4401), { timeout: 3000 });
    expect(welcome.closeCode).toBeNull();
  });

  it('sends away a page that has stopped reading, before it fills the memory', async () => {
    const [frozen, reading] = [await face.welcome(), await face.welcome()];
    frozen.send({ type: 'subscribe', topics: ['preview'], previewWidth: 640 });
    await vi.waitFor(() => expect(face.wantedPreview).toEqual([640]));
    frozen.freeze();
    const mebibyte = 'x'.repeat(2 ** 20);
    const slices = 64;
    for (let slice = 0; slice < slices; slice++) {
      face.state.update('engine', (engine) => ({ ...engine, notReadyReason: `${slice} ${mebibyte}` }));
      // One after the other, so that it is not the reading one that falls behind.
      await vi.waitFor(() => expect(reading.messages).toHaveLength(2 + slice), { interval: 2 });
    }
    frozen.thaw();
    await vi.waitFor(() => expect(frozen.closeCode).toBe(1013), { timeout: 10_000 });
    // What the system's buffers and 4 MiB hold, not the rest.
    expect(frozen.messages.length).toBeLessThan(slices / 2);
    expect(reading.closeCode).toBeNull();
    await vi.waitFor(() => expect(face.wantedPreview).toEqual([640, null]));
  });

  it('ends a connection that answers no ping, and none that does', async () => {
    face.pingIntervalMs = 100;
    const [alive, dead] = [await face.welcome(), await face.welcome({ autoPong: false })];
    const openedAt = performance.now();
    await vi.waitFor(() => expect(dead.closeCode).toBe(1006), { timeout: 10_000 });
    expect(performance.now() - openedAt).toBeGreaterThan(200);
    alive.send({ type: 'resync' });
    await vi.waitFor(() => expect(alive.messages).toHaveLength(2));
    expect(alive.closeCode).toBeNull();
  });

  it('asks for a preview only when the widest is another one', async () => {
    const [one, other] = [await face.welcome(), await face.welcome()];
    one.send({ type: 'subscribe', topics: ['preview'], previewWidth: 640 });
    await vi.waitFor(() => expect(face.wantedPreview).toEqual([640]));
    for (const topics of [['preview'], ['preview', 'meters'], ['meters']])
      other.send({ type: 'subscribe', topics, previewWidth: 320 });
    other.send({ type: 'resync' });
    await vi.waitFor(() => expect(other.messages).toHaveLength(2));
    one.send({ type: 'subscribe', topics: ['preview'], previewWidth: 800 });
    await vi.waitFor(() => expect(face.wantedPreview.at(-1)).toBe(800));
    other.close();
    one.close();
    await vi.waitFor(() => expect(face.wantedPreview.at(-1)).toBeNull());
    expect(face.wantedPreview).toEqual([640, 800, null]);
  });

  it('refuses foreign pages', async () => {
    const foreign = face.page({ Origin: 'http://evil.example' });
    await vi.waitFor(() => expect(foreign.closeCode).not.toBeNull());
    const own = face.page({ Origin: face.server.origin });
    await own.open();
  });

  it('answers calls with results and typed errors, never with a stack', async () => {
    const page = await face.welcome();
    page.send({ type: 'call', id: 1, command: 'scene.switch', input: { sceneId: 'known' } });
    page.send({ type: 'call', id: 2, command: 'scene.switch', input: { sceneId: 'other' } });
    page.send({ type: 'call', id: 3, command: 'scene.switch', input: {} });
    page.send({ type: 'call', id: 4, command: 'live.start', input: {} });
    await vi.waitFor(() => expect(page.messages).toHaveLength(5));
    expect(page.messages.slice(1)).toEqual(
      expect.arrayContaining([
        { type: 'result', id: 1, output: {} },
        { type: 'failed', id: 2, error: { code: 'scene-not-found', details: { scene: 'other' } } },
        { type: 'failed', id: 3, error: expect.objectContaining({ code: 'invalid-request' }) },
        {
          type: 'failed',
          id: 4,
          error: { code: 'internal', details: { reason: 'a bug with /secret/paths in its stack' } },
        },
      ]),
    );
    expect(JSON.stringify(page.messages)).not.toContain('at ');
  });

  it('sends high volume topics only to who asked, and the preview of the widest', async () => {
    const [looking, blind] = [await face.welcome(), await face.welcome()];
    looking.send({ type: 'subscribe', topics: ['preview', 'meters'], previewWidth: 640 });
    await vi.waitFor(() => expect(face.wantedPreview.at(-1)).toBe(640));
    face.endpoint.publish('meters', {
      peakDb: [-6, -6],
      rmsDb: [-9, -9],
      limiterDb: 0,
      isClipping: false,
      inputs: [],
    });
    const data = new Uint8Array(24).map((_, at) => at);
    face.endpoint.publishPreview({ index: 77, tickUs: 400_000, width: 4, height: 4, data });
    await looking.until('event');
    await vi.waitFor(() => expect(looking.binary).toHaveLength(1));
    const frame = readPreviewFrame(looking.binary[0] ?? new ArrayBuffer(0));
    expect(frame).toMatchObject({ width: 4, height: 4, frameIndex: 77, tickUnixMs: 9900 });
    expect([...frame.y, ...frame.u, ...frame.v]).toEqual([...data]);
    expect(blind.messages).toHaveLength(1);
    expect(blind.binary).toHaveLength(0);
    // No more than two under way: the third waits until the first is on the screen.
    for (const index of [78, 79])
      face.endpoint.publishPreview({ index, tickUs: 400_000, width: 4, height: 4, data });
    await vi.waitFor(() => expect(looking.binary).toHaveLength(2));
    looking.send({ type: 'previewShown', frameIndex: 78 });
    await vi.waitFor(() => {
      face.endpoint.publishPreview({ index: 80, tickUs: 400_000, width: 4, height: 4, data });
      expect(looking.binary).toHaveLength(4);
    });
    expect(looking.binary.map((message) => readPreviewFrame(message).frameIndex)).toEqual([77, 78, 80, 80]);
    looking.close();
    await vi.waitFor(() => expect(face.wantedPreview.at(-1)).toBeNull());
  });

  it('sends the program’s sound only to who listens, and leaves it out for who does not read', async () => {
    const [listening, blind, frozen] = [await face.welcome(), await face.welcome(), await face.welcome()];
    for (const page of [listening, frozen]) page.send({ type: 'subscribe', topics: ['monitor'] });
    const samples = Float32Array.from([0.5, -0.5, 0.25, 1]);
    const publish = (firstSample: number): void =>
      face.endpoint.publishMonitor({ firstSample, tickUs: 400_000, samples });
    await vi.waitFor(() => {
      publish(800);
      expect(frozen.binary.length).toBeGreaterThan(0);
      expect(listening.binary.length).toBeGreaterThan(0);
    });
    const block = readMonitorBlock(listening.binary[0] ?? new ArrayBuffer(0));
    expect(block).toEqual({ firstSample: 800, tickUnixMs: 9900, samples });
    expect(blind.binary).toHaveLength(0);

    frozen.freeze();
    const second = new Float32Array(96_000).fill(0.5);
    for (let block = 0; block < 200; block += 1) {
      const before = listening.binary.length;
      face.endpoint.publishMonitor({ firstSample: block * 48_000, tickUs: 0, samples: second });
      await vi.waitFor(() => expect(listening.binary.length).toBeGreaterThan(before), { interval: 1 });
    }
    // 77 MB were sent to the one; what waits for the other is bounded, and its connection stays.
    expect(listening.closeCode).toBeNull();
    expect(frozen.closeCode).toBeNull();
    expect(process.memoryUsage().rss).toBeLessThan(2 ** 30);
  });
});
