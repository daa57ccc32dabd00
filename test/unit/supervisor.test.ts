import { describe, expect, it } from 'vitest';
import type { Output } from '../../electron/streaming/interfaces/output';
import type { PacketReader } from '../../electron/streaming/interfaces/packet';
import { StudioError } from '../../electron/streaming/lib/errors';
import { LazyReader } from '../../electron/streaming/output/lazy-reader';
import { outputStopMs } from '../../electron/streaming/lib/stop-limits';
import { OutputSupervisor } from '../../electron/streaming/output/supervisor';
import { TestPacketSource } from '../support/test-packets';
import { waitFor } from '../support/wait-for';

type Attempt = (reader: PacketReader, signal: AbortSignal, onLive: () => void) => Promise<void>;

const lost = (): StudioError =>
  new StudioError('destination-lost', { host: 'h', reason: 'gone' }, { retryable: true });
const refused = (): StudioError => new StudioError('destination-key-refused', { host: 'h', reason: 'no' });
const untilAborted: Attempt = (_, signal, onLive) => {
  onLive();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
};

/** A clock that moves only when told; timers fire in order. */
class TestTime {
  now = 1_000_000;
  readonly delays: number[] = [];
  readonly #timers = new Set<{ at: number; callback: () => void }>();
  readonly schedule = (ms: number, callback: () => void): (() => void) => {
    const timer = { at: this.now + ms, callback };
    this.#timers.add(timer);
    this.delays.push(ms);
    return () => this.#timers.delete(timer);
  };
  pass(ms: number): void {
    this.now += ms;
    for (const timer of this.#timers)
      if (timer.at <= this.now) {
        this.#timers.delete(timer);
        timer.callback();
      }
  }
  get waiting(): number {
    return this.#timers.size;
  }
}

function supervise(...attempts: Attempt[]): ReturnType<typeof superviseFrom> {
  return superviseFrom(null, attempts);
}

function superviseFrom(
  startInMs: number | null,
  attempts: readonly Attempt[],
): {
  supervisor: OutputSupervisor;
  source: TestPacketSource;
  time: TestTime;
  states: string[];
} {
  const time = new TestTime();
  const source = new TestPacketSource(() => []);
  let turn = 0;
  const output: Output = {
    id: 'x',
    name: 'X',
    kind: 'destination',
    url: 'rtmp://h/live',
    hasKey: true,
    counters: { bytes: 7 },
    reading: { from: 'next', dropMs: 500, flushMs: 1000 },
    run: (reader, signal, onLive) => {
      // Every attempt here gets as far as reading.
      void reader.next(signal).catch(() => undefined);
      return (attempts[turn++] ?? attempts.at(-1)!)(reader, signal, onLive);
    },
  };
  const supervisor = new OutputSupervisor({
    output,
    source,
    startAt: startInMs === null ? null : time.now + startInMs,
    now: () => time.now,
    random: () => 0,
    schedule: time.schedule,
  });
  const states: string[] = [];
  supervisor.events.on('changed', ({ status }) => states.push(status.state));
  return { supervisor, source, time, states };
}
const settled = (condition: () => boolean): Promise<void> =>
  waitFor(condition, 'the supervisor').then(() => undefined);

describe('OutputSupervisor', () => {
  it('tries the first connect again, each time with a new subscription and a longer wait', async () => {
    const fail: Attempt = () => Promise.reject(lost());
    const { supervisor, source, time, states } = supervise(fail, fail, untilAborted);
    await supervisor.start();
    await settled(() => supervisor.state.state === 'reconnecting');
    expect(supervisor.state).toMatchObject({
      attempt: 2,
      retryAt: time.now + 500,
      error: { code: 'destination-lost' },
    });
    time.pass(500);
    await settled(() => time.delays.length === 2);
    time.pass(800);
    await settled(() => supervisor.state.state === 'live');
    expect(time.delays).toEqual([500, 800]);
    expect(source.readers.map((reader) => reader.isDisposed)).toEqual([true, true, false]);
    expect(source.subscriptions[0]).toEqual({ name: 'X', from: 'next', dropMs: 500, flushMs: 1000 });
    expect(supervisor.view().reconnects).toBe(0);
    await supervisor.stop();
    expect(states).toEqual([
      'connecting',
      'reconnecting',
      'connecting',
      'reconnecting',
      'connecting',
      'live',
      'stopping',
      'idle',
    ]);
    expect(source.readers.every((reader) => reader.isDisposed)).toBe(true);
    expect(time.waiting).toBe(0);
  });

  it('sums dropped frames over attempts and counts reconnects', async () => {
    const drop =
      (frames: number): Attempt =>
      (_, __, onLive) => {
        onLive();
        source.readers.at(-1)!.droppedFrames = frames;
        return Promise.reject(lost());
      };
    const { supervisor, time, source } = supervise(drop(3), drop(4), untilAborted);
    await supervisor.start();
    for (const delay of [500, 800]) {
      await settled(() => time.delays.at(-1) === delay);
      time.pass(delay);
    }
    await settled(() => supervisor.state.state === 'live');
    expect(supervisor.view()).toMatchObject({ droppedFrames: 7, reconnects: 2, bytes: 7 });
    expect(supervisor.lastError?.code).toBe('destination-lost');
    await supervisor.stop();
  });

  it('subscribes only when the output begins to read: a connect that fails drops nothing', async () => {
    const source = new TestPacketSource(() => []);
    const reader = new LazyReader(source, { name: 'X', from: 'next' });
    reader.inFlightMs = 40;
    expect([reader.poll(), reader.queuedMs, reader.droppedFrames, source.readers.length]).toEqual([
      undefined,
      0,
      0,
      0,
    ]);
    const stop = new AbortController();
    const waiting = reader.next(stop.signal).catch(() => 'stopped');
    expect(source.readers[0]!.inFlightMs).toBe(40);
    stop.abort();
    expect(await waiting).toBe('stopped');
    reader[Symbol.dispose]();
    expect(source.readers[0]!.isDisposed).toBe(true);
    const unused = new LazyReader(source, { name: 'Y', from: 'next' });
    unused[Symbol.dispose]();
    expect(await unused.next(new AbortController().signal)).toBeNull();
    expect(source.readers).toHaveLength(1);
  });

  it('gives a refused key up at once, and tries anew when asked', async () => {
    const { supervisor, time } = supervise(() => Promise.reject(refused()), untilAborted);
    await supervisor.start();
    await settled(() => supervisor.state.state === 'failed');
    expect(time.delays).toEqual([]);
    supervisor.retryNow();
    await settled(() => supervisor.state.state === 'live');
    await supervisor.stop();
    expect(supervisor.state).toEqual({ state: 'idle' });
  });

  it('does not believe a refusal right after the same key was accepted, but does a minute later', async () => {
    const liveThenLost: Attempt = (_, __, onLive) => {
      onLive();
      return Promise.reject(lost());
    };
    const { supervisor, time } = supervise(liveThenLost, () => Promise.reject(refused()));
    await supervisor.start();
    await settled(() => time.delays.length === 1);
    time.pass(500);
    await settled(() => time.delays.length === 2);
    expect(supervisor.state).toMatchObject({
      state: 'reconnecting',
      error: { code: 'destination-key-refused' },
    });
    time.pass(60_000);
    await settled(() => supervisor.state.state === 'failed');
    await supervisor.stop();
  });

  it('ends the wait on retryNow, and on stop', async () => {
    const { supervisor, time, source } = supervise(() => Promise.reject(lost()));
    await supervisor.start();
    await settled(() => time.delays.length === 1);
    supervisor.retryNow();
    await settled(() => source.readers.length === 2 && time.delays.length === 2);
    await supervisor.stop();
    expect(supervisor.state).toEqual({ state: 'idle' });
    expect(time.waiting).toBe(0);
    supervisor.retryNow();
    expect(source.readers).toHaveLength(2);
  });

  it('waits briefly again after an attempt that was live for long', async () => {
    const fail: Attempt = () => Promise.reject(lost());
    const longLive: Attempt = (_, __, onLive) => {
      onLive();
      made.time.now += 20_000;
      return Promise.reject(lost());
    };
    const made = supervise(fail, fail, longLive, untilAborted);
    await made.supervisor.start();
    for (const [index, delay] of [500, 800, 500].entries()) {
      await settled(() => made.time.delays.length === index + 1);
      expect(made.time.delays.at(-1)).toBe(delay);
      made.time.pass(delay);
    }
    await settled(() => made.supervisor.state.state === 'live');
    await made.supervisor.stop();
  });

  it('has the network back for at most 3.3 s before it tries again, however the attempts end', async () => {
    // Refused at once, and nothing answered within the 3 s that a connect may take.
    for (const [tookMs, mostMs] of [
      [0, 3000],
      [100, 3000],
      [3000, 250],
    ] as const) {
      const made = supervise(() => {
        made.time.now += tookMs;
        return Promise.reject(lost());
      });
      await made.supervisor.start();
      for (let turn = 1; turn <= 8; turn++) {
        await settled(() => made.time.delays.length === turn);
        made.time.pass(made.time.delays.at(-1)!);
      }
      await settled(() => made.time.delays.length === 9);
      expect(made.time.delays.at(-1)).toBeLessThanOrEqual(mostMs);
      await made.supervisor.stop();
    }
  });

  it('takes up another network at once: no wait, and no attempt that hangs in the old one; what is live goes on', async () => {
    const hang: Attempt = (_, signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    const fail: Attempt = () => Promise.reject(lost());
    const { supervisor, source, time } = supervise(fail, hang, untilAborted);
    await supervisor.start();
    await settled(() => supervisor.state.state === 'reconnecting');
    supervisor.networkChanged();
    await settled(() => source.readers.length === 2);
    // Just begun: it was made in the new one.
    supervisor.networkChanged();
    time.now += 1000;
    expect(supervisor.state).toEqual({ state: 'connecting', attempt: 2 });
    supervisor.networkChanged();
    await settled(() => supervisor.state.state === 'live');
    expect(source.readers.map(({ isDisposed }) => isDisposed)).toEqual([true, true, false]);
    // Its connection survived the change: it sends.
    supervisor.networkChanged();
    for (let turn = 0; turn < 2; turn++) {
      await settled(() => time.waiting === 1);
      supervisor.output.counters.bytes += 1;
      time.pass(1000);
    }
    await settled(() => time.waiting === 0);
    expect(supervisor.state.state).toBe('live');
    // The next time it did not: nothing leaves any more once the buffers are full.
    supervisor.networkChanged();
    supervisor.output.counters.bytes += 1;
    for (let turn = 0; turn < 2; turn++) {
      await settled(() => time.waiting === 1);
      time.pass(1000);
    }
    await settled(() => source.readers.length === 4);
    await settled(() => supervisor.state.state === 'live');
    expect(supervisor.view().reconnects).toBe(1);
    await supervisor.stop();
    expect(source.readers).toHaveLength(4);
  });

  it('waits for the moment it is told to begin at, whatever a person or the network does', async () => {
    const made = superviseFrom(5000, [untilAborted]);
    await made.supervisor.start();
    expect(made.supervisor.state).toEqual({ state: 'waiting', until: made.time.now + 5000 });
    made.supervisor.retryNow();
    made.supervisor.networkChanged();
    made.time.pass(4999);
    expect(made.source.readers).toHaveLength(0);
    made.time.pass(1);
    await settled(() => made.supervisor.state.state === 'live');
    await made.supervisor.stop();
    expect(made.states).toEqual(['waiting', 'connecting', 'live', 'stopping', 'idle']);

    const ended = superviseFrom(5000, [untilAborted]);
    await ended.supervisor.start();
    await ended.supervisor.stop();
    expect([ended.supervisor.state.state, ended.source.readers.length]).toEqual(['idle', 0]);
  });

  it('goes on after a bug, and comes to rest when the program ends', async () => {
    const { supervisor, time } = supervise(
      () => Promise.reject(new TypeError('bug')),
      () => Promise.resolve(),
    );
    await supervisor.start();
    await settled(() => supervisor.state.state === 'reconnecting');
    expect(supervisor.lastError).toEqual({ code: 'internal', details: { reason: 'bug' } });
    time.pass(500);
    await settled(() => supervisor.state.state === 'idle');
    await supervisor.stop();
  });

  it('leaves an output behind that does not end', async () => {
    const { supervisor, source, time } = supervise((_, __, onLive) => {
      onLive();
      return new Promise(() => undefined);
    });
    await supervisor.start();
    await settled(() => supervisor.state.state === 'live');
    const stopping = supervisor.stop();
    await settled(() => time.waiting === 1);
    time.pass(outputStopMs);
    await stopping;
    expect(supervisor.state).toEqual({ state: 'idle' });
    expect(source.readers[0]!.isDisposed).toBe(true);
  });
});
