import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AdtsReader } from '../../electron/streaming/media/adts';
import { FlvReader, readAvcTag } from '../../electron/streaming/media/flv-reader';
import type { FlvTag } from '../../electron/streaming/media/flv-reader';

/** Cuts bytes into chunks of the given sizes, over and over. */
function* cut(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}
const chunkSizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 });
const body = fc.uint8Array({ maxLength: 60 });

describe('FlvReader', () => {
  const header = [0x46, 0x4c, 0x56, 1, 1, 0, 0, 0, 9, 0, 0, 0, 0];
  const tag = (type: number, timestampMs: number, data: Uint8Array): number[] => [
    type,
    ...[data.length >> 16, (data.length >> 8) & 0xff, data.length & 0xff],
    ...[(timestampMs >> 16) & 0xff, (timestampMs >> 8) & 0xff, timestampMs & 0xff, timestampMs >>> 24],
    ...[0, 0, 0, ...data],
    ...[0, 0, 0, data.length + 11],
  ];

  it('reads the same tags however the bytes are cut', () => {
    const tags = fc.array(
      fc.record({
        type: fc.constantFrom(8, 9, 18),
        time: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
        data: body,
      }),
    );
    fc.assert(
      fc.property(tags, chunkSizes, (wanted, sizes) => {
        const seen: FlvTag[] = [];
        const reader = new FlvReader((next) => seen.push({ ...next, data: next.data.slice() }));
        const bytes = Uint8Array.from([...header, ...wanted.flatMap((t) => tag(t.type, t.time, t.data))]);
        for (const chunk of cut(bytes, sizes)) reader.push(chunk);
        const names = { 8: 'audio', 9: 'video', 18: 'script' } as Record<number, string>;
        expect(seen).toEqual(wanted.map((t) => ({ type: names[t.type], timestampMs: t.time, data: t.data })));
      }),
    );
  });

  it('refuses what is not FLV, and tags beyond the limit before they are collected', () => {
    expect(() => new FlvReader(() => undefined).push(new Uint8Array(13))).toThrow(RangeError);
    const reader = new FlvReader(() => undefined, 100);
    expect(() => reader.push(Uint8Array.from([...header, 9, 0, 0, 101, 0, 0, 0, 0, 0, 0, 0]))).toThrow(/101/);
    expect(() =>
      new FlvReader(() => undefined).push(Uint8Array.from([...header, ...tag(5, 0, new Uint8Array(1))])),
    ).toThrow(/type 5/);
  });

  it('reads AVC bodies with signed composition times', () => {
    expect(readAvcTag(Uint8Array.of(0x17, 1, 0xff, 0xff, 0xfe, 7))).toEqual({
      kind: 'picture',
      isKeyframe: true,
      compositionMs: -2,
      data: Uint8Array.of(7),
    });
    expect(readAvcTag(Uint8Array.of(0x27, 1, 0, 1, 0)).compositionMs).toBe(256);
    expect(readAvcTag(Uint8Array.of(0x17, 0, 0, 0, 0, 1)).kind).toBe('config');
    expect(() => readAvcTag(Uint8Array.of(0x12, 1, 0, 0, 0))).toThrow(RangeError);
    expect(() => readAvcTag(Uint8Array.of(0x17, 1, 0))).toThrow(RangeError);
  });
});

describe('AdtsReader', () => {
  const frame = (data: Uint8Array, rateIndex = 3): number[] => {
    const size = data.length + 7;
    return [
      ...[0xff, 0xf1, 0x40 | (rateIndex << 2), 0x80 | (size >>> 11), (size >>> 3) & 0xff],
      ...[((size & 7) << 5) | 0x1f, 0xfc, ...data],
    ];
  };

  it('takes the same units out however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(body), chunkSizes, (wanted, sizes) => {
        const seen: Uint8Array[] = [];
        const reader = new AdtsReader((unit, format) => {
          seen.push(unit);
          expect(format).toEqual({ sampleRate: 48_000, channels: 2, config: Uint8Array.of(0x11, 0x90) });
        });
        for (const chunk of cut(Uint8Array.from(wanted.flatMap((data) => frame(data))), sizes))
          reader.push(chunk);
        expect(seen).toEqual(wanted);
      }),
    );
  });

  it('refuses a lost sync word and rates that do not exist', () => {
    expect(() => new AdtsReader(() => undefined).push(new Uint8Array(8))).toThrow(/sync/);
    expect(() => new AdtsReader(() => undefined).push(Uint8Array.from(frame(new Uint8Array(2), 15)))).toThrow(
      /15/,
    );
    const tooShort = frame(new Uint8Array(0));
    tooShort[5] = 3 << 5;
    expect(() => new AdtsReader(() => undefined).push(Uint8Array.from(tooShort))).toThrow(/3 bytes/);
  });
});
