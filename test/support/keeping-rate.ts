import { expect } from 'vitest';
import type { TestEngine } from './engine';

/**
 * While this happens, the program's pictures come as always: in real time, and few of them late or left out.
 * @param lateShare of them at most, and ten in any case. A browser that starts takes more of two processors than it should
 */
export async function keepingRate(
  engine: TestEngine,
  fps: number,
  work: () => Promise<void>,
  lateShare = 0.05,
): Promise<void> {
  const late = async (): Promise<number> =>
    (await engine.metric('encoder_dropped_frames')) + (await engine.metric('compositor_lagged_frames_total'));
  const [lateBefore, ticksBefore] = [await late(), await engine.metric('compositor_ticks_total')];
  const began = performance.now();
  await work();
  const ticks = (await engine.metric('compositor_ticks_total')) - ticksBefore;
  expect(ticks / fps).toBeCloseTo((performance.now() - began) / 1000, 0);
  expect((await late()) - lateBefore).toBeLessThan(Math.max(10, ticks * lateShare));
}
