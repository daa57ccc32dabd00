/**
 * How long to wait before attempt `attempt + 1`: 0.5 s × 1.6 each time, at most 3 s, with jitter on every attempt so
 * that a thousand studios do not return to a recovering server in step.
 */
export interface BackoffOptions {
  readonly firstMs: number;
  readonly factor: number;
  readonly capMs: number;
  /** part of the delay that is left to chance, 0…1 */
  readonly jitter: number;
}
const defaults: BackoffOptions = { firstMs: 500, factor: 1.6, capMs: 3000, jitter: 0.3 };

/**
 * @param attempt how many attempts have failed, from 1
 * @param random 0 ≤ random < 1
 * @returns milliseconds, never above the cap
 */
export function backoffMs(attempt: number, random: number, options: Partial<BackoffOptions> = {}): number {
  const { firstMs, factor, capMs, jitter } = { ...defaults, ...options };
  const full = Math.min(capMs, firstMs * factor ** Math.max(0, attempt - 1));
  return Math.round(full * (1 - jitter * random));
}
