import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FadeCommand } from '../../electron/streaming/composition/compositor-protocol';
import { SceneView } from '../../electron/streaming/composition/scene-view';
import type { Layer, PictureRequest, PictureSource } from '../../electron/streaming/interfaces/layer';
import { sceneSchema } from '../../shared/model/scene';
import type { Scene } from '../../shared/model/scene';
import { waitFor } from '../support/wait-for';

const sceneOf = (id: string, ...items: object[]): Scene =>
  sceneSchema.parse({ id, name: id, items: items.map((item, index) => ({ id: `${id}${index}`, ...item })) });

/** A source whose pictures are numbered; it knows which of them are still out. */
class NumberedSource implements PictureSource {
  readonly id: string;
  readonly out = new Set<number>();
  readonly requests: PictureRequest[] = [];
  failure: Error | null = null;
  /** pictures wait for this */
  gate: Promise<void> = Promise.resolve();
  #revision = 0;
  #listeners = new Set<() => void>();

  constructor(id: string) {
    this.id = id;
  }

  async picture(request: PictureRequest) {
    this.requests.push(request);
    await this.gate;
    if (this.failure) throw this.failure;
    const revision = ++this.#revision;
    this.out.add(revision);
    const planes = { width: 20, height: 20, y: 64, u: 64, v: 64, alpha: 0, chromaAlpha: 0 };
    return {
      content: { type: 'tile' as const, planes, revision },
      release: () => {
        if (!this.out.delete(revision)) throw new Error(`picture ${revision} released twice`);
      },
    };
  }

  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  change(): void {
    for (const listener of this.#listeners) listener();
  }

  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }
}

const views: SceneView[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const view of views.splice(0)) await view.stop();
});

