import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ElasticSound } from '../../electron/streaming/sources/elastic-sound';
import { FloatStream } from '../../electron/streaming/sources/float-stream';
import { HeldPictures } from '../../electron/streaming/sources/held-pictures';
import { StreamPacer } from '../../electron/streaming/sources/stream-pacer';
import { Y4mReader } from '../../electron/streaming/sources/y4m-reader';

describe('raw streams, cut anywhere', () => {
  it('pictures with their size and rate', () => {
    const header = Buffer.from('YUV4MPEG2 W4 H2 F30000:1001 Ip A1:1 C420jpeg XYSCSS=420JPEG\n');
    const pictures = [1, 2, 3].map((value) => Buffer.alloc(12, value));
    const stream = Buffer.concat([header, ...pictures.flatMap((one) => [Buffer.from('FRAME\n'), one])]);
    for (const step of [1, 7, 1000]) {
      const formats: object[] = [];
      const bytes: number[] = [];
      const reader = new Y4mReader(
        (format) => formats.push(format),
        (piece) => void bytes.push(...piece),
      );
      for (let at = 0; at < stream.length; at += step) reader.write(stream.subarray(at, at + step));
      expect(formats).toEqual([{ width: 4, height: 2, fps: 30_000 / 1001 }]);
      expect(Buffer.from(bytes)).toEqual(Buffer.concat(pictures));
    }
  });

  it('and nothing else', () => {
    const reader = (): Y4mReader =>
      new Y4mReader(
        () => undefined,
        () => undefined,
      );
    expect(() => reader().write(Buffer.from('RIFF\n'))).toThrow('header');
    expect(() => reader().write(Buffer.alloc(2000, 65))).toThrow('header');
    expect(() => reader().write(Buffer.from('YUV4MPEG2 W2 H2 F30:1\nFRAMX\n'))).toThrow('mark');
  });

  it('samples', () => {
    const samples = Float32Array.from({ length: 40 }, (_, at) => at / 8);
    const stream = Buffer.from(samples.buffer);
    for (const step of [3, 8, 13, 160]) {
      const found: number[] = [];
      const floats = new FloatStream((piece) => {
        expect(piece.length % 2).toBe(0);
        found.push(...piece);
      });
      for (let at = 0; at < stream.length; at += step) floats.write(stream.subarray(at, at + step));
      expect(found).toEqual([...samples]);
    }
  });
});

describe('pictures that wait', () => {
  it('are bounded: who writes is held back', () => {
    const held = new HeldPictures(6, 3);
    const bytes = Buffer.concat([1, 2, 3, 4].map((value) => Buffer.alloc(6, value)));
    expect(held.write(bytes.subarray(0, 4))).toBe(4);
    expect(held.first).toBeNull();
    expect(held.write(bytes.subarray(4))).toBe(14);
    expect([held.complete, held.first?.index, held.first?.bytes[0]]).toEqual([3, 0, 1]);
    held.drop();
    expect(held.write(bytes.subarray(18))).toBe(6);
    expect([held.complete, held.first?.index]).toEqual([4, 1]);
    held.clear();
    expect(held.first).toBeNull();
    expect(new HeldPictures(100 * 2 ** 20, 1000).capacity).toBe(3);
  });
});

describe('a stream made even', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const fps = 25;
  const format = { width: 2, height: 2, fps };

  function bench(bufferMs = 200): {
    pacer: StreamPacer;
    sound: ElasticSound;
    seen: { value: number; atMs: number }[];
    picture: () => void;
  } {
    const startMs = Date.now();
    const nowMs = (): number => Date.now() - startMs;
    const seen: { value: number; atMs: number }[] = [];
    const sound = new ElasticSound('s', { latencyMs: bufferMs, nowMs });
    const pacer = new StreamPacer({
      ...{ bufferMs, sound, programFps: 50, nowMs },
      onPicture: (bytes) => void seen.push({ value: bytes[0] ?? -1, atMs: nowMs() }),
      onRoom: () => undefined,
    });
    pacer.begin();
    pacer.setFormat(format);
    let next = 0;
    return { pacer, sound, seen, picture: () => void pacer.writePictures(Buffer.alloc(6, next++)) };
  }

  it('begins at the present, not with what the server had kept', () => {
    const { seen, picture } = bench();
    for (let count = 0; count < 50; count += 1) picture();
    vi.advanceTimersByTime(310);
    for (let count = 0; count < 25; count += 1) {
      picture();
      vi.advanceTimersByTime(1000 / fps);
    }
    const values = seen.map(({ value }) => value);
    expect(values[0]).toBeGreaterThanOrEqual(50);
    expect(values).toEqual([...values].sort((a, b) => a - b));
    const last = seen.at(-1);
    const shouldBe = (last?.value ?? 0) - 50;
    // 200 ms after it came, less the tick in which it is seen
    expect((last?.atMs ?? 0) - (310 + shouldBe * 40)).toBeGreaterThan(140);
    expect((last?.atMs ?? 0) - (310 + shouldBe * 40)).toBeLessThan(240);
  });

  it('shows pictures at their own pace, however unevenly they come', () => {
    const { seen, picture } = bench();
    picture();
    vi.advanceTimersByTime(310);
    // Four at once, every 160 ms.
    for (let round = 0; round < 12; round += 1) {
      for (let count = 0; count < 4; count += 1) picture();
      vi.advanceTimersByTime(160);
    }
    const gaps = seen.slice(4).map(({ atMs }, index) => atMs - (seen[index + 3]?.atMs ?? 0));
    expect(gaps.length).toBeGreaterThan(30);
    for (const gap of gaps) expect(Math.abs(gap - 40)).toBeLessThanOrEqual(2);
  });

  it('lets pictures follow the sound that is heard', () => {
    const { pacer, sound, seen, picture } = bench();
    const block = new Float32Array((48_000 / fps) * 2).fill(0.1);
    let samples = 0;
    let rendered = 0;
    const target = new Float32Array((48_000 / fps) * 2);
    const waits: number[] = [];
    for (let tick = 0; tick < 100; tick += 1) {
      picture();
      pacer.writeSound(block);
      samples += block.length / 2;
      sound.render(rendered, target);
      pacer.rendered();
      rendered += target.length / 2;
      const last = seen.at(-1)?.value;
      if (sound.latencyMs > 0 && last !== undefined)
        waits.push((samples / 48_000 - sound.latencyMs / 1000 - last / fps) * 1000);
      vi.advanceTimersByTime(1000 / fps);
    }
    expect(waits.length).toBeGreaterThan(60);
    // A picture is up to one of its own periods old when its sound is heard, and comes one and a quarter ticks before it.
    for (const wait of waits.slice(10)) {
      expect(wait).toBeGreaterThan(-45);
      expect(wait).toBeLessThan(50);
    }
  });

  it('forgets what waits when it ends', () => {
    const { pacer, seen, picture } = bench();
    picture();
    vi.advanceTimersByTime(310);
    picture();
    pacer.end();
    const before = seen.length;
    vi.advanceTimersByTime(1000);
    expect(seen.length).toBe(before);
    expect(vi.getTimerCount()).toBe(0);
  });
});
