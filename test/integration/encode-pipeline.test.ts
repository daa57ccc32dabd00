import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  isSyncFlash,
  syncBeepAmplitude,
  syncBeepHz,
  syncLayout,
} from '../../electron/streaming/interfaces/sync-pattern';
import type { StreamUnit } from '../../electron/streaming/interfaces/packet';
import { systemClock } from '../../electron/streaming/lib/clock';
import type { StudioError } from '../../electron/streaming/lib/errors';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { processUsage } from '../../electron/streaming/lib/process-usage';
import { firstSampleOfFrame } from '../../electron/streaming/interfaces/audio-input';
import { EncodePipeline } from '../../electron/streaming/output/pipeline';
import { profileByName } from '../../electron/streaming/output/profiles';
import { testBuilds } from '../support/ffmpeg-builds';
import { readPictureCounter, SyncFrames } from '../support/sync-frames';

const [width, height, fps] = [320, 180, 60];
const builds = await testBuilds();

/** The sound of the sync pattern for one frame. */
function beep(frameIndex: number): Float32Array {
  const from = firstSampleOfFrame(frameIndex, fps);
  const samples = new Float32Array(2 * (firstSampleOfFrame(frameIndex + 1, fps) - from));
  for (let at = 0; at < samples.length / 2; at++) {
    const sample = from + at;
    const isOn = sample % 48_000 < 2400;
    const value = isOn ? syncBeepAmplitude * Math.sin((2 * Math.PI * syncBeepHz * sample) / 48_000) : 0;
    samples[2 * at] = samples[2 * at + 1] = value;
  }
  return samples;
}

/** A minimal FLV writer (Adobe FLV 10.1 E.4), so that a decoder sees both with their times. */
function flv(units: readonly StreamUnit[]): Buffer {
  const tag = (type: number, ms: number, head: number[], data: Uint8Array): Buffer => {
    const bytes = Buffer.alloc(11 + head.length + data.length + 4);
    bytes[0] = type;
    bytes.writeUIntBE(head.length + data.length, 1, 3);
    bytes.writeUIntBE(ms & 0xffffff, 4, 3);
    bytes[7] = ms >>> 24;
    Buffer.from([...head]).copy(bytes, 11);
    bytes.set(data, 11 + head.length);
    bytes.writeUInt32BE(bytes.length - 4, bytes.length - 4);
    return bytes;
  };
  const tags = units.map((unit) => {
    if (unit.kind === 'video-config') return tag(9, 0, [0x17, 0, 0, 0, 0], unit.data);
    if (unit.kind === 'audio-config') return tag(8, 0, [0xaf, 0], unit.data);
    const ms = Math.round(unit.dtsUs / 1000);
    if (unit.kind === 'audio') return tag(8, ms, [0xaf, 1], unit.data);
    const cts = Math.round(unit.ptsUs / 1000) - ms;
    return tag(
      9,
      ms,
      [unit.isKeyframe ? 0x17 : 0x27, 1, cts >> 16, (cts >> 8) & 0xff, cts & 0xff],
      unit.data,
    );
  });
  return Buffer.concat([Buffer.from('464c5601050000000900000000', 'hex'), ...tags]);
}

