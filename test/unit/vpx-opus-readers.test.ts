import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IvfReader } from '../../electron/streaming/media/ivf-reader';
import type { IvfFrame } from '../../electron/streaming/media/ivf-reader';
import { OggReader } from '../../electron/streaming/media/ogg-reader';
import { OpusReader } from '../../electron/streaming/media/opus';
import { readVp8Picture, readVp9Packet, vp9Record } from '../../electron/streaming/media/vpx';

/** Cuts bytes into chunks of the given sizes, over and over. */
function* cut(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}
const chunkSizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 6 });

/** Whatever it is given, a reader says what it found or refuses; it neither hangs nor fails otherwise. */
function survives(make: () => { push(chunk: Uint8Array): void }, start: Uint8Array): void {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), chunkSizes, (garbage, sizes) => {
      const reader = make();
      try {
        reader.push(start);
        for (const chunk of cut(garbage, sizes)) reader.push(chunk);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
  );
}

describe('IvfReader', () => {
  const header = (fourCc = 'VP90', [num, den] = [1001, 30_000]): Buffer => {
    const bytes = Buffer.alloc(32);
    bytes.write('DKIF');
    bytes.writeUInt16LE(32, 6);
    bytes.write(fourCc, 8);
    bytes.writeUInt16LE(640, 12);
    bytes.writeUInt16LE(360, 14);
    bytes.writeUInt32LE(den, 16);
    bytes.writeUInt32LE(num, 20);
    return bytes;
  };
  const frame = ({ pts, data }: IvfFrame): Buffer => {
    const head = Buffer.alloc(12);
    head.writeUInt32LE(data.length);
    head.writeBigUInt64LE(BigInt(pts), 4);
    return Buffer.concat([head, data]);
  };

  it('reads the same frames however the bytes are cut, with times of 64 bits', () => {
    const frames = fc.array(
      fc.record({ pts: fc.maxSafeNat(), data: fc.uint8Array({ maxLength: 60 }) }, { noNullPrototype: true }),
    );
    fc.assert(
      fc.property(frames, chunkSizes, (wanted, sizes) => {
        const seen: IvfFrame[] = [];
        const reader = new IvfReader((next, { fourCc, width, height, timebase }) => {
          expect({ fourCc, width, height }).toEqual({ fourCc: 'VP90', width: 640, height: 360 });
          expect(timebase).toEqual({ num: 1001, den: 30_000 });
          seen.push(next);
        });
        const bytes = Buffer.concat([header(), ...wanted.map(frame)]);
        for (const chunk of cut(bytes, sizes)) reader.push(chunk);
        expect(seen.map(({ pts, data }) => ({ pts, data: Uint8Array.from(data) }))).toEqual(wanted);
      }),
    );
  });

  it('refuses what is not IVF, and frames beyond the limit before they are collected', () => {
    const make = (): IvfReader => new IvfReader(() => undefined, 100);
    expect(() => make().push(new Uint8Array(32))).toThrow(/IVF version 0/);
    expect(() => make().push(header('VP90', [0, 30]))).toThrow(/time base/);
    const large = frame({ pts: 0, data: new Uint8Array(101) }).subarray(0, 12);
    expect(() => make().push(Buffer.concat([header(), large]))).toThrow(/101 bytes/);
    survives(make, header());
    survives(make, new Uint8Array(0));
  });
});

