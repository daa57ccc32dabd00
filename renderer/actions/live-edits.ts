import type { EditInput } from '../../shared/model/edit';
import type { WireError } from '../../shared/contract/errors';

/** A function is asked when its turn comes: it sees what the edits before it have changed. None: nothing is sent. */
export type EditsToSend = readonly EditInput[] | (() => readonly EditInput[]);

interface Waiting {
  edits: EditsToSend;
  label: string;
  gesture: string | undefined;
  settled: ((error: WireError | null) => void)[];
}

type SendEdit = (edits: readonly EditInput[], label: string, gesture?: string) => Promise<WireError | null>;

/**
 * Edits that a hand makes faster than the engine answers: one is under way, and of those that wait with the same gesture
 * only the newest is sent. The order between gestures stays.
 */
export class LiveEdits {
  readonly #edit: SendEdit;
  readonly #waiting: Waiting[] = [];
  #isSending = false;

  /** @param edit tells a person of a failure itself */
  constructor(edit: SendEdit) {
    this.#edit = edit;
  }

  /** Resolves when it, or a newer one of its gesture, was answered: with the refusal, or null. */
  send(edits: EditsToSend, label: string, gesture?: string): Promise<WireError | null> {
    return new Promise((resolve) => {
      const last = this.#waiting.at(-1);
      if (last && gesture !== undefined && last.gesture === gesture) {
        last.edits = edits;
        last.label = label;
        last.settled.push(resolve);
      } else this.#waiting.push({ edits, label, gesture, settled: [resolve] });
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
        const edits = typeof next.edits === 'function' ? next.edits() : next.edits;
        const isNothing = typeof next.edits === 'function' && edits.length === 0;
        const error = isNothing ? null : await this.#edit(edits, next.label, next.gesture);
        for (const settle of next.settled) settle(error);
      }
    } finally {
      // Whatever a function of one edit throws, the next one is sent.
      this.#isSending = false;
    }
  }
}
