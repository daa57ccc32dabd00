import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PictureDelay } from '../../electron/streaming/sources/picture-delay';

let shown: [id: number | undefined, atMs: number][];
let delay: PictureDelay;
let soundLatencyMs: number;
beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  shown = [];
  soundLatencyMs = 60;
  delay = new PictureDelay(
    (_width, _height, data) => shown.push([data[0], Date.now()]),
    () => soundLatencyMs,
    () => Date.now(),
  );
});
afterEach(() => vi.useRealTimers());
/** the page's clock is 5 s ahead of ours, whatever it counts from */
const stampUs = (atMs: number): number => (atMs + 5000) * 1000;
const put = (id: number, capturedMs: number): void =>
  delay.put(2, 2, new Uint8Array([id]), stampUs(capturedMs));

describe('pictures in step with their sound', () => {
  it('waits for nothing without sound', () => {
    put(1, 0);
    expect(shown).toEqual([[1, 0]]);
  });

  it('shows a picture when the sound of its moment is heard', () => {
    vi.advanceTimersByTime(1000);
    // A block of 10 ms that began at 980 has come now: its first sample is heard 60 ms later, less half the block.
    delay.hear(stampUs(980), 0.01);
    put(1, 990);
    expect(shown).toEqual([]);
    vi.advanceTimersByTime(200);
    expect(shown).toEqual([[1, 990 + 20 + 60 - 5]]);
  });

  it('keeps the order and leaves out what falls due together', () => {
    delay.hear(stampUs(-10), 0.01);
    put(1, 0);
    put(2, 33);
    put(3, 20);
    vi.advanceTimersByTime(500);
    const at = shown.map(([id]) => id);
    expect(at[0]).toBe(1);
    expect(at.at(-1)).toBe(3);
    expect(shown.map(([, atMs]) => atMs)).toEqual(shown.map(([, atMs]) => atMs).sort((a, b) => a - b));
  });

  it('waits as long as the sound does, also when that comes to wait longer', () => {
    vi.advanceTimersByTime(1000);
    soundLatencyMs = 100;
    delay.hear(stampUs(980), 0.01);
    put(1, 990);
    vi.advanceTimersByTime(200);
    expect(shown).toEqual([[1, 990 + 20 + 100 - 5]]);
  });

  it('follows a lag that changes slowly, and believes no single late block', () => {
    delay.hear(stampUs(-10), 0.01);
    vi.advanceTimersByTime(1000);
    delay.hear(stampUs(890), 0.01); // 100 ms late
    put(1, 1000);
    vi.advanceTimersByTime(300);
    expect(shown[0]?.[1]).toBeGreaterThan(1064);
    expect(shown[0]?.[1]).toBeLessThan(1075);
  });

  it('never holds a picture for more than half a second, nor more than a few', () => {
    delay.hear(stampUs(0), 0.01);
    put(1, 9000);
    vi.advanceTimersByTime(501);
    expect(shown).toHaveLength(1);
    for (let id = 2; id < 40; id++) put(id, 9000);
    expect(shown.length).toBeGreaterThan(20);
  });

  it('shows nothing that was held when it is cleared', () => {
    delay.hear(stampUs(0), 0.01);
    put(1, 100);
    delay.clear();
    vi.advanceTimersByTime(1000);
    expect(shown).toEqual([]);
    put(2, 1000);
    expect(shown).toEqual([[2, 1000]]);
  });
});
