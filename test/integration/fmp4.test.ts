import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mp4FragmentWriter } from '../../electron/streaming/media/fmp4';
import { scanMp4 } from '../../electron/streaming/media/mp4-scan';
import type { RecordingScan } from '../../electron/streaming/media/recording-file';
import { encodeFixture } from '../support/encoded-fixture';
import type { EncodedFixture } from '../support/encoded-fixture';
import { programPath, requires } from '../support/requires';
import { decodeFile, probeFile } from '../support/probe';

const hasPrograms = requires('ffmpeg', 'ffprobe');
let fixture: EncodedFixture;
let folder: string;
beforeAll(() => {
  if (!hasPrograms) return;
  fixture = encodeFixture({ seconds: 4 });
  folder = mkdtempSync(join(tmpdir(), 'fmp4-'));
});
afterAll(() => {
  if (hasPrograms) rmSync(folder, { recursive: true, force: true });
});

const scan = (file: Buffer): Promise<RecordingScan> =>
  scanMp4((offset, length) => Promise.resolve(file.subarray(offset, offset + length)));

const boxTypes = (file: Buffer): string[] => {
  const types: string[] = [];
  for (let at = 0; at < file.length;) {
    types.push(file.toString('latin1', at + 4, at + 8));
    const size = file.readUInt32BE(at);
    at += size === 1 ? Number(file.readBigUInt64BE(at + 8)) : size;
  }
  return types;
};

/** when the first picture is shown that a player gets which seeks there, µs */
function firstPictureUs(path: string, sec: number): number {
  const args = ['-v', 'info', '-copyts', '-ss', String(sec), '-i', path, '-map', '0:v'];
  const { stderr } = spawnSync(
    programPath('ffmpeg'),
    [...args, '-vf', 'showinfo', '-frames:v', '1', '-f', 'null', '-'],
    { encoding: 'utf8' },
  );
  return Math.round(Number(/showinfo.* pts_time:([\d.]+)/.exec(stderr)?.[1]) * 1e6);
}

const videoPackets = () => fixture.packets.filter((packet) => packet.kind === 'video');

const mark = Buffer.from('a mark !');

/** The file at different moments: cut after some fragments, whole and unfinished, finished. */
function writeMp4(path: string, until: number | 'unfinished' | 'finished'): Mp4FragmentWriter {
  const writer = new Mp4FragmentWriter(fixture.video, fixture.audio, mark);
  const parts: Uint8Array[] = [writer.header];
  const add = (fragment: readonly Uint8Array[] | null): void => {
    parts.push(...(fragment ?? []));
    writer.written();
  };
  let fragments = 0;
  for (const packet of fixture.packets) {
    const fragment = writer.push(packet);
    if (!fragment) continue;
    if (++fragments > Number(until)) break;
    add(fragment);
  }
  if (typeof until !== 'number') {
    expect(fragments).toBeGreaterThanOrEqual(10);
    add(writer.close());
  }
  const { tail, patch } = writer.end();
  if (until === 'finished') parts.push(...tail);
  const file = Buffer.concat(parts);
  if (until === 'finished') file.set(patch.bytes, patch.offset);
  writeFileSync(path, file);
  return writer;
}

