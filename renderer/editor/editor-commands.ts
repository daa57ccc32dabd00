import { copiedItems, copiedText, pastePlan, readCopied } from './clipboard';
import {
  alignPlan,
  centrePlan,
  fitPlan,
  flipPlan,
  lockedPlan,
  nudgePlan,
  opacityPlan,
  removePlan,
  resetPlan,
  turnPlan,
  visiblePlan,
} from './item-plans';
import type { Alignment, EditPlan } from './item-plans';
import { orderPlan, reordered } from './order-plan';
import type { OrderStep } from './order-plan';
import { chosenItems, reachableItems } from './placed-item';
import type { BoxedItem, PlacedItem } from './placed-item';
import type { StageEditor } from './stage-editor';

/** Arrow keys this soon after one another are one step of undo. */
const nudgePauseMs = 1000;

/** What keys, the menu and the lists do with what is selected, each one step of undo. */
export class EditorCommands {
  readonly #editor: StageEditor;
  readonly #now: () => number;
  #nudge = { gesture: '', at: Number.NEGATIVE_INFINITY, ids: '' };
  /** for where the system's clipboard may not be read */
  #lastCopied = '';

  constructor(editor: StageEditor, now: () => number = () => performance.now()) {
    this.#editor = editor;
    this.#now = now;
  }

  get lastCopied(): string {
    return this.#lastCopied;
  }

  nudge(dx: number, dy: number): void {
    const items = this.#chosen();
    const ids = items.map(({ item }) => item.id).join();
    const at = this.#now();
    const isSame = this.#nudge.ids === ids && at - this.#nudge.at < nudgePauseMs;
    this.#nudge = { gesture: isSame ? this.#nudge.gesture : this.#editor.newId(), at, ids };
    const plan = nudgePlan(items, dx, dy);
    const [edit] = plan.edits;
    const place = edit?.type === 'item.update' && items.length === 1 ? edit.patch : null;
    this.#editor.apply(plan, {
      gesture: this.#nudge.gesture,
      said: place ? `${items[0]?.name ?? ''} at ${place.x ?? 0}, ${place.y ?? 0}` : plan.label,
    });
  }
  align(to: Alignment): void {
    this.#editor.apply(alignPlan(this.#boxed(), to, this.#editor.canvas));
  }
  centre(): void {
    this.#editor.apply(centrePlan(this.#boxed(), this.#editor.canvas));
  }
  fit(how: 'fit' | 'stretch'): void {
    this.#editor.apply(fitPlan(this.#boxed(), how, this.#editor.canvas));
  }
  turn(degrees: number): void {
    this.#editor.apply(turnPlan(this.#chosen(), degrees));
  }
  flip(axis: 'x' | 'y'): void {
    this.#editor.apply(flipPlan(this.#chosen(), axis));
  }
  reset(): void {
    this.#editor.apply(resetPlan(this.#chosen()));
  }
  setOpacity(opacity: number): void {
    this.#editor.apply(opacityPlan(this.#chosen(), opacity));
  }
  setVisible(visible: boolean): void {
    this.#editor.apply(visiblePlan(this.#chosen(), visible));
  }
  setLocked(isLocked: boolean): void {
    this.#editor.apply(lockedPlan(this.#chosen(), isLocked));
  }

  order(step: OrderStep): void {
    const { items } = this.#editor;
    const chosen = this.#ids();
    const ids = items.map(({ item }) => item.id);
    this.#editor.apply(orderPlan(items, chosen, reordered(ids, chosen, step)));
  }

  remove(): void {
    this.#editor.apply(removePlan(this.#chosen()));
  }

  selectAll(): void {
    const ids = reachableItems(this.#editor.items).map(({ item }) => item.id);
    this.#editor.select(ids);
    this.#editor.say(`${ids.length} items selected`);
  }

  duplicate(): void {
    const { scene, snapshot } = this.#editor;
    const copied = scene && snapshot && copiedItems(scene, snapshot.sources, [...this.#ids()]);
    if (copied) this.#add(pastePlan(copied, scene, snapshot.sources, this.#asCopy('Duplicate')));
  }

  /** @returns the text for the clipboard; null when nothing is selected that can be copied */
  copy(): string | null {
    const { scene, snapshot } = this.#editor;
    const copied = scene && snapshot && copiedItems(scene, snapshot.sources, [...this.#ids()]);
    if (!copied) return null;
    this.#lastCopied = copiedText(copied);
    this.#editor.say(copied.items.length === 1 ? 'Copied' : `${copied.items.length} items copied`);
    return this.#lastCopied;
  }
  cut(): string | null {
    const text = this.copy();
    if (text !== null) this.remove();
    return text;
  }
  /** @returns whether the text was items of a studio */
  paste(text: string): boolean {
    const { scene, snapshot } = this.#editor;
    const copied = readCopied(text);
    if (!copied || !scene || !snapshot) return false;
    // Into its own scene a copy is there to be changed; another scene shows the same thing.
    const isSeparate = copied.items.some(({ id }) => scene.items.some((item) => item.id === id));
    this.#add(pastePlan(copied, scene, snapshot.sources, { ...this.#asCopy('Paste'), isSeparate }));
    return true;
  }

  #add(plan: EditPlan & { readonly itemIds: readonly string[] }): void {
    this.#editor.apply(plan);
    this.#editor.selectSoon(plan.itemIds);
  }
  #asCopy = (verb: string) => ({ newId: this.#editor.newId, isSeparate: true, verb });
  #chosen = (): PlacedItem[] => this.#editor.selectedItems;
  #ids = (): Set<string> => new Set(this.#chosen().map(({ item }) => item.id));
  #boxed = (): BoxedItem[] => chosenItems(this.#editor.items, [...this.#ids()]);
}
