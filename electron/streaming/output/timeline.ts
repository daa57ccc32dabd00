import { gridFrames } from './profiles';

/** When a program frame is shown, integer microseconds; frame 0 ↔ 0. */
export const frameUs = (index: number, fps: number): number => Math.round((index * 1e6) / fps);

/** FFmpeg's first picture lies at least this far in, or B-frames would push its first dts below zero. */
const leadFrames = 600;
/** FLV has 31 bits of milliseconds */
const flvWrapMs = 2 ** 31;

/**
 * The timeline inside one FFmpeg process and its exact way back to frame indices. It starts anew with each process, a
 * whole number of keyframe intervals away from the program's, so that the grid falls on the same frames in both.
 */
export class EncoderTimeline {
  readonly #fps: number;
  /** program index = FFmpeg's index + this */
  readonly #offset: number;
  #wraps = 0;
  #lastMs = 0;

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
   * Decode and presentation time of an FLV tag, as program frame indices. FLV rounds to milliseconds; up to 400 fps the
   * nearest frame is the only one within half a millisecond, so nothing is lost. The dts may be a few frames before the
   * first frame's index.
   */
  indices(timestampMs: number, compositionMs: number): { dts: number; pts: number } {
    if (timestampMs < this.#lastMs - flvWrapMs / 2) this.#wraps++;
    this.#lastMs = timestampMs;
    const dtsMs = timestampMs + this.#wraps * flvWrapMs;
    const nearest = (ms: number): number => Math.round((ms * this.#fps) / 1000) + this.#offset;
    return { dts: nearest(dtsMs), pts: nearest(dtsMs + compositionMs) };
  }
}
