import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstSampleOfFrame } from '../../electron/streaming/interfaces/audio-input';
import type { Packet, StreamUnit, VideoPacket } from '../../electron/streaming/interfaces/packet';
import { systemClock } from '../../electron/streaming/lib/clock';
import type { StudioError } from '../../electron/streaming/lib/errors';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { WebmStream } from '../../electron/streaming/media/webm-stream';
import type { HandOver } from '../../electron/streaming/output/hand-over';
import { EncodePipeline } from '../../electron/streaming/output/pipeline';
import { recordingFormats } from '../../electron/streaming/output/recording-formats';
import { vpxProfile } from '../../electron/streaming/output/vpx-profiles';
import { SyncBeep } from '../../electron/streaming/sources/sync-beep';
import { testBuilds } from '../support/ffmpeg-builds';
import { probeFile } from '../support/probe';
import { SyncFrames } from '../support/sync-frames';
import { decodeStream, reportSync } from '../support/sync-reader';

const [width, height] = [320, 180];
const builds = await testBuilds();

const cases = builds.flatMap((build) =>
  (
    [
      ['vp8', 30],
      ['vp9', 30_000 / 1001],
    ] as const
  ).map(([codec, fps]) => ({ codec, fps, build })),
);

describe.each(cases)('$codec with FFmpeg $build.version at $fps', ({ codec, fps, build }) => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'webm-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const format = { width, height, fps, bitrateKbps: 600 };
  const profile = vpxProfile(codec, 2);

  it('is one stream over a hand-over and a crash of its sound, in a file and for a viewer', async () => {
    const notices: StudioError[] = [];
    const handOvers: HandOver[] = [];
    const pipeline = new EncodePipeline({
      ...{ build, profile, format, clock: systemClock, logger: silentLogger, canSkip: false },
      onNotice: (notice) => notices.push(notice),
      onHandOver: (handOver) => handOvers.push(handOver),
    });
    await pipeline.start();
    const options = { name: 'test', from: 'next', dropMs: Infinity, flushMs: Infinity } as const;
    const reader = pipeline.hub.subscribe({ ...options, sound: 'opus' });
    const aac = pipeline.hub.subscribe(options);
    const frames = new SyncFrames(width, height, fps);
    const beep = new SyncBeep(fps);
    const soundOf = (index: number): Float32Array => {
      const [first, end] = [index, index + 1].map((frame) => firstSampleOfFrame(frame, fps));
      const samples = new Float32Array(2 * (end! - first!));
      beep.render(first!, samples);
      return samples;
    };
    let handedOver: Promise<void> | undefined;
    const total = 190;
    for (let index = 0; index < total; index++) {
      while (pipeline.counters.queue > 8) await sleep(1);
      expect(pipeline.offerFrame(frames.make(index))).toBe('accepted');
      pipeline.writeAudio(index, soundOf(index));
      if (index === 20) handedOver = pipeline.handOver({ profile, format: { ...format, bitrateKbps: 400 } });
      // Its sound dies, once it has given some.
      if (index === 150) process.kill(pipeline.pids.audio.at(-1)!, 'SIGKILL');
      await sleep(8);
    }
    await handedOver;
    await pipeline.stop();
    expect(handOvers.map(({ cause, lostFrames }) => [cause, lostFrames])).toEqual([['planned', 0]]);
    expect(notices.map(({ code }) => code)).toEqual(['ffmpeg-crashed']);
    expect(frames).toMatchObject({ lent: 0, releasedTwice: 0 });

    const units = await all(reader);
    expect(units.slice(0, 2)).toMatchObject([
      { kind: 'video-config', codec, data: codec === 'vp8' ? new Uint8Array(0) : vp9Data },
      { kind: 'audio-config', codec: 'opus', sampleRate: 48_000, channels: 2 },
    ]);
    const pictures = units.filter((unit): unit is VideoPacket => unit.kind === 'video');
    expect(pictures.map(({ frameIndex }) => frameIndex)).toEqual(
      Array.from({ length: total }, (_, at) => at),
    );
    const grid = Math.round(2 * fps);
    expect(pictures.filter(({ isKeyframe }) => isKeyframe).map(({ frameIndex }) => frameIndex)).toEqual(
      pictures.map(({ frameIndex }) => frameIndex).filter((index) => index % grid === 0),
    );
    // Who asks for nothing else gets AAC, where there is some.
    const sounds = (await all(aac)).flatMap((unit) => (unit.kind === 'audio' ? unit.codec : []));
    expect(new Set(sounds)).toEqual(new Set(codec === 'vp9' ? ['aac'] : []));

    const file = join(folder, 'take.webm');
    writeFileSync(file, recorded(units));
    const viewed = join(folder, 'viewed.webm');
    const stream = new WebmStream();
    writeFileSync(viewed, Buffer.concat(units.flatMap((unit) => stream.push(unit))));
    for (const path of [file, viewed]) {
      expect(probeFile(path).streams.map(({ codec: name }) => name)).toEqual([codec, 'opus']);
      const decoded = await decodeStream(path, { ffmpeg: build.path });
      expect(decoded.frames.map(({ counter }) => counter)).toEqual(pictures.map((_, at) => at));
      const report = reportSync(decoded, fps);
      expect(report.offsetsMs.length).toBeGreaterThan(3);
      // Both times are rounded to milliseconds.
      expect(report.maxOffsetMs).toBeLessThan(3);
    }
    expect(probeFile(file).durationSec).toBeCloseTo(total / fps, 1);
  });
});

/** profile 0, level 1.1 for 320×180, 8 bits, 4:2:0, BT.709 */
const vp9Data = Uint8Array.of(0, 11, 0x82, 1, 1, 1, 0, 0);

async function all(reader: { next(signal: AbortSignal): Promise<StreamUnit | null> }): Promise<StreamUnit[]> {
  const units: StreamUnit[] = [];
  const { signal } = new AbortController();
  for (let unit = await reader.next(signal); unit; unit = await reader.next(signal)) units.push(unit);
  return units;
}

/** The finished file that a recording of these would be. */
function recorded(units: readonly StreamUnit[]): Buffer {
  const video = units.find((unit) => unit.kind === 'video-config')!;
  const audio = units.find((unit) => unit.kind === 'audio-config')!;
  const writer = recordingFormats.webm.writer(video, audio, Buffer.from('a mark !'));
  const pieces = [writer.header];
  const add = (piece: readonly Uint8Array[] | null): void => {
    pieces.push(...(piece ?? []));
    if (piece) writer.written();
  };
  const packets = units.filter((unit): unit is Packet => unit.kind === 'video' || unit.kind === 'audio');
  for (const packet of packets) add(writer.push(packet));
  add(writer.close());
  const { tail, patch } = writer.end();
  const file = Buffer.concat([...pieces, ...tail]);
  file.set(patch.bytes, patch.offset);
  return file;
}
