import { describe, expect, it, vi } from 'vitest';
import { createStudioActions } from '../../renderer/actions/studio-actions';
import { EngineError } from '../../renderer/client/engine-error';
import { RateTracker } from '../../renderer/store/rate-tracker';
import { overloadOf } from '../../renderer/features/top-bar/overload';
import { StatsHistory } from '../../renderer/store/stats-history';
import { createStudioStore } from '../../renderer/store/studio-store';
import type { Stats } from '../../shared/contract/events';
import { believableSnapshot, believableStats } from '../support/contract-peer-state';

describe('the studio store', () => {
  it('replaces one slice and leaves the others the same objects', () => {
    const store = createStudioStore();
    const snapshot = believableSnapshot(0);
    store.setSnapshot(snapshot);
    store.setSlice('live', { isLive: true, since: 5 });
    const next = store.getState().snapshot;
    expect(next?.live).toEqual({ isLive: true, since: 5 });
    expect(next?.scenes).toBe(snapshot.scenes);
    expect(next?.outputs).toBe(snapshot.outputs);
  });

  it('knows nothing to change before the first snapshot', () => {
    const store = createStudioStore();
    store.setSlice('live', { isLive: true, since: 5 });
    expect(store.getState().snapshot).toBeNull();
  });

  it('keeps the last state while the connection is lost', () => {
    const store = createStudioStore();
    store.setSnapshot(believableSnapshot(0));
    store.setConnection({ state: 'lost', attempt: 1, retryAt: 9, reason: 'gone' });
    expect(store.getState().snapshot).not.toBeNull();
  });

  it('rates outputs and incoming streams from their totals', () => {
    let nowMs = 0;
    const store = createStudioStore(() => nowMs);
    const snapshot = believableSnapshot(0);
    store.setSnapshot(snapshot);
    expect(store.getState().outputKbps['twitch']).toBeNull();
    nowMs = 1000;
    store.setSlice(
      'outputs',
      snapshot.outputs.map((output) => (output.id === 'twitch' ? { ...output, bytes: 750_000 } : output)),
    );
    expect(store.getState().outputKbps['twitch']).toBe(6000);
  });

  it('stacks different errors, at most four, and not the same one twice', () => {
    const store = createStudioStore();
    for (const sentence of ['a', 'b', 'b', 'c', 'd', 'e']) store.addToast({ sentence, remedy: '' });
    expect(store.getState().toasts.map(({ sentence }) => sentence)).toEqual(['b', 'c', 'd', 'e']);
    const first = store.getState().toasts[0];
    store.removeToast(first?.id ?? -1);
    expect(store.getState().toasts).toHaveLength(3);
  });
});

describe('a rate', () => {
  it('is a mean over about three seconds', () => {
    const tracker = new RateTracker();
    for (let sec = 0; sec <= 10; sec++) tracker.update([{ id: 'a', bytes: sec * 1000 }], sec * 1000);
    const rates = tracker.update([{ id: 'a', bytes: 10_000 }], 11_000);
    // 3 s of which one stood still
    expect(rates['a']).toBeCloseTo((2000 * 8) / 3000, 5);
  });

  it('begins anew when the total falls, and forgets who has gone', () => {
    const tracker = new RateTracker();
    tracker.update([{ id: 'a', bytes: 5000 }], 0);
    expect(tracker.update([{ id: 'a', bytes: 100 }], 1000)['a']).toBeNull();
    expect(tracker.update([{ id: 'a', bytes: 1100 }], 2000)['a']).toBe(8);
    expect(tracker.update([], 3000)).toEqual({});
    expect(tracker.update([{ id: 'a', bytes: 2000 }], 4000)['a']).toBeNull();
  });
});

describe('the stats history', () => {
  const reading = (at: number, change: Partial<Stats> = {}): Stats => ({
    ...believableStats(at, 0),
    lagged: 0,
    skipped: 0,
    dropped: 0,
    ...change,
  });

  it('keeps five minutes, all columns of one length', () => {
    const history = new StatsHistory();
    for (let at = 0; at <= 600_000; at += 500) history.push(reading(at));
    expect(history.timesSec[0]).toBe(300);
    expect(history.timesSec.at(-1)).toBe(600);
    expect(history.column('fps')).toHaveLength(history.timesSec.length);
    expect(history.column('cpuTotal')).toHaveLength(history.timesSec.length);
  });

  it('turns counters into rates per second, and a restart of the engine into no loss', () => {
    const history = new StatsHistory();
    history.push(reading(0, { lagged: 10 }));
    history.push(reading(500, { lagged: 13 }));
    history.push(reading(1000, { lagged: 1 }));
    expect(history.column('laggedPerSec')).toEqual([0, 6, 0]);
    expect(history.latest?.lagged).toBe(1);
  });

  it('breaks the line where readings are missing', () => {
    const history = new StatsHistory();
    history.push(reading(0, { fps: 60 }));
    history.push(reading(10_000, { fps: 59 }));
    expect(history.column('fps')).toEqual([60, null, 59]);
  });

  it('tells its listeners of each reading until they stop', () => {
    const history = new StatsHistory();
    const listener = vi.fn();
    const stop = history.listen(listener);
    history.push(reading(0));
    stop();
    history.push(reading(500));
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('begins anew when the clock was set back', () => {
    const history = new StatsHistory();
    history.push(reading(100_000));
    history.push(reading(40_000));
    expect(history.timesSec).toEqual([40]);
  });

  it.each([
    ['skipped', 3, 'encoder'],
    ['lagged', 3, 'compositor'],
    // 1 in 30 passes unnoticed.
    ['skipped', 1, null],
  ] as const)('knows from frames %s (%i of 30) what is overloaded', (counter, perSec, overload) => {
    const history = new StatsHistory();
    // One bad moment says nothing yet.
    history.push(reading(0));
    history.push(reading(1000, { [counter]: 30 }));
    expect(overloadOf(history, 30)).toBeNull();
    for (let sec = 2; sec <= 20; sec += 0.5)
      history.push(reading(sec * 1000, { [counter]: 30 + perSec * sec }));
    expect(overloadOf(history, 30)).toBe(overload);
    // It is over ten seconds after the last of it.
    for (let sec = 20.5; sec <= 31; sec += 0.5)
      history.push(reading(sec * 1000, { [counter]: 30 + perSec * 20 }));
    expect(overloadOf(history, 30)).toBeNull();
  });
});

describe('actions', () => {
  it('turn an error into a toast with sentence and remedy, and answer null', async () => {
    const store = createStudioStore();
    const actions = createStudioActions(
      {
        call: () => Promise.reject(new EngineError({ code: 'key-name-taken', details: { name: 'Phone' } })),
      },
      store,
    );
    await expect(actions.createKey('Phone')).resolves.toBeNull();
    expect(store.getState().toasts).toMatchObject([
      {
        sentence: 'A stream key named “Phone” already exists.',
        remedy: 'Choose another name or revoke the old key.',
      },
    ]);
  });
});
