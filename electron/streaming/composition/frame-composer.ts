import type { ArenaBlock, Layer, LiveRing } from '../interfaces/layer';
import { BlockList } from './block-list';
import type { FadeCommand } from './compositor-protocol';
import { Fade } from './fade';
import type { FadeBuffers } from './fade';
import { i420Bytes } from './frame-arena';
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
  readonly #painter: Painter;
  readonly #pool: FramePool;
  readonly #kernels: Kernels;
  readonly #buffers: FadeBuffers;
  readonly #newStack: () => LayerStack;
  readonly #whole: { x: 0; y: 0; width: number; height: number };
  /** the slot of the last picture, with a reference of our own so that it can be repeated */
  #last = -1;
  #pictures = 0;
  #stack: LayerStack;
  #fade: Fade | null = null;
  /** the newest that was begun: what still comes for an older or an ended one is late */
  #lastFadeId = 0;

  /** @param workspace memory of the composer's own; the first bytes are the kernels' scratch */
  constructor(
    canvas: Canvas,
    memory: WebAssembly.Memory,
    kernels: Kernels,
    pool: FramePool,
    workspace: ArenaBlock,
  ) {
    const scratchBytes = Math.ceil(kernels.sampleScratchBytes() / 64) * 64;
    const byteLength = i420Bytes(canvas.width, canvas.height);
    const from = workspace.offset + scratchBytes;
    const to = from + Math.ceil(byteLength / 64) * 64;
    const rest = to + Math.ceil(byteLength / 64) * 64;
    const room = new BlockList({ offset: rest, byteLength: workspace.offset + workspace.byteLength - rest });
    this.#kernels = kernels;
    this.#buffers = { from, to, byteLength };
    this.#newStack = () => new LayerStack(canvas, memory, kernels, room);
    this.#stack = this.#newStack();
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
    const outgoing = this.#fade?.outgoing?.rings ?? [];
    const shown = new Set(this.#stack.rings.map(({ ring }) => ring.control));
    return [...this.#stack.rings, ...outgoing.filter(({ ring }) => !shown.has(ring.control))];
  }

  /**
   * @param fade how these layers come: over `frames` frames while `from` goes; null: at once. The same id again is the
   * same fade with other layers. A new one during a fade goes on from what is seen.
   */
  setLayers(
    layers: readonly Layer[],
    hiddenRings: readonly LiveRing[] = [],
    fade: FadeCommand | null = null,
  ): void {
    if (!fade) this.#endFade();
    else if (fade.id > this.#lastFadeId) this.#beginFade(fade);
    else if (fade.id === this.#fade?.id) this.#fade.outgoing?.adopt(fade.from, []);
    this.#stack.adopt(layers, hiddenRings);
  }

  /** Id of the last fade that is over, or was given up; 0: none yet. */
  get endedFadeId(): number {
    return this.#fade ? this.#fade.id - 1 : this.#lastFadeId;
  }

  #beginFade(fade: FadeCommand): void {
    this.#lastFadeId = fade.id;
    // Nothing was seen yet, so there is nothing to come from.
    if (this.#last < 0) return;
    const isMidway = this.#fade !== null;
    const outgoing = isMidway ? null : this.#stack;
    if (isMidway) {
      this.#fade?.outgoing?.adopt([], []);
      this.#stack.adopt([], []);
    }
    const parts = { kernels: this.#kernels, painter: this.#painter, buffers: this.#buffers };
    this.#fade = new Fade(parts, fade, outgoing, this.#pool.offsetOf(this.#last));
    outgoing?.adopt(fade.from, []);
    this.#stack = this.#newStack();
  }

  #endFade(): void {
    this.#fade?.outgoing?.adopt([], []);
    if (this.#fade) this.#stack.changes.add(this.#whole);
    this.#fade = null;
  }

  /** @returns the slot that shows this program frame, or −1 when no slot is free. The caller retains it for readers. */
  compose(frameIndex: number): number {
    const due = new Map<number, number>();
    this.#fade?.outgoing?.advance(frameIndex, due);
    this.#stack.advance(frameIndex, due);
    if (this.#fade) return this.#composeFade(this.#fade, frameIndex);
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
    return this.#show(acquired.slot);
  }

  /** During a fade everything is drawn anew. */
  #composeFade(fade: Fade, frameIndex: number): number {
    const acquired = this.#pool.acquire([this.#whole]);
    if (!acquired) return -1;
    const isOver = fade.draw(this.#pool.offsetOf(acquired.slot), frameIndex, this.#stack);
    if (isOver) {
      fade.outgoing?.adopt([], []);
      this.#fade = null;
    }
    return this.#show(acquired.slot);
  }

  #show(slot: number): number {
    if (this.#last >= 0) this.#pool.release(this.#last);
    this.#last = slot;
    this.#pictures++;
    return slot;
  }
}
