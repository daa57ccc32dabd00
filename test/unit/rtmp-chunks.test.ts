import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { ChunkReader, ChunkWriter, rtmpType } from '../../electron/streaming/media/rtmp-chunks';
import type { OutgoingMessage, RtmpMessage } from '../../electron/streaming/media/rtmp-chunks';

const seed = 20_261;
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const zeros = (count: number): string => '00'.repeat(count);

/** pushes bytes cut at the given lengths (repeated) */
function readAll(reader: ChunkReader, bytes: Uint8Array, cuts: readonly number[]): RtmpMessage[] {
  const messages: RtmpMessage[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = cuts[turn % cuts.length] ?? bytes.length;
    messages.push(...reader.push(bytes.subarray(at, at + length)));
    at += length;
  }
  return messages;
}

const message: fc.Arbitrary<OutgoingMessage> = fc.record({
  chunkStreamId: fc.constantFrom(3, 4, 63, 64, 319, 320, 65_599),
  typeId: fc.constantFrom(8, 9, 18, 20),
  streamId: fc.constantFrom(0, 1, 0x01020304),
  timestamp: fc.oneof(
    fc.nat(100_000),
    fc.integer({ min: 0xfffff0, max: 0x100000f }),
    fc.integer({ min: 0, max: 0xffffffff }),
  ),
  payload: fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 4 }),
});

describe('RTMP chunk stream', () => {
  it('gives back every message, however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 12 }),
        fc.integer({ min: 1, max: 700 }),
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 }),
        (messages, chunkSize, cuts) => {
          const writer = new ChunkWriter();
          const bytes = Buffer.concat([
            ...writer.setChunkSize(chunkSize),
            ...messages.flatMap((each) => writer.write(each)),
          ]);
          const reader = new ChunkReader();
          const [first, ...read] = readAll(reader, bytes, cuts);
          expect(first?.typeId).toBe(rtmpType.setChunkSize);
          expect(read.map((each) => ({ ...each, payload: each.payload.toString('hex') }))).toEqual(
            messages.map((each) => ({ ...each, payload: Buffer.concat(each.payload).toString('hex') })),
          );
          expect(reader.bufferedBytes).toBe(0);
        },
      ),
      { seed, numRuns: 400 },
    );
  });

  it('does not copy payloads', () => {
    const writer = new ChunkWriter();
    writer.setChunkSize(1000);
    const part = new Uint8Array(1500);
    const chunks = writer.write({ chunkStreamId: 4, typeId: 9, streamId: 1, timestamp: 0, payload: [part] });
    expect(chunks.filter((chunk) => chunk.buffer === part.buffer).map((chunk) => chunk.length)).toEqual([
      1000, 500,
    ]);
  });

  it('reads the examples of the specification: four audio messages, then a video in three chunks (§5.3.2)', () => {
    const audio = zeros(32);
    const bytes = hex(
      `03 0003e8 000020 08 39300000 ${audio}` + // fmt 0, timestamp 1000, stream 12345
        `83 000014 ${audio}` + // fmt 2, delta 20
        `c3 ${audio} c3 ${audio}` + // fmt 3 twice
        `04 0003e8 000133 09 3a300000 ${zeros(128)} c4 ${zeros(128)} c4 ${zeros(51)}`,
    );
    const messages = new ChunkReader().push(bytes);
    expect(messages.map(({ timestamp, streamId, payload }) => [timestamp, streamId, payload.length])).toEqual(
      [
        [1000, 12345, 32],
        [1020, 12345, 32],
        [1040, 12345, 32],
        [1060, 12345, 32],
        [1000, 12346, 307],
      ],
    );
  });

  it('adds a full header’s timestamp when a fmt 3 chunk begins the next message (§5.3.1.2.4)', () => {
    const messages = new ChunkReader().push(hex('03 00000a 000001 08 01000000 aa c3 bb'));
    expect(messages.map((each) => each.timestamp)).toEqual([10, 20]);
  });

  it('expects the extended timestamp on fmt 3 chunks too (§5.3.1.3) and wraps at 2³²', () => {
    const bytes = hex(
      `04 ffffff 000082 09 01000000 fffffff0 ${'ab'.repeat(128)} c4 fffffff0 cdcd` +
        `84 000020 ${zeros(128)} c4 0000`,
    );
    const messages = readAll(new ChunkReader(), bytes, [1]);
    expect(messages.map((each) => each.timestamp)).toEqual([0xfffffff0, 0x10]);
    expect(messages[0]!.payload.toString('hex')).toBe('ab'.repeat(128) + 'cdcd');
  });

  it('interleaves chunk streams and forgets an aborted message (§5.4.2)', () => {
    const reader = new ChunkReader();
    const messages = reader.push(
      hex(
        `04 000000 000100 09 01000000 ${zeros(128)}` +
          `05 000000 000001 08 01000000 77` +
          `02 000000 000004 02 00000000 00000004`,
      ),
    );
    expect(messages.map((each) => each.typeId)).toEqual([8, 2]);
    expect(reader.bufferedBytes).toBe(0);
    expect(reader.push(hex('44 000001 000001 09 55')).map((each) => each.payload.toString('hex'))).toEqual([
      '55',
    ]);
  });

  it.each([
    ['a stream that begins with fmt 3', 'c3 00'],
    ['a chunk size of zero', '02 000000 000004 01 00000000 00000000'],
    ['a chunk size with its first bit set', '02 000000 000004 01 00000000 80000080'],
    ['a short chunk size', '02 000000 000002 01 00000000 0080'],
    ['a message inside another', `04 000000 000100 09 01000000 ${zeros(128)} 04 000000 000100 09 01000000`],
    ['a message longer than allowed', '04 000000 ffffff 09 01000000'],
  ])('refuses %s', (_, text) => {
    expect(() => new ChunkReader().push(hex(text))).toThrow(RangeError);
  });

  it('reserves memory for bytes that came, not for lengths that were declared', () => {
    const reader = new ChunkReader({ chunkStreams: 10 });
    for (let id = 3; id < 13; id++)
      reader.push(hex(`0${id.toString(16)} 000000 200000 09 01000000 ${zeros(128)}`));
    expect(reader.bufferedBytes).toBeLessThan(10 * 4096);
    expect(() => reader.push(hex('0d 000000 000001 09 01000000 00'))).toThrow(/chunk streams/);
  });

  it('answers arbitrary bytes with messages or a RangeError and keeps its memory cap', () => {
    const limits = { messageBytes: 3000, bufferedBytes: 8000, chunkStreams: 8 };
    const header = fc
      .tuple(
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 0, max: 12 }),
        fc.nat(4000),
        fc.integer({ min: 0, max: 22 }),
      )
      .map(([format, id, length, type]) =>
        Buffer.concat([
          Buffer.of((format << 6) | id),
          Buffer.of(0, 0, 1, length >> 16, length >> 8, length, type, 1, 0, 0, 0).subarray(
            0,
            [11, 7, 3, 0][format],
          ),
        ]),
      );
    const bytes = fc
      .array(fc.oneof(fc.uint8Array({ maxLength: 300 }), header), { maxLength: 40 })
      .map((parts) => Buffer.concat(parts));
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 500 }), (input, cut) => {
        const reader = new ChunkReader(limits);
        try {
          for (let at = 0; at < input.length; at += cut) {
            for (const each of reader.push(input.subarray(at, at + cut)))
              expect(each.payload.length).toBeLessThanOrEqual(limits.messageBytes);
            expect(reader.bufferedBytes).toBeLessThanOrEqual(limits.bufferedBytes);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { seed, numRuns: 3000 },
    );
  });
});
