import { describe, expect, it } from 'vitest';
import { FrameClock } from '../../electron/streaming/composition/frame-clock';
import type { ClockStep } from '../../electron/streaming/composition/frame-clock';

const tickOf = (step: ClockStep) => {
  if (step.type !== 'tick') throw new Error('expected a tick');
  return step;
};

describe('the frame clock', () => {
  it('does not drift: the ten-thousandth tick of 60 a second falls due where the formula says', () => {
    const clock = new FrameClock(60, 5_000_000);
    let nowUs = 5_000_000;
    for (let index = 0; index < 10_000; index++) {
      const step = clock.step(nowUs);
      if (step.type === 'wait') throw new Error('woken at the due time and told to wait');
      expect(step).toMatchObject({ index, isLate: false });
      const next = clock.step(nowUs);
      if (next.type !== 'wait') throw new Error('ticked too early');
      // A waker that is always a little late must not shift the schedule.
      nowUs += next.us + (index % 7) * 100;
    }
    expect(tickOf(clock.step(nowUs)).dueUs).toBeCloseTo(5_000_000 + (10_000 * 1e6) / 60, 2);
  });

  it('catches up with late ticks without a gap', () => {
    const clock = new FrameClock(50, 0);
    clock.step(0);
    const late = [1, 2, 3, 4].map(() => tickOf(clock.step(85_000)));
    expect(late.map((step) => [step.index, step.isLate])).toEqual([
      [1, true],
      [2, true],
      [3, true],
      [4, false],
    ]);
    expect(clock.step(85_000)).toEqual({ type: 'wait', us: 15_000 });
  });

  it('starts its schedule anew after more than half a second, numbers going on', () => {
    const clock = new FrameClock(50, 0);
    clock.step(0);
    expect(clock.step(10_000_000)).toEqual({ type: 'tick', index: 1, dueUs: 10_000_000, isLate: false });
    expect(clock.step(10_000_000)).toEqual({ type: 'wait', us: 20_000 });
  });
});
