/** Wait before the n-th restart in a row (0, 1, 2 …): 0.5 s × 1.6ⁿ, at most 3 s, ± 20 % so that many do not fall together. */
export const restartDelayMs = (attempt: number, random: number): number =>
  Math.min(3000, 500 * 1.6 ** attempt) * (0.8 + 0.4 * random);
