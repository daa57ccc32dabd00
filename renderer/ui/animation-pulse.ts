/** 25 pictures a second are enough for what only follows along. */
const mostWaitMs = 40;

/**
 * One animation frame for all that moves a little: each frame that somebody asks for by himself costs a whole pass of the
 * page, drawn or not. The preview asks for one with every picture (`next`), meters ride along with it (`ride`).
 */
export class AnimationPulse {
  readonly #waiting = new Set<(now: number) => void>();
  #request = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** With the next frame of the page. @returns how to take it back */
  next(task: (now: number) => void): () => void {
    const giveUp = this.#add(task);
    this.#ask();
    return giveUp;
  }

  /** With the next frame that somebody else asks for, 40 ms from now at the latest. @returns how to take it back */
  ride(task: (now: number) => void): () => void {
    const giveUp = this.#add(task);
    this.#timer ??= setTimeout(() => this.#ask(), mostWaitMs);
    return giveUp;
  }

  #add(task: (now: number) => void): () => void {
    this.#waiting.add(task);
    return () => this.#waiting.delete(task);
  }

  #ask(): void {
    if (this.#request === 0) this.#request = requestAnimationFrame(this.#run);
  }

  readonly #run = (now: number): void => {
    this.#request = 0;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const tasks = [...this.#waiting];
    this.#waiting.clear();
    for (const task of tasks) task(now);
  };
}

/** the page's */
export const animationPulse = new AnimationPulse();
