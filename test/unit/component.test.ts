import { describe, expect, it } from 'vitest';
import { BaseComponent } from '../../electron/streaming/lib/component';

/** Notes what it is told; `onStart` ends when the test says so, or with the signal. */
class Recorder extends BaseComponent {
  readonly calls: string[] = [];
  readonly #work: (signal: AbortSignal) => Promise<void>;
  constructor(work: (signal: AbortSignal) => Promise<void> = () => Promise.resolve()) {
    super();
    this.#work = work;
  }
  protected override async onStart(signal: AbortSignal): Promise<void> {
    this.calls.push('start');
    await this.#work(signal);
  }
  protected override onStop(): Promise<void> {
    this.calls.push('stop');
    return Promise.resolve();
  }
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });

describe('BaseComponent', () => {
  it('starts and stops once, however often it is asked', async () => {
    const part = new Recorder();
    await Promise.all([part.start(), part.start()]);
    await Promise.all([part.stop(), part.stop()]);
    expect(part.calls).toEqual(['start', 'stop']);
  });

  it('releases what a failed start had acquired, before the failure is heard', async () => {
    const part = new Recorder(() => Promise.reject(new Error('no port')));
    await expect(part.start()).rejects.toThrow('no port');
    expect(part.calls).toEqual(['start', 'stop']);
    await part.stop();
    expect(part.calls).toEqual(['start', 'stop']);
  });

  it('stops in the middle of a start: the start is aborted, everything released once', async () => {
    const part = new Recorder(untilAborted);
    const start = part.start();
    const stop = part.stop();
    await expect(start).rejects.toThrow();
    await stop;
    expect(part.calls).toEqual(['start', 'stop']);
  });

  it('ends a start whose caller gave up', async () => {
    const part = new Recorder(untilAborted);
    const caller = new AbortController();
    const start = part.start(caller.signal);
    caller.abort(new Error('changed my mind'));
    await expect(start).rejects.toThrow('changed my mind');
    expect(part.calls).toEqual(['start', 'stop']);
  });

  it('stops without ever having started', async () => {
    const part = new Recorder();
    await part.stop();
    expect(part.calls).toEqual(['stop']);
  });
});
