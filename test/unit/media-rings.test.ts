import { describe, expect, it } from 'vitest';
import { judgeEnd } from '../../electron/streaming/sources/media-playback';
import { damageIn } from '../../electron/streaming/sources/decoder-pass';
import { foretells, MediaTimeline } from '../../electron/streaming/sources/media-timeline';
import { PictureRing } from '../../electron/streaming/sources/picture-ring';
import { restartDelayMs } from '../../electron/streaming/sources/restart-delay';
import { SampleRing } from '../../electron/streaming/sources/sample-ring';
import { TestArena } from '../support/source-bench';

const format = { width: 16, height: 8, fps: 30, hasAlpha: false };
const bytesOf = (samples: Float32Array): Buffer =>
  Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
const ramp = (first: number, count: number): Float32Array =>
  Float32Array.from({ length: count * 2 }, (_, at) => (first + (at >> 1)) / 1e6 + (at & 1));

describe('the ring of pictures', () => {
  const ringOf = (hasAlpha = false): { arena: TestArena; ring: PictureRing; control: Int32Array } => {
    const arena = new TestArena(1);
    const ring = new PictureRing(arena, { ...format, hasAlpha }, 0.2);
    return { arena, ring, control: new Int32Array(arena.memory.buffer, ring.view(0).control, 3) };
  };

  it('lays pictures cut at any byte into its slots, in order, and shows only what is published', () => {
    const { arena, ring, control } = ringOf();
    const stream = Buffer.concat([1, 2, 3].map((value) => Buffer.alloc(192, value)));
    for (let at = 0; at < stream.length; at += 37)
      expect(ring.write(stream.subarray(at, at + 37))).toBeGreaterThan(0);
    expect(ring.complete).toBe(3);
    expect([...control]).toEqual([0, 0, 0]);
    ring.publish(2);
    expect(control[0]).toBe(2);
    ring
      .view(7)
      .slots.slice(0, 3)
      .forEach((slot, index) => {
        const whole = new Uint8Array(arena.memory.buffer, slot.y, 192);
        expect(whole.every((byte) => byte === index + 1)).toBe(true);
        expect([slot.u - slot.y, slot.v - slot.u, slot.alpha]).toEqual([128, 32, 0]);
      });
    ring.end();
    expect([...control]).toEqual([3, 0, 1]);
  });

  it('never writes a slot that the reader still needs', () => {
    const { arena, ring, control } = ringOf();
    const { slots } = ring.view(0);
    const all = Buffer.alloc(192 * 20, 9);
    expect(ring.write(all)).toBe(192 * slots.length);
    expect(ring.write(all)).toBe(0);
    Atomics.store(control, 1, 2);
    expect(ring.write(Buffer.alloc(192 * 5, 5))).toBe(192 * 2);
    const firstBytes = slots.map(({ y }) => new Uint8Array(arena.memory.buffer, y, 1)[0]);
    expect(firstBytes).toEqual([5, 5, ...slots.slice(2).map(() => 9)]);
    ring.free();
    ring.free();
    expect(arena.live.size).toBe(0);
  });

  it('keeps an alpha plane and its mean of four for the chroma', () => {
    const { arena, ring } = ringOf(true);
    const picture = Buffer.alloc(16 * 8 * 2.5, 0);
    for (let at = 0; at < 128; at += 1) picture[192 + at] = (at & 1) === 0 ? 255 : 0;
    ring.write(picture);
    const [slot] = ring.view(0).slots;
    const half = new Uint8Array(arena.memory.buffer, slot?.chromaAlpha ?? 0, 32);
    expect(half.every((alpha) => alpha === 128)).toBe(true);
  });
});

describe('the ring of samples', () => {
  it('gives every sample its place, whatever the pieces it came in', () => {
    const ring = new SampleRing();
    const bytes = bytesOf(ramp(0, 5000));
    let at = 0;
    for (const length of [3, 8, 13, 1, 999, 64, 7, 40_000]) {
      ring.write(bytes.subarray(at, at + length));
      at += length;
    }
    const target = new Float32Array(200);
    ring.read(4000, target);
    expect(target).toEqual(ramp(4000, 100));
  });

  it('is silent before the beginning and where nothing has come, and forgets what is late', () => {
    const ring = new SampleRing();
    ring.write(bytesOf(ramp(0, 100)));
    const target = new Float32Array(100).fill(9);
    ring.read(-25, target);
    expect(target.subarray(0, 50).every((sample) => sample === 0)).toBe(true);
    expect(target.subarray(50)).toEqual(ramp(0, 25));
    ring.read(80, target);
    expect(target.subarray(0, 40)).toEqual(ramp(80, 20));
    expect(target.subarray(40).every((sample) => sample === 0)).toBe(true);
    ring.write(bytesOf(ramp(100, 200)));
    ring.read(150, target);
    expect(target).toEqual(ramp(150, 50));
  });

  it('grows when sound runs ahead, and beyond 30 s loses the oldest, never its place in time', () => {
    const ring = new SampleRing();
    for (let second = 0; second < 31; second += 1) ring.write(bytesOf(ramp(second * 48_000, 48_000)));
    const target = new Float32Array(20);
    ring.read(30 * 48_000, target);
    expect(target).toEqual(ramp(30 * 48_000, 10));
    expect(ring.overflow).toBe(48_000);
  });

  it('is cut or filled to an exact sample between passes', () => {
    const ring = new SampleRing();
    ring.write(bytesOf(ramp(0, 110)));
    ring.moveTo(100);
    ring.write(bytesOf(ramp(500, 10)));
    ring.moveTo(130);
    const target = new Float32Array(80);
    ring.read(95, target);
    expect(target.subarray(0, 10)).toEqual(ramp(95, 5));
    expect(target.subarray(10, 30)).toEqual(ramp(500, 10));
    expect(target.subarray(30).every((sample) => sample === 0)).toBe(true);
    expect(ring.written).toBe(130);
  });
});

