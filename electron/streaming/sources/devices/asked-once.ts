/** What stays as it is, like the abilities of a program: asked once. A question that found no answer is asked again. */
export class AskedOnce<Answer> {
  #answer: Promise<Answer> | null = null;

  /** Rejects as `ask` does, for everybody who waits for that attempt. */
  answer(ask: () => Promise<Answer>): Promise<Answer> {
    this.#answer ??= ask().catch((error: unknown) => {
      this.#answer = null;
      throw error;
    });
    return this.#answer;
  }
}
