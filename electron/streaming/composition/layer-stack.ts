import type { Layer, LayerContent, LiveRing, Planes } from '../interfaces/layer';
import type { Rect } from '../interfaces/sync-pattern';
import { LiveRingReader } from './live-ring';
import { intersection, Region } from './regions';
import { syncChanges } from './sync-picture';

export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}

/** A layer as it stands on the canvas now. */
export interface StackEntry {
  readonly layer: Layer;
  /** the part on the canvas; null: none */
  readonly rect: Rect | null;
  /** live: number of the picture shown, sync: the frame drawn; −1: nothing yet */
  shown: number;
}

/** Own size of what a layer shows. */
export function contentSize(content: LayerContent): { width: number; height: number } {
  if (content.type === 'sync') return content;
  if (content.type === 'tile') return content.planes;
  const first = content.ring.slots[0];
  return first ?? { width: 0, height: 0 };
}

/** The part of a layer that lies on the canvas, even on all sides; null: none. */
export function clipLayer(layer: Layer, canvas: { width: number; height: number }): Rect | null {
  const { width, height } = contentSize(layer.content);
  return intersection(
    { x: layer.x, y: layer.y, width, height },
    { x: 0, y: 0, width: canvas.width, height: canvas.height },
  );
}

/** The planes an entry shows now; null: none (nothing delivered yet, or drawn by the compositor itself). */
export function planesOf(entry: StackEntry): Planes | null {
  const content = entry.layer.content;
  if (content.type === 'tile') return content.planes;
  if (content.type === 'sync' || entry.shown < 0) return null;
  return content.ring.slots[entry.shown % content.ring.slots.length] ?? null;
}

/** Two layers with the same key put the same pixels on the canvas (moving content apart, which `advance` follows). */
function keyOf(layer: Layer): string {
  const { content } = layer;
  const place = `${layer.itemId}\n${layer.x} ${layer.y} ${layer.opacity}`;
  if (content.type === 'tile') return `${place} tile ${JSON.stringify(content.planes)} ${content.revision}`;
  if (content.type === 'sync') return `${place} sync ${content.width} ${content.height}`;
  const { ring } = content;
  return `${place} live ${ring.control} ${ring.fps} ${ring.startFrame} ${JSON.stringify(ring.slots[0])}`;
}

/** The layers on the canvas from bottom to top, and what of the canvas has changed since it was last drawn. */
export class LayerStack {
  readonly changes = new Region();
  readonly #canvas: Canvas;
  readonly #words: Int32Array;
  #keys: string[] = [];
  #entries: StackEntry[] = [];
  /** one per ring, shown or hidden: two layers may show the same one */
  #readers = new Map<number, LiveRingReader>();
  #shownRings: LiveRingReader[] = [];

  constructor(canvas: Canvas, memory: WebAssembly.Memory) {
    this.#canvas = canvas;
    this.#words = new Int32Array(memory.buffer);
    this.changes.add({ x: 0, y: 0, width: canvas.width, height: canvas.height });
  }

  get entries(): readonly StackEntry[] {
    return this.#entries;
  }

  /** Rings on the canvas. */
  get rings(): readonly LiveRingReader[] {
    return this.#shownRings;
  }

  /**
   * Replace the layers. `hiddenRings` belong to pictures that are not shown at the moment: they are kept in time, so
   * that a later cut shows the picture due. From now on nothing of the former layers is read.
   */
  adopt(layers: readonly Layer[], hiddenRings: readonly LiveRing[]): void {
    const keys = layers.map(keyOf);
    const before = new Map(this.#keys.map((key, index) => [key, index]));
    const stays = new Set<number>();
    let highest = -1;
    const entries = layers.map((layer, index): StackEntry => {
      const old = before.get(keys[index] as string);
      before.delete(keys[index] as string);
      // Kept layers must also keep their order; one that moved behind another is drawn anew.
      const kept = old !== undefined && old > highest ? this.#entries[old] : undefined;
      if (kept && old !== undefined) {
        highest = old;
        stays.add(old);
        return { layer, rect: kept.rect, shown: kept.shown };
      }
      const rect = clipLayer(layer, this.#canvas);
      if (rect) this.changes.add(rect);
      return { layer, rect, shown: -1 };
    });
    this.#entries.forEach((entry, index) => {
      if (!stays.has(index) && entry.rect) this.changes.add(entry.rect);
    });
    this.#keys = keys;
    this.#entries = entries;
    this.#readers = new Map();
    for (const { layer } of entries) if (layer.content.type === 'live') this.#addReader(layer.content.ring);
    this.#shownRings = [...this.#readers.values()];
    for (const ring of hiddenRings) this.#addReader(ring);
  }

  #addReader(ring: LiveRing): void {
    if (!this.#readers.has(ring.control))
      this.#readers.set(ring.control, new LiveRingReader(ring, this.#words));
  }

  /** Bring moving content to this program frame and note what changed. */
  advance(frameIndex: number): void {
    const { fps } = this.#canvas;
    const due = new Map<number, number>();
    for (const [control, reader] of this.#readers) due.set(control, reader.advance(frameIndex, fps));
    for (const entry of this.#entries) {
      const { content } = entry.layer;
      if (content.type === 'tile') continue;
      const shown = content.type === 'sync' ? frameIndex : (due.get(content.ring.control) ?? -1);
      if (shown === entry.shown) continue;
      if (entry.rect) {
        if (content.type === 'sync' && entry.shown >= 0) this.#addSyncChanges(entry, shown);
        else this.changes.add(entry.rect);
      }
      entry.shown = shown;
    }
  }

  #addSyncChanges(entry: StackEntry, frameIndex: number): void {
    const { width, height } = contentSize(entry.layer.content);
    for (const rect of syncChanges(width, height, entry.shown, frameIndex, this.#canvas.fps)) {
      const placed = { ...rect, x: rect.x + entry.layer.x, y: rect.y + entry.layer.y };
      const visible = entry.rect && intersection(placed, entry.rect);
      if (visible) this.changes.add(visible);
    }
  }
}
