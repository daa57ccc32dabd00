import type { EncodedPicture } from './encoder-session';
import { frameUs } from './timeline';

/**
 * Pictures that are shown before one that is decoded earlier, at most: x264's, with B-frames that others refer to.
 * Encoders without B-frames are given the same distance, so that decode times go on evenly from one to the other.
 */
const reorderFrames = 2;
/** FLV has whole milliseconds: times that rise there, too */
const leastStepUs = 1000;

/**
 * Decode times over hand-overs: they rise strictly, a frame apart wherever pictures are, with the same distance to the
 * presentation times whichever encoder made them. Where that would lie before 0 (the program's first two pictures), or
 * pictures are missing, they are squeezed between their neighbours.
 */
export class DecodeOrder {
  #shift: number | undefined;
  #lastUs = -leastStepUs;

  /** What follows comes from another process. */
  begin(): void {
    this.#shift = undefined;
  }

  /** of the next picture in decode order, integer microseconds, never after its presentation time unless it must rise */
  dtsUs({ frameIndex, dtsIndex }: EncodedPicture, fps: number): number {
    // A process begins with a keyframe, which is shown first: how far its dts precedes it is the encoder's own distance.
    this.#shift ??= Math.max(0, reorderFrames - (frameIndex - dtsIndex));
    const wanted = Math.max(frameUs(dtsIndex - this.#shift, fps), this.#lastUs + leastStepUs);
    this.#lastUs = Math.max(Math.min(wanted, frameUs(frameIndex, fps)), this.#lastUs + 1);
    return this.#lastUs;
  }
}
