import { createStore } from 'zustand/vanilla';
import type { StoreApi } from 'zustand/vanilla';
import type { SceneView } from '../../shared/contract/show';
import type { Snapshot } from '../../shared/contract/snapshot';
import type { EditInput, ItemPatch } from '../../shared/model/edit';
import type { SelectionStore } from '../store/selection-store';
import type { StudioStore } from '../store/studio-store';
import { EditQueue } from './edit-queue';
import { EditorCommands } from './editor-commands';
import { isConfirmed } from './editor-state';
import type { EditorState } from './editor-state';
import type { Point, Size } from './geometry';
import type { EditPlan } from './item-plans';
import { placeItems } from './placed-item';
import type { PlacedItem } from './placed-item';
import { step } from './tool-machine';
import { idle } from './tool-state';
import type { EditorWorld, Patches, ToolEffect, ToolEvent } from './tool-state';
import { fittedView, pannedView, withinRoom, zoomedView } from './view-port';
import type { ViewPort } from './view-port';

/** CSS pixels around the fitted canvas, so that handles on its edges can be grasped. */
const marginPx = 14;
/** An engine that has answered shows the result by then; otherwise it decided otherwise. */
const draftPatienceMs = 1000;

export interface StageEditorSurroundings {
  readonly store: Pick<StudioStore, 'getState' | 'subscribe'>;
  readonly selection: SelectionStore;
  /** resolves with null when it was refused */
  readonly edit: (edits: readonly EditInput[], label: string, gesture?: string) => Promise<unknown>;
  readonly newId?: () => string;
}

/**
 * The editor of the scene on show: carries out what the tools ask for. It leads and the picture follows: what is dragged
 * moves at once, edits are on their way meanwhile, one at a time. No React in it.
 */
