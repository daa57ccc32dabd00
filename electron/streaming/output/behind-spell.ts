/** an encoder counts as having caught up while it is less behind than this … */
const calmBelowMs = 250;
/** … for so long, without a frame left out */
const calmForUs = 2_000_000;

/**
 * Tells one spell of being late from the next. An encoder that is a little too slow hovers around the limit, over it with
 * every other frame: that is one spell, and people hear of it once.
 */
export class BehindSpell {
  #isOpen = false;
  #calmSinceUs: number | null = null;

  /** A frame is left out because the encoder is late. @returns whether a spell begins with it */
  late(): boolean {
    const isNew = !this.#isOpen;
    this.#isOpen = true;
    this.#calmSinceUs = null;
    return isNew;
  }

  /** A frame is left out for another reason: not the beginning of a spell, but no sign of its end either. */
  interrupted(): void {
    this.#calmSinceUs = null;
  }

  /** A frame is taken while the encoder is so much behind. */
  taken(behindMs: number, nowUs: number): void {
    if (!this.#isOpen) return;
    if (behindMs >= calmBelowMs) this.#calmSinceUs = null;
    else this.#calmSinceUs ??= nowUs;
    if (this.#calmSinceUs !== null && nowUs - this.#calmSinceUs >= calmForUs) this.#isOpen = false;
  }
}
