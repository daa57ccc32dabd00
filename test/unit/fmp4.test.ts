import { describe, expect, it } from 'vitest';
import type { AudioConfig, Packet, VideoConfig } from '../../electron/streaming/interfaces/packet';
import { Mp4FragmentWriter } from '../../electron/streaming/media/fmp4';
import { videoTimescale } from '../../electron/streaming/media/mp4-boxes';

const audio: AudioConfig = {
  kind: 'audio-config',
  codec: 'aac',
  sampleRate: 48_000,
  channels: 2,
  bitrateKbps: 128,
  data: Uint8Array.of(0x11, 0x90),
};
const videoAt = (fps: number): VideoConfig => ({
  kind: 'video-config',
  codec: 'h264',
  width: 640,
  height: 360,
  fps,
  bitrateKbps: 1000,
  data: Uint8Array.of(1, 100, 0, 31, 0xff, 0xe0, 0),
});

/** program from 10 s on: pictures without B-frames, a keyframe every two seconds, and sound; some frames may be missing */
function program(
  fps: number,
  seconds: number,
  isMissing: (frame: number) => boolean = () => false,
): Packet[] {
  const packets: Packet[] = [];
  for (let frame = 0; frame < fps * seconds; frame++) {
    if (isMissing(frame)) continue;
    const timeUs = 10_000_000 + Math.round((frame * 1_000_000) / fps);
    packets.push({
      kind: 'video',
      codec: 'h264',
      ptsUs: timeUs,
      dtsUs: timeUs,
      isKeyframe: frame % Math.round(fps * 2) === 0,
      isDisposable: frame % 2 === 1,
      frameIndex: frame,
      data: Uint8Array.of(frame & 0xff, 1, 2),
    });
  }
  for (let unit = 0; unit < seconds * 46.875; unit++) {
    const timeUs = 10_000_000 + Math.round((unit * 1024 * 1_000_000) / 48_000);
    packets.push({ kind: 'audio', codec: 'aac', ptsUs: timeUs, dtsUs: timeUs, data: Uint8Array.of(9, 9) });
  }
  return packets.sort((one, other) => one.dtsUs - other.dtsUs);
}

interface Box {
  readonly type: string;
  readonly at: number;
  readonly body: Buffer;
}
function boxes(bytes: Buffer): Box[] {
  const found: Box[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = bytes.readUInt32BE(at);
    found.push({
      type: bytes.toString('latin1', at + 4, at + 8),
      at,
      body: bytes.subarray(at + 8, at + size),
    });
    at += size;
  }
  return found;
}
const inside = (box: Box | undefined, type: string): Box[] =>
  boxes(box!.body).filter((child) => child.type === type);

interface Run {
  readonly track: number;
  readonly dts: number;
  readonly samples: { duration: number; size: number; flags: number; offset: number }[];
}
function runsOf(moof: Box): Run[] {
  return inside(moof, 'traf').map((traf) => {
    const run = inside(traf, 'trun')[0]!.body;
    const hasFlags = (run.readUInt32BE(0) & 0x400) !== 0;
    const step = hasFlags ? 16 : 8;
    return {
      track: inside(traf, 'tfhd')[0]!.body.readUInt32BE(4),
      dts: Number(inside(traf, 'tfdt')[0]!.body.readBigUInt64BE(4)),
      samples: Array.from({ length: run.readUInt32BE(4) }, (_, index) => {
        const at = 12 + index * step;
        return {
          duration: run.readUInt32BE(at),
          size: run.readUInt32BE(at + 4),
          flags: hasFlags ? run.readUInt32BE(at + 8) : 0,
          offset: hasFlags ? run.readInt32BE(at + 12) : 0,
        };
      }),
    };
  });
}

function write(fps: number, packets: readonly Packet[]): { file: Buffer; fragments: Run[][]; moofs: Box[] } {
  const writer = new Mp4FragmentWriter(videoAt(fps), audio);
  const parts: Uint8Array[] = [writer.header];
  for (const packet of packets) parts.push(...(writer.push(packet) ?? []));
  const { tail, patch } = writer.finish();
  const file = Buffer.concat([...parts, ...tail]);
  file.set(patch.bytes, patch.offset);
  const moofs = boxes(file).filter(({ type }) => type === 'moof');
  return { file, moofs, fragments: moofs.map(runsOf) };
}
const lengthOf = (run: Run): number => run.samples.reduce((sum, { duration }) => sum + duration, 0);

