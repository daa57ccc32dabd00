import { describe, expect, it } from 'vitest';
import { LatencyTarget } from '../../electron/streaming/sources/latency-target';

/** Renders for so long, with so much to spare. */
function render(target: LatencyTarget, seconds: number, spareSec: number): void {
  for (let block = 0; block < seconds * 50; block += 1) target.rendered(spareSec, 0.02);
}

describe('how long sound shall wait', () => {
  it('grows by 20 ms each time it runs dry, up to its limit', () => {
    const target = new LatencyTarget(0.08, 0.24);
    expect(target.sec).toBe(0.08);
    target.ranDry();
    expect(target.sec).toBeCloseTo(0.1, 9);
    for (let turn = 0; turn < 20; turn += 1) target.ranDry();
    expect(target.sec).toBe(0.24);
    const fixed = new LatencyTarget(0.2, 0);
    fixed.ranDry();
    expect(fixed.sec).toBe(0.2);
  });

  it('comes back in minutes when there is enough to spare, to where it began', () => {
    const target = new LatencyTarget(0.08, 0.24);
    for (let turn = 0; turn < 8; turn += 1) target.ranDry();
    render(target, 101, 0.1);
    expect(target.sec).toBeCloseTo(0.22, 3);
    render(target, 1000, 0.1);
    expect(target.sec).toBe(0.08);
  });

  it('stays where it is needed: one moment with little to spare in each ten seconds', () => {
    const target = new LatencyTarget(0.08, 0.24);
    target.ranDry();
    for (let turn = 0; turn < 30; turn += 1) {
      render(target, 8, 0.06);
      render(target, 0.02, 0.01);
    }
    expect(target.sec).toBeCloseTo(0.1, 9);
  });

  it('takes back what a feed that was over had added, and nothing else', () => {
    const target = new LatencyTarget(0.08, 0.24);
    target.ranDry();
    target.wasLate();
    target.ranDry();
    target.wasOver();
    expect(target.sec).toBeCloseTo(0.1, 9);
    target.wasOver();
    expect(target.sec).toBeCloseTo(0.1, 9);
  });

  it('begins anew with another least', () => {
    const target = new LatencyTarget(0.08, 0.24);
    target.ranDry();
    expect(target.begin(0.08)).toBe(false);
    expect(target.sec).toBeCloseTo(0.1, 9);
    expect(target.begin(0.06)).toBe(true);
    expect(target.sec).toBe(0.06);
  });
});
