import type { Layer, LayerContent, LiveRing } from '../interfaces/layer';
import type { Rect } from '../interfaces/sync-pattern';
import type { BlockList } from './block-list';
import { DerivedPicture, derivationOf } from './derived-picture';
import type { Derivation, DrawnPicture } from './derived-picture';
import type { Kernels } from './kernels-module';
import { LiveRingReader } from './live-ring';
import { intersection, Region } from './regions';
import { coveredRect, samplingOf, touchedRect } from './sampling';
import type { Sampling } from './sampling';
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
  /** what it hides of all below it as soon as it has a picture; null: nothing */
  readonly solid: Rect | null;
  /** how it is sampled; null: pixel by pixel */
  readonly sampling: Sampling | null;
  /** what is made of its picture first; null: nothing */
  readonly derivation: Derivation | null;
  readonly derived: DerivedPicture | null;
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

/** The part of the canvas that a layer can touch, even on all sides; null: none. */
export function clipLayer(layer: Layer, canvas: { width: number; height: number }): Rect | null {
  if (layer.placement) return touchedRect(layer.placement, canvas);
  const { width, height } = contentSize(layer.content);
  return intersection(
    { x: layer.x, y: layer.y, width, height },
    { x: 0, y: 0, width: canvas.width, height: canvas.height },
  );
}

/** Whether an entry has anything to draw now. */
export const hasPicture = ({ layer, shown }: StackEntry): boolean =>
  layer.content.type === 'tile' || shown >= 0;

/** What a layer hides of all below it, whatever its picture is. */
function solidRect(layer: Layer, rect: Rect | null): Rect | null {
  const { content, placement, key, opacity } = layer;
  if (opacity < 255 || key) return null;
  const planes = content.type === 'live' ? content.ring.slots[0] : content.type === 'tile' && content.planes;
  const isOpaque = content.type === 'sync' || (planes && planes.alpha === 0);
  if (!isOpaque) return null;
  return placement ? coveredRect(placement) : rect;
}

/** What an entry shows now; null: nothing (nothing delivered yet, or drawn by the compositor itself). */
export function pictureOf(entry: StackEntry): DrawnPicture | null {
  const { content } = entry.layer;
  if (content.type === 'sync' || !hasPicture(entry)) return null;
  const planes =
    content.type === 'tile' ? content.planes : content.ring.slots[entry.shown % content.ring.slots.length];
  if (!planes) return null;
  if (!entry.derivation || !entry.derived) return { planes, shrinkX: 1, shrinkY: 1 };
  return entry.derived.draw(planes, entry.shown, entry.derivation);
}

/** The same key: the same pictures (of one item, in lists that follow each other). */
function contentKeyOf(content: LayerContent): string {
  if (content.type === 'tile') return `tile ${JSON.stringify(content.planes)} ${content.revision}`;
  if (content.type === 'sync') return `sync ${content.width} ${content.height}`;
  const { control, mode, fps, startFrame, heldPicture, slots } = content.ring;
  return `live ${control} ${mode} ${fps} ${startFrame} ${heldPicture} ${JSON.stringify(slots[0])}`;
}

/** Two layers with the same key put the same pixels on the canvas (moving content apart, which `advance` follows). */
function keyOf({ itemId, x, y, opacity, content, placement, key }: Layer): string {
  const place = placement ? JSON.stringify(placement) : `${x} ${y}`;
  return `${itemId}\n${place} ${opacity} ${key ? JSON.stringify(key) : ''} ${contentKeyOf(content)}`;
}

/** What an entry keeps of its picture from list to list, though it is moved. */
const pictureKeyOf = ({ itemId, content }: Layer): string => `${itemId}\n${contentKeyOf(content)}`;

/** The layers on the canvas from bottom to top, and what of the canvas has changed since it was last drawn. */
export class LayerStack {
  readonly changes = new Region();
  readonly #canvas: Canvas;
  readonly #words: Int32Array;
  readonly #kernels: Kernels;
  readonly #room: BlockList;
  #keys: string[] = [];
  #entries: StackEntry[] = [];
  /** one per ring, shown or hidden: two layers may show the same one */
  #readers = new Map<number, LiveRingReader>();
  #shownRings: LiveRingReader[] = [];

  /** @param room memory for what is made of pictures before they are drawn */
  constructor(canvas: Canvas, memory: WebAssembly.Memory, kernels: Kernels, room: BlockList) {
    this.#canvas = canvas;
    this.#kernels = kernels;
    this.#room = room;
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
    const derived = new Map(this.#entries.map((entry) => [pictureKeyOf(entry.layer), entry.derived]));
    const entries = layers.map((layer, index): StackEntry => {
      const old = before.get(keys[index] as string);
      before.delete(keys[index] as string);
      // Kept layers must also keep their order; one that moved behind another is drawn anew.
      const kept = old !== undefined && old > highest ? this.#entries[old] : undefined;
      if (kept && old !== undefined) {
        highest = old;
        stays.add(old);
        return { ...kept, layer };
      }
      const entry = this.#enter(layer, derived);
      if (entry.rect) this.changes.add(entry.rect);
      return entry;
    });
    this.#entries.forEach((entry, index) => {
      if (!stays.has(index) && entry.rect) this.changes.add(entry.rect);
    });
    const kept = new Set(entries.map((entry) => entry.derived));
    for (const { derived: former } of this.#entries) if (former && !kept.has(former)) former.free();
    this.#keys = keys;
    this.#entries = entries;
    this.#readers = new Map();
    for (const { layer } of entries) if (layer.content.type === 'live') this.#addReader(layer.content.ring);
    this.#shownRings = [...this.#readers.values()];
    for (const ring of hiddenRings) this.#addReader(ring);
  }

  /** @param known what entries of the former list have made of their pictures; each is handed on once */
  #enter(layer: Layer, known: Map<string, DerivedPicture | null>): StackEntry {
    const derivation = derivationOf(contentSize(layer.content), layer.placement, layer.key);
    const pictureKey = pictureKeyOf(layer);
    const former = known.get(pictureKey);
    known.delete(pictureKey);
    const rect = clipLayer(layer, this.#canvas);
    return {
      layer,
      rect,
      solid: solidRect(layer, rect),
      sampling: layer.placement ? samplingOf(layer.placement) : null,
      derivation,
      derived: derivation && (former ?? new DerivedPicture(this.#kernels, this.#room)),
      shown: -1,
    };
  }

  #addReader(ring: LiveRing): void {
    if (!this.#readers.has(ring.control))
      this.#readers.set(ring.control, new LiveRingReader(ring, this.#words));
  }

  /**
   * Bring moving content to this program frame and note what changed.
   * @param due pictures of rings at this frame, by control block: two stacks that show one ring must show the same of it
   */
  advance(frameIndex: number, due = new Map<number, number>()): void {
    const { fps } = this.#canvas;
    for (const [control, reader] of this.#readers)
      if (!due.has(control)) due.set(control, reader.advance(frameIndex, fps));
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
