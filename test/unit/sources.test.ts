import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { collectionSchema } from '../../shared/model/collection';
import { isSyncFlash } from '../../electron/streaming/interfaces/sync-pattern';
import { firstSampleOfFrame } from '../../electron/streaming/interfaces/audio-input';
import { StudioError } from '../../electron/streaming/lib/errors';
import { clockText } from '../../electron/streaming/sources/clock-text';
import { createSource } from '../../electron/streaming/sources/registry';
import { SyncBeep } from '../../electron/streaming/sources/sync-beep';
import { plainRequest, testContext } from '../support/source-bench';
import { findBeeps } from '../support/sync-reader';

const never = new AbortController().signal;
let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sources-'))));
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

describe('the registry', () => {
  it('makes every kind, and a stand-in for what it does not know', async () => {
    const context = testContext({ baseFolder: folder });
    const { sources } = collectionSchema.parse({
      version: 1,
      scenes: [{ id: 's', name: 'S', items: [] }],
      sources: [
        { id: 'i', name: 'I', kind: 'image', path: 'a.png' },
        { id: 'c', name: 'C', kind: 'color', color: '#11223344', width: 4, height: 4 },
        { id: 't', name: 'T', kind: 'text', text: 'Hi' },
        { id: 'k', name: 'K', kind: 'clock' },
        { id: 'm', name: 'M', kind: 'media', path: 'a.mp4', sound: { faderDb: -6 } },
        { id: 's', name: 'S', kind: 'sync' },
        { id: 'u', name: 'Hologram', kind: 'hologram', depth: { of: 3 } },
        { id: 'b', name: 'Bad', kind: 'color', color: 'mauve' },
      ],
    });
    const made = sources.map((settings) => createSource(settings, context));
    expect(made.map((source) => [source.id, source.audio !== null, source.sound?.faderDb ?? null])).toEqual([
      ['i', false, null],
      ['c', false, null],
      ['t', false, null],
      ['k', false, null],
      ['m', true, -6],
      ['s', true, 0],
      ['u', false, null],
      ['b', false, null],
    ]);
    const unknown = made[6];
    expect(unknown?.settings).toEqual({ id: 'u', name: 'Hologram', kind: 'hologram', depth: { of: 3 } });
    expect(unknown?.state).toEqual({
      state: 'failed',
      error: { code: 'source-kind-unknown', details: { kind: 'hologram', name: 'Hologram' } },
    });
    await expect(unknown?.picture(plainRequest, never)).rejects.toMatchObject({
      code: 'source-kind-unknown',
    });
    for (const source of made) {
      await source.start();
      await source.stop();
      await source.stop();
    }
    expect(unknown?.state.state).toBe('failed');
  });
});

