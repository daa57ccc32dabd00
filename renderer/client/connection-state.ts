import type { WireError } from '../../shared/contract/errors';

/** Where the one connection to the engine stands. */
export type ConnectionState =
  | { state: 'closed' }
  | { state: 'connecting'; attempt: number }
  | { state: 'open' }
  | { state: 'lost'; attempt: number; retryAt: number; reason: string }
  | { state: 'refused'; error: WireError };

export type ConnectionStep =
  | { type: 'dial' }
  | { type: 'welcomed' }
  | { type: 'dropped'; retryAt: number; reason: string }
  | { type: 'refused'; error: WireError }
  | { type: 'close' };

/** A refusal is final until the person acts (`dial`); a late drop of the refused socket must not start a retry. */
export function nextConnectionState(now: ConnectionState, step: ConnectionStep): ConnectionState {
  switch (step.type) {
    case 'dial':
      return { state: 'connecting', attempt: now.state === 'lost' ? now.attempt + 1 : 1 };
    case 'welcomed':
      return now.state === 'connecting' || now.state === 'open' ? { state: 'open' } : now;
    case 'dropped':
      if (now.state === 'closed' || now.state === 'refused' || now.state === 'lost') return now;
      return {
        state: 'lost',
        attempt: now.state === 'connecting' ? now.attempt : 0,
        retryAt: step.retryAt,
        reason: step.reason,
      };
    case 'refused':
      return now.state === 'closed' ? now : { state: 'refused', error: step.error };
    case 'close':
      return { state: 'closed' };
  }
}

/** Waiting time before the next dial: 0.3 s × 1.6 per attempt, at most 3 s, ± 20 % so that many tabs spread out. */
export function retryDelayMs(attempt: number, random: number): number {
  const base = Math.min(3000, 300 * 1.6 ** Math.max(0, attempt));
  return Math.round(base * (0.8 + 0.4 * random));
}
