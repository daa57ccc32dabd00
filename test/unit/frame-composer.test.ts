import { beforeAll, describe, expect, it } from 'vitest';
import {
  i420Bytes,
  layPlanes,
  planesBytes,
  SharedFrameArena,
} from '../../electron/streaming/composition/frame-arena';
import { FrameComposer } from '../../electron/streaming/composition/frame-composer';
import { controlBytes, controlWord, FramePool } from '../../electron/streaming/composition/frame-pool';
import { compileKernels, instantiateKernels } from '../../electron/streaming/composition/kernels-module';
import { contentSize } from '../../electron/streaming/composition/layer-stack';
import type { Layer, LayerContent, LiveRing, Placement } from '../../electron/streaming/interfaces/layer';
import { readSyncCounter, syncLayout } from '../../electron/streaming/interfaces/sync-pattern';
import { seededRandom } from '../support/seeded-random';

const canvas = { width: 128, height: 72, fps: 60 };
const frameBytes = i420Bytes(canvas.width, canvas.height);
let kernelModule: WebAssembly.Module;

beforeAll(async () => {
  kernelModule = await compileKernels();
});

/** A compositor without threads: canvas, pool and arena of its own. */
function makeBench(slots = 5, seed = 1) {
  const arena = new SharedFrameArena(24 * 1024 * 1024);
  const bytes = new Uint8Array(arena.memory.buffer);
  const words = new Int32Array(arena.memory.buffer);
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const control = new Int32Array(
    arena.memory.buffer,
    arena.allocate(controlBytes(slots)).offset,
    controlBytes(slots) / 4,
  );
  const offsets = Array.from({ length: slots }, () => arena.allocate(frameBytes).offset);
  const pool = new FramePool(control, offsets);
  const kernels = instantiateKernels(kernelModule, arena.memory);
  const workspace = arena.allocate(4 * 1024 * 1024);
  const composer = new FrameComposer(canvas, arena.memory, kernels, pool, workspace);

  function noisePlanes(width: number, height: number, hasAlpha: boolean) {
    const length = planesBytes(width, height, hasAlpha);
    const { offset } = arena.allocate(length);
    for (let index = 0; index < length; index++) bytes[offset + index] = below(256);
    return layPlanes(offset, width, height, hasAlpha);
  }
  let revision = 0;
  const even = (least: number, most: number): number => 2 * Math.floor((least + below(most - least)) / 2);
  const randomTile = (): LayerContent => ({
    type: 'tile',
    planes: noisePlanes(even(2, 100), even(2, 80), below(2) === 0),
    revision: ++revision,
  });
  const makeRing = (fps: number, startFrame: number, written: number): LiveRing => {
    const block = arena.allocate(12);
    words[block.offset / 4] = written;
    return {
      slots: Array.from({ length: 4 }, () => noisePlanes(40, 24, false)),
      control: block.offset,
      fps,
      startFrame,
    };
  };
  const makeNewest = (): LiveRing => ({ ...makeRing(0, 0, 0), mode: 'newest' });
  /** Compose and hold the frame until the function it returns is called. */
  const compose = (index: number) => {
    const slot = composer.compose(index);
    if (slot >= 0) pool.retain(slot);
    const offset = slot < 0 ? 0 : pool.offsetOf(slot);
    return {
      slot,
      data: bytes.subarray(offset, offset + frameBytes),
      release: () => slot >= 0 && pool.release(slot),
    };
  };
  const isHeld = (slot: number): boolean => Atomics.load(control, controlWord.references + slot) > 0;
  /** The same layers drawn from nothing, by another compositor over the same memory. */
  const redraw = (layers: readonly Layer[], index: number): Uint8Array => {
    const freshControl = arena.allocate(controlBytes(1));
    const frame = arena.allocate(frameBytes);
    const freshWorkspace = arena.allocate(4 * 1024 * 1024);
    const fresh = new FrameComposer(
      canvas,
      arena.memory,
      kernels,
      new FramePool(new Int32Array(arena.memory.buffer, freshControl.offset, controlBytes(1) / 4), [
        frame.offset,
      ]),
      freshWorkspace,
    );
    fresh.setLayers(layers);
    fresh.compose(index);
    const copy = bytes.slice(frame.offset, frame.offset + frameBytes);
    arena.free(frame);
    arena.free(freshWorkspace);
    arena.free(freshControl);
    return copy;
  };
  return { arena, bytes, words, composer, compose, redraw, randomTile, makeRing, makeNewest, below, isHeld };
}