describe('still sources', () => {
  it('share a tile among equal requests and free it with its last user', async () => {
    const context = testContext();
    const source = createSource(
      { id: 'c', name: 'C', kind: 'color', color: '#ff800040', width: 8, height: 6 },
      context,
    );
    const [a, b] = await Promise.all([
      source.picture(plainRequest, never),
      source.picture(plainRequest, never),
    ]);
    const other = await source.picture({ ...plainRequest, width: 4 }, never);
    expect(context.tiles.jobs).toHaveLength(2);
    expect(context.tiles.jobs[0]).toMatchObject({
      type: 'color',
      rgba: [255, 128, 0, 64],
      width: 8,
      height: 6,
    });
    expect(a.content).toEqual(b.content);
    expect(other.content).not.toEqual(a.content);
    a.release();
    a.release();
    other.release();
    await vi.waitFor(() => expect(context.arena.live.size).toBe(1));
    b.release();
    await vi.waitFor(() => expect(context.arena.live.size).toBe(0));
  });

  it('cope with an aborted request, and one that fails', async () => {
    const context = testContext();
    const source = createSource(
      {
        id: 't',
        name: 'T',
        kind: 'text',
        text: 'Hi',
        font: 'Inter',
        sizePx: 20,
        weight: 'bold',
        color: '#ffffff',
        align: 'left',
      },
      context,
    );
    const abort = new AbortController();
    const waiting = source.picture(plainRequest, abort.signal);
    abort.abort();
    await expect(waiting).rejects.toThrow();
    expect(source.state.state).toBe('idle');
    await vi.waitFor(() => expect(context.arena.live.size).toBe(0));
    context.tiles.failWith = new Error('no such glyph');
    await expect(source.picture(plainRequest, never)).rejects.toMatchObject({ code: 'text-unrenderable' });
    expect(source.state.error?.code).toBe('text-unrenderable');
    context.tiles.failWith = undefined;
    const picture = await source.picture(plainRequest, never);
    expect(source.state.state).toBe('ok');
    expect(context.tiles.jobs.at(-1)).toMatchObject({ font: 'Inter', weight: 'bold' });
    expect((context.tiles.jobs.at(-1) as { fontFile?: string }).fontFile).toMatch(/Inter-Bold\.ttf$/);
    picture.release();
  });

  it.each([
    ['a text', { kind: 'text', text: 'Hi' }],
    ['a clock', { kind: 'clock', mode: 'countup', durationSec: 0 }],
  ] as const)('say of %s that its font is missing, and take it back', async (_name, settings) => {
    const context = testContext();
    const style = {
      font: 'Nowhere Sans',
      sizePx: 20,
      weight: 'bold',
      color: '#ffffff',
      align: 'left',
    } as const;
    const source = createSource({ id: 't', name: 'T', ...settings, ...style }, context);
    context.tiles.isFontMissing = true;
    const other = await source.picture(plainRequest, never);
    expect(source.state).toMatchObject({
      state: 'ok',
      error: { code: 'font-missing', details: { font: 'Nowhere Sans' } },
    });
    other.release();
    await vi.waitFor(() => expect(context.arena.live.size).toBe(0));
    context.tiles.isFontMissing = false;
    (await source.picture(plainRequest, never)).release();
    expect(source.state).toEqual({ state: 'ok', error: null });
    await source.stop();
  });

  it('try a picture that took too long once more after a minute, and never again', async () => {
    const path = join(folder, 'slow.svg');
    writeFileSync(path, 'x');
    const context = testContext();
    context.tiles.failWith = new StudioError('picture-too-slow', { path });
    const settings = { id: 'i', name: 'I', kind: 'image', path } as const;
    const source = createSource(settings, context);
    await source.start();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let changes = 0;
    source.onChanged(() => (changes += 1));
    const ask = (of: typeof source) =>
      expect(of.picture(plainRequest, never)).rejects.toMatchObject({ code: 'picture-too-slow' });
    await ask(source);
    await ask(source);
    expect(context.tiles.jobs.length).toBe(1);
    vi.advanceTimersByTime(60_000);
    expect(changes).toBe(1);
    await ask(source);
    vi.advanceTimersByTime(600_000);
    await ask(source);
    // Nor for another source: each draw may hold a thread for long.
    const other = createSource({ ...settings, id: 'o' }, context);
    await ask(other);
    expect(context.tiles.jobs.length).toBe(2);
    vi.useRealTimers();
    await Promise.all([source.stop(), other.stop()]);
  });

  it('report a missing or broken image and repair themselves', async () => {
    const context = testContext({ baseFolder: folder });
    const source = createSource({ id: 'i', name: 'I', kind: 'image', path: 'logo.png' }, context);
    await source.start();
    expect(source.state.error).toEqual({
      code: 'source-file-missing',
      details: { path: join(folder, 'logo.png') },
    });
    await expect(source.picture(plainRequest, never)).rejects.toMatchObject({ code: 'source-file-missing' });
    let changes = 0;
    source.onChanged(() => (changes += 1));
    writeFileSync(join(folder, 'logo.png'), 'one');
    await vi.waitFor(() => expect(changes).toBe(1), 6000);
    context.tiles.failWith = new Error('unsupported image format');
    await expect(source.picture(plainRequest, never)).rejects.toMatchObject({
      code: 'source-file-unreadable',
      details: { reason: 'unsupported image format' },
    });
    expect(source.state.error?.code).toBe('source-file-unreadable');
    context.tiles.failWith = undefined;
    utimesSync(join(folder, 'logo.png'), 1, 1);
    await vi.waitFor(() => expect(changes).toBe(2), 6000);
    const picture = await source.picture(plainRequest, never);
    expect(source.state.state).toBe('ok');
    picture.release();
    await source.stop();
  });
});

