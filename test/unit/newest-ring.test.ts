import { describe, expect, it } from 'vitest';
import { NewestRing } from '../../electron/streaming/sources/newest-ring';
import { TestArena } from '../support/source-bench';

const picture = (value: number): Buffer => Buffer.alloc(192, value);

function ringOf(): {
  ring: NewestRing;
  arena: TestArena;
  control: Int32Array;
  firstBytes: () => (number | undefined)[];
} {
  const arena = new TestArena(1);
  const ring = new NewestRing(arena, 16, 8);
  return {
    ring,
    arena,
    control: new Int32Array(arena.memory.buffer, ring.view.control, 3),
    firstBytes: () => ring.view.slots.map(({ y }) => new Uint8Array(arena.memory.buffer, y, 1)[0]),
  };
}

describe('the ring of newest pictures', () => {
  it('puts pictures together from pieces cut anywhere, and shows each as soon as it is whole', () => {
    const { ring, arena, control } = ringOf();
    const stream = Buffer.concat([1, 2, 3].map(picture));
    let completed = 0;
    for (let at = 0; at < stream.length; at += 37) {
      completed += ring.write(stream.subarray(at, at + 37));
      expect(control[0]).toBe(Math.floor(Math.min(at + 37, stream.length) / 192));
    }
    expect([completed, ring.written, ring.dropped]).toEqual([3, 3, 0]);
    for (const [index, slot] of ring.view.slots.slice(0, 3).entries()) {
      const whole = new Uint8Array(arena.memory.buffer, slot.y, 192);
      expect(whole.every((byte) => byte === index + 1)).toBe(true);
      expect([slot.u - slot.y, slot.v - slot.u, slot.alpha]).toEqual([128, 32, 0]);
    }
    expect(ring.view.mode).toBe('newest');
  });

  it('never writes where the reader may be; what finds no room is left out and counted, and comes again with the next', () => {
    const { ring, control, firstBytes } = ringOf();
    const count = ring.view.slots.length;
    for (let value = 1; value <= count + 3; value += 1) ring.write(picture(value));
    expect([ring.written, ring.dropped]).toEqual([count, 3]);
    expect(firstBytes()).toEqual([1, 2, 3, 4]);
    // The reader takes the newest: all before it are free.
    Atomics.store(control, 1, count - 1);
    for (const value of [11, 12, 13, 14]) ring.write(picture(value));
    expect([ring.written, ring.dropped]).toEqual([count + 3, 4]);
    expect(firstBytes()).toEqual([11, 12, 13, 4]);
  });

  it('leaves out a whole picture even if room appears in its middle', () => {
    const { ring, control, firstBytes } = ringOf();
    for (let value = 1; value <= 4; value += 1) ring.write(picture(value));
    const late = picture(9);
    ring.write(late.subarray(0, 100));
    Atomics.store(control, 1, 3);
    ring.write(late.subarray(100));
    expect([ring.written, ring.dropped]).toEqual([4, 1]);
    ring.write(picture(5));
    expect(firstBytes()).toEqual([5, 2, 3, 4]);
  });

  it('does not show a picture again that is the same as the last', () => {
    const { ring, control } = ringOf();
    for (const value of [7, 7, 7, 8, 8, 7]) {
      ring.write(picture(value));
      Atomics.store(control, 1, Math.max(0, ring.written - 1));
    }
    expect([ring.written, ring.repeated, ring.dropped]).toEqual([3, 3, 0]);
    const almost = picture(7);
    almost[191] = 8;
    expect(ring.put(almost)).toBe(true);
    expect(ring.written).toBe(4);
  });

  it('takes whole pictures of the right length only, and forgets half of one before them', () => {
    const { ring, firstBytes } = ringOf();
    ring.write(picture(3).subarray(0, 50));
    expect(ring.put(picture(4))).toBe(true);
    expect(firstBytes()[0]).toBe(4);
    expect(() => ring.put(Buffer.alloc(191))).toThrow('expected a picture of 192 bytes, found 191');
  });

  it('gives its memory back once, and refuses odd sizes', () => {
    const { ring, arena } = ringOf();
    ring.free();
    ring.free();
    expect(arena.live.size).toBe(0);
    expect(() => new NewestRing(arena, 15, 8)).toThrow('even sizes');
    expect(() => new NewestRing(arena, 16, 0)).toThrow('even sizes');
    expect(arena.live.size).toBe(0);
  });
});