const still = (bench: ReturnType<typeof makeBench>, itemId = 'a', x = 0, y = 0, opacity = 255): Layer => ({
  itemId,
  x,
  y,
  opacity,
  content: bench.randomTile(),
});

describe('a composed frame', () => {
  it('is black where there is nothing', () => {
    const { compose } = makeBench();
    const { data } = compose(0);
    const luma = canvas.width * canvas.height;
    expect(data.subarray(0, luma).every((value) => value === 16)).toBe(true);
    expect(data.subarray(luma).every((value) => value === 128)).toBe(true);
  });

  it('is the last one again, by reference, while nothing moves', () => {
    const bench = makeBench();
    bench.composer.setLayers([still(bench)]);
    const first = bench.compose(0);
    const second = bench.compose(1);
    expect(second.slot).toBe(first.slot);
    expect(bench.composer.pictures).toBe(1);
  });

  it('keeps to few slots while frames come back at once', () => {
    const bench = makeBench(5);
    const ring = bench.makeRing(60, 0, 1000);
    bench.composer.setLayers([{ itemId: 'a', x: 0, y: 0, opacity: 255, content: { type: 'live', ring } }]);
    const touched = new Set<number>();
    for (let index = 0; index < 50; index++) {
      const frame = bench.compose(index);
      touched.add(frame.slot);
      frame.release();
    }
    expect(touched.size).toBe(2);
  });

  it('is missing when every slot is held, and right again afterwards', () => {
    const bench = makeBench(2);
    const a = [still(bench, 'a')];
    const b = [still(bench, 'b', 10, 10)];
    const c = [still(bench, 'c', 20, 20)];
    bench.composer.setLayers(a);
    const one = bench.compose(0);
    bench.composer.setLayers(b);
    const two = bench.compose(1);
    bench.composer.setLayers(c);
    expect(bench.compose(2).slot).toBe(-1);
    one.release();
    const three = bench.compose(3);
    expect(three.slot).toBe(one.slot);
    expect(Buffer.compare(three.data, bench.redraw(c, 3))).toBe(0);
    two.release();
  });
});

describe('drawing only what changed', () => {
  it.each(Array.from({ length: 12 }, (_, seed) => seed + 1))(
    'gives byte for byte what a full redraw gives, and never touches a held frame (seed %i)',
    (seed) => {
      const bench = makeBench(7, seed);
      const { below } = bench;
      const rings = [bench.makeRing(30, 0, 0), bench.makeRing(60, 3, 0), bench.makeNewest()];
      const held: { frame: ReturnType<typeof bench.compose>; copy: Buffer; until: number }[] = [];
      let layers: Layer[] = [];
      let nextId = 0;
      const place = () => ({ x: 2 * (below(100) - 30), y: 2 * (below(60) - 20) });
      const angle = () => [0, 0, 90, 180, -90, below(720) - 360][below(6)] as number;
      /** Anywhere, any size from a pixel to far too large, any part of the content. */
      const placement = (content: LayerContent): Placement => {
        const { width, height } = contentSize(content);
        const part = { x: below(width) / 2, y: below(height) / 2 };
        const scale = [1, 0.05, 20, 300][below(4)] as number;
        return {
          box: {
            ...{ x: below(160) - 40 + below(2) / 2, y: below(100) - 30 },
            ...{ width: scale * (1 + below(80)), height: scale * (1 + below(60)) },
          },
          ...{ rotation: angle(), isFlippedX: below(2) === 0, isFlippedY: below(2) === 0 },
          part: { ...part, width: width - part.x, height: height - part.y },
        };
      };
      const key = () => ({ u: below(256), v: below(256), from: below(90), to: 100 });
      const randomLayer = (): Layer => {
        const kind = below(6);
        const ring = rings[below(3)] as LiveRing;
        const content: LayerContent =
          kind === 0
            ? { type: 'live', ring }
            : kind === 1
              ? { type: 'sync', width: 64, height: 48 }
              : bench.randomTile();
        return {
          itemId: `item ${nextId++}`,
          ...place(),
          opacity: below(3) === 0 ? below(256) : 255,
          content,
          ...(kind !== 1 && below(2) === 0 && { placement: placement(content) }),
          ...(kind !== 1 && below(4) === 0 && { key: key() }),
        };
      };
      for (let index = 0; index < 120; index++) {
        const choice = below(12);
        if (choice === 0 && layers.length < 7) layers = [...layers, randomLayer()];
        else if (choice === 1) layers = layers.filter(() => below(4) !== 0);
        else if (choice === 2)
          layers = layers.map((layer) =>
            below(2)
              ? layer
              : layer.placement
                ? { ...layer, placement: placement(layer.content) }
                : { ...layer, ...place() },
          );
        else if (choice === 3) layers = [...layers].reverse();
        else if (choice === 4) layers = layers.map((layer) => ({ ...layer, opacity: below(256) }));
        else if (choice === 5)
          layers = layers.map((layer) =>
            layer.content.type === 'tile' ? { ...layer, content: bench.randomTile() } : layer,
          );
        if (choice < 6) bench.composer.setLayers(layers);
        // The writers go on, mostly in time.
        for (const ring of rings) {
          const written = ring.control / 4;
          if (below(3) === 0 && bench.words[written]! - bench.words[written + 1]! < ring.slots.length)
            bench.words[written]!++;
        }
        const frame = bench.compose(index);
        if (frame.slot >= 0 && Buffer.compare(frame.data, bench.redraw(layers, index)) !== 0)
          expect.fail(`frame ${index} differs from its full redraw`);
        held.push({ frame, copy: Buffer.from(frame.data), until: index + below(6) });
        for (const one of held.splice(0)) {
          if (Buffer.compare(one.frame.data, one.copy) !== 0)
            expect.fail(`a held frame was torn at ${index}`);
          if (one.until > index) held.push(one);
          else one.frame.release();
        }
      }
    },
  );
});