export class StageEditor {
  readonly store: StoreApi<EditorState>;
  readonly newId: () => string;
  readonly commands: EditorCommands;
  readonly #surroundings: StageEditorSurroundings;
  readonly #queue: EditQueue;
  #gesture: { id: string; label: string; hasSent: boolean } | null = null;
  #roomAfterDrag: Size | null = null;
  /** what became of the newest edits */
  #hasFailed = false;
  #comingIds: readonly string[] = [];
  #draftTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(surroundings: StageEditorSurroundings) {
    this.#surroundings = surroundings;
    this.newId = surroundings.newId ?? (() => crypto.randomUUID());
    this.commands = new EditorCommands(this);
    this.store = createStore<EditorState>(() => ({
      tool: idle,
      drafts: new Map(),
      room: null,
      zoom: null,
      hoveredId: null,
      renamingId: null,
      said: { text: '', number: 0 },
    }));
    this.#queue = new EditQueue(
      ({ edits, label, gesture }) => surroundings.edit(edits, label, gesture),
      (hasFailed) => {
        this.#editsEnded(hasFailed);
      },
    );
  }

  /** Follows the show. @returns how to stop */
  attach(): () => void {
    const stop = this.#surroundings.store.subscribe(({ connection }, before) => {
      if (before.connection.state === 'open' && connection.state !== 'open') this.#letGo();
      this.#settleDrafts();
      this.#selectArrived();
    });
    return () => {
      stop();
      clearTimeout(this.#draftTimer);
      this.dispatch({ type: 'cancel' });
    };
  }

  get snapshot(): Snapshot | null {
    return this.#surroundings.store.getState().snapshot;
  }
  get scene(): SceneView | undefined {
    const { snapshot } = this;
    return snapshot?.scenes.find(({ id }) => id === snapshot.program.sceneId);
  }
  get canvas(): Size {
    const program = this.snapshot?.program;
    return program ? { width: program.width, height: program.height } : { width: 1920, height: 1080 };
  }
  /** The bottom one first, with what is under way. */
  get items(): PlacedItem[] {
    return placeItems(this.scene, this.snapshot?.sources ?? [], this.store.getState().drafts);
  }
  get selectedItems(): PlacedItem[] {
    const { itemIds } = this.#surroundings.selection.getState();
    return this.items.filter(({ item }) => itemIds.includes(item.id));
  }
  get view(): ViewPort {
    const { room, zoom } = this.store.getState();
    return zoom ?? fittedView(room ?? this.canvas, this.canvas, marginPx);
  }
  get world(): EditorWorld {
    return {
      canvas: this.canvas,
      items: this.items,
      selection: this.#surroundings.selection.getState().itemIds,
      scale: this.view.scale,
    };
  }

  dispatch(event: ToolEvent): void {
    const { state, effects } = step(this.store.getState().tool, event, this.world);
    this.store.setState({ tool: state });
    for (const effect of effects) this.#carryOut(effect);
    if (state.tool === 'idle' && this.#roomAfterDrag) this.measure(this.#roomAfterDrag);
  }

  hover(itemId: string | null): void {
    if (this.store.getState().hoveredId !== itemId) this.store.setState({ hoveredId: itemId });
  }

  select(itemIds: readonly string[]): void {
    this.#surroundings.selection.selectItems(itemIds);
  }

  /** Items that are on their way: chosen as soon as they are there. */
  selectSoon(itemIds: readonly string[]): void {
    this.#comingIds = itemIds;
    this.#selectArrived();
  }

  /**
   * Edits that are no drag. @param gesture steps with the same one in a row are taken back together
   * @param said for screen readers, instead of the label
   */
  apply(plan: EditPlan, { gesture = this.newId(), said }: { gesture?: string; said?: string } = {}): void {
    if (plan.edits.length === 0) return;
    this.#draft(
      new Map(
        plan.edits.flatMap((edit) =>
          edit.type === 'item.update' ? [[edit.itemId, edit.patch] as const] : [],
        ),
      ),
    );
    this.#queue.push({ ...plan, gesture, isReplaceable: false });
    this.say(said ?? plan.label);
  }

  say(text: string): void {
    const { said } = this.store.getState();
    this.store.setState({ said: { text, number: said.number + 1 } });
  }

  /** @param itemId null: nothing is chosen */
  rename(itemId: string | null): void {
    this.store.setState({ renamingId: itemId });
  }
  /** Its name is taken, or given up; by then another may be written. */
  renamed(itemId: string): void {
    if (this.store.getState().renamingId === itemId) this.rename(null);
  }

  measure(room: Size): void {
    const { tool, zoom, room: before } = this.store.getState();
    // What is held stays under the hand, though a dock beside the stage grows or shrinks.
    this.#roomAfterDrag = tool.tool === 'idle' ? null : room;
    if (this.#roomAfterDrag) return;
    if (before?.width === room.width && before.height === room.height) return;
    this.store.setState({ room, zoom: zoom && withinRoom(zoom, room, this.canvas) });
  }
  fit(): void {
    this.store.setState({ zoom: null });
  }
  /** @param at CSS pixels of the stage that stay where they are; the middle without it */
  zoomTo(scale: number, at?: Point): void {
    const { room } = this.store.getState();
    if (!room) return;
    const next = zoomedView(this.view, at ?? { x: room.width / 2, y: room.height / 2 }, scale);
    this.store.setState({ zoom: withinRoom(next, room, this.canvas) });
  }
  pan(by: Point): void {
    const { room } = this.store.getState();
    if (room) this.store.setState({ zoom: withinRoom(pannedView(this.view, by), room, this.canvas) });
  }

  /** Without a connection nothing can be moved or moved back: what the engine has is what is shown. */
  #letGo(): void {
    if (this.#gesture) this.#gesture.hasSent = false;
    this.dispatch({ type: 'cancel' });
    this.#keepDrafts(() => false);
  }

  #selectArrived(): void {
    if (this.#comingIds.length === 0) return;
    const present = new Set(this.scene?.items.map(({ id }) => id));
    if (!this.#comingIds.every((id) => present.has(id))) return;
    const ids = this.#comingIds;
    this.#comingIds = [];
    this.select(ids);
  }

  #carryOut(effect: ToolEffect): void {
    switch (effect.type) {
      case 'select':
        return this.select(effect.itemIds);
      case 'begin':
        this.#gesture = { id: this.newId(), label: effect.label, hasSent: false };
        return;
      case 'edit':
        return this.#drag(effect.patches);
      case 'revert':
        // What was never sent needs no taking back.
        if (this.#gesture?.hasSent) this.#drag(effect.patches);
        return;
      case 'end':
        if (this.#gesture?.hasSent) this.say(this.#gesture.label);
        this.#gesture = null;
        if (this.#queue.isIdle) this.#editsEnded(this.#hasFailed);
        return;
      case 'pan':
        return this.pan(effect.by);
    }
  }

  #drag(patches: Patches): void {
    const gesture = this.#gesture;
    if (!gesture) return;
    const items = new Map(this.items.map(({ item }) => [item.id, item]));
    const isChange = [...patches].some(([id, patch]) => {
      const item = items.get(id);
      return item && !isConfirmed(item, patch);
    });
    if (!isChange) return;
    gesture.hasSent = true;
    this.#draft(patches);
    const edits = [...patches].map(([itemId, patch]): EditInput => ({ type: 'item.update', itemId, patch }));
    this.#queue.push({ edits, label: gesture.label, gesture: gesture.id, isReplaceable: true });
  }

  #draft(patches: Patches): void {
    if (patches.size === 0) return;
    clearTimeout(this.#draftTimer);
    const drafts = new Map(this.store.getState().drafts);
    for (const [id, patch] of patches) drafts.set(id, { ...drafts.get(id), ...patch });
    this.store.setState({ drafts });
  }

  #editsEnded(hasFailed: boolean): void {
    this.#hasFailed = hasFailed;
    if (hasFailed) this.#comingIds = [];
    if (hasFailed && !this.#gesture) return this.#keepDrafts(() => false);
    this.#settleDrafts();
    clearTimeout(this.#draftTimer);
    if (this.store.getState().drafts.size === 0) return;
    this.#draftTimer = setTimeout(() => {
      if (this.#queue.isIdle && !this.#gesture) this.#keepDrafts(() => false);
    }, draftPatienceMs);
  }

  /** Drafts give way to the engine's state once it says the same. */
  #settleDrafts(): void {
    if (!this.#queue.isIdle || this.#gesture || this.store.getState().drafts.size === 0) return;
    const items = new Map(this.scene?.items.map((item) => [item.id, item]));
    this.#keepDrafts((id, draft) => {
      const item = items.get(id);
      return item !== undefined && !isConfirmed(item, draft);
    });
  }

  #keepDrafts(isKept: (id: string, draft: ItemPatch) => boolean): void {
    const { drafts } = this.store.getState();
    const kept = new Map([...drafts].filter(([id, draft]) => isKept(id, draft)));
    if (kept.size !== drafts.size) this.store.setState({ drafts: kept });
  }
}
