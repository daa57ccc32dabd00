import type { EditInput } from '../../shared/model/edit';

export interface QueuedEdit {
  readonly edits: readonly EditInput[];
  readonly label: string;
  readonly gesture: string;
  /** a newer one of the same gesture says all that this one says */
  readonly isReplaceable: boolean;
}

/** Of a drag no more are sent than a program at 30 frames a second can show. */
const dragPaceMs = 33;

/** as many edits as one command takes */
const mostEdits = 500;

/**
 * Sends edits one after the other. While one is under way only the newest of a drag waits: a slow engine or network gets
 * as many as it can take, and the last place is always the last that is sent.
 */
export class EditQueue {
  readonly #send: (edit: Omit<QueuedEdit, 'isReplaceable'>) => Promise<unknown>;
  readonly #ended: (hasFailed: boolean) => void;
  #waiting: QueuedEdit[] = [];
  #isSending = false;
  #sentAt = -Infinity;

  /**
   * @param send resolves with null when the edit was refused
   * @param ended nothing is under way or waiting any more
   */
  constructor(
    send: (edit: Omit<QueuedEdit, 'isReplaceable'>) => Promise<unknown>,
    ended: (hasFailed: boolean) => void,
  ) {
    this.#send = send;
    this.#ended = ended;
  }

  get isIdle(): boolean {
    return !this.#isSending && this.#waiting.length === 0;
  }

  push(edit: QueuedEdit): void {
    if (edit.edits.length === 0) return;
    const last = this.#waiting.at(-1);
    if (last?.isReplaceable && edit.isReplaceable && last.gesture === edit.gesture) this.#waiting.pop();
    for (let at = 0; at < edit.edits.length; at += mostEdits)
      this.#waiting.push({ ...edit, edits: edit.edits.slice(at, at + mostEdits) });
    if (!this.#isSending) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isSending = true;
    let hasFailed = false;
    for (;;) {
      const restMs = this.#restMs();
      // Until then a newer one may take its place.
      if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
      const next = this.#waiting.shift();
      if (!next) break;
      const { edits, label, gesture } = next;
      this.#sentAt = performance.now();
      const answer = await this.#send({ edits, label, gesture });
      if (answer !== null) continue;
      // What follows of the same gesture would be refused for the same reason, with one message each.
      hasFailed = true;
      this.#waiting = this.#waiting.filter((waiting) => waiting.gesture !== gesture);
    }
    this.#isSending = false;
    this.#ended(hasFailed);
  }

  /** How long the one that is next has to wait. */
  #restMs(): number {
    return this.#waiting[0]?.isReplaceable ? this.#sentAt + dragPaceMs - performance.now() : 0;
  }
}
