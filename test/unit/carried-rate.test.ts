import { describe, expect, it } from 'vitest';
import { CarriedRate } from '../../electron/streaming/rtmp/carried-rate';

/** samples every 50 ms; each half second carries what is given, kbit/s */
function carried(rates: readonly number[]): CarriedRate {
  const rate = new CarriedRate();
  let bytes = 0;
  rate.add(0, 0);
  for (let atMs = 50; atMs <= rates.length * 500; atMs += 50) {
    bytes += (rates[Math.ceil(atMs / 500) - 1]! * 50) / 8;
    rate.add(atMs, bytes);
  }
  return rate;
}

describe('what a path carried', () => {
  it('is the median of half seconds, and what nine of ten had at least', () => {
    const rates = [9000, 3000, 3100, 2900, 3050, 1000, 3000, 2950, 3000, 3100, 3000];
    // The first half second is left out: buffers filled up.
    expect(carried(rates).figures(500, 5500)).toEqual({ medianKbps: 3000, lowKbps: 2900 });
    expect(carried(rates).figures(0, 99_000)?.lowKbps).toBe(2900);
    expect(carried(rates).newestKbps).toBe(3000);
  });

  it('takes a burst that was counted late for what came evenly until then', () => {
    const rate = new CarriedRate();
    for (const [atMs, bytes] of [
      [0, 0],
      [700, 70_000],
      [1900, 190_000],
      [2000, 200_000],
    ] as const)
      rate.add(atMs, bytes);
    expect(rate.figures(0, 2000)).toEqual({ medianKbps: 800, lowKbps: 800 });
  });

  it('is not known of less than three windows, or of nothing', () => {
    expect(carried([3000, 3000]).figures(0, 2000)).toBeNull();
    expect(new CarriedRate().figures(0, 2000)).toBeNull();
    expect([new CarriedRate().newestKbps, carried([]).newestKbps]).toEqual([null, null]);
  });
});
