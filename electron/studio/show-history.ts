import { isDeepStrictEqual } from 'node:util';
import type { Collection } from '../../shared/model/collection';

/** One thing a person did, with the show as it was and as it became. What both have in common is shared, not copied. */
export interface ShowStep {
  readonly label: string;
  readonly before: Collection;
  readonly after: Collection;
}

/** more than anybody goes back; collections share what did not change, so a step costs about what it changed */
const stepLimit = 1000;

/** What was done and can be taken back, and what was taken back and can be done again. */
export class ShowHistory {
  #done: ShowStep[] = [];
  #undone: ShowStep[] = [];
  /** as it was before the newest step */
  #undoneBefore: ShowStep[] = [];
  /** of the newest step, as long as nothing came between */
  #gesture: string | undefined;

  get undoLabel(): string | null {
    return this.#done.at(-1)?.label ?? null;
  }

  get redoLabel(): string | null {
    return this.#undone.at(-1)?.label ?? null;
  }

  /** @param gesture steps with the same one that follow one another count as one */
  add(step: ShowStep, gesture?: string): void {
    const last = this.#done.at(-1);
    if (last && gesture !== undefined && gesture === this.#gesture) {
      this.#done.pop();
      // A drag that was broken off, or came back: nothing was done, and what was taken back before can be done again.
      if (isDeepStrictEqual(step.after, last.before)) {
        this.#gesture = undefined;
        this.#undone = this.#undoneBefore;
      } else this.#done.push({ ...step, before: last.before });
      return;
    }
    this.#undoneBefore = this.#undone;
    this.#undone = [];
    this.#gesture = gesture;
    this.#done.push(step);
    if (this.#done.length > stepLimit) this.#done.shift();
  }

  /** @returns the step to take back; null: there is none */
  undo(): ShowStep | null {
    return this.#move(this.#done, this.#undone);
  }

  /** @returns the step to do again; null: there is none */
  redo(): ShowStep | null {
    return this.#move(this.#undone, this.#done);
  }

  #move(from: ShowStep[], to: ShowStep[]): ShowStep | null {
    const step = from.pop();
    if (!step) return null;
    to.push(step);
    this.#gesture = undefined;
    return step;
  }
}
