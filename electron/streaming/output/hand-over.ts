import { StudioError } from '../lib/errors';
import type { EncoderLane, EncoderSetup } from './encoder-lane';
import { gridFrames } from './profiles';

/** Why one encoder took over from another. */
export type HandOverCause = 'planned' | 'crash' | 'fall-back';

/** One encoder has taken over from another, and its first picture is out. */
export interface HandOver {
  readonly cause: HandOverCause;
  readonly from: EncoderSetup;
  readonly to: EncoderSetup;
  /** the last words of the one that ended by itself; '' when it was planned */
  readonly words: string;
  /** no picture came for so long, milliseconds */
  readonly gapMs: number;
  /** frames that nobody will see because of it */
  readonly lostFrames: number;
}

/** A successor that waits for its frame, or has begun and has not delivered yet. */
export interface Successor {
  readonly lane: EncoderLane;
  /** the first frame that is its own */
  readonly fromIndex: number;
  readonly former: EncoderSetup;
  /** its first picture is out */
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** so long before its frame comes is a successor started: FFmpeg loads for about 100 ms, and longer on a busy machine */
const spawnLeadMs = 500;
/** from a successor's first frame to the state in which it keeps up: libraries, threads, and the old one's flush beside it */
const startUpMs = 150;

const delayMs = ({ profile, format }: EncoderSetup): number => (profile.delayFrames * 1000) / format.fps;

/** How much later than before packets have to be passed on, so that a successor is in time with its first, milliseconds. */
export const neededDelayMs = (from: EncoderSetup, to: EncoderSetup): number =>
  Math.max(0, delayMs(to) - delayMs(from) + startUpMs);

/** The frame at which a successor takes over: the first on the keyframe grid for which it, and the delay, are ready. */
export function handOverFrame(nowIndex: number, fps: number, delayReadyMs: number): number {
  const ready = nowIndex + Math.ceil((Math.max(spawnLeadMs, delayReadyMs) * fps) / 1000);
  const grid = gridFrames(fps);
  return Math.ceil(ready / grid) * grid;
}

/** It did not take over, for this reason. */
export const handOverFailure = ({ profile }: EncoderSetup, reason: string): StudioError =>
  new StudioError('hand-over-failed', { profile: profile.title, reason }, { retryable: true });
