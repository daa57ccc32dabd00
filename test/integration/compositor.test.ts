import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { Compositor } from '../../electron/streaming/composition/compositor';
import type { CompositorOptions } from '../../electron/streaming/composition/compositor';
import { layPlanes, planesBytes } from '../../electron/streaming/composition/frame-arena';
import type { PreviewPicture, ProgramFrame } from '../../electron/streaming/interfaces/frame';
import type { Layer, LiveRing, Planes } from '../../electron/streaming/interfaces/layer';
import { readSyncCounter, syncLayout } from '../../electron/streaming/interfaces/sync-pattern';
import { systemClock } from '../../electron/streaming/lib/clock';
import { silentLogger } from '../../electron/streaming/lib/logger';

const running: Compositor[] = [];
afterEach(async () => {
  for (const compositor of running.splice(0)) await compositor.stop();
});

async function start(options: Partial<CompositorOptions> = {}): Promise<Compositor> {
  const compositor = new Compositor({
    width: 320,
    height: 180,
    fps: 60,
    clock: 'real',
    logger: silentLogger,
    ...options,
  });
  running.push(compositor);
  await compositor.start();
  return compositor;
}

async function until(what: string, condition: () => boolean, ms = 20_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited ${ms} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const syncLayer: Layer = {
  itemId: 'sync',
  x: 0,
  y: 0,
  opacity: 255,
  content: { type: 'sync', width: 320, height: 180 },
};

function counterOf(data: Uint8Array, width: number, height: number): number | null {
  const { cell } = syncLayout(width, height);
  return readSyncCounter(
    Array.from({ length: 32 }, (_, bit) => {
      const rect = cell(bit);
      return data[(rect.y + rect.height / 2) * width + rect.x + rect.width / 2] as number;
    }),
  );
}

function flatPicture(compositor: Compositor, width: number, height: number, luma: number): Planes {
  const { offset } = compositor.arena.allocate(planesBytes(width, height, false));
  const bytes = new Uint8Array(compositor.arena.memory.buffer);
  bytes.fill(luma, offset, offset + width * height);
  bytes.fill(128, offset + width * height, offset + planesBytes(width, height, false));
  return layPlanes(offset, width, height, false);
}

function makeRing(compositor: Compositor, fps: number): { ring: LiveRing; words: Int32Array } {
  const control = compositor.arena.allocate(12).offset;
  const slots = Array.from({ length: 4 }, () => flatPicture(compositor, 320, 180, 16));
  return {
    ring: { slots, control, fps, startFrame: 0 },
    words: new Int32Array(compositor.arena.memory.buffer, control, 3),
  };
}

describe('the real clock', () => {
  it('ticks without gaps, and the counter in every composed frame is its own', async () => {
    const compositor = await start();
    const frames: { index: number; tickUs: number; counter: number | null; isLagged: boolean }[] = [];
    compositor.onFrame = (frame) => {
      const counter = frame.data && counterOf(frame.data, 320, 180);
      frames.push({ index: frame.index, tickUs: frame.tickUs, isLagged: frame.isLagged, counter });
      frame.release();
    };
    await compositor.setLayers([syncLayer]);
    const startedUs = systemClock.nowUs();
    compositor.run();
    await until('90 frames', () => frames.length >= 90);
    const tookUs = systemClock.nowUs() - startedUs;
    frames.forEach((frame, index) => {
      expect(frame.index).toBe(index);
      if (!frame.isLagged) expect(frame.counter).toBe(index);
    });
    const { ticks, composed, lagged } = compositor.counters;
    expect(composed + lagged).toBe(ticks);
    // No faster than the clock allows, whatever the load.
    expect(tookUs).toBeGreaterThan((89 / 60) * 1e6 - 2000);
    const [first, last] = [frames[0]!, frames[89]!];
    if (lagged === 0) expect(last.tickUs - first.tickUs).toBeCloseTo((89 / 60) * 1e6, -2);
  });

  it('repeats the last picture and counts lagged when it was held up', async () => {
    const compositor = await start();
    const frames: { index: number; isLagged: boolean; counter: number | null }[] = [];
    compositor.onFrame = (frame) => {
      const counter = frame.data && counterOf(frame.data, 320, 180);
      frames.push({ index: frame.index, isLagged: frame.isLagged, counter });
      frame.release();
    };
    await compositor.setLayers([syncLayer]);
    compositor.run();
    await until('the first frames', () => frames.length >= 10);
    const before = compositor.counters.lagged;
    // The whole process is stopped and goes on again: what an overloaded machine does. (More than half a second would
    // start the schedule anew instead, so a stop that came out too long is tried again.)
    for (let attempt = 0; attempt < 10 && compositor.counters.lagged < before + 3; attempt++) {
      const stopper = spawn('sh', ['-c', `kill -STOP ${process.pid}; sleep 0.2; kill -CONT ${process.pid}`]);
      await once(stopper, 'exit');
      const resumed = frames.length;
      await until('frames after the stop', () => frames.length > resumed + 5);
    }
    expect(compositor.counters.lagged).toBeGreaterThanOrEqual(before + 3);
    await until('the frames after them', () => !frames.at(-1)!.isLagged);
    frames.forEach((frame, index) => {
      expect(frame.index).toBe(index);
      if (frame.isLagged) expect(frame.counter).toBe(frames[index - 1]!.counter);
      else expect(frame.counter).toBe(index);
    });
    const { ticks, composed, lagged } = compositor.counters;
    expect(composed + lagged).toBe(ticks);
  });

  it('goes on without pictures, in time, while the reader holds everything, and recovers', async () => {
    const compositor = await start();
    const held: ProgramFrame[] = [];
    let isHolding = true;
    const after: ProgramFrame[] = [];
    compositor.onFrame = (frame) => {
      if (isHolding) held.push(frame);
      else {
        if (frame.data) after.push(frame);
        frame.release();
      }
    };
    await compositor.setLayers([syncLayer]);
    compositor.run();
    await until('a tick without a picture', () => held.some((frame) => frame.data === null));
    const pictures = held.filter((frame) => frame.data !== null).length;
    expect(pictures).toBeGreaterThanOrEqual(30);
    expect(compositor.framesInFlight).toBe(pictures);
    for (const frame of held)
      if (frame.data && !frame.isLagged) expect(counterOf(frame.data, 320, 180)).toBe(frame.index);
    isHolding = false;
    for (const frame of held) frame.release();
    await until('pictures again', () => after.length > 3);
  });

  it('never tears a frame that is being read', async () => {
    const compositor = await start({ fps: 240 });
    const digest = (data: Uint8Array) => createHash('md5').update(data).digest('hex');
    let checked = 0;
    const torn: number[] = [];
    compositor.onFrame = (frame) => {
      if (!frame.data) return frame.release();
      const before = digest(frame.data);
      const data = frame.data;
      setTimeout(
        () => {
          checked++;
          if (digest(data) !== before) torn.push(frame.index);
          frame.release();
        },
        (frame.index * 37) % 90,
      );
    };
    await compositor.setLayers([syncLayer]);
    compositor.run();
    await until('200 frames', () => checked >= 200);
    expect(torn).toEqual([]);
  });

  it('has new layers on the canvas when setLayers resolves, and cuts within one frame', async () => {
    const compositor = await start();
    const seen: number[] = [];
    compositor.onFrame = (frame) => {
      if (frame.data) seen[frame.index] = frame.data[0] as number;
      frame.release();
    };
    compositor.run();
    const tile = (luma: number): Layer => ({
      itemId: `flat ${luma}`,
      x: 0,
      y: 0,
      opacity: 255,
      content: { type: 'tile', revision: 1, planes: flatPicture(compositor, 320, 180, luma) },
    });
    for (const luma of [50, 90, 130]) {
      const asked = compositor.nextIndex;
      await compositor.setLayers([tile(luma)]);
      const applied = compositor.nextIndex - 1;
      await until('that frame', () => seen[applied] !== undefined);
      expect(seen[applied]).toBe(luma);
      // Ticks may be behind on a loaded machine; those it composed after the request show the cut.
      expect(seen.findIndex((value, index) => index >= asked && value === luma)).toBeLessThanOrEqual(applied);
    }
  });
});

describe('a fade on the real clock', () => {
  it('takes just its frames, in even steps, and says when it is over', async () => {
    const compositor = await start({ fps: 30 });
    const seen: number[] = [];
    compositor.onFrame = (frame) => {
      if (frame.data && !frame.isLagged) seen[frame.index] = frame.data[0] as number;
      frame.release();
    };
    const over: number[] = [];
    compositor.onFaded = (id) => over.push(id);
    const flat = (luma: number): Layer => ({
      ...{ itemId: `flat ${luma}`, x: 0, y: 0, opacity: 255 },
      content: { type: 'tile', revision: 1, planes: flatPicture(compositor, 320, 180, luma) },
    });
    const [dark, bright] = [flat(40), flat(220)];
    await compositor.setLayers([dark]);
    compositor.run();
    await compositor.setLayers([dark]);
    await compositor.setLayers([bright], [], { id: 1, frames: 9, from: [dark] });
    await until('the fade to end', () => over.length > 0);
    expect(over).toEqual([1]);
    await until('a picture after it', () => seen.at(-1) === 220);
    const first = seen.findIndex((luma) => luma > 40);
    const fading = seen.slice(first, first + 9);
    fading.forEach((luma, index) => {
      if (luma !== undefined) expect(Math.abs(luma - (40 + (180 * (index + 1)) / 9))).toBeLessThanOrEqual(1);
    });
    expect(new Set(seen.slice(first + 8).filter((luma) => luma !== undefined))).toEqual(new Set([220]));
  });
});

describe('the offline clock', () => {
  const digestRun = async (): Promise<string[]> => {
    const compositor = await start({ clock: 'max', fps: 30 });
    const { ring, words } = makeRing(compositor, 15);
    const bytes = new Uint8Array(compositor.arena.memory.buffer);
    const digests: string[] = [];
    compositor.onFrame = (frame) => {
      setTimeout(() => {
        digests.push(`${frame.index} ${createHash('md5').update(frame.data!).digest('hex')}`);
        frame.release();
      }, Math.random() * 4);
    };
    await compositor.setLayers([
      { itemId: 'live', x: 0, y: 0, opacity: 255, content: { type: 'live', ring } },
      { ...syncLayer, x: 160, y: 90, content: { type: 'sync', width: 160, height: 90 } },
    ]);
    compositor.run(60);
    // A writer of uneven pace; the compositor must wait for each picture.
    while (digests.length < 60) {
      const written = words[0]!;
      if (written - Atomics.load(words, 1) < ring.slots.length && Math.random() < 0.5) {
        const slot = ring.slots[written % ring.slots.length]!;
        bytes.fill(16 + written * 3, slot.y, slot.y + 320 * 180);
        Atomics.add(words, 0, 1);
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(compositor.counters).toMatchObject({ ticks: 60, composed: 60, lagged: 0, starved: 0 });
    await compositor.stop();
    return digests.sort((a, b) => parseInt(a) - parseInt(b));
  };

  it('gives the same frames each time, waiting for the live picture due', async () => {
    const first = await digestRun();
    expect(new Set(first.map((line) => line.split(' ')[1])).size).toBe(60);
    expect(await digestRun()).toEqual(first);
  });

  it('does not run away from its reader', async () => {
    const compositor = await start({ clock: 'max' });
    const held: ProgramFrame[] = [];
    compositor.onFrame = (frame) => held.push(frame);
    await compositor.setLayers([syncLayer]);
    compositor.run();
    await until('frames', () => held.length >= 6);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(held.length).toBe(6);
    held.shift()!.release();
    await until('one more', () => held.length === 6);
  });
});

describe('the preview', () => {
  it('is a small copy of the program at its own rate, kept proportions', async () => {
    const compositor = await start();
    compositor.onFrame = (frame) => frame.release();
    const pictures: { index: number; width: number; height: number; counter: number | null }[] = [];
    compositor.onPreview = (picture: PreviewPicture) =>
      pictures.push({
        index: picture.index,
        width: picture.width,
        height: picture.height,
        counter: counterOf(picture.data, picture.width, picture.height),
      });
    await compositor.setLayers([syncLayer]);
    await compositor.setPreview({ width: 160, fps: 20 });
    compositor.run();
    await until('previews', () => pictures.length >= 10);
    for (const picture of pictures) {
      expect(picture).toMatchObject({ width: 160, height: 90 });
      expect(picture.counter).toBe(picture.index);
    }
    expect(pictures[9]!.index - pictures[0]!.index).toBeGreaterThanOrEqual(9 * 3 - 1);
    const used = (compositor.arena as unknown as { usedBytes: number }).usedBytes;
    await compositor.setPreview({ width: 80, fps: 30 });
    await until('smaller ones', () => pictures.at(-1)!.width === 80);
    await compositor.setPreview(null);
    expect((compositor.arena as unknown as { usedBytes: number }).usedBytes).toBeLessThan(used);
  });
});

describe('its lifetime', () => {
  it('stops while waiting for frames, rings or nothing at all, and lets those who wait go', async () => {
    const idle = await start();
    await idle.stop();
    await idle.setLayers([syncLayer]);

    const stuck = await start({ clock: 'max' });
    const { ring } = makeRing(stuck, 30);
    await stuck.setLayers([{ itemId: 'live', x: 0, y: 0, opacity: 255, content: { type: 'live', ring } }]);
    stuck.run();
    const startedMs = Date.now();
    await stuck.stop();
    expect(Date.now() - startedMs).toBeLessThan(1500);
  });

  it('tells its owner when the worker dies', async () => {
    const compositor = await start();
    const failed = new Promise<Error>((resolve) => (compositor.onError = resolve));
    compositor.onFrame = (frame) => frame.release();
    compositor.run();
    // A layer that cannot be read: what a bug of a caller would look like.
    const broken = { itemId: 'x', x: 0, y: 0, opacity: 255, content: null } as unknown as Layer;
    await compositor.setLayers([broken]);
    expect(await failed).toBeInstanceOf(Error);
  });

  it('refuses sizes that are not I420', () => {
    const make = (width: number) => () =>
      new Compositor({ width, height: 180, fps: 60, clock: 'real', logger: silentLogger });
    expect(make(321)).toThrow(RangeError);
    expect(make(0)).toThrow(RangeError);
  });
});
