import type { LiveRing } from '../interfaces/layer';

/** Int32 words of a ring's control block (interfaces/layer.ts). */
const written = 0;
const released = 1;
const ended = 2;

/** Number of the newest picture due at this program frame; negative before the first. */
const dueAt = (ring: LiveRing, frameIndex: number, programFps: number): number => {
  // The addend keeps 30 of 60 fps from falling due one frame late by a rounding error.
  const due = Math.floor(((frameIndex - ring.startFrame) * ring.fps) / programFps + 1e-6);
  return Math.min(due, ring.heldPicture ?? Infinity);
};

/** The reader's end of a live ring. `words` is the whole shared memory as Int32. */
export class LiveRingReader {
  readonly ring: LiveRing;
  readonly #words: Int32Array;
  readonly #control: number;

  constructor(ring: LiveRing, words: Int32Array) {
    this.ring = ring;
    this.#words = words;
    this.#control = ring.control / 4;
  }

  /** Whether the picture due has been written, or never will be. */
  isReady(frameIndex: number, programFps: number): boolean {
    return (
      this.ring.mode === 'newest' ||
      Atomics.load(this.#words, this.#control + written) > dueAt(this.ring, frameIndex, programFps) ||
      Atomics.load(this.#words, this.#control + ended) === 1
    );
  }

  /** Sleep until the writer moves, but no longer than `ms`: writers need not notify. */
  waitForWriter(ms: number): void {
    const index = this.#control + written;
    Atomics.wait(this.#words, index, Atomics.load(this.#words, index), ms);
  }

  /**
   * The picture to show at this program frame, −1 before the first: the newest one due, or the last one written when
   * the writer is late (mode `newest`: always the last one). All older ones are given back to the writer.
   */
  advance(frameIndex: number, programFps: number): number {
    const count = Atomics.load(this.#words, this.#control + written);
    const kept = Atomics.load(this.#words, this.#control + released);
    if (this.ring.mode === 'newest') {
      // The writer never touches what was not given back: whichever is taken stays whole.
      if (count - 1 > kept) Atomics.store(this.#words, this.#control + released, count - 1);
      return count - 1;
    }
    let picture = Math.min(dueAt(this.ring, frameIndex, programFps), count - 1);
    // What was given back may have been overwritten: never step behind it.
    if (picture < kept && kept > 0) picture = Math.min(kept, count - 1);
    if (picture > kept) {
      Atomics.store(this.#words, this.#control + released, picture);
      Atomics.notify(this.#words, this.#control + released);
    }
    return Math.max(-1, picture);
  }
}
