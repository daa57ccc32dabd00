import type { EditInput } from '../../shared/model/edit';
import type { StudioActions } from './studio-actions';

interface Waiting {
  edits: readonly EditInput[];
  label: string;
  gesture: string | undefined;
  settled: (() => void)[];
}

/**
 * Edits that a hand makes faster than the engine answers: one is under way, and of those that wait with the same gesture
 * only the newest is sent. The order between gestures stays.
 */
export class LiveEdits {
  readonly #edit: StudioActions['edit'];
  readonly #waiting: Waiting[] = [];
  #isSending = false;

  constructor(edit: StudioActions['edit']) {
    this.#edit = edit;
  }

  /** Resolves when it, or a newer one of its gesture, was answered. Failures are told as toasts. */
  send(edits: readonly EditInput[], label: string, gesture?: string): Promise<void> {
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
      await this.#edit(next.edits, next.label, next.gesture);
      for (const settle of next.settled) settle();
    }
    this.#isSending = false;
  }
}
