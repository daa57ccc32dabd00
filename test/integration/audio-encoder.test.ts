import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { audioSampleRate } from '../../electron/streaming/interfaces/audio-input';
import type { FfmpegBuild } from '../../electron/streaming/interfaces/ffmpeg';
import type { AudioConfig, AudioPacket } from '../../electron/streaming/interfaces/packet';
import type { StudioError } from '../../electron/streaming/lib/errors';
import { systemClock } from '../../electron/streaming/lib/clock';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { AudioEncoder } from '../../electron/streaming/output/audio-encoder';
import { testBuilds } from '../support/ffmpeg-builds';

const builds = await testBuilds();
const unitSamples = 1024;

class Bench {
  readonly configs: AudioConfig[] = [];
  readonly packets: AudioPacket[] = [];
  readonly notices: StudioError[] = [];
  /** sample position written so far when each packet came */
  readonly writtenAt: number[] = [];
  readonly encoder: AudioEncoder;
  written = 0;

  constructor(build: FfmpegBuild) {
    this.encoder = new AudioEncoder({
      build,
      bitrateKbps: 160,
      clock: systemClock,
      logger: silentLogger,
      onConfig: (config) => this.configs.push(config),
      onPacket: (packet) => {
        this.packets.push(packet);
        this.writtenAt.push(this.written);
      },
      onNotice: (notice) => this.notices.push(notice),
    });
  }

  /** One block that is reused by the caller, as the mixer does. */
  write(count: number, tone: (sample: number) => number): void {
    const block = new Float32Array(count * 2);
    for (let at = 0; at < count; at++) block[2 * at] = block[2 * at + 1] = tone(this.written + at);
    this.encoder.write(block, this.written);
    this.written += count;
    block.fill(NaN);
  }

  async writeInRealTime(sec: number, tone: (sample: number) => number): Promise<void> {
    const start = performance.now();
    const from = this.written;
    for (let tick = 1; tick <= sec * 60; tick++) {
      this.write(from + tick * 800 - this.written, tone);
      await sleep(Math.max(0, start + (tick * 1000) / 60 - performance.now()));
    }
  }

  /** The sound as a decoder gives it back, left channel. */
  decode(build: FfmpegBuild): Float32Array {
    const adts = this.packets.flatMap(({ data }) => {
      const size = data.length + 7;
      // AAC-LC, 48 kHz, stereo (ISO/IEC 14496-3 1.A.3.2)
      return [
        Buffer.from([
          0xff,
          0xf1,
          0x4c,
          0x80 | (size >>> 11),
          (size >>> 3) & 0xff,
          ((size & 7) << 5) | 0x1f,
          0xfc,
        ]),
        data,
      ];
    });
    const { stdout } = spawnSync(
      build.path,
      ['-v', 'error', '-f', 'aac', '-i', 'pipe:0', '-f', 'f32le', '-ac', '2', 'pipe:1'],
      { input: Buffer.concat(adts), maxBuffer: 1e8 },
    );
    const both = new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length));
    return both.filter((_, at) => at % 2 === 0);
  }
}

const sine = (sample: number): number => 0.5 * Math.sin((2 * Math.PI * 440 * sample) / audioSampleRate);

async function until(condition: () => boolean, what: string, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await sleep(5);
  }
}

describe.each(builds.map((build) => ({ name: `FFmpeg ${build.version}`, build })))('$name', ({ build }) => {
  it('says when each unit sounds, to the sample, and soon', async () => {
    const bench = new Bench(build);
    await bench.encoder.start();
    // Silence, then one click: where it comes out is where it went in, or the timestamps are wrong.
    const clickAt = 30_000;
    await bench.writeInRealTime(1.5, (sample) => (sample === clickAt ? 0.9 : 0));
    await bench.encoder.stop();

    expect(bench.notices).toEqual([]);
    expect(bench.configs).toHaveLength(1);
    // AAC-LC, 48 kHz, stereo
    expect([...bench.configs[0]!.data]).toEqual([0x11, 0x90]);
    bench.packets.forEach((packet, at) => {
      expect(packet.ptsUs).toBe(Math.round((at * unitSamples * 1e6) / audioSampleRate));
      expect(packet.dtsUs).toBe(packet.ptsUs);
    });
    // The last unit may be padded.
    expect(bench.packets.length).toBe(Math.ceil(bench.written / unitSamples));

    const sound = bench.decode(build);
    const loudest = sound.reduce(
      (best, value, at) => (Math.abs(value) > Math.abs(sound[best]!) ? at : best),
      0,
    );
    expect(Math.abs(loudest - clickAt)).toBeLessThanOrEqual(1);

    // From the first sample of a unit to its packet, in media time, once it runs.
    const lags = bench.writtenAt.slice(10, -5).map((written, at) => written - (at + 10) * unitSamples);
    const medianMs = lags.sort((a, b) => a - b)[lags.length >> 1]! / 48;
    expect(medianMs).toBeLessThanOrEqual(150);
  });

  it('goes on after kill -9 without a gap in time or in sound', async () => {
    const bench = new Bench(build);
    await bench.encoder.start();
    await bench.writeInRealTime(0.5, sine);
    process.kill(bench.encoder.pid!, 'SIGKILL');
    await bench.writeInRealTime(0.5, sine);
    await until(() => bench.packets.at(-1)!.ptsUs > 700_000, 'packets after the crash');
    await bench.encoder.stop();

    expect(bench.notices.map((notice) => notice.code)).toEqual(['ffmpeg-crashed']);
    bench.packets.forEach((packet, at) =>
      expect(packet.ptsUs).toBe(Math.round((at * unitSamples * 1e6) / audioSampleRate)),
    );
    expect(bench.packets.length).toBe(Math.ceil(bench.written / unitSamples));
    // The sine is still the same sine, across the seam, too.
    const sound = bench.decode(build);
    let worst = 0;
    for (let at = 2048; at < bench.written - 2048; at++)
      worst = Math.max(worst, Math.abs(sound[at]! - sine(at)));
    expect(worst).toBeLessThan(0.05);
  });

  it('takes seconds at once, as a program gives them that is encoded as fast as it goes', async () => {
    const bench = new Bench(build);
    await bench.encoder.start();
    for (let part = 0; part < 5; part++) bench.write(audioSampleRate, () => 0.1);
    await bench.encoder.stop();
    expect(bench.notices).toEqual([]);
    expect(bench.packets.length).toBeGreaterThanOrEqual((5 * audioSampleRate) / unitSamples - 1);
  });

  it('fills a short hole with silence, jumps over a long one, and leaves out what it has', async () => {
    const bench = new Bench(build);
    await bench.encoder.start();
    bench.write(9600, sine);
    bench.written += 4800;
    bench.write(9600, sine);
    bench.written -= 4800;
    bench.write(9600, sine);
    await until(() => bench.packets.length > 20, 'sound');
    const before = bench.packets.length;
    bench.written += 10 * audioSampleRate;
    bench.write(9600, sine);
    await bench.encoder.stop();
    expect(bench.notices).toEqual([]);
    const at = bench.packets.map((packet) => packet.ptsUs);
    const grid = (start: number, count: number): number[] =>
      Array.from({ length: count }, (_, unit) =>
        Math.round(((start + unit * unitSamples) * 1e6) / audioSampleRate),
      );
    expect(at.slice(0, before)).toEqual(grid(0, before));
    expect(at.slice(-10)).toEqual(grid(bench.written - 9600, 10));
  });
});
