import type { Rect } from '../interfaces/sync-pattern';
import { Region } from './regions';

/** How many pictures (in composing order) back the changes are remembered. */
const historyLength = 128;

/** Int32 words of the compositor's control block, shared between its worker and the main thread. */
export const controlWord = {
  /** raised and notified by main whenever the worker should look up: a command or an awaited release */
  signal: 0,
  /** 1 while the worker waits for a frame to come back */
  awaitsRelease: 1,
  /** frames delivered and not yet released (a repeated picture counts each time) */
  inFlight: 2,
  ticks: 3,
  composed: 4,
  lagged: 5,
  starved: 6,
  /** three preview slots: 1 = being read by main */
  previewBusy: 8,
  /** one reference count a slot from here on */
  references: 16,
} as const;

export const previewSlots = 3;

export const controlBytes = (slots: number): number => (controlWord.references + slots) * 4;

interface Slot {
  readonly offset: number;
  /** which picture it holds, in composing order; −1: none */
  picture: number;
}

/**
 * The program frames, as the worker sees them. A slot is free when its shared reference count is 0. Of the free slots
 * the one drawn last is taken: few pages are ever touched and little of it is out of date.
 */
export class FramePool {
  readonly #slots: Slot[];
  readonly #control: Int32Array;
  readonly #history: (readonly Rect[])[] = [];
  /** number of the newest picture */
  #newest = -1;

  constructor(control: Int32Array, offsets: readonly number[]) {
    this.#control = control;
    this.#slots = offsets.map((offset) => ({ offset, picture: -1 }));
  }

  offsetOf(slot: number): number {
    return (this.#slots[slot] as Slot).offset;
  }

  retain(slot: number): void {
    Atomics.add(this.#control, controlWord.references + slot, 1);
  }

  release(slot: number): void {
    Atomics.sub(this.#control, controlWord.references + slot, 1);
  }

  /**
   * A free slot for the next picture, which differs from the last one by `changes`, with one reference held.
   * @returns null when all are in use; otherwise what of the slot is out of date (null: all of it)
   */
  acquire(changes: readonly Rect[]): { slot: number; stale: readonly Rect[] | null } | null {
    let best = -1;
    for (let index = 0; index < this.#slots.length; index++) {
      if (Atomics.load(this.#control, controlWord.references + index) !== 0) continue;
      if (best < 0 || (this.#slots[index] as Slot).picture > (this.#slots[best] as Slot).picture)
        best = index;
    }
    const slot = this.#slots[best];
    if (!slot) return null;
    this.retain(best);
    this.#newest++;
    this.#history[this.#newest % historyLength] = changes;
    const stale = this.#changesSince(slot.picture);
    slot.picture = this.#newest;
    return { slot: best, stale };
  }

  #changesSince(picture: number): readonly Rect[] | null {
    if (picture < 0 || this.#newest - picture >= historyLength) return null;
    const region = new Region();
    for (let index = picture + 1; index <= this.#newest; index++)
      region.addAll(this.#history[index % historyLength] ?? []);
    return region.rects;
  }
}
