import type { SourceView } from '../../../shared/contract/show';

/** Where a file is now, from where it was: seconds, within its length. @param nowMs unix ms */
export function positionSecAt(
  playback: NonNullable<SourceView['playback']>,
  nowMs: number,
  isLooping: boolean,
): number {
  const ranSec = playback.isPaused ? 0 : Math.max(0, nowMs - playback.at) / 1000;
  const positionSec = playback.positionSec + ranSec;
  const { durationSec } = playback;
  if (durationSec === null || durationSec <= 0) return positionSec;
  return isLooping ? positionSec % durationSec : Math.min(positionSec, durationSec);
}
