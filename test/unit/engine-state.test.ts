import { describe, expect, it } from 'vitest';
import { nextEngineState, restartDelayMs } from '../../electron/launcher/engine-state';
import type { EngineEvent, EngineState } from '../../electron/launcher/engine-state';

const ready = { uiUrl: 'http://127.0.0.1:7780/#token=x', rtmpUrl: null };
const idle: EngineState = { state: 'idle' };
const starting: EngineState = { state: 'starting', failures: 0, wasReady: false };
const running: EngineState = { state: 'running', ready, sinceMs: 1000, failures: 0 };
const ended: EngineState = { state: 'ended', exitCode: 0, reason: null };
const exited = (code: number | null, nowMs = 2000, signal: NodeJS.Signals | null = null): EngineEvent => ({
  type: 'exited',
  exit: { code, signal },
  lastLine: 'last words',
  nowMs,
});

describe('the engine supervisor’s states', () => {
  const table: [string, EngineState, EngineEvent, EngineState][] = [
    ['starts once', idle, { type: 'start' }, starting],
    ['becomes ready', starting, { type: 'ready', ready, nowMs: 1000 }, running],
    ['ends when it ends by its own wish', running, exited(0), ended],
    [
      'waits after a crash',
      running,
      exited(null, 2000, 'SIGKILL'),
      {
        state: 'waiting',
        failures: 0,
        wasReady: true,
        delayMs: 500,
        reason: 'The engine crashed (signal SIGKILL): last words',
      },
    ],
    [
      'passes a mistake on at once',
      starting,
      exited(2),
      { state: 'ended', exitCode: 2, reason: 'last words' },
    ],
    [
      'tries a full disk again, and says what it is',
      starting,
      exited(75),
      { state: 'waiting', failures: 1, wasReady: false, delayMs: 800, reason: 'last words' },
    ],
    [
      'never gives a full disk up once it was ready',
      { state: 'starting', failures: 99, wasReady: true },
      exited(75),
      { state: 'waiting', failures: 100, wasReady: true, delayMs: 3000, reason: 'last words' },
    ],
    [
      'tries a crash before ready again',
      starting,
      exited(1),
      {
        state: 'waiting',
        failures: 1,
        wasReady: false,
        delayMs: 800,
        reason: 'The engine crashed (exit 1): last words',
      },
    ],
    [
      'gives up at the third crash before ready',
      { state: 'starting', failures: 2, wasReady: false },
      exited(1),
      { state: 'ended', exitCode: 1, reason: 'The engine crashed (exit 1): last words' },
    ],
    [
      'does not take a port that its own children still hold for a mistake',
      { state: 'starting', failures: 0, wasReady: true },
      exited(2),
      { state: 'waiting', failures: 1, wasReady: true, delayMs: 800, reason: 'last words' },
    ],
    [
      'forgets old failures after a stable run',
      { ...running, failures: 4 },
      exited(1, 40_000),
      {
        state: 'waiting',
        failures: 0,
        wasReady: true,
        delayMs: 500,
        reason: 'The engine crashed (exit 1): last words',
      },
    ],
    [
      'starts again after the wait',
      { state: 'waiting', failures: 3, wasReady: true, delayMs: 1, reason: '' },
      { type: 'retry' },
      { state: 'starting', failures: 3, wasReady: true },
    ],
    [
      'needs no process to stop while it waits',
      { state: 'waiting', failures: 3, wasReady: true, delayMs: 1, reason: '' },
      { type: 'stop' },
      ended,
    ],
    ['stops', running, { type: 'stop' }, { state: 'stopping' }],
    ['has stopped, however it went', { state: 'stopping' }, exited(null, 0, 'SIGKILL'), ended],
  ];
  it.each(table)('%s', (_name, state, event, next) => {
    expect(nextEngineState(state, event)).toEqual(next);
  });

  const nothing: [string, EngineState, EngineEvent][] = [
    ['ready while stopping', { state: 'stopping' }, { type: 'ready', ready, nowMs: 0 }],
    ['retry while running', running, { type: 'retry' }],
    ['start twice', running, { type: 'start' }],
    ['stop after the end', ended, { type: 'stop' }],
  ];
  it.each(nothing)('ignores %s', (_name, state, event) => {
    expect(nextEngineState(state, event)).toBe(state);
  });

  it('is back within 5 s however often it failed', () => {
    for (let failures = 0; failures < 50; failures += 1)
      expect(restartDelayMs(failures)).toBeLessThanOrEqual(3000);
  });
});
