import type { Scene, SceneItem } from '../../../shared/model/scene';
import type { Layer, LiveRing, PictureSource } from '../interfaces/layer';
import { BaseComponent } from '../lib/component';
import type { FadeCommand } from './compositor-protocol';
import { drawList, isDrawn } from './draw-list';
import type { DeliveredPicture } from './draw-list';
import { ItemRequests } from './item-requests';
import { PictureShelf } from './picture-shelf';
import type { PictureShelfOptions, ShelvedPicture } from './picture-shelf';

/** How long a cut waits for pictures that were never asked for before; then it happens with those that are there. */
const cutPatienceMs = 500;
/** How long an item's geometry stands still before its picture is made anew for it. */
const settleMs = 150;
/** Stopping does not wait longer than this for the compositor to leave the pictures alone. */
const stopPatienceMs = 1000;

export interface SceneViewOptions {
  readonly canvas: { readonly width: number; readonly height: number };
  /** of the compositor */
  readonly setLayers: (
    layers: readonly Layer[],
    hiddenRings: readonly LiveRing[],
    fade: FadeCommand | null,
  ) => Promise<void>;
  /** the program's rate and its next frame; without it pictures are shown as soon as they are delivered */
  readonly program?: PictureShelfOptions['program'];
  /** an item of the scene on show cannot be drawn, or (null) can be again */
  readonly onItemError: (itemId: string, sourceId: string, error: unknown) => void;
}

const wait = (ms: number, work: Promise<unknown>): Promise<unknown> => {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise((resolve) => (timer = setTimeout(resolve, ms)));
  return Promise.race([work, patience]).finally(() => clearTimeout(timer));
};

/**
 * Keeps the canvas showing a scene: asks the sources for their pictures, follows their changes, hands draw lists to the
 * compositor and gives pictures back once they are on no draw list any more. Pictures of scenes shown before stay
 * cached, so that a cut to one of them takes one frame. What an item showed last stays until there is something new:
 * while it is moved, while its source is replaced by another of the same id, and when its source fails.
 */
export class SceneView extends BaseComponent {
  readonly #options: SceneViewOptions;
  readonly #shelf: PictureShelf;
  /** scene id → keys of the entries it needs */
  readonly #needs = new Map<string, ReadonlySet<string>>();
  /** item id → the entry it was last drawn from, shown on until the one it needs now is there */
  readonly #drawnFrom = new Map<string, ShelvedPicture>();
  readonly #requests = new ItemRequests(settleMs);
  readonly #reported = new Map<string, unknown>();
  #sources: ReadonlyMap<string, PictureSource> = new Map();
  #scene: Scene | null = null;
  /** the scene that fades out: its pictures go on and are kept until the fade is over */
  #outgoing: { readonly scene: Scene; readonly id: number; readonly frames: number } | null = null;
  #fades = 0;
  #cut = 0;
  #isDrawScheduled = false;
  #settling: NodeJS.Timeout | undefined;