describe.each(builds)('EncodePipeline with FFmpeg $version', (build) => {
  it('keeps picture and sound together, in order, on the timeline of the program', async () => {
    const notices: StudioError[] = [];
    const encoded: number[] = [];
    const pipeline = new EncodePipeline({
      ...{ build, profile: profileByName('veryfast-2t'), clock: systemClock, logger: silentLogger },
      format: { width, height, fps, bitrateKbps: 1000 },
      canSkip: false,
      onNotice: (notice) => notices.push(notice),
      onEncoded: (packet, latencyMs) => {
        encoded.push(packet.frameIndex);
        expect(latencyMs).toBeGreaterThan(0);
      },
    });
    await pipeline.start();
    const reader = pipeline.hub.subscribe({
      name: 'test',
      from: 'next',
      dropMs: Infinity,
      flushMs: Infinity,
    });
    const frames = new SyncFrames(width, height, fps);
    const total = 150;
    for (let index = 0; index < total; index++) {
      while (pipeline.counters.queue > pipeline.setup.profile.delayFrames + 8) await sleep(1);
      expect(pipeline.offerFrame(frames.make(index))).toBe('accepted');
      // The caller left out the sound of a few frames: silence keeps the rest in its place.
      if (index < 20 || index >= 23) pipeline.writeAudio(index, beep(index));
    }
    const usage = await processUsage(pipeline.pids.video!);
    if (process.platform === 'linux') expect(usage!.rssBytes).toBeGreaterThan(1e6);
    await pipeline.stop();

    const units: StreamUnit[] = [];
    const { signal } = new AbortController();
    for (let unit = await reader.next(signal); unit; unit = await reader.next(signal)) units.push(unit);
    expect(notices).toEqual([]);
    expect(units.slice(0, 2).map((unit) => unit.kind)).toEqual(['video-config', 'audio-config']);
    const packets = units.filter((unit) => unit.kind === 'video' || unit.kind === 'audio');
    for (let at = 1; at < packets.length; at++)
      expect(packets[at]!.dtsUs).toBeGreaterThanOrEqual(packets[at - 1]!.dtsUs);
    expect(encoded).toHaveLength(total);
    expect(packets.filter((packet) => packet.kind === 'audio')).toHaveLength(Math.ceil((total * 800) / 1024));
    const { videoBytes, audioBytes } = pipeline.counters;
    expect(videoBytes + audioBytes).toBe(packets.reduce((sum, packet) => sum + packet.data.length, 0));

    // What a player makes of it: flashes and beeps begin together.
    const folder = mkdtempSync(join(tmpdir(), 'studio-pipeline-'));
    try {
      const file = join(folder, 'stream.flv');
      writeFileSync(file, flv(units));
      const decode = (...args: string[]): Buffer =>
        spawnSync(build.path, ['-v', 'error', '-i', file, ...args, 'pipe:1'], { maxBuffer: 1e9 }).stdout;
      const pictures = decode('-vsync', '0', '-f', 'rawvideo', '-pix_fmt', 'yuv420p');
      const size = (width * height * 3) / 2;
      const flash = syncLayout(width, height).flash;
      const middle = (flash.y + flash.height / 2) * width + flash.width / 2;
      for (let index = 0; index < total; index++) {
        const picture = pictures.subarray(index * size, (index + 1) * size);
        expect(readPictureCounter(picture, width, height)).toBe(index);
        expect(picture[middle]! > 126).toBe(isSyncFlash(index, fps));
      }
      // aresample puts the first sample at its timestamp.
      const sound = decode('-af', 'aresample=async=1:first_pts=0', '-f', 'f32le', '-ac', '1', '-ar', '48000');
      const samples = new Float32Array(sound.buffer.slice(sound.byteOffset, sound.byteOffset + sound.length));
      for (const second of [1, 2]) {
        const from = samples.findIndex((value, at) => at > (second - 0.2) * 48_000 && Math.abs(value) > 0.1);
        // Half a millisecond covers FLV's rounding and the first rise of the sine.
        expect(Math.abs(from / 48 - second * 1000)).toBeLessThan(2);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

it('starts at any frame and does not mind an encoder that never got anything', async () => {
  const pipeline = new EncodePipeline({
    ...{
      build: builds[0]!,
      profile: profileByName('ultrafast-2t'),
      clock: systemClock,
      logger: silentLogger,
    },
    format: { width, height, fps, bitrateKbps: 1000 },
    onNotice: (notice) => expect.unreachable(notice.message),
  });
  await pipeline.start();
  const reader = pipeline.hub.subscribe({ name: 'test', from: 'cached' });
  await pipeline.stop();
  await pipeline.stop();
  expect(await reader.next(new AbortController().signal)).toBeNull();
});
