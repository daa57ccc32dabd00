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
import type { Layer, LiveRing } from '../../electron/streaming/interfaces/layer';
import { seededRandom } from '../support/seeded-random';

const canvas = { width: 64, height: 36, fps: 60 };
const frameBytes = i420Bytes(canvas.width, canvas.height);
let kernelModule: WebAssembly.Module;

beforeAll(async () => {
  kernelModule = await compileKernels();
});

function makeBench() {
  const arena = new SharedFrameArena(16 * 1024 * 1024);
  const bytes = new Uint8Array(arena.memory.buffer);
  const words = new Int32Array(arena.memory.buffer);
  const slots = 5;
  const control = words.subarray(
    arena.allocate(controlBytes(slots)).offset / 4,
    arena.allocate(64).offset / 4,
  );
  const pool = new FramePool(
    control,
    Array.from({ length: slots }, () => arena.allocate(frameBytes).offset),
  );
  const kernels = instantiateKernels(kernelModule, arena.memory);
  const composer = new FrameComposer(canvas, arena.memory, kernels, pool, arena.allocate(2 * 1024 * 1024));
  const random = seededRandom(7);
  let revision = 0;
  const noise = (width = canvas.width, height = canvas.height) => {
    const { offset } = arena.allocate(planesBytes(width, height, false));
    for (let at = 0; at < planesBytes(width, height, false); at++) bytes[offset + at] = random() * 256;
    return layPlanes(offset, width, height, false);
  };
  const still = (itemId: string, width?: number, height?: number): Layer => ({
    ...{ itemId, x: 0, y: 0, opacity: 255 },
    content: { type: 'tile', revision: ++revision, planes: noise(width, height) },
  });
  /** a ring of noise, `written` pictures of it there */
  const live = (itemId: string, written: number): { layer: Layer; ring: LiveRing; index: number } => {
    const block = arena.allocate(12);
    words[block.offset / 4] = written;
    const ring: LiveRing = {
      slots: Array.from({ length: 8 }, () => noise()),
      ...{ control: block.offset, fps: 60, startFrame: 0 },
    };
    const layer: Layer = { itemId, x: 0, y: 0, opacity: 255, content: { type: 'live', ring } };
    return { layer, ring, index: block.offset / 4 };
  };
  const pictureOf = (layer: Layer, shown = 0): Uint8Array => {
    const { content } = layer;
    const planes =
      content.type === 'tile'
        ? content.planes
        : content.type === 'live'
          ? content.ring.slots[shown % 8]
          : null;
    if (!planes) throw new Error('this layer has no picture');
    return bytes.slice(planes.y, planes.y + frameBytes);
  };
  const compose = (index: number): Uint8Array => {
    const slot = composer.compose(index);
    return bytes.slice(pool.offsetOf(slot), pool.offsetOf(slot) + frameBytes);
  };
  const references = (): number =>
    Array.from({ length: slots }, (_, slot) => Atomics.load(control, controlWord.references + slot)).reduce(
      (sum, count) => sum + count,
      0,
    );
  return { composer, compose, still, live, pictureOf, references, words };
}

const mixed = (from: Uint8Array, to: Uint8Array, share: number): number[] =>
  [...from].map((value, at) => value + ((to[at] ?? 0) - value) * share);
const largestDifference = (found: Uint8Array, expected: ArrayLike<number>): number =>
  Math.max(...found.map((value, at) => Math.abs(value - Math.round(expected[at] ?? 0))));

describe('a fade', () => {
  it('mixes both pictures in even steps, and ends after just so many frames with the new one', () => {
    const { composer, compose, still, pictureOf } = makeBench();
    const [old, next] = [still('old'), still('next')];
    composer.setLayers([old]);
    expect(compose(0)).toEqual(pictureOf(old));
    composer.setLayers([next], [], { id: 1, frames: 5, from: [old] });
    for (let frame = 1; frame <= 4; frame++) {
      expect(composer.endedFadeId).toBe(0);
      expect(
        largestDifference(compose(frame), mixed(pictureOf(old), pictureOf(next), frame / 5)),
      ).toBeLessThanOrEqual(1);
    }
    expect(compose(5)).toEqual(pictureOf(next));
    expect(composer.endedFadeId).toBe(1);
    const pictures = composer.pictures;
    compose(6);
    expect(composer.pictures).toBe(pictures);
  });

  it('is as far as the frame says, also when frames were left out', () => {
    const { composer, compose, still, pictureOf } = makeBench();
    const [old, next] = [still('old'), still('next')];
    composer.setLayers([old]);
    compose(0);
    composer.setLayers([next], [], { id: 1, frames: 10, from: [old] });
    compose(1);
    expect(largestDifference(compose(8), mixed(pictureOf(old), pictureOf(next), 0.8))).toBeLessThanOrEqual(1);
    expect(compose(30)).toEqual(pictureOf(next));
  });

  it('lets both go on, also when they show the same film', () => {
    const { composer, compose, still, live, pictureOf, words } = makeBench();
    const film = live('film', 100);
    const corner = still('corner', 8, 8);
    composer.setLayers([film.layer]);
    compose(0);
    const same = { ...film.layer, itemId: 'film again' };
    composer.setLayers([same, corner], [], { id: 1, frames: 4, from: [film.layer] });
    for (let frame = 1; frame <= 3; frame++) {
      const found = compose(frame);
      const rows = (picture: Uint8Array): Uint8Array =>
        picture.subarray(8 * canvas.width, canvas.width * canvas.height);
      expect(rows(found)).toEqual(rows(pictureOf(film.layer, frame)));
      // Given back once for both, never what is still shown.
      expect(words[film.index + 1]).toBe(frame);
    }
    expect(composer.rings).toHaveLength(1);
  });

  it('takes new layers on both sides while it runs', () => {
    const { composer, compose, still, pictureOf } = makeBench();
    const [old, older, next, nextNow] = [still('a'), still('a'), still('b'), still('b')];
    composer.setLayers([old]);
    compose(0);
    composer.setLayers([next], [], { id: 1, frames: 4, from: [old] });
    compose(1);
    composer.setLayers([nextNow], [], { id: 1, frames: 4, from: [older] });
    expect(
      largestDifference(compose(2), mixed(pictureOf(older), pictureOf(nextNow), 0.5)),
    ).toBeLessThanOrEqual(1);
  });

  it('goes on from what is seen when another begins, and gives way to a cut at once', () => {
    const { composer, compose, still, pictureOf } = makeBench();
    const [first, second, third] = [still('1'), still('2'), still('3')];
    composer.setLayers([first]);
    compose(0);
    composer.setLayers([second], [], { id: 1, frames: 4, from: [first] });
    const seen = compose(1);
    composer.setLayers([third], [], { id: 2, frames: 100, from: [second] });
    expect(largestDifference(compose(2), mixed(seen, pictureOf(third), 0.01))).toBeLessThanOrEqual(1);
    expect(composer.endedFadeId).toBe(1);
    composer.setLayers([first]);
    expect(compose(3)).toEqual(pictureOf(first));
    // What comes late for a fade that is over changes nothing.
    composer.setLayers([first], [], { id: 2, frames: 100, from: [third] });
    expect(compose(4)).toEqual(pictureOf(first));
  });

  it('holds no more pictures than any other frame', () => {
    const { composer, compose, still, references } = makeBench();
    composer.setLayers([still('old')]);
    compose(0);
    composer.setLayers([still('next')], [], { id: 1, frames: 3, from: [] });
    for (let frame = 1; frame < 6; frame++) compose(frame);
    expect(references()).toBe(1);
  });
});