function make(...ids: string[]) {
  const list = ids.map((id) => new NumberedSource(id));
  const sources = new Map(list.map((source) => [source.id, source]));
  const lists: (readonly Layer[])[] = [];
  const fades: (FadeCommand | null)[] = [];
  const errors: unknown[][] = [];
  /** setLayers resolves when this does, as a tick would make it */
  const stage = { tick: Promise.resolve() };
  const program = { frame: 0 };
  const view = new SceneView({
    canvas: { width: 100, height: 100 },
    program: { fps: 60, frameIndex: () => program.frame },
    setLayers: (layers, _hiddenRings, fade) => {
      // What is being put on the canvas must not have been given back.
      for (const { content } of [...layers, ...(fade?.from ?? [])])
        if (content.type === 'tile' && !list.some((source) => source.out.has(content.revision)))
          throw new Error('a released picture is drawn');
      lists.push(layers);
      fades.push(fade);
      return stage.tick;
    },
    onItemError: (...report) => errors.push(report),
  });
  views.push(view);
  const shown = () =>
    lists.at(-1)?.map(({ itemId, content }) => [itemId, content.type === 'tile' && content.revision]);
  return { view, sources, list, lists, fades, errors, stage, program, shown };
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('the scene view', () => {
  it('shows a scene, follows its sources and gives old pictures back only after the next tick', async () => {
    const { view, sources, list, shown, stage } = make('a');
    const [a] = list as [NumberedSource];
    await view.show(sceneOf('one', { sourceId: 'a' }), sources);
    expect(shown()).toEqual([['one0', 1]]);
    let tick = () => {};
    stage.tick = new Promise((resolve) => (tick = resolve));
    a.change();
    await settle();
    expect(shown()).toEqual([['one0', 2]]);
    expect([...a.out]).toEqual([1, 2]);
    tick();
    await settle();
    expect([...a.out]).toEqual([2]);
  });

  it('cuts to a cached scene at once, without asking anybody', async () => {
    const { view, sources, list, lists, shown } = make('a', 'b');
    const one = sceneOf('one', { sourceId: 'a' });
    const two = sceneOf('two', { sourceId: 'b', x: 10 });
    await view.preload(two, sources);
    await view.show(one, sources);
    const asked = list.map((source) => source.requests.length);
    const before = lists.length;
    void view.show(two, sources);
    await Promise.resolve();
    expect(lists.length).toBe(before + 1);
    expect(shown()).toEqual([['two0', 1]]);
    await view.show(one, sources);
    expect(list.map((source) => source.requests.length)).toEqual(asked);
  });

  it('asks once for two items that need the same picture', async () => {
    const { view, sources, list, shown } = make('a');
    await view.show(sceneOf('one', { sourceId: 'a' }, { sourceId: 'a', x: 40 }), sources);
    expect(list[0]!.requests.length).toBe(1);
    expect(shown()).toEqual([
      ['one0', 1],
      ['one1', 1],
    ]);
  });

  it('draws an item that is dragged from the picture it has, and asks for the one that fits when it rests', async () => {
    vi.useFakeTimers();
    const { view, sources, list, lists, shown } = make('a');
    const [a] = list as [NumberedSource];
    await view.show(sceneOf('one', { sourceId: 'a', width: 20, height: 20 }), sources);
    let open = () => {};
    a.gate = new Promise((resolve) => (open = resolve));
    // Two seconds of dragging, sixty times a second, each place and size another one.
    for (let edit = 1; edit <= 120; edit++) {
      const item = { sourceId: 'a', x: edit % 70, y: 3, width: 20 + edit, height: 20, rotation: edit };
      await view.show(sceneOf('one', item), sources);
      await vi.advanceTimersByTimeAsync(16);
      expect(lists.at(-1)?.[0]?.placement?.box).toMatchObject({ x: edit % 70, width: 20 + edit });
    }
    expect(a.requests.length).toBe(1);
    await vi.advanceTimersByTimeAsync(120);
    expect(a.requests.length).toBe(1);
    await vi.advanceTimersByTimeAsync(40);
    expect(a.requests[1]).toMatchObject({ width: 140, height: 20 });
    expect(shown()).toEqual([['one0', 1]]);
    open();
    await vi.advanceTimersByTimeAsync(1);
    expect(shown()).toEqual([['one0', 2]]);
    // The picture of the old size is needed by nobody any more.
    expect([...a.out]).toEqual([2]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(a.requests.length).toBe(2);
  });

  it('asks at once in a cut, and for nothing when an item comes back to where it was', async () => {
    vi.useFakeTimers();
    const { view, sources, list } = make('a');
    const [a] = list as [NumberedSource];
    await view.show(sceneOf('one', { sourceId: 'a' }), sources);
    await view.show(sceneOf('one', { sourceId: 'a', width: 50 }), sources);
    await view.show(sceneOf('one', { sourceId: 'a' }), sources);
    await vi.advanceTimersByTimeAsync(1000);
    expect(a.requests.length).toBe(1);
    await view.show(sceneOf('two', { sourceId: 'a', width: 60 }), sources);
    expect(a.requests.at(-1)).toMatchObject({ width: 60 });
  });

  it('shows the old picture until the source that took its place delivers, then gives it back', async () => {
    const { view, sources, list, lists, shown } = make('a', 'a');
    const [before, after] = list as [NumberedSource, NumberedSource];
    const scene = sceneOf('one', { sourceId: 'a' });
    await view.show(scene, new Map([['a', before]]));
    const drawnBefore = lists.length;
    let open = () => {};
    after.gate = new Promise((resolve) => (open = resolve));
    await view.show(scene, sources);
    expect([shown(), before.isWatched, after.isWatched]).toEqual([[['one0', 1]], false, true]);
    open();
    await settle();
    expect(lists.slice(drawnBefore).every((layers) => layers.length === 1)).toBe(true);
    expect([before.out.size, after.out.size]).toEqual([0, 1]);
    // What takes its place and fails at once must not be hidden behind the old picture for good.
    const broken = new NumberedSource('a');
    broken.failure = new Error('no picture');
    await view.show(scene, new Map([['a', broken]]));
    await settle();
    expect([shown(), after.out.size]).toEqual([[], 0]);
  });

  it('goes on with the former clip until the first picture of the one that joins it falls due', async () => {
    const { view, lists, program } = make('a');
    const ring = (control: number, startFrame: number) => {
      const planes = { width: 20, height: 20, y: 64, u: 64, v: 64, alpha: 0, chromaAlpha: 0 };
      return { slots: [planes], control, fps: 30, startFrame };
    };
    const rings = [ring(64, 0), ring(128, 40)];
    let released = 0;
    const changed = new Set<() => void>();
    const clip: PictureSource = {
      id: 'a',
      picture: () => {
        const next = rings.shift();
        if (!next) throw new Error('asked too often');
        return Promise.resolve({ content: { type: 'live', ring: next }, release: () => released++ });
      },
      onChanged: (listener) => {
        changed.add(listener);
        return () => changed.delete(listener);
      },
    };
    const shown = () => lists.at(-1)?.map(({ content }) => content.type === 'live' && content.ring.control);
    program.frame = 10;
    await view.show(sceneOf('one', { sourceId: 'a' }), new Map([['a', clip]]));
    expect(shown()).toEqual([64]);
    for (const listener of changed) listener();
    await settle();
    expect([shown(), rings.length, released]).toEqual([[64], 0, 0]);
    program.frame = 40;
    await waitFor(() => shown()?.[0] === 128, 'the other clip');
    await settle();
    expect(released).toBe(1);
  });

  it('keeps the last picture of a source that fails, and tells', async () => {
    const { view, sources, list, shown, errors } = make('a');
    const [a] = list as [NumberedSource];
    await view.show(sceneOf('one', { sourceId: 'a' }), sources);
    a.failure = new Error('gone');
    a.change();
    await settle();
    expect(shown()).toEqual([['one0', 1]]);
    expect(errors).toEqual([['one0', 'a', a.failure]]);
    a.failure = null;
    a.change();
    await settle();
    expect([shown(), [...a.out]]).toEqual([[['one0', 2]], [2]]);
  });

  it('shows the rest when a source fails, tells which item, and takes it back when it works again', async () => {
    const { view, sources, list, shown, errors } = make('a', 'b');
    const [a] = list as [NumberedSource];
    a.failure = new Error('no picture');
    await view.show(sceneOf('one', { sourceId: 'a' }, { sourceId: 'b' }, { sourceId: 'unknown' }), sources);
    expect(shown()).toEqual([['one1', 1]]);
    expect(errors).toEqual([['one0', 'a', a.failure]]);
    a.change();
    await settle();
    expect(errors.length).toBe(1);
    a.failure = null;
    a.change();
    await settle();
    expect(errors.at(-1)).toEqual(['one0', 'a', null]);
    expect(shown()).toEqual([
      ['one0', 1],
      ['one1', 1],
    ]);
  });

  it('does not cut to a scene that was overtaken by a later one', async () => {
    const { view, sources, list, shown } = make('a', 'b');
    let open = () => {};
    list[0]!.gate = new Promise((resolve) => (open = resolve));
    const slow = view.show(sceneOf('one', { sourceId: 'a' }), sources);
    await view.show(sceneOf('two', { sourceId: 'b' }), sources);
    open();
    await slow;
    await settle();
    expect(shown()).toEqual([['two0', 1]]);
  });

  it('lets a scene that fades out go on, and gives its pictures back when the fade is over', async () => {
    const { view, sources, list, fades } = make('a', 'b');
    const [a, b] = list as [NumberedSource, NumberedSource];
    const idsOf = (fade: FadeCommand | null | undefined) =>
      fade?.from.map(({ itemId, content }) => [itemId, content.type === 'tile' && content.revision]);
    await view.show(sceneOf('one', { sourceId: 'a' }), sources);
    expect(fades.at(-1)).toBeNull();
    await view.show(sceneOf('two', { sourceId: 'b' }), sources, 30);
    expect(fades.at(-1)).toMatchObject({ id: 1, frames: 30 });
    expect(idsOf(fades.at(-1))).toEqual([['one0', 1]]);
    // Both are followed; an edit of the scene that comes is no new fade.
    a.change();
    await settle();
    expect(idsOf(fades.at(-1))).toEqual([['one0', 2]]);
    await view.show(sceneOf('two', { sourceId: 'b', x: 20 }), sources, 30);
    expect(fades.at(-1)?.id).toBe(1);
    // Its scene is deleted meanwhile: what is still seen of it stays.
    view.forget('one');
    await settle();
    expect(a.out.size).toBe(1);
    view.faded(1);
    await settle();
    expect(fades.at(-1)).toBeNull();
    expect([a.out.size, b.out.size]).toEqual([0, 1]);
  });

  it('gives everything back when it is stopped, forgets a scene, or loses a source', async () => {
    const { view, sources, list } = make('a', 'b', 'c');
    const [a, b, c] = list as [NumberedSource, NumberedSource, NumberedSource];
    await view.show(sceneOf('one', { sourceId: 'a' }), sources);
    await view.show(sceneOf('two', { sourceId: 'b' }, { sourceId: 'c' }), sources);
    view.forget('one');
    await settle();
    expect([a.out.size, a.isWatched]).toEqual([0, false]);
    sources.delete('c');
    await view.show(sceneOf('two', { sourceId: 'b' }, { sourceId: 'c' }), sources);
    expect([c.out.size, c.isWatched]).toEqual([0, false]);
    await view.stop();
    expect([b.out.size, b.isWatched]).toEqual([0, false]);
  });
});
