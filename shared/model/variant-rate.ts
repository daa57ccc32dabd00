import { exactRate } from './frame-rate';

/** 30 is meant where 29.97 is said, and the other way round */
const reach = 1.002;
const mostTicks = 240;

/**
 * Every how many-th picture of the program gives at most so many a second: the fewest that are left out, and only rates
 * that are exact (a third of 25 is none).
 */
export function ticksPerFrame(programFps: number, maxFps: number): number {
  const least = Math.max(1, Math.ceil(programFps / (maxFps * reach)));
  for (let ticks = least; ticks <= mostTicks; ticks++) {
    const fps = programFps / ticks;
    if (Math.abs(exactRate(fps) / fps - 1) < 1e-9) return ticks;
  }
  return least;
}

/** Pictures a second of every so many-th of the program's. */
export const rateOf = (programFps: number, ticks: number): number =>
  ticks === 1 ? programFps : exactRate(programFps / ticks);
