import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MatroskaFileWriter } from '../../electron/streaming/media/matroska-file';
import { scanMatroska } from '../../electron/streaming/media/matroska-scan';
import { encodeFixture } from '../support/encoded-fixture';
import type { EncodedFixture } from '../support/encoded-fixture';
import { decodeFile, probeFile } from '../support/probe';
import { programPath, requires } from '../support/requires';

const mark = Buffer.from('a mark !');

describe.skipIf(!requires('ffmpeg', 'ffprobe'))('Matroska', () => {
  let folder: string;
  let fixture: EncodedFixture;
  /** pieces as they were appended, the header first */
  let pieces: Buffer[];
  let finished: Buffer;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'matroska-'));
    fixture = encodeFixture({ seconds: 4 });
    const writer = new MatroskaFileWriter('matroska', fixture.video, fixture.audio, mark);
    pieces = [Buffer.from(writer.header)];
    const add = (piece: readonly Uint8Array[] | null): void => {
      if (piece) pieces.push(Buffer.concat(piece));
      writer.written();
    };
    for (const packet of fixture.packets) add(writer.push(packet));
    add(writer.close());
    expect(writer.durationSec).toBeCloseTo(4, 3);
    const { tail, patch } = writer.end();
    finished = Buffer.concat([...pieces, ...tail]);
    finished.set(patch.bytes, patch.offset);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const save = (name: string, bytes: Buffer): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  const pictures = () => fixture.packets.filter((packet) => packet.kind === 'video');

  it('holds every packet at its time, while it is written and when it is finished', () => {
    const path = save('finished.mkv', finished);
    const originUs = pictures()[0]!.ptsUs;
    for (const probed of [probeFile(save('open.mkv', Buffer.concat(pieces))), probeFile(path)]) {
      expect(probed.streams.map(({ codec, width }) => [codec, width])).toEqual([
        ['h264', 320],
        ['aac', undefined],
      ]);
      const of = (stream: number) => probed.packets.filter((packet) => packet.stream === stream);
      const sound = fixture.packets.filter(({ kind, ptsUs }) => kind === 'audio' && ptsUs >= originUs);
      for (const [stream, sent] of [pictures(), sound].entries()) {
        expect(of(stream)).toHaveLength(sent.length);
        of(stream).forEach(({ pts }, index) =>
          expect(Math.abs(pts * 1e6 - (sent[index]!.ptsUs - originUs))).toBeLessThanOrEqual(501),
        );
      }
      expect(of(0).map(({ isKey }) => isKey)).toEqual(pictures().map(({ isKeyframe }) => isKeyframe));
    }
    expect(probeFile(path).durationSec).toBeCloseTo(4, 3);
    expect(decodeFile(path)).toEqual({ videoFrames: pictures().length, complaints: '' });
  });

  it('is written in pieces of 400 ms at most, each beginning where the last one ended', () => {
    expect(pieces.length).toBeGreaterThan(10);
    const lengths = pieces.slice(1).map((piece) => piece.filter((_, at) => isVideoBlock(piece, at)).length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(12);
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(pictures().length);
  });

  it('can be sought in once it is finished', () => {
    const path = save('sought.mkv', finished);
    for (const sec of [0.5, 1.9, 3.7]) {
      const args = [
        '-v',
        'debug',
        '-copyts',
        '-ss',
        String(sec),
        '-i',
        path,
        '-map',
        '0:v',
        '-vf',
        'showinfo',
      ];
      const { stderr } = spawnSync(programPath('ffmpeg'), [...args, '-frames:v', '1', '-f', 'null', '-'], {
        encoding: 'utf8',
      });
      const firstSec = Number(/showinfo.* pts_time:([\d.]+)/.exec(stderr)?.[1]);
      expect(firstSec).toBeGreaterThanOrEqual(sec - 0.001);
      expect(firstSec).toBeLessThan(sec + 0.035);
    }
    expect(spawnSync(programPath('ffprobe'), ['-v', 'warning', path], { encoding: 'utf8' }).stderr).toBe('');
  });

  it('is found whole after it was cut off in any piece', async () => {
    const whole = Buffer.concat(pieces);
    const ends = new Set<number>();
    for (let length = whole.length; length > pieces[0]!.length; length -= 7919) {
      const found = await scanMatroska((offset, bytes) =>
        Promise.resolve(whole.subarray(offset, Math.min(length, offset + bytes))),
      );
      if (found.is !== 'unfinished') throw new Error(`found ${found.is}`);
      expect(found.length).toBeLessThanOrEqual(length);
      ends.add(found.length);
    }
    const bounds = pieces.map((_, index) => Buffer.concat(pieces.slice(0, index + 1)).length);
    expect([...ends].every((end) => bounds.includes(end))).toBe(true);
    expect(ends.size).toBeGreaterThan(8);
  });

  it('lasts as long as its pictures when their encoder hung and only sound was written after them', async () => {
    const writer = new MatroskaFileWriter('matroska', fixture.video, fixture.audio, mark);
    const written = [Buffer.from(writer.header)];
    const add = (piece: readonly Uint8Array[] | null): void => {
      if (piece) written.push(Buffer.concat(piece));
      writer.written();
    };
    for (const packet of fixture.packets)
      if (packet.kind === 'audio' || packet.dtsUs < 1_000_000) add(writer.push(packet));
    add(writer.close());
    const whole = Buffer.concat(written);
    const found = await scanMatroska((offset, bytes) =>
      Promise.resolve(whole.subarray(offset, offset + bytes)),
    );
    if (found.is !== 'unfinished') throw new Error(`found ${found.is}`);
    expect(found.durationSec).toBeCloseTo(writer.durationSec, 3);
    expect(found.durationSec).toBeGreaterThan(0.9);
    expect(found.length).toBe(whole.length);
    const [repaired, stopped] = [found.end(), writer.end()].map(({ tail, patch }) => [
      Buffer.concat(tail),
      Buffer.from(patch.bytes),
    ]);
    expect(repaired).toEqual(stopped);
  });

  it('refuses what it cannot hold', () => {
    expect(() => new MatroskaFileWriter('webm', fixture.video, null, mark)).toThrow(/h264/);
    const vp8 = { ...fixture.video, codec: 'vp8' } as const;
    expect(() => new MatroskaFileWriter('webm', vp8, fixture.audio, mark)).toThrow(/aac/);
  });
});

/** The header of a SimpleBlock of track 1: id, size in eight bytes that begins with 01 00 00 00, track. */
const isVideoBlock = (piece: Buffer, at: number): boolean =>
  piece[at] === 0xa3 &&
  piece[at + 1] === 0x01 &&
  piece.readUInt32BE(Math.min(at + 1, piece.length - 4)) === 0x01000000 &&
  piece[at + 9] === 0x81;