describe('the life of a decoder', () => {
  it('ends in one of three ways', () => {
    const end = { code: 0, signal: null, errorLine: '' };
    expect(judgeEnd(end)).toBe('finished');
    expect(judgeEnd({ ...end, errorLine: 'Invalid data' })).toBe('damaged');
    expect(judgeEnd({ ...end, code: 1 })).toBe('damaged');
    expect(judgeEnd({ ...end, code: 255 })).toBe('crashed');
    expect(judgeEnd({ ...end, code: null, signal: 'SIGKILL' })).toBe('crashed');
  });

  it('knows damage from chatter', () => {
    expect(damageIn('[h264 @ 0x1] [error] Invalid NAL unit size')).toBe('Invalid NAL unit size');
    expect(damageIn('[error] Error while decoding stream #0:0')).toBe('Error while decoding stream #0:0');
    expect(damageIn('[warning] x.ts: corrupt decoded frame in stream 0')).toMatch(/corrupt/);
    expect(damageIn('[swscaler @ 0x1] [warning] deprecated pixel format used')).toBeNull();
    expect(damageIn('anything else')).toBeNull();
  });

  it('is restarted ever more slowly, at most every three seconds', () => {
    expect([0, 1, 2, 3, 4, 9].map((attempt) => Math.round(restartDelayMs(attempt, 0.5)))).toEqual([
      500, 800, 1280, 2048, 3000, 3000,
    ]);
    expect(restartDelayMs(0, 0)).toBeCloseTo(400);
    expect(restartDelayMs(9, 0.999)).toBeLessThan(3600);
  });

  it('joins a running file where it is', () => {
    const looping = new MediaTimeline(60, () => true);
    expect(looping.positionAt(100)).toBeNull();
    looping.expectPeriod(4);
    looping.set(100, 1);
    expect(looping.positionAt(160)).toBeCloseTo(2);
    expect(looping.positionAt(100 + 60 * 4)).toBeCloseTo(1);
    looping.setPeriod(2.5);
    looping.expectPeriod(4);
    expect(looping.positionAt(100 + 60 * 2)).toBeCloseTo(0.5);
    const once = new MediaTimeline(60, () => false);
    once.set(0, 0);
    expect(once.positionAt(600)).toBe(10);
    once.clear();
    expect(once.isRunning).toBe(false);
  });
});

describe('what was told of a position in a file', () => {
  const told = { durationSec: 10, positionSec: 4, at: 1000, isPaused: false };

  it.each([
    ['a moment later', { ...told, positionSec: 4.5, at: 1500 }, true],
    ['two rounds later', { ...told, positionSec: 4.05, at: 21_000 }, true],
    ['a round that ends a little early', { ...told, positionSec: 4, at: 10_950 }, true],
    ['when the picture came late', { ...told, positionSec: 4.5, at: 1700 }, false],
    ['after a seek', { ...told, positionSec: 8, at: 1500 }, false],
    ['paused since', { ...told, positionSec: 4.5, at: 1500, isPaused: true }, false],
    ['once its length is known', { ...told, durationSec: 9, positionSec: 4.5, at: 1500 }, false],
  ])('says where it is, %s: %o → %s', (_, now, isKnown) => {
    expect(foretells(told, now)).toBe(isKnown);
  });

  it('is told anew of a paused one only when it was moved', () => {
    const paused = { ...told, isPaused: true };
    expect(foretells(paused, { ...paused, at: 9000 })).toBe(true);
    expect(foretells(paused, { ...paused, positionSec: 4.04 })).toBe(false);
  });

  it('follows one whose length nobody knows', () => {
    const endless = { ...told, durationSec: null };
    expect(foretells(endless, { ...endless, positionSec: 60, at: 57_000 })).toBe(true);
    expect(foretells(endless, { ...endless, positionSec: 0, at: 57_000 })).toBe(false);
  });
});