describe('OggReader and OpusReader', () => {
  /** The checksum bit by bit, another way than the reader's. */
  const crcOf = (bytes: Uint8Array): number => {
    let crc = 0n;
    for (const byte of bytes)
      for (let bit = 7; bit >= 0; bit--) {
        const isOver = ((crc >> 31n) & 1n) !== BigInt((byte >> bit) & 1);
        crc = ((crc << 1n) & 0xffffffffn) ^ (isOver ? 0x04c11db7n : 0n);
      }
    return Number(crc);
  };
  const page = (table: readonly number[], body: Uint8Array, sequence: number, flags = 0): Buffer => {
    const head = Buffer.alloc(27);
    head.write('OggS');
    head[5] = flags;
    head.writeUInt32LE(7, 14);
    head.writeUInt32LE(sequence, 18);
    head[26] = table.length;
    const bytes = Buffer.concat([head, Buffer.from(table), body]);
    bytes.writeUInt32LE(crcOf(bytes), 22);
    return bytes;
  };
  /** Packets as segments, so many to a page. */
  const pages = (packets: readonly Uint8Array[], perPage: number): Buffer => {
    const segments = packets.flatMap((packet) =>
      Array.from({ length: Math.floor(packet.length / 255) + 1 }, (_, at) =>
        packet.subarray(at * 255, (at + 1) * 255),
      ),
    );
    const made: Buffer[] = [];
    for (let at = 0; at < segments.length; at += perPage) {
      const part = segments.slice(at, at + perPage);
      const isContinued = at > 0 && segments[at - 1]!.length === 255;
      made.push(
        page(
          part.map(({ length }) => length),
          Buffer.concat(part),
          made.length,
          Number(isContinued),
        ),
      );
    }
    return Buffer.concat(made);
  };

  it('reads the same packets however they lie in pages and the bytes are cut', () => {
    const packets = fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 8 });
    fc.assert(
      fc.property(packets, fc.integer({ min: 1, max: 5 }), chunkSizes, (wanted, perPage, sizes) => {
        const seen: Uint8Array[] = [];
        const reader = new OggReader((packet) => seen.push(packet));
        for (const chunk of cut(pages(wanted, perPage), sizes)) reader.push(chunk);
        expect(seen).toEqual(wanted);
      }),
      { numRuns: 40 },
    );
  });

  it('refuses damaged, missing and endless pages', () => {
    const whole = pages([Uint8Array.of(1, 2, 3), Uint8Array.of(4)], 1);
    const damaged = Buffer.from(whole);
    damaged[29]! ^= 1;
    const read = (bytes: Uint8Array): void => new OggReader(() => undefined).push(bytes);
    expect(() => read(damaged)).toThrow(/checksum/);
    expect(() => read(Buffer.concat([whole, page([1], Uint8Array.of(1), 5)]))).toThrow(/page 5 after page 1/);
    expect(() => read(new Uint8Array(30))).toThrow(/Ogg page/);
    const full = new Uint8Array(255 * 255);
    const table = new Array<number>(255).fill(255);
    const endless = Buffer.concat([page(table, full, 0), page(table, full, 1, 1)]);
    expect(() => read(endless)).toThrow(/more than 65025 bytes/);
    survives(() => new OggReader(() => undefined), whole);
  });

  it('takes the beginning of Opus for itself, and says how long a packet sounds', () => {
    const head = Buffer.concat([
      Buffer.from('OpusHead'),
      Buffer.from([1, 2, 0x38, 1, 0x80, 0xbb, 0, 0, 0, 0, 0]),
    ]);
    const tags = Buffer.from('OpusTags');
    const seen: unknown[] = [];
    // RFC 6716 table 2: CELT of 20 ms, alone and twice in a packet; SILK of 60 ms, three times
    const packets = [Uint8Array.of(0xfc), Uint8Array.of(0xfd, 9), Uint8Array.of(0x1b, 3)];
    new OpusReader((packet, samples, { channels, preSkip }) =>
      seen.push([packet[0], samples, channels, preSkip]),
    ).push(pages([head, tags, ...packets], 1));
    expect(seen).toEqual([
      [0xfc, 960, 2, 312],
      [0xfd, 1920, 2, 312],
      [0x1b, 8640, 2, 312],
    ]);
    const read = (...bytes: Uint8Array[]): void => new OpusReader(() => undefined).push(pages(bytes, 1));
    expect(() => read(tags)).toThrow(/OpusHead/);
    expect(() => read(head, head)).toThrow(/OpusTags/);
    expect(() => read(head, tags, new Uint8Array(0))).toThrow(/without bytes/);
  });
});

