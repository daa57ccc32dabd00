import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Picture } from '../../electron/streaming/interfaces/layer';
import { holdMs, LivePicture } from '../../electron/streaming/sources/live-picture';
import { Placeholders } from '../../electron/streaming/sources/placeholder';
import { RecordingTiles, TestArena, plainRequest } from '../support/source-bench';

const never = new AbortController().signal;
const card = { name: 'Cam', sentence: 'It is not connected.' };
const frameOf = (width: number, height: number, value: number): Buffer =>
  Buffer.alloc(width * height * 1.5, value);

function bench(): {
  arena: TestArena;
  live: LivePicture;
  log: string[];
  show: () => Promise<Picture>;
} {
  const arena = new TestArena(8);
  const log: string[] = [];
  const live = new LivePicture(
    {
      arena,
      tiles: new RecordingTiles(arena),
      onChanged: () => log.push('changed'),
      onShown: (size) => log.push(size ? `${size.width}×${size.height}` : 'card'),
      onUsed: (isUsed) => log.push(isUsed ? 'used' : 'unused'),
    },
    { width: 64, height: 36 },
  );
  return { arena, live, log, show: () => live.acquire(plainRequest, never) };
}

describe('a live picture', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is waited for, and tells its size and who looks', async () => {
    const { live, log, show, arena } = bench();
    const asked = show();
    live.begin(16, 8);
    live.write(frameOf(16, 8, 1).subarray(0, 100));
    expect(log).toEqual(['used']);
    live.write(frameOf(16, 8, 1).subarray(100));
    const picture = await asked;
    expect(picture.content).toMatchObject({ type: 'live', ring: { mode: 'newest' } });
    expect(picture.size).toEqual({ width: 16, height: 8 });
    picture.release();
    picture.release();
    expect(log).toEqual(['used', '16×8', 'changed', 'unused']);
    live.close();
    expect(arena.live.size).toBe(0);
  });

  it('stands for a second when no more come, then the card; the next picture takes over at once', async () => {
    const { live, log, show, arena } = bench();
    live.begin(16, 8);
    live.put(frameOf(16, 8, 1));
    const before = await show();
    live.lose(card);
    vi.advanceTimersByTime(holdMs - 1);
    expect(log).not.toContain('card');
    vi.advanceTimersByTime(1);
    expect(log).toContain('card');
    const stand = await show();
    before.release();
    expect(stand.content).toMatchObject({ type: 'tile', planes: { width: 16, height: 8 } });
    live.put(frameOf(16, 8, 2));
    const after = await show();
    stand.release();
    expect(after.content.type).toBe('live');
    expect(after.content).not.toEqual(before.content);
    after.release();
    live.close();
    await vi.waitFor(() => expect(arena.live.size).toBe(0));
  });

  it('never shows the card when pictures come back within the second', () => {
    const { live, log } = bench();
    live.begin(16, 8);
    live.put(frameOf(16, 8, 1));
    live.lose(card);
    vi.advanceTimersByTime(holdMs / 2);
    live.put(frameOf(16, 8, 2));
    vi.advanceTimersByTime(holdMs * 2);
    expect(log).not.toContain('card');
    live.close();
  });

  it('stands no longer when attempt after attempt is in vain, and says the latest', async () => {
    const { live, log } = bench();
    const shown: string[] = [];
    const spy = vi.spyOn(Placeholders.prototype, 'acquire').mockImplementation((text) => {
      shown.push(text.sentence);
      return Promise.reject(new Error('not drawn here'));
    });
    live.begin(16, 8);
    live.put(frameOf(16, 8, 1));
    live.lose(card);
    vi.advanceTimersByTime(holdMs / 2);
    live.lose({ ...card, sentence: 'Another program is using it.' });
    vi.advanceTimersByTime(holdMs / 2 - 1);
    expect(log).not.toContain('card');
    vi.advanceTimersByTime(1);
    expect(log).toContain('card');
    await expect(live.acquire(plainRequest, never)).rejects.toThrow('not drawn');
    expect(shown).toEqual(['Another program is using it.']);
    spy.mockRestore();
    live.close();
  });

  it('gives whoever sends next a moment of its own', () => {
    const { live, log } = bench();
    live.begin(16, 8);
    live.put(frameOf(16, 8, 1));
    live.lose(card);
    vi.advanceTimersByTime(holdMs - 1);
    live.keepStanding();
    live.lose(card);
    vi.advanceTimersByTime(holdMs - 1);
    expect(log).not.toContain('card');
    vi.advanceTimersByTime(1);
    expect(log).toContain('card');
    live.close();
  });

  it('shows the card at once when there never was a picture, at the size the item has', async () => {
    const { live, show } = bench();
    live.lose(card);
    const own = await show();
    expect(own.content).toMatchObject({ planes: { width: 64, height: 36 } });
    const request = { ...plainRequest, crop: { ...plainRequest.crop, left: 32 }, width: 101 };
    const cropped = await live.acquire(request, never);
    expect(cropped.content).toMatchObject({ planes: { width: 102, height: 114 } });
    expect(cropped.part).toEqual({ x: 32, y: 0, width: 32, height: 36 });
    live.close();
  });

  it('keeps the old size on show until the new one has a picture', async () => {
    const { live, show, arena, log } = bench();
    live.begin(16, 8);
    live.put(frameOf(16, 8, 1));
    const before = await show();
    live.begin(8, 8);
    expect((await show()).size).toEqual({ width: 16, height: 8 });
    live.put(frameOf(8, 8, 1));
    expect(log.slice(-2)).toEqual(['8×8', 'changed']);
    expect((await show()).size).toEqual({ width: 8, height: 8 });
    expect(arena.live.size).toBe(2);
    before.release();
    live.close();
  });

  it('lets nobody wait for ever', async () => {
    const { live, show, log } = bench();
    const abort = new AbortController();
    const cancelled = live.acquire(plainRequest, abort.signal);
    const stopped = show();
    abort.abort(new Error('asked elsewhere'));
    await expect(cancelled).rejects.toThrow('asked elsewhere');
    live.close();
    await expect(stopped).rejects.toThrow('stopped');
    expect(log).toEqual(['used', 'unused']);
  });
});
