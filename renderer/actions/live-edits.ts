import type { EditInput } from '../../shared/model/edit';
import type { WireError } from '../../shared/contract/errors';

interface Waiting {
  edits: readonly EditInput[];
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
  send(edits: readonly EditInput[], label: string, gesture?: string): Promise<WireError | null> {
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
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      const error = await this.#edit(next.edits, next.label, next.gesture);
      for (const settle of next.settled) settle(error);
    }
    this.#isSending = false;
  }
}
