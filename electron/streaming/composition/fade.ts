import type { Kernels } from './kernels-module';
import type { LayerStack } from './layer-stack';
import type { Painter } from './painter';
import type { Rect } from '../interfaces/sync-pattern';

/** Two pictures of canvas size that a fade draws into, byte offsets. */
export interface FadeBuffers {
  readonly from: number;
  readonly to: number;
  readonly byteLength: number;
}

/** Outgoing and incoming pictures go on by themselves, each drawn incrementally; what is seen is their mix. */
export class Fade {
  readonly id: number;
  readonly #kernels: Kernels;
  readonly #painter: Painter;
  readonly #buffers: FadeBuffers;
  readonly #frames: number;
  /** null: a still of what was seen when the fade began */
  readonly #outgoing: LayerStack | null;
  #firstIndex: number | null = null;

  /**
   * @param fade its `frames` is the number of program frames until only the incoming picture is seen
   * @param outgoing layers that go on; null when `seenOffset` was itself the picture of a fade
   * @param seenOffset the picture seen last; null: there was none
   */
  constructor(
    { kernels, painter, buffers }: { kernels: Kernels; painter: Painter; buffers: FadeBuffers },
    fade: { readonly id: number; readonly frames: number },
    outgoing: LayerStack | null,
    seenOffset: number,
  ) {
    this.id = fade.id;
    this.#kernels = kernels;
    this.#painter = painter;
    this.#buffers = buffers;
    this.#frames = Math.max(1, fade.frames);
    this.#outgoing = outgoing;
    kernels.copyRect(buffers.from, buffers.byteLength, seenOffset, buffers.byteLength, buffers.byteLength, 1);
  }

  /** The layers that fade out; null: they are a still. */
  get outgoing(): LayerStack | null {
    return this.#outgoing;
  }

  /** Draws the mix due at this program frame. @returns whether it is the last: only the incoming picture is seen */
  draw(frameOffset: number, frameIndex: number, incoming: LayerStack): boolean {
    this.#firstIndex ??= frameIndex;
    const progress = Math.min(1, (frameIndex - this.#firstIndex + 1) / this.#frames);
    if (this.#outgoing) this.#update(this.#buffers.from, this.#outgoing);
    this.#update(this.#buffers.to, incoming);
    const { from, to, byteLength } = this.#buffers;
    // The three planes lie one behind the other, and each sample is mixed with the one at its own place.
    this.#kernels.mixPictures(frameOffset, from, to, byteLength, Math.round(progress * 255));
    return progress === 1;
  }

  #update(offset: number, stack: LayerStack): void {
    const rects: readonly Rect[] = stack.changes.rects;
    if (rects.length > 0) this.#painter.paint(offset, rects, stack.entries);
    stack.changes.clear();
  }
}
