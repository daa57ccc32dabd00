import { describe, expect, it } from 'vitest';
import { settingsPatchSchema, settingsSchema } from '../../shared/contract/settings';
import { exactRate, formatRate, parseRate, rateFraction, rateText } from '../../shared/model/frame-rate';
import { ratePresets } from '../../renderer/features/settings/video-draft';

describe('a frame rate', () => {
  it.each([
    ['23.976', 24_000, 1001, '23.976'],
    ['23.98', 24_000, 1001, '23.976'],
    ['23.97', 24_000, 1001, '23.976'],
    ['24', 24, 1, '24'],
    ['25.0', 25, 1, '25'],
    ['29.97', 30_000, 1001, '29.97'],
    ['30000/1001', 30_000, 1001, '29.97'],
    ['30', 30, 1, '30'],
    ['47.95', 48_000, 1001, '47.952'],
    ['48', 48, 1, '48'],
    ['50', 50, 1, '50'],
    ['59.94', 60_000, 1001, '59.94'],
    ['60000 / 1001', 60_000, 1001, '59.94'],
    ['119.88', 120_000, 1001, '119.88'],
    ['25/2', 12_500, 1000, '12.5'],
    ['14.99', 15_000, 1001, '14.985'],
  ])('%s is %d/%d', (text, num, den, shown) => {
    const fps = parseRate(text);
    expect(fps).toBe(num / den);
    expect(rateFraction(fps!)).toEqual({ num, den });
    expect(rateText(fps!)).toBe(den === 1 ? String(num) : `${num}/${den}`);
    expect(formatRate(fps!)).toBe(shown);
    // What was made exact once, and what a person is shown, mean the same for ever.
    expect(exactRate(fps!)).toBe(fps);
    expect(parseRate(shown)).toBe(fps);
  });

  it.each(['', 'fast', '-30', '0', '1/0', '30000/1001/2', '1e3', 'Infinity', 'NaN'])(
    '“%s” is none',
    (text) => {
      expect(parseRate(text)).toBeNull();
    },
  );

  it('is made exact where it comes in, and stays so in the file and on the wire', () => {
    const ntsc = 30_000 / 1001;
    expect(settingsSchema.parse({ fps: 29.97 }).fps).toBe(ntsc);
    expect(settingsPatchSchema.parse({ fps: 59.94 }).fps).toBe(60_000 / 1001);
    expect(settingsSchema.parse(JSON.parse(JSON.stringify({ fps: ntsc }))).fps).toBe(ntsc);
    expect(settingsSchema.safeParse({ fps: 0.5 }).success).toBe(false);
    // A select tells its choices apart by their text.
    for (const fps of ratePresets) expect(exactRate(Number(String(fps)))).toBe(fps);
    expect(ratePresets.map(formatRate)).toEqual('23.976 24 25 29.97 30 48 50 59.94 60'.split(' '));
  });
});