describe.skipIf(!hasPrograms)('fragmented MP4', () => {
  it('holds every packet at its exact time, decodes silently and knows its duration', () => {
    const path = join(folder, 'unfinished.mp4');
    const writer = writeMp4(path, 'unfinished');
    const probed = probeFile(path);
    expect(probed.streams.map((stream) => [stream.codec, stream.timeBase])).toEqual([
      ['h264', '1/240000'],
      ['aac', '1/48000'],
    ]);
    expect(writer.durationSec).toBeCloseTo(4, 5);
    expect(Math.abs(probed.durationSec - 4)).toBeLessThan(0.15);
    const origin = videoPackets()[0]!.dtsUs;
    const found = probed.packets.filter((packet) => packet.stream === 0);
    const ticks = (us: number): number => Math.round(us * 0.24);
    expect(found.map((packet) => [packet.pts, packet.dts].map((time) => Math.round(time * 240_000)))).toEqual(
      videoPackets().map((packet) => [ticks(packet.ptsUs - origin), ticks(packet.dtsUs - origin)]),
    );
    expect(found.map((packet) => packet.isKey)).toEqual(videoPackets().map((packet) => packet.isKeyframe));
    const sound = fixture.packets.filter(
      (packet) => packet.kind === 'audio' && packet.ptsUs >= videoPackets()[0]!.ptsUs,
    );
    expect(
      probed.packets.filter((packet) => packet.stream === 1).map((packet) => Math.round(packet.pts * 48_000)),
    ).toEqual(sound.map((packet) => Math.round(((packet.ptsUs - origin) * 48) / 1000)));
    const decoded = decodeFile(path);
    expect(decoded.complaints).toBe('');
    expect(decoded.videoFrames).toBe(videoPackets().length);
  });

  it('says the same of every packet once it is finished, and every place in it can be sought', () => {
    const before = join(folder, 'unfinished.mp4');
    const path = join(folder, 'finished.mp4');
    writeMp4(before, 'unfinished');
    writeMp4(path, 'finished');
    const topLevel = boxTypes(readFileSync(path));
    expect(topLevel).toEqual(['ftyp', 'mdat', 'moov']);
    const [fragmented, finished] = [probeFile(before), probeFile(path)];
    // Its time begins with the first picture; until it is finished, with the decoding of that.
    const leadSec = fragmented.packets.find(({ stream }) => stream === 0)!.pts;
    expect(leadSec).toBeGreaterThan(0);
    expect(finished.packets).toHaveLength(fragmented.packets.length);
    for (const stream of [0, 1]) {
      const of = (probed: typeof finished) => probed.packets.filter((packet) => packet.stream === stream);
      of(finished).forEach((packet, index) => {
        const wanted = of(fragmented)[index]!;
        expect(packet.isKey).toBe(wanted.isKey);
        expect(Math.abs(packet.pts + leadSec - wanted.pts)).toBeLessThan(0.000_03);
        expect(Math.abs(packet.dts + leadSec - wanted.dts)).toBeLessThan(0.000_03);
      });
      expect(finished.streams[stream]!.codec).toBe(fragmented.streams[stream]!.codec);
    }
    expect(finished.streams[0]!.duration).toBeCloseTo(4, 4);
    const ends = finished.packets.map(({ stream, pts }) => pts + (stream === 0 ? 1 / 30 : 1024 / 48_000));
    expect(Math.abs(finished.durationSec - Math.max(...ends))).toBeLessThan(0.001);
    const decoded = decodeFile(path);
    expect(decoded).toEqual({ videoFrames: videoPackets().length, complaints: '' });
    const pictures = videoPackets().map(({ ptsUs }) => ptsUs - videoPackets()[0]!.ptsUs);
    for (const sec of [0.5, 1.9, 3.7]) {
      const first = firstPictureUs(path, sec);
      expect(first).toBe(pictures.filter((us) => us >= sec * 1e6).sort((one, other) => one - other)[0]);
    }
  });

  it('is found whole after it was cut off anywhere, and finished as if it had been stopped there', async () => {
    const path = join(folder, 'torn.mp4');
    writeMp4(path, 'unfinished');
    const whole = readFileSync(path);
    for (const length of [0, 5, 30, 500])
      expect(await scan(whole.subarray(0, length))).toEqual({ is: 'empty' });
    const ends = new Set<number>();
    for (let length = whole.length; length > 2000; length -= 9973) {
      const found = await scan(whole.subarray(0, length));
      if (found.is !== 'unfinished') throw new Error(`found ${found.is}`);
      expect(Buffer.from(found.mark)).toEqual(mark);
      expect(found.length).toBeLessThanOrEqual(length);
      ends.add(found.length);
      if (ends.size !== 5 || length > found.length + 9973) continue;
      const { tail, patch } = found.end();
      const mended = Buffer.concat([whole.subarray(0, found.length), ...tail]);
      mended.set(patch.bytes, patch.offset);
      writeFileSync(path, mended);
      const decoded = decodeFile(path);
      expect(decoded.complaints).toBe('');
      expect(decoded.videoFrames).toBeCloseTo(found.durationSec * 30, -1);
      expect(await scan(mended)).toEqual({
        is: 'finished',
        durationSec: expect.closeTo(found.durationSec, 1),
      });
    }
    expect(ends.size).toBeGreaterThanOrEqual(8);
    // The whole one is finished with the very bytes that its writer would have written.
    const found = await scan(whole);
    const writer = writeMp4(path, 'unfinished');
    expect(found.is === 'unfinished' && found.end()).toEqual(writer.end());
    expect(await scan(Buffer.from('RIFF….AVI and so on'))).toEqual({ is: 'foreign' });
  });

  it('plays up to its last whole fragment when it ends anywhere', () => {
    const path = join(folder, 'cut.mp4');
    writeMp4(path, 4);
    const decoded = decodeFile(path);
    expect(decoded.complaints).toBe('');
    expect(decoded.videoFrames).toBeGreaterThanOrEqual(36);
    expect(decoded.videoFrames).toBeLessThanOrEqual(48);
  });
});