describe('VP8 and VP9 pictures', () => {
  /** bits as written in the specification, most significant first */
  const bits = (...fields: readonly (readonly [width: number, value: number])[]): Uint8Array => {
    const text = fields.map(([width, value]) => value.toString(2).padStart(width, '0')).join('');
    const bytes = text.match(/.{1,8}/g) ?? [];
    return Uint8Array.from(bytes, (byte) => parseInt(byte.padEnd(8, '0'), 2));
  };
  const marker = [2, 2] as const;
  const profile0 = [2, 0] as const;
  const syncCode = [24, 0x498342] as const;
  const keyframe = (width: number, height: number): Uint8Array =>
    bits(
      ...([marker, profile0, [1, 0], [1, 0], [1, 1], [1, 1], syncCode] as const),
      // color_space 2: BT.709; limited range
      ...([
        [3, 2],
        [1, 0],
        [16, width - 1],
        [16, height - 1],
      ] as const),
    );
  const inter = (refreshed: number): Uint8Array =>
    bits(marker, profile0, [1, 0], [1, 1], [1, 1], [1, 1], [8, refreshed], [8, 0]);

  it('tells keyframes, and of VP9 what nothing refers to', () => {
    expect(readVp8Picture(Uint8Array.of(0x10, 0, 0, 0x9d, 1, 0x2a, 0, 0, 0, 0)).isKeyframe).toBe(true);
    expect(readVp8Picture(Uint8Array.of(0x11, 0, 0)).isKeyframe).toBe(false);
    expect(() => readVp8Picture(Uint8Array.of(0x10, 0, 0, 1, 2, 3, 0, 0, 0, 0))).toThrow(/start code/);
    expect(readVp9Packet(inter(0))).toEqual({ isKeyframe: false, isDisposable: true, format: null });
    expect(readVp9Packet(inter(1))).toEqual({ isKeyframe: false, isDisposable: false, format: null });
    // show_existing_frame
    expect(readVp9Packet(bits(marker, profile0, [1, 1], [3, 2])).isDisposable).toBe(true);
    expect(() => readVp9Packet(Uint8Array.of(0))).toThrow(/frame marker/);
    expect(() => readVp9Packet(keyframe(640, 360).subarray(0, 6))).toThrow(/cut off/);
  });

  it('looks at every frame of a superframe', () => {
    const frames = [keyframe(640, 360), inter(0)];
    const [first, second] = frames.map(({ length }) => length);
    const index = [0xc1, first!, second!, 0xc1];
    const packet = Uint8Array.from([...frames[0]!, ...frames[1]!, ...index]);
    expect(readVp9Packet(packet)).toMatchObject({ isKeyframe: true, isDisposable: false });
    const wrong = Uint8Array.from([...frames[0]!, ...frames[1]!, 0xc1, 200, 200, 0xc1]);
    expect(() => readVp9Packet(wrong)).toThrow(/runs past/);
  });

  it('makes the record that files and players are told of', () => {
    const record = (width: number, height: number, fps: number): number[] => {
      const { format } = readVp9Packet(keyframe(width, height));
      expect(format).toMatchObject({ width, height, bitDepth: 8, isBt709: true });
      return [...vp9Record(format!, fps)];
    };
    // profile 0, level 4.1, 8 bits, 4:2:0, limited range, BT.709 three times, nothing more
    expect(record(1920, 1080, 60)).toEqual([0, 41, 0x82, 1, 1, 1, 0, 0]);
    expect(record(1280, 720, 30)[1]).toBe(31);
    expect(record(640, 360, 30_000 / 1001)[1]).toBe(21);
  });

  it('refuses anything else without failing otherwise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (garbage) => {
        for (const read of [readVp8Picture, readVp9Packet])
          try {
            read(garbage);
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError);
          }
      }),
    );
  });
});
