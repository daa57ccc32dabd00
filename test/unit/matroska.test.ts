import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finishMatroska, segmentStart } from '../../electron/streaming/media/matroska-end';
import { frameHeader, matroskaHeader } from '../../electron/streaming/media/matroska';

interface Element {
  id: number;
  size: bigint;
  /** where its body begins */
  at: number;
}

/** An independent reader of one EBML element head (RFC 8794 sections 5 and 6). */
function readHead(bytes: Uint8Array, at: number): Element {
  const idLength = Math.clz32(bytes[at]!) - 24 + 1;
  let id = 0;
  for (let i = 0; i < idLength; i++) id = id * 256 + bytes[at + i]!;
  at += idLength;
  const sizeLength = Math.clz32(bytes[at]!) - 24 + 1;
  let size = BigInt(bytes[at]! & (0xff >> sizeLength));
  for (let i = 1; i < sizeLength; i++) size = size * 256n + BigInt(bytes[at + i]!);
  return { id, size, at: at + sizeLength };
}

const containers = new Set([0x1a45dfa3, 0x18538067, 0x1549a966, 0x1654ae6b, 0xae, 0xe0, 0x55b0, 0xbb, 0xb7]);

function values(bytes: Uint8Array): Map<number, number | string> {
  const found = new Map<number, number | string>();
  for (let at = 0; at < bytes.length;) {
    const { id, size, at: body } = readHead(bytes, at);
    if (containers.has(id)) {
      at = body;
      continue;
    }
    const data = bytes.subarray(body, body + Number(size));
    const isText = [0x4282, 0x4d80, 0x5741, 0x86, 0x2eb524].includes(id);
    found.set(
      id,
      isText ? new TextDecoder().decode(data) : data.reduce((value, byte) => value * 256 + byte, 0),
    );
    at = body + Number(size);
  }
  return found;
}

/** one whole element */
function pointAt(bytes: Uint8Array, at: number): Uint8Array {
  const head = readHead(bytes, at);
  return bytes.subarray(at, head.at + Number(head.size));
}

describe('Matroska', () => {
  it('announces one track of limited-range BT.709 I420 in microseconds', () => {
    const found = values(matroskaHeader({ width: 1920, height: 1080, fps: 60 }));
    expect(Object.fromEntries(found)).toMatchObject({
      [0x4282]: 'matroska',
      [0x2ad7b1]: 1000,
      [0x86]: 'V_UNCOMPRESSED',
      [0x2eb524]: 'I420',
      [0x23e383]: 16_666_667,
      [0xb0]: 1920,
      [0xba]: 1080,
      [0x55b1]: 1,
      [0x55b9]: 1,
      [0x55ba]: 1,
      [0x55bb]: 1,
    });
  });

  it('leaves the segment without an end', () => {
    const bytes = matroskaHeader({ width: 2, height: 2, fps: 30 });
    const ebml = readHead(bytes, 0);
    const segment = readHead(bytes, ebml.at + Number(ebml.size));
    expect(segment.id).toBe(0x18538067);
    expect(segment.size).toBe(2n ** 56n - 1n);
  });

  it('puts each picture into a cluster of exactly its size, at its time', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
        fc.integer({ min: 0, max: 2 ** 33 }),
        (ptsUs, payload) => {
          const bytes = frameHeader(ptsUs, payload);
          const cluster = readHead(bytes, 0);
          expect(cluster.id).toBe(0x1f43b675);
          expect(Number(cluster.size)).toBe(bytes.length - cluster.at + payload);
          const time = readHead(bytes, cluster.at);
          expect(new DataView(bytes.buffer).getBigUint64(time.at)).toBe(BigInt(ptsUs));
          const block = readHead(bytes, time.at + Number(time.size));
          expect(block.id).toBe(0xa3);
          expect(Number(block.size)).toBe(4 + payload);
          expect([...bytes.subarray(block.at)]).toEqual([0x81, 0, 0, 0x80]);
        },
      ),
    );
  });

  it('has an index of a recording of any length', () => {
    const cues = Array.from({ length: 150_000 }, (_, gop) => ({
      ...{ time: gop * 2000, offset: segmentStart + gop * 1_500_000 },
    }));
    const { tail } = finishMatroska(new Uint8Array(8), cues, 225e9 + segmentStart, 300e6);
    const index = Buffer.concat(tail);
    const head = readHead(index, 0);
    expect([head.id, Number(head.size)]).toEqual([0x1c53bb6b, index.length - head.at]);
    const pointBytes = Number(head.size) / cues.length;
    for (const gop of [0, 1, 77_777, 149_999])
      expect(Object.fromEntries(values(pointAt(index, head.at + gop * pointBytes)))).toEqual({
        ...{ [0xb3]: gop * 2000, [0xf7]: 1, [0xf1]: gop * 1_500_000 },
      });
  });
});
