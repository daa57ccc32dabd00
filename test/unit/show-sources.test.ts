import { beforeEach, describe, expect, it, vi } from 'vitest';
import { sourceSchema } from '../../shared/model/source';
import type { SourceSettings } from '../../shared/model/source';
import type { Picture } from '../../electron/streaming/interfaces/layer';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { ShowSources } from '../../electron/streaming/show-sources';
import { BaseSource } from '../../electron/streaming/sources/source';
import { testContext } from '../support/source-bench';

/** Starts when it is told to, or says that it cannot; takes no settings but its own. */
class StandIn extends BaseSource<SourceSettings> {
  isStopped = false;
  succeed!: () => void;
  refuse!: (error: Error) => void;

  protected override onStart(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.succeed = resolve;
      this.refuse = reject;
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  }

  protected override async onStop(): Promise<void> {
    this.isStopped = true;
  }

  override update(): boolean {
    return false;
  }

  override picture(): Promise<Picture> {
    throw new Error('nobody asks for it here');
  }
}

const colorOf = (id: string, color = '#102030'): SourceSettings =>
  sourceSchema.parse({ id, name: id, kind: 'color', color, width: 16, height: 16 });

describe('the sources of a show', () => {
  let made: StandIn[];
  let onReady: ReturnType<typeof vi.fn<() => void>>;
  let sources: ShowSources;
  const never = new AbortController().signal;
  const one = (index: number): StandIn => made[index]!;

  beforeEach(() => {
    made = [];
    onReady = vi.fn<() => void>();
    sources = new ShowSources({
      create: (settings) => {
        const source = new StandIn(settings as SourceSettings, testContext());
        made.push(source);
        return source;
      },
      onReady,
      onState: () => undefined,
      logger: silentLogger,
    });
  });

  it('are ready one by one: one that hangs and one that fails cost the others nothing', async () => {
    let isApplied = false;
    const applied = sources.apply([colorOf('good'), colorOf('hangs'), colorOf('fails')], never);
    void applied.then(() => (isApplied = true));
    one(0).succeed();
    one(2).refuse(new Error('no such thing'));
    await vi.waitFor(() => expect(onReady).toHaveBeenCalledTimes(2));
    // One that failed is asked as well: it shows why.
    expect([...sources.ready().keys()].sort()).toEqual(['fails', 'good']);
    expect(sources.startErrorOf('fails')?.code).toBe('internal');
    expect(sources.startErrorOf('good')).toBeNull();
    expect(isApplied).toBe(false);
    one(1).succeed();
    await applied;
    expect([...sources.ready().keys()].sort()).toEqual(['fails', 'good', 'hangs']);
    await sources.stop();
    expect(made.every(({ isStopped }) => isStopped)).toBe(true);
  });

  it('show the one that is replaced until the new one has started, and stop both when they go', async () => {
    const first = sources.apply([colorOf('a')], never);
    one(0).succeed();
    await first;
    const second = sources.apply([colorOf('a', '#ff0000')], never);
    expect(sources.ready().get('a')).toBe(one(0));
    expect(sources.get('a')).toBe(one(1));
    expect(one(0).isStopped).toBe(false);
    one(1).succeed();
    await second;
    expect(sources.ready().get('a')).toBe(one(1));
    await vi.waitFor(() => expect(one(0).isStopped).toBe(true));
    // Replaced again, and taken away before that one has started: neither is left behind.
    void sources.apply([colorOf('a', '#00ff00')], never);
    await sources.apply([], never);
    await sources.stop();
    expect(made.map(({ isStopped }) => isStopped)).toEqual([true, true, true]);
    expect(sources.ready().size).toBe(0);
  });

  it('stop one that was replaced before it had started, and never show it', async () => {
    void sources.apply([colorOf('a')], never);
    const second = sources.apply([colorOf('a', '#ff0000')], never);
    await vi.waitFor(() => expect(one(0).isStopped).toBe(true));
    one(1).succeed();
    await second;
    expect(sources.ready().get('a')).toBe(one(1));
    expect(onReady).toHaveBeenCalledTimes(1);
    await sources.stop();
  });
});
