import { describe, expect, it } from 'vitest';
import type { AudioConfig, Packet, VideoConfig } from '../../electron/streaming/interfaces/packet';
import { Mp4FragmentWriter } from '../../electron/streaming/media/fmp4';
import { videoTimescale } from '../../electron/streaming/media/mp4-boxes';
import { SampleTable } from '../../electron/streaming/media/sample-table';

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

const mark = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** as it is while it is being written */
function write(
  fps: number,
  packets: readonly Packet[],
): { writer: Mp4FragmentWriter; file: Buffer; fragments: Run[][]; moofs: Box[] } {
  const writer = new Mp4FragmentWriter(videoAt(fps), audio, mark);
  const parts: Uint8Array[] = [writer.header];
  for (const packet of packets) {
    parts.push(...(writer.push(packet) ?? []));
    writer.written();
  }
  parts.push(...(writer.close() ?? []));
  writer.written();
  const file = Buffer.concat(parts);
  const moofs = boxes(file).filter(({ type }) => type === 'moof');
  return { writer, file, moofs, fragments: moofs.map(runsOf) };
}
const lengthOf = (run: Run): number => run.samples.reduce((sum, { duration }) => sum + duration, 0);

/** of a table: its rows, without the count */
const rows = (table: Box | undefined, at = 8): number[] =>
  Array.from({ length: (table!.body.length - at) / 4 }, (_, index) =>
    table!.body.readUInt32BE(at + index * 4),
  );

function finish(writer: Mp4FragmentWriter, fragmented: Buffer): Buffer {
  const { tail, patch } = writer.end();
  const file = Buffer.concat([fragmented, ...tail]);
  file.set(patch.bytes, patch.offset);
  return file;
}

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

  it('becomes an ordinary one by its index and a single write of 16 bytes', () => {
    const packets = program(30, 5);
    const { writer, file } = write(30, packets);
    const markAt = file.indexOf(mark) - 8;
    const whole = finish(writer, file);
    expect([...whole.keys()].filter((at) => at < file.length && whole[at] !== file[at])).toSatisfy(
      (changed: number[]) => changed.every((at) => at >= markAt && at < markAt + 16),
    );
    expect(whole.toString('latin1', markAt + 4, markAt + 8)).toBe('mdat');
    expect(Number(whole.readBigUInt64BE(markAt + 8))).toBe(file.length - markAt);
    const movie = boxes(whole.subarray(file.length));
    expect(movie.map(({ type }) => type)).toEqual(['moov']);
    const tracks = inside(movie[0], 'trak');
    tracks.forEach((track, index) => {
      const sent = packets.filter(({ kind }) => kind === (index === 0 ? 'video' : 'audio'));
      const stbl = inside(inside(inside(track, 'mdia')[0], 'minf')[0], 'stbl')[0];
      const table = (type: string): Box | undefined => inside(stbl, type)[0];
      const sizes = rows(table('stsz'), 12);
      expect(sizes).toEqual(sent.map(({ data }) => data.length));
      if (index === 0) expect(rows(table('stss'))).toEqual([1, 61, 121]);
      expect(rows(table('stts'))).toEqual(index === 0 ? [150, videoTimescale / 30] : [sent.length, 1024]);
      // Where the tables say that each sample lies, its bytes do.
      const chunks = rows(table('co64')).filter((_, half) => half % 2 === 1);
      const perChunk = rows(table('stsc'));
      const read: Buffer[] = [];
      chunks.forEach((at, chunk) => {
        const firsts = Array.from({ length: perChunk.length / 3 }, (_, row) => row * 3);
        const row = firsts.findLast((each) => perChunk[each]! <= chunk + 1)!;
        for (let count = perChunk[row + 1]!; count > 0; count--) {
          const size = sizes[read.length]!;
          read.push(whole.subarray(at, at + size));
          at += size;
        }
      });
      expect(read).toEqual(sent.map(({ data }) => Buffer.from(data)));
    });
    expect(writer.durationSec).toBeCloseTo(5, 6);
  });

  it('does not count a piece that was not written', () => {
    const writer = new Mp4FragmentWriter(videoAt(30), audio, mark);
    let pieces = 0;
    for (const packet of program(30, 2)) if (writer.push(packet) && ++pieces < 3) writer.written();
    expect(writer.durationSec).toBeCloseTo(22 / 30, 6);
  });

  it('keeps hours in some megabytes', () => {
    const table = new SampleTable();
    // two hours at 60 fps with B-frames
    const offsets = [3000, 6000, 1500, 0];
    for (let run = 0; run < 18_000; run++)
      table.add({
        ...{ dts: run * 24 * 1500, position: run * 300_000 },
        samples: Array.from({ length: 24 }, (_, index) => ({
          ...{ duration: 1500, size: 12_000 + index, isSync: index === 0 && run % 5 === 0 },
          offset: offsets[index % 4]!,
        })),
      });
    expect(table.count).toBe(432_000);
    expect(table.heldBytes / table.count).toBeLessThan(16);
    expect(table.boxes().reduce((sum, { length }) => sum + length, 0)).toBeLessThan(12.6 * table.count);
  });

  it('takes nothing before the first keyframe, and no other codecs', () => {
    const writer = new Mp4FragmentWriter(videoAt(30), null, mark);
    const [, second] = program(30, 1).filter(({ kind }) => kind === 'video');
    expect(writer.push(second!)).toBeNull();
    expect(writer.durationSec).toBe(0);
    expect(() => new Mp4FragmentWriter({ ...videoAt(30), codec: 'vp8' }, null, mark)).toThrow(RangeError);
    expect(() => new Mp4FragmentWriter(videoAt(30), { ...audio, codec: 'opus' }, mark)).toThrow(RangeError);
  });
});
