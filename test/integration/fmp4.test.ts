import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mp4FragmentWriter } from '../../electron/streaming/media/fmp4';
import { encodeFixture } from '../support/encoded-fixture';
import type { EncodedFixture } from '../support/encoded-fixture';
import { requires } from '../support/requires';
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

const videoPackets = () => fixture.packets.filter((packet) => packet.kind === 'video');

/** fragments and the whole file */
function writeMp4(path: string, cutAfter = Infinity): { fragments: number; writer: Mp4FragmentWriter } {
  const writer = new Mp4FragmentWriter(fixture.video, fixture.audio);
  const parts: Uint8Array[] = [writer.header];
  let fragments = 0;
  for (const packet of fixture.packets) {
    const fragment = writer.push(packet);
    if (!fragment) continue;
    fragments++;
    if (fragments <= cutAfter) parts.push(...fragment);
  }
  const { tail, patch } = writer.finish();
  if (cutAfter === Infinity) parts.push(...tail);
  const file = Buffer.concat(parts);
  if (cutAfter === Infinity) file.set(patch.bytes, patch.offset);
  writeFileSync(path, file);
  return { fragments, writer };
}

describe.skipIf(!hasPrograms)('fragmented MP4', () => {
  it('holds every packet at its exact time, decodes silently and knows its duration', () => {
    const path = join(folder, 'whole.mp4');
    const { fragments, writer } = writeMp4(path);
    expect(fragments).toBeGreaterThanOrEqual(10);
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

  it('plays up to its last whole fragment when it ends anywhere', () => {
    const path = join(folder, 'cut.mp4');
    writeMp4(path, 4);
    const decoded = decodeFile(path);
    expect(decoded.complaints).toBe('');
    expect(decoded.videoFrames).toBeGreaterThanOrEqual(36);
    expect(decoded.videoFrames).toBeLessThanOrEqual(48);
  });
});