describe('fragmented MP4', () => {
  it.each([5, 24, 25, 30, 48, 50, 60, 24_000 / 1001, 30_000 / 1001, 60_000 / 1001])(
    'fragments last 400 ms at most and join without a seam at %d fps',
    (fps) => {
      const { fragments } = write(fps, program(fps, 5));
      const ends = new Map<number, number>();
      for (const runs of fragments)
        for (const run of runs) {
          expect(run.dts).toBe(ends.get(run.track) ?? 0);
          ends.set(run.track, run.dts + lengthOf(run));
          if (run.track === 1) expect(lengthOf(run)).toBeLessThanOrEqual(0.4 * videoTimescale);
        }
      expect(ends.get(1)).toBe((Math.ceil(fps * 5) * videoTimescale) / fps);
      const frames = fragments
        .flat()
        .filter(({ track }) => track === 1)
        .flatMap(({ samples }) => samples);
      expect(new Set(frames.map(({ duration }) => duration))).toEqual(new Set([videoTimescale / fps]));
    },
  );

  it('says which pictures can be begun with, and which may be left out', () => {
    const { fragments } = write(30, program(30, 3));
    const flags = fragments
      .flat()
      .filter(({ track }) => track === 1)
      .flatMap(({ samples }) => samples)
      .map((each) => each.flags);
    expect(flags.slice(0, 3)).toEqual([0x02000000, 0x01810000, 0x01410000]);
    expect(
      flags.map((each, frame) => [each === 0x02000000, frame % 60 === 0]).every(([is, want]) => is === want),
    ).toBe(true);
    // a fragment may begin with a picture that needs others
    expect(fragments.some((runs) => runs[0]!.samples[0]!.flags !== 0x02000000)).toBe(true);
  });

  it('points to every keyframe, and keeps the duration in its header', () => {
    const { file, moofs } = write(30, program(30, 5));
    const mfra = boxes(file).find(({ type }) => type === 'mfra');
    const table = inside(mfra, 'tfra')[0]!.body;
    const entries = Array.from({ length: table.readUInt32BE(12) }, (_, index) => [
      Number(table.readBigUInt64BE(16 + index * 19)),
      Number(table.readBigUInt64BE(24 + index * 19)),
    ]);
    expect(entries.map(([time]) => time)).toEqual([0, 2 * videoTimescale, 4 * videoTimescale]);
    for (const [time, offset] of entries) {
      const moof = moofs.find(({ at }) => at === offset);
      expect(runsOf(moof!)[0]!.dts).toBe(time);
    }
    const moov = boxes(file).find(({ type }) => type === 'moov');
    const duration = inside(inside(moov, 'mvex')[0], 'mehd')[0]!.body;
    expect(Number(duration.readBigUInt64BE(4))).toBe(5 * videoTimescale);
    expect(boxes(file).at(-1)!.body.subarray(-4).readUInt32BE(0)).toBe(mfra!.body.length + 8);
  });

  it('keeps the sound flowing to disk while pictures pause, and shows the last one meanwhile', () => {
    const { fragments } = write(
      30,
      program(30, 4, (frame) => frame > 20 && frame < 80),
    );
    const audioOnly = fragments.filter((runs) => runs.every(({ track }) => track === 2));
    expect(audioOnly.length).toBeGreaterThanOrEqual(3);
    const pictures = fragments
      .flat()
      .filter(({ track }) => track === 1)
      .flatMap(({ samples }) => samples);
    expect(pictures.map(({ duration }) => duration).filter((duration) => duration !== 8000)).toEqual([
      60 * 8000,
    ]);
    for (const runs of fragments)
      for (const run of runs.filter(({ track }) => track === 2))
        expect(lengthOf(run)).toBeLessThan(48_000 * 0.5);
  });

  it('has every byte of the payload once, in order', () => {
    const packets = program(30, 2);
    const { file } = write(30, packets);
    const media = boxes(file)
      .filter(({ type }) => type === 'mdat')
      .map(({ body }) => body);
    const pictures = packets.filter(({ kind }) => kind === 'video');
    expect(Buffer.concat(media).length).toBe(packets.reduce((sum, { data }) => sum + data.length, 0));
    const firstFragment = pictures.slice(0, 4).map(({ data }) => Buffer.from(data));
    expect(media[0]!.subarray(0, 12)).toEqual(Buffer.concat(firstFragment));
  });

  it('takes nothing before the first keyframe, and no other codecs', () => {
    const writer = new Mp4FragmentWriter(videoAt(30), null);
    const [, second] = program(30, 1).filter(({ kind }) => kind === 'video');
    expect(writer.push(second!)).toBeNull();
    expect(writer.durationSec).toBe(0);
    expect(() => new Mp4FragmentWriter({ ...videoAt(30), codec: 'vp8' }, null)).toThrow(RangeError);
    expect(() => new Mp4FragmentWriter(videoAt(30), { ...audio, codec: 'opus' })).toThrow(RangeError);
  });
});