describe('live rings', () => {
  it('show the picture due, hold the last one and give the older ones back', () => {
    const bench = makeBench();
    const ring = bench.makeRing(30, 10, 3);
    bench.composer.setLayers([{ itemId: 'a', x: 0, y: 0, opacity: 255, content: { type: 'live', ring } }]);
    const released = () => bench.words[ring.control / 4 + 1];
    const lumaAt = (slot: number) => bench.bytes[ring.slots[slot]!.y];
    const shown = (index: number) => {
      const frame = bench.compose(index);
      frame.release();
      return frame.data[0];
    };
    expect(shown(9)).toBe(16);
    expect(shown(10)).toBe(lumaAt(0));
    expect(shown(11)).toBe(lumaAt(0));
    expect(shown(12)).toBe(lumaAt(1));
    expect(released()).toBe(1);
    // Five is due, the writer has only delivered two: held.
    expect(shown(20)).toBe(lumaAt(2));
    expect(released()).toBe(2);
  });
});

describe('rings of captures', () => {
  it('show what was written last, nothing before, and are never waited for', () => {
    const bench = makeBench();
    const ring = bench.makeNewest();
    bench.composer.setLayers([{ itemId: 'a', x: 0, y: 0, opacity: 255, content: { type: 'live', ring } }]);
    const word = ring.control / 4;
    const shown = (index: number) => {
      const frame = bench.compose(index);
      frame.release();
      return frame.data[0];
    };
    expect(bench.composer.rings.every((reader) => reader.isReady(1000, 60))).toBe(true);
    expect(shown(0)).toBe(16);
    for (const written of [1, 2, 6, 7]) {
      bench.words[word] = written;
      expect(shown(written)).toBe(bench.bytes[ring.slots[(written - 1) % 4]!.y]);
      expect(bench.words[word + 1]).toBe(written - 1);
    }
  });
});

describe('the sync pattern', () => {
  it('carries a counter that decodes in every frame', () => {
    const bench = makeBench();
    const size = { width: 96, height: 54 };
    bench.composer.setLayers([
      { itemId: 's', x: 16, y: 8, opacity: 255, content: { type: 'sync', ...size } },
    ]);
    const { cell } = syncLayout(size.width, size.height);
    for (let index = 0; index < 300; index += 7) {
      const { data, release } = bench.compose(index);
      const luma = Array.from({ length: 32 }, (_, bit) => {
        const { x, y, width, height } = cell(bit);
        return data[(y + height / 2 + 8) * canvas.width + x + width / 2 + 16] as number;
      });
      expect(readSyncCounter(luma)).toBe(index);
      expect(data[10 * canvas.width + 20]).toBe(index % 60 < 3 ? 235 : 16);
      release();
    }
  });
});
