import type { WireError } from '../../../shared/contract/errors';
import type { OutputState } from '../../../shared/contract/snapshot';

/** What happens to an output. Times are unix milliseconds. */
export type OutputEvent =
  /** the first attempt is not made before this */
  | { readonly type: 'held'; readonly until: number }
  | { readonly type: 'attempt-begun'; readonly attempt: number }
  | { readonly type: 'accepted'; readonly at: number }
  | {
      readonly type: 'attempt-failed';
      /** the attempt that will be made next */
      readonly attempt: number;
      readonly retryAt: number;
      readonly error: WireError;
    }
  | { readonly type: 'given-up'; readonly error: WireError }
  | { readonly type: 'stop-asked' }
  | { readonly type: 'ended' };

/** The only way an output changes its state. An event that means nothing in a state leaves it as it is. */
export function nextOutputState(state: OutputState, event: OutputEvent): OutputState {
  switch (state.state) {
    case 'idle':
      if (event.type === 'held') return { state: 'waiting', until: event.until };
      return event.type === 'attempt-begun' ? { state: 'connecting', attempt: event.attempt } : state;
    case 'failed':
      if (event.type === 'attempt-begun') return { state: 'connecting', attempt: event.attempt };
      if (event.type === 'stop-asked') return { state: 'idle' };
      return state;
    case 'connecting':
      if (event.type === 'accepted') return { state: 'live', since: event.at };
      return nextWhileRunning(state, event);
    case 'live':
      // The connection was given up for a new one, without a failure in between.
      if (event.type === 'attempt-begun') return { state: 'connecting', attempt: event.attempt };
      return nextWhileRunning(state, event);
    case 'waiting':
    case 'reconnecting':
      if (event.type === 'attempt-begun') return { state: 'connecting', attempt: event.attempt };
      return nextWhileRunning(state, event);
    case 'stopping':
      return event.type === 'ended' ? { state: 'idle' } : state;
  }
}

function nextWhileRunning(state: OutputState, event: OutputEvent): OutputState {
  switch (event.type) {
    case 'attempt-failed':
      return {
        state: 'reconnecting',
        attempt: event.attempt,
        retryAt: event.retryAt,
        error: event.error,
      };
    case 'given-up':
      return { state: 'failed', error: event.error };
    case 'stop-asked':
      return { state: 'stopping' };
    case 'ended':
      return { state: 'idle' };
    default:
      return state;
  }
}
