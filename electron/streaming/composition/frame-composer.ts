import type { ArenaBlock, Layer, LiveRing } from '../interfaces/layer';
import { BlockList } from './block-list';
import type { FramePool } from './frame-pool';
import { LayerStack } from './layer-stack';
import type { Canvas } from './layer-stack';
import type { LiveRingReader } from './live-ring';
import { Painter } from './painter';
import type { Kernels } from './kernels-module';

/**
 * Layers in, program frames out. Where nothing moved the last frame is used again by reference; otherwise a free slot
 * is brought up to date: only what changed since that slot was drawn. No threads and no time in here.
 */
export class FrameComposer {
  readonly #stack: LayerStack;
  readonly #painter: Painter;
  readonly #pool: FramePool;
  readonly #whole: { x: 0; y: 0; width: number; height: number };
  /** the slot of the last picture, with a reference of our own so that it can be repeated */
  #last = -1;
  #pictures = 0;

  /** @param workspace memory of the composer's own; the first bytes are the kernels' scratch */
  constructor(
    canvas: Canvas,
    memory: WebAssembly.Memory,
    kernels: Kernels,
    pool: FramePool,
    workspace: ArenaBlock,
  ) {
    const scratchBytes = Math.ceil(kernels.sampleScratchBytes() / 64) * 64;
    const room = new BlockList({
      offset: workspace.offset + scratchBytes,
      byteLength: workspace.byteLength - scratchBytes,
    });
    this.#stack = new LayerStack(canvas, memory, kernels, room);
    this.#painter = new Painter(kernels, canvas, workspace.offset);
    this.#pool = pool;
    this.#whole = { x: 0, y: 0, width: canvas.width, height: canvas.height };
  }

  /** slot of the last picture; −1 before the first */
  get lastSlot(): number {
    return this.#last;
  }

  /** pictures drawn so far: the same number again means that nothing moved */
  get pictures(): number {
    return this.#pictures;
  }

  get rings(): readonly LiveRingReader[] {
    return this.#stack.rings;
  }

  setLayers(layers: readonly Layer[], hiddenRings: readonly LiveRing[] = []): void {
    this.#stack.adopt(layers, hiddenRings);
  }

  /** @returns the slot that shows this program frame, or −1 when no slot is free. The caller retains it for readers. */
  compose(frameIndex: number): number {
    this.#stack.advance(frameIndex);
    const { changes } = this.#stack;
    if (changes.isEmpty && this.#last >= 0) return this.#last;
    const acquired = this.#pool.acquire(changes.rects);
    if (!acquired) return -1;
    changes.clear();
    this.#painter.paint(
      this.#pool.offsetOf(acquired.slot),
      acquired.stale ?? [this.#whole],
      this.#stack.entries,
    );
    if (this.#last >= 0) this.#pool.release(this.#last);
    this.#last = acquired.slot;
    this.#pictures++;
    return acquired.slot;
  }
}