describe('the clock', () => {
  it.each([
    ['clock', new Date(2026, 4, 1, 9, 5, 7, 250).getTime(), '09:05:07', 750],
    ['countup', 61_250, '01:01', 750],
    ['countup', 3_725_000, '1:02:05', 1000],
    ['countdown', 0, '05:00', 1000],
    ['countdown', 61_999, '03:59', 1],
    ['countdown', 300_000, '00:00', Infinity],
    ['countdown', 999_000, '00:00', Infinity],
  ] as const)('in mode %s shows %s as %s', (mode, nowMs, text, untilMs) => {
    const shown = clockText({ mode, durationSec: 300 }, 0, nowMs);
    expect(shown.text).toBe(text);
    expect(shown.nextMs - nowMs).toBe(untilMs);
  });

  it('has the next second ready before it comes, in the sizes on screen only', async () => {
    vi.useFakeTimers({ now: 10_000 });
    const context = testContext({ now: Date.now });
    const style = { font: 'Inter', sizePx: 40, weight: 'bold', color: '#ffffff', align: 'left' } as const;
    const source = createSource(
      { id: 'k', name: 'K', kind: 'clock', mode: 'countup', durationSec: 0, ...style },
      context,
    );
    const texts = (): string[] => context.tiles.jobs.map((job) => (job.type === 'text' ? job.text : ''));
    await source.start();
    const first = await source.picture(plainRequest, never);
    let changedAt = 0;
    source.onChanged(() => (changedAt = Date.now()));
    await vi.advanceTimersByTimeAsync(550);
    expect(texts()).toEqual(['00:00']);
    await vi.advanceTimersByTimeAsync(100);
    expect(texts()).toEqual(['00:00', '00:01']);
    expect(changedAt).toBe(0);
    await vi.advanceTimersByTimeAsync(350);
    expect(changedAt).toBe(11_000);
    const second = await source.picture(plainRequest, never);
    first.release();
    expect(texts()).toHaveLength(2); // it was ready
    expect(second.content).not.toEqual(first.content);
    await vi.advanceTimersByTimeAsync(2000);
    expect(texts()).toEqual(['00:00', '00:01', '00:02', '00:03']);
    second.release();
    await source.stop();
    await vi.advanceTimersByTimeAsync(5000);
    expect(texts()).toHaveLength(4);
    expect(context.arena.live.size).toBe(0);
  });
});

describe('the sync source', () => {
  it.each([30, 60, 25, 60_000 / 1001, 24_000 / 1001])(
    'begins each beep with the first sample of the flash frame at %s fps, however the blocks fall',
    (fps) => {
      const beep = new SyncBeep(fps);
      const seconds = 5;
      const frames = Math.ceil(fps * seconds);
      const sound = new Float32Array(firstSampleOfFrame(frames, fps) * 2);
      for (let frame = 0; frame < frames; frame += 1) {
        const first = firstSampleOfFrame(frame, fps);
        beep.render(first, sound.subarray(first * 2, firstSampleOfFrame(frame + 1, fps) * 2));
      }
      const onsets = Array.from({ length: frames }, (_, frame) => frame).filter(
        (frame) => isSyncFlash(frame, fps) && (frame === 0 || !isSyncFlash(frame - 1, fps)),
      );
      expect(onsets.length).toBeGreaterThanOrEqual(5);
      for (const frame of onsets) {
        const start = firstSampleOfFrame(frame, fps);
        expect(start).toBe(beep.startSample(Math.floor(frame / fps + 1e-9)));
        expect(sound[start * 2]).toBe(0); // the wave's own zero
        expect(sound[start * 2 + 2]).toBeGreaterThan(0);
        if (start > 0) expect(sound[start * 2 - 2]).toBe(0);
        const pulse = sound.subarray(start * 2, (start + 2400) * 2);
        expect(Math.max(...pulse)).toBeCloseTo(0.5, 3);
        expect(sound[(start + 2400) * 2]).toBe(0);
      }
      expect(findBeeps(sound)).toHaveLength(onsets.filter((frame) => frame > 0).length);
    },
  );

  it('sounds while it is shown', async () => {
    const context = testContext();
    const source = createSource({ id: 's', name: 'S', kind: 'sync' }, context);
    const block = new Float32Array(3200).fill(1);
    source.audio?.render(0, block);
    expect(block.every((sample) => sample === 0)).toBe(true);
    const picture = await source.picture(plainRequest, never);
    expect(picture.content).toEqual({ type: 'sync', width: 640, height: 360 });
    source.audio?.render(0, block);
    expect(block.some((sample) => sample > 0.4)).toBe(true);
    picture.release();
    picture.release();
    source.audio?.render(0, block);
    expect(block.every((sample) => sample === 0)).toBe(true);
  });
});
