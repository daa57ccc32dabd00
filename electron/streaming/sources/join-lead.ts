/** until a decoder of this file has been timed, and at most */
const mostSec = 0.5;
/** a decision reaches the compositor in less */
const leastSec = 0.05;
const remembered = 5;

/**
 * How long before the frame at which it joins a running clip a decoder has to be started: it must find its place and
 * decode something first. Learnt from the decoders of the same file, as what is usual and not as the worst: one that is
 * late joins late, at the right place, for what it decodes ahead covers what has passed.
 */
export class JoinLead {
  readonly #times: number[] = [];

  /** seconds */
  get sec(): number {
    const usual = this.#times.toSorted((a, b) => a - b)[(this.#times.length - 1) >> 1];
    return usual === undefined ? mostSec : Math.min(mostSec, leastSec + usual);
  }

  /** A decoder took so many seconds from its start to its first pictures. */
  learn(seconds: number): void {
    this.#times.push(seconds);
    if (this.#times.length > remembered) this.#times.shift();
  }
}
