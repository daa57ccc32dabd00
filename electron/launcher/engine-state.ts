import type { ReadyLine } from '../../shared/contract/engine-file';
import { fullDiskExit, userErrorExit } from '../../shared/contract/engine-file';
import { describeExit } from '../streaming/lib/child';
import type { ChildExit } from '../streaming/lib/child';

/** Where a supervised engine is; each state holds only what is valid in it. */
export type EngineState =
  | { readonly state: 'idle' }
  /** `failures`: attempts in a row that ended before they were ready */
  | { readonly state: 'starting'; readonly failures: number; readonly wasReady: boolean }
  | {
      readonly state: 'running';
      readonly ready: ReadyLine;
      readonly sinceMs: number;
      readonly failures: number;
    }
  | {
      readonly state: 'waiting';
      readonly failures: number;
      readonly wasReady: boolean;
      readonly delayMs: number;
      readonly reason: string;
    }
  | { readonly state: 'stopping' }
  /** for good: `exitCode` is what the launcher ends with, `reason` a sentence when something went wrong */
  | { readonly state: 'ended'; readonly exitCode: number; readonly reason: string | null };

export type EngineEvent =
  | { readonly type: 'start' }
  | { readonly type: 'ready'; readonly ready: ReadyLine; readonly nowMs: number }
  /** `lastLine`: the last thing it said on stderr */
  | { readonly type: 'exited'; readonly exit: ChildExit; readonly lastLine: string; readonly nowMs: number }
  | { readonly type: 'retry' }
  | { readonly type: 'stop' };

/** An engine that crashes before it was ever ready is given this many tries. */
const maxFirstFailures = 3;
/** Once it has been ready, "port in use" may be its own children's last second: worth more tries. */
const maxUserErrorsAfterReady = 8;
/** An engine that ran this long starts with a clean slate. */
const stableMs = 30_000;

/** 0.5 s × 1.6 per failure, at most 3 s: an engine is back within 5 s of a crash. */
export const restartDelayMs = (failures: number): number => Math.min(3000, 500 * 1.6 ** failures);

function afterExit(
  state: EngineState & { state: 'starting' | 'running' },
  event: EngineEvent & { type: 'exited' },
): EngineState {
  const wasReady = state.state === 'running' || state.wasReady;
  const { exit, lastLine } = event;
  // It ended by its own wish: --duration is over, or the signal that reached us reached it too.
  if (exit.code === 0) return { state: 'ended', exitCode: 0, reason: null };
  const isUserError = exit.code === userErrorExit;
  const failures =
    state.state === 'starting'
      ? state.failures + 1
      : event.nowMs - state.sinceMs >= stableMs
        ? 0
        : state.failures;
  const isTold = isUserError || exit.code === fullDiskExit;
  const reason =
    isTold && lastLine
      ? lastLine
      : `The engine crashed (${describeExit(exit)})${lastLine ? `: ${lastLine}` : '.'}`;
  const limit = wasReady
    ? isUserError
      ? maxUserErrorsAfterReady
      : Infinity
    : isUserError
      ? 1
      : maxFirstFailures;
  if (state.state === 'starting' && failures >= limit)
    return { state: 'ended', exitCode: isTold ? userErrorExit : 1, reason };
  return { state: 'waiting', failures, wasReady, delayMs: restartDelayMs(failures), reason };
}

/** Events that mean nothing in a state leave it as it is (the same object). */
export function nextEngineState(state: EngineState, event: EngineEvent): EngineState {
  switch (event.type) {
    case 'start':
      return state.state === 'idle' ? { state: 'starting', failures: 0, wasReady: false } : state;
    case 'ready':
      return state.state === 'starting'
        ? { state: 'running', ready: event.ready, sinceMs: event.nowMs, failures: state.failures }
        : state;
    case 'exited':
      if (state.state === 'stopping') return { state: 'ended', exitCode: 0, reason: null };
      return state.state === 'starting' || state.state === 'running' ? afterExit(state, event) : state;
    case 'retry':
      return state.state === 'waiting'
        ? { state: 'starting', failures: state.failures, wasReady: state.wasReady }
        : state;
    case 'stop':
      if (state.state === 'idle' || state.state === 'waiting')
        return { state: 'ended', exitCode: 0, reason: null };
      return state.state === 'ended' ? state : { state: 'stopping' };
  }
}
