import { describe, expect, it } from 'vitest';
import type { WireError } from '../../shared/contract/errors';
import type { OutputState } from '../../shared/contract/snapshot';
import { nextOutputState } from '../../electron/streaming/output/output-state';
import type { OutputEvent } from '../../electron/streaming/output/output-state';

const error: WireError = { code: 'destination-lost', details: { host: 'h', reason: 'r' } };
const states = {
  idle: { state: 'idle' },
  waiting: { state: 'waiting', until: 7 },
  connecting: { state: 'connecting', attempt: 1 },
  live: { state: 'live', since: 5 },
  reconnecting: { state: 'reconnecting', attempt: 2, retryAt: 9, error },
  stopping: { state: 'stopping' },
  failed: { state: 'failed', error },
} as const satisfies Record<string, OutputState>;
const events = {
  held: { type: 'held', until: 7 },
  'attempt-begun': { type: 'attempt-begun', attempt: 1 },
  accepted: { type: 'accepted', at: 5 },
  'attempt-failed': { type: 'attempt-failed', attempt: 2, retryAt: 9, error },
  'given-up': { type: 'given-up', error },
  'stop-asked': { type: 'stop-asked' },
  ended: { type: 'ended' },
} as const satisfies Record<OutputEvent['type'], OutputEvent>;

type State = keyof typeof states;
/** what each event makes of each state; a state that is not named stays as it is */
const table: Record<State, Partial<Record<OutputEvent['type'], State>>> = {
  idle: { held: 'waiting', 'attempt-begun': 'connecting' },
  waiting: {
    'attempt-begun': 'connecting',
    'attempt-failed': 'reconnecting',
    'given-up': 'failed',
    'stop-asked': 'stopping',
    ended: 'idle',
  },
  connecting: {
    accepted: 'live',
    'attempt-failed': 'reconnecting',
    'given-up': 'failed',
    'stop-asked': 'stopping',
    ended: 'idle',
  },
  live: {
    'attempt-begun': 'connecting',
    'attempt-failed': 'reconnecting',
    'given-up': 'failed',
    'stop-asked': 'stopping',
    ended: 'idle',
  },
  reconnecting: {
    'attempt-begun': 'connecting',
    'attempt-failed': 'reconnecting',
    'given-up': 'failed',
    'stop-asked': 'stopping',
    ended: 'idle',
  },
  stopping: { ended: 'idle' },
  failed: { 'attempt-begun': 'connecting', 'stop-asked': 'idle' },
};

describe('the states of an output', () => {
  const cases = (Object.keys(states) as State[]).flatMap((from) =>
    (Object.keys(events) as OutputEvent['type'][]).map((event) => ({
      from,
      event,
      to: table[from][event] ?? from,
    })),
  );
  it.each(cases)('$from, $event → $to', ({ from, event, to }) => {
    expect(nextOutputState(states[from], events[event])).toEqual(states[to]);
  });
});
