import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../electron/streaming/lib/backoff';

describe('backoff', () => {
  it('grows from half a second by 1.6 up to three seconds', () => {
    expect([1, 2, 3, 4, 5, 1000].map((attempt) => backoffMs(attempt, 0))).toEqual([
      500, 800, 1280, 2048, 3000, 3000,
    ]);
  });
  it('has jitter on every attempt, below the cap', () => {
    for (const attempt of [1, 3, 50]) {
      const most = backoffMs(attempt, 0);
      const least = backoffMs(attempt, 0.999);
      expect(least).toBeLessThan(most * 0.75);
      expect(least).toBeGreaterThan(most * 0.65);
    }
  });
});
