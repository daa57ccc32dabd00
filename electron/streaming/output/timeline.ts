import { gridFrames } from './profiles';

/** When a program frame is shown, integer microseconds; frame 0 ↔ 0. */
export const frameUs = (index: number, fps: number): number => Math.round((index * 1e6) / fps);

/** FFmpeg's first picture lies at least this far in, or B-frames would push its first dts below zero. */
const leadFrames = 600;

/**
 * The timeline inside one FFmpeg process and its exact way back to frame indices. It starts anew with each process, a
 * whole number of keyframe intervals away from the program's, so that the grid falls on the same frames in both.
 */
export class EncoderTimeline {
  readonly #fps: number;
  /** program index = FFmpeg's index + this */
  readonly #offset: number;

  constructor(fps: number, firstIndex: number) {
    const grid = gridFrames(fps);
    this.#fps = fps;
    this.#offset = (Math.floor(firstIndex / grid) - Math.ceil(leadFrames / grid)) * grid;
  }

  /** timestamp of a program frame for FFmpeg, microseconds */
  encoderUs(index: number): number {
    return frameUs(index - this.#offset, this.#fps);
  }

  /**
   * The program frame that a time of FFmpeg's is; of a dts it may lie a few frames before the first one. Times may be
   * rounded to milliseconds, as FLV does it: up to 400 fps the nearest frame is the only one within half of one.
   */
  index(ms: number): number {
    return Math.round((ms * this.#fps) / 1000) + this.#offset;
  }
}