  constructor(options: SceneViewOptions) {
    super();
    this.#options = options;
    this.#shelf = new PictureShelf({
      onArrived: () => this.#scheduleDraw(),
      isOnShow: (sourceId) => [...this.#drawnFrom.values()].some(({ source }) => source.id === sourceId),
      program: options.program,
    });
  }

  protected onStart(): Promise<void> {
    return Promise.resolve();
  }

  protected async onStop(): Promise<void> {
    this.#scene = null;
    this.#outgoing = null;
    this.#cut++;
    clearTimeout(this.#settling);
    this.#needs.clear();
    this.#drawnFrom.clear();
    this.#shelf.keep(() => false, new Set());
    await wait(stopPatienceMs, this.#draw());
  }

  /**
   * Put a scene on the canvas, or a changed version of the one that is there. Resolves when it is drawn. An item whose
   * source is not among `sources` is left out: its owner knows why.
   * @param fadeFrames program frames in which another scene fades into this one; 0: a cut
   */
  async show(scene: Scene, sources: ReadonlyMap<string, PictureSource>, fadeFrames = 0): Promise<void> {
    if (this.lifetime.aborted) return;
    const cut = ++this.#cut;
    const loading = this.#need(scene, sources).filter((entry) => entry.isLoading && !entry.picture);
    // An edited scene changes at once, piece by piece; only a cut waits to be complete.
    if (loading.length > 0 && this.#scene?.id !== scene.id)
      await wait(cutPatienceMs, Promise.all(loading.map((entry) => entry.ready)));
    if (cut !== this.#cut) return;
    if (this.#scene?.id !== scene.id) {
      this.#reported.clear();
      this.#outgoing =
        this.#scene && fadeFrames > 0 ? { scene: this.#scene, id: ++this.#fades, frames: fadeFrames } : null;
    }
    this.#scene = scene;
    this.#keepShownItems();
    await this.#draw();
    this.#prune();
    this.#planSettling();
  }

  /** This fade is over: nothing of the scene that went is seen any more. */
  faded(id: number): void {
    if (this.#outgoing?.id !== id) return;
    this.#outgoing = null;
    this.#keepShownItems();
    this.#scheduleDraw();
  }

  #keepShownItems(): void {
    const shown = [this.#scene, this.#outgoing?.scene].flatMap((scene) => scene?.items ?? []);
    const items = new Set(shown.map((item) => item.id));
    for (const itemId of this.#drawnFrom.keys()) if (!items.has(itemId)) this.#drawnFrom.delete(itemId);
    this.#requests.keep(items);
  }

  /** Fetch a scene's pictures without showing it, so that a later cut takes one frame. */
  async preload(scene: Scene, sources: ReadonlyMap<string, PictureSource>): Promise<void> {
    if (this.lifetime.aborted) return;
    await Promise.all(this.#need(scene, sources).map((entry) => entry.ready));
  }

  /** Let go of the pictures that only this scene needed (it was deleted). */
  forget(sceneId: string): void {
    this.#needs.delete(sceneId);
    this.#prune();
  }

  /** An item that was moved has stood still: ask for the picture that fits it exactly. */
  #planSettling(): void {
    clearTimeout(this.#settling);
    const dueMs = this.#requests.nextDueMs;
    if (dueMs === null || this.lifetime.aborted) return;
    this.#settling = setTimeout(
      () => {
        if (!this.#scene) return;
        this.#need(this.#scene, this.#sources);
        this.#scheduleDraw();
        this.#planSettling();
      },
      Math.max(1, dueMs - performance.now()),
    );
  }

  #need(scene: Scene, sources: ReadonlyMap<string, PictureSource>): ShelvedPicture[] {
    this.#sources = sources;
    const gone = new Set(this.#shelf.adopt(sources));
    for (const [itemId, drawn] of this.#drawnFrom) if (gone.has(drawn)) this.#drawnFrom.delete(itemId);
    const isEdit = this.#scene?.id === scene.id;
    const entries = scene.items.filter(isDrawn).flatMap((item) => this.#entryOf(item, isEdit) ?? []);
    this.#needs.set(scene.id, new Set(entries.map((entry) => entry.key)));
    return entries;
  }

  /**
   * The entry an item needs.
   * @param isEdit the item is on show: it keeps its picture while it moves, and one that failed is not tried again
   */
  #entryOf(item: SceneItem, isEdit: boolean): ShelvedPicture | undefined {
    const source = this.#sources.get(item.sourceId);
    if (!source) return undefined;
    const before = this.#drawnFrom.get(item.id);
    const canWait = isEdit && before?.source === source && before.picture !== null;
    const request = this.#requests.follow(
      item,
      performance.now(),
      canWait,
      (wanted) => !!this.#shelf.find(source, wanted)?.picture,
    );
    const entry = this.#shelf.take(source, request);
    if (entry.error !== null && !isEdit) this.#shelf.load(entry);
    return entry;
  }

  /** Drop what no known scene needs and no item is still drawn from. */
  #prune(): void {
    const needs = [...this.#needs.values()];
    const isNeeded = (key: string): boolean => needs.some((keys) => keys.has(key));
    if (this.#shelf.keep(isNeeded, new Set(this.#drawnFrom.values()))) this.#scheduleDraw();
  }

  /** Several pictures that arrive together make one draw list. */
  #scheduleDraw(): void {
    if (this.#isDrawScheduled) return;
    this.#isDrawScheduled = true;
    queueMicrotask(() => {
      this.#isDrawScheduled = false;
      void this.#draw().then(() => this.#prune());
    });
  }

  async #draw(): Promise<void> {
    // Collected before the list is made, so none of them can be on it.
    const retired = this.#shelf.takeRetired();
    const listOf = (scene: Scene): Layer[] =>
      drawList(scene, this.#options.canvas, (item) => this.#pictureOf(item));
    const layers = this.#scene ? listOf(this.#scene) : [];
    const outgoing = this.#outgoing;
    const fade = outgoing && { id: outgoing.id, frames: outgoing.frames, from: listOf(outgoing.scene) };
    const shown = new Set(
      [...layers, ...(fade?.from ?? [])].flatMap(({ content }) =>
        content.type === 'live' ? [content.ring.control] : [],
      ),
    );
    this.#report();
    await this.#options.setLayers(layers, this.#shelf.ringsBut(shown), fade);
    for (const picture of retired) picture.release();
  }

  #pictureOf(item: SceneItem): DeliveredPicture | undefined {
    const source = this.#sources.get(item.sourceId);
    if (!source) return undefined;
    const needed = this.#shelf.find(source, this.#requests.requestOf(item));
    const before = this.#drawnFrom.get(item.id);
    const isWaiting = needed?.picture === null && needed.error === null;
    // While it is being made for its new size or by a new source, and when that fails, the item keeps its last picture.
    const stays = before?.source === source || (isWaiting && before?.source.id === source.id);
    const entry = needed?.picture === null && stays ? before : needed;
    if (!entry?.picture) {
      this.#drawnFrom.delete(item.id);
      return undefined;
    }
    this.#drawnFrom.set(item.id, entry);
    return entry.picture;
  }

  /** Tell what has changed since the last report about the items on show. */
  #report(): void {
    for (const item of this.#scene?.items.filter(isDrawn) ?? []) {
      const source = this.#sources.get(item.sourceId);
      const entry = source && this.#shelf.find(source, this.#requests.requestOf(item));
      if (!entry || (entry.picture === null && entry.error === null)) continue;
      if ((this.#reported.get(item.id) ?? null) === entry.error) continue;
      this.#reported.set(item.id, entry.error);
      this.#options.onItemError(item.id, item.sourceId, entry.error);
    }
  }
}
