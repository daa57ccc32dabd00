import type { PreviewTarget } from './compositor-protocol';
import { layPlanes } from './frame-arena';
import { controlWord } from './frame-pool';
import type { Kernels } from './kernels-module';
import type { Canvas } from './layer-stack';

/** A still picture is sent again this often, so that whoever looks late sees it. */
const refreshUs = 1_000_000;

/** Even size of the preview: as wide as asked (at most the canvas), the canvas' proportions kept. */
export function previewSize(
  canvas: { width: number; height: number },
  wantedWidth: number,
): { width: number; height: number } {
  const even = (value: number, most: number): number =>
    Math.min(most, Math.max(2, Math.round(value / 2) * 2));
  const width = even(wantedWidth, canvas.width);
  return { width, height: even((width * canvas.height) / canvas.width, canvas.height) };
}

/** Makes small copies of program frames in the worker, at its own rate, skipping while the reader is behind. */
export class PreviewScaler {
  readonly #canvas: Canvas;
  readonly #kernels: Kernels;
  readonly #control: Int32Array;
  readonly #scratch: number;
  #target: PreviewTarget | null = null;
  #lastPicture = -1;
  #lastUs = -Infinity;

  constructor(canvas: Canvas, kernels: Kernels, control: Int32Array, scratch: number) {
    this.#canvas = canvas;
    this.#kernels = kernels;
    this.#control = control;
    this.#scratch = scratch;
  }

  setTarget(target: PreviewTarget | null): void {
    this.#target = target;
    this.#lastPicture = -1;
    this.#lastUs = -Infinity;
  }

  /**
   * @param picture the same number again is the same picture
   * @returns where the copy lies; null when none is due or the reader still holds all of them
   */
  scale(picture: number, frameOffset: number, tickUs: number): { generation: number; slot: number } | null {
    const target = this.#target;
    if (!target) return null;
    const sinceUs = tickUs - this.#lastUs;
    // Half a tick of tolerance: 30 of 60 fps means every second tick, not sometimes the third.
    if (sinceUs < 1e6 / target.fps - 0.5e6 / this.#canvas.fps) return null;
    if (picture === this.#lastPicture && sinceUs < refreshUs) return null;
    const free = target.slots.findIndex(
      (_, index) => Atomics.load(this.#control, controlWord.previewBusy + index) === 0,
    );
    if (free < 0) return null;
    this.#lastPicture = picture;
    this.#lastUs = tickUs;
    const from = layPlanes(frameOffset, this.#canvas.width, this.#canvas.height, false);
    const to = layPlanes(target.slots[free] as number, target.width, target.height, false);
    for (const [plane, shift] of [
      ['y', 0],
      ['u', 1],
      ['v', 1],
    ] as const)
      this.#kernels.downscalePlane(
        to[plane],
        to.width >> shift,
        to.height >> shift,
        from[plane],
        from.width >> shift,
        from.height >> shift,
        this.#scratch,
      );
    Atomics.store(this.#control, controlWord.previewBusy + free, 1);
    return { generation: target.generation, slot: free };
  }
}
