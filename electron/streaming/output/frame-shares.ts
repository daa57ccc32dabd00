import type { ProgramFrame } from '../interfaces/frame';

/** One frame for so many takers (at least one): it is given back when each of them has released its share. */
export function frameShares(frame: ProgramFrame, takers: number): ProgramFrame[] {
  const { index, tickUs, isLagged, data, composeMs } = frame;
  let left = takers;
  const release = (): void => {
    left--;
    if (left === 0) frame.release();
  };
  return Array.from({ length: takers }, () => ({ index, tickUs, isLagged, data, composeMs, release }));
}
