import { describe, expect, it } from 'vitest';
import { nextConnectionState, retryDelayMs } from '../../renderer/client/connection-state';
import type { ConnectionState, ConnectionStep } from '../../renderer/client/connection-state';

const error = { code: 'unauthorised', details: {} } as const;
const closed: ConnectionState = { state: 'closed' };
const connecting: ConnectionState = { state: 'connecting', attempt: 3 };
const open: ConnectionState = { state: 'open' };
const lost: ConnectionState = { state: 'lost', attempt: 3, retryAt: 50, reason: 'x' };
const refused: ConnectionState = { state: 'refused', error };

const dial: ConnectionStep = { type: 'dial' };
const welcomed: ConnectionStep = { type: 'welcomed' };
const dropped: ConnectionStep = { type: 'dropped', retryAt: 99, reason: 'gone' };
const refuse: ConnectionStep = { type: 'refused', error };
const close: ConnectionStep = { type: 'close' };

const table: [from: ConnectionState, step: ConnectionStep, to: ConnectionState][] = [
  [closed, dial, { state: 'connecting', attempt: 1 }],
  [closed, welcomed, closed],
  [closed, dropped, closed],
  [closed, refuse, closed],
  [closed, close, closed],
  [connecting, welcomed, open],
  [connecting, dropped, { state: 'lost', attempt: 3, retryAt: 99, reason: 'gone' }],
  [connecting, refuse, refused],
  [connecting, close, closed],
  [open, welcomed, open],
  [open, dropped, { state: 'lost', attempt: 0, retryAt: 99, reason: 'gone' }],
  [open, refuse, refused],
  [open, close, closed],
  [lost, dial, { state: 'connecting', attempt: 4 }],
  [lost, welcomed, lost],
  [lost, dropped, lost],
  [lost, refuse, refused],
  [lost, close, closed],
  [refused, dial, { state: 'connecting', attempt: 1 }],
  [refused, welcomed, refused],
  [refused, dropped, refused],
  [refused, close, closed],
];

describe('the connection', () => {
  it.each(table)('%j on %j becomes %j', (from, step, to) => {
    expect(nextConnectionState(from, step)).toEqual(to);
  });

  it('waits longer with every attempt, at most 3 s, and never twice the same for all tabs', () => {
    expect(retryDelayMs(0, 0.5)).toBe(300);
    expect(retryDelayMs(1, 0.5)).toBe(480);
    expect(retryDelayMs(40, 0.5)).toBe(3000);
    expect(retryDelayMs(40, 0)).toBe(2400);
    expect(retryDelayMs(40, 1)).toBe(3600);
  });
});
