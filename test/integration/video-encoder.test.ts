import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { StreamUnit, VideoConfig, VideoPacket } from '../../electron/streaming/interfaces/packet';
import type { FfmpegBuild } from '../../electron/streaming/interfaces/ffmpeg';
import { systemClock } from '../../electron/streaming/lib/clock';
import type { StudioError } from '../../electron/streaming/lib/errors';
import { silentLogger } from '../../electron/streaming/lib/logger';
import type { Logger } from '../../electron/streaming/lib/logger';
import { parseAvcConfig, parseSps, x264Options } from '../../electron/streaming/media/h264';
import { profileByName, softwareProfiles } from '../../electron/streaming/output/profiles';
import { VideoEncoder } from '../../electron/streaming/output/video-encoder';
import { decodeCounters } from '../support/decode-counters';
import { testBuilds } from '../support/ffmpeg-builds';
import { SyncFrames } from '../support/sync-frames';

const width = 640;
const height = 360;
const fps = 60;
const builds = await testBuilds();

/** A logger that keeps warnings: FFmpeg's stderr ends up there. */
function warningLogger(lines: string[]): Logger {
  return Object.assign(Object.create(silentLogger) as Logger, {
    warn: (details: unknown) => lines.push(JSON.stringify(details)),
  });
}

class Bench {
  readonly units: StreamUnit[] = [];
  readonly notices: StudioError[] = [];
  readonly warnings: string[] = [];
  readonly frames = new SyncFrames(width, height, fps);
  readonly accepted: number[] = [];
  readonly encoder: VideoEncoder;

  constructor(
    build: FfmpegBuild,
    profile: string,
    onNotice: (notice: StudioError) => void = () => undefined,
  ) {
    this.encoder = new VideoEncoder({
      build,
      profile: profileByName(profile),
      format: { width, height, fps, bitrateKbps: 1500 },
      clock: systemClock,
      logger: warningLogger(this.warnings),
      onConfig: (config) => this.units.push(config),
      onPacket: (packet) => this.units.push(packet),
      onNotice: (notice) => {
        this.notices.push(notice);
        onNotice(notice);
      },
    });
  }

  get packets(): VideoPacket[] {
    return this.units.filter((unit) => unit.kind === 'video');
  }

  get configs(): VideoConfig[] {
    return this.units.filter((unit) => unit.kind === 'video-config');
  }

  /** As fast as the encoder takes them, never far enough behind to be skipped. */
  async feed(from: number, to: number, isLeftOut: (index: number) => boolean = () => false): Promise<void> {
    for (let index = from; index < to; index++) {
      if (isLeftOut(index)) continue;
      while (this.encoder.counters.queue > this.encoder.setup.profile.delayFrames + 8) await sleep(1);
      this.offer(index);
    }
  }

  offer(index: number): void {
    if (this.encoder.offer(this.frames.make(index)) === 'accepted') this.accepted.push(index);
  }
}

async function until(condition: () => boolean, what: string, timeoutMs = 15_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await sleep(2);
  }
}

function expectRising(values: readonly number[]): void {
  for (let at = 1; at < values.length; at++) expect(values[at]).toBeGreaterThan(values[at - 1]!);
}

describe.each(builds.map((build) => ({ name: `FFmpeg ${build.version}`, build })))('$name', ({ build }) => {
  it.each(softwareProfiles.map((profile) => profile.name))(
    '%s: every frame comes out under its own index, keyframes on the grid, none torn',
    async (profile) => {
      const bench = new Bench(build, profile);
      await bench.encoder.start();
      const missing = new Set([7, 60, 61, 120, 200, 241]);
      const seconds = profile === 'reference-2t' ? 5 : 2.5;
      await bench.feed(0, seconds * fps, (index) => missing.has(index));
      await bench.encoder.stop();

      const { packets } = bench;
      const indices = packets.map((packet) => packet.frameIndex).sort((a, b) => a - b);
      expect(indices).toEqual(bench.accepted);
      expect(indices).toHaveLength(
        seconds * fps - [...missing].filter((index) => index < seconds * fps).length,
      );
      for (const packet of packets) {
        expect(packet.ptsUs).toBe(Math.round((packet.frameIndex * 1e6) / fps));
        expect(packet.dtsUs).toBeGreaterThanOrEqual(0);
        expect(packet.dtsUs).toBeLessThanOrEqual(packet.ptsUs);
      }
      expectRising(packets.map((packet) => packet.dtsUs));
      // 120 was left out, so its keyframe is the next frame; 240 is on the grid again.
      const keys = packets.filter((packet) => packet.isKeyframe).map((packet) => packet.frameIndex);
      expect(keys).toEqual([0, 121, 240].filter((index) => index < seconds * fps));
      if (profile === 'reference-2t') expect(packets.some((packet) => packet.isDisposable)).toBe(true);

      expect(bench.configs).toHaveLength(1);
      expect(decodeCounters(build, bench.configs[0]!, packets, { width, height })).toEqual(bench.accepted);
      expect(bench.warnings).toEqual([]);
      expect(bench.notices).toEqual([]);
      expect(bench.frames).toMatchObject({ lent: 0, releasedTwice: 0 });
      expect(bench.encoder.counters).toMatchObject({ encoded: bench.accepted.length, skipped: 0, queue: 0 });
    },
  );

  it('reference-2t is what the stream itself says', async () => {
    const bench = new Bench(build, 'reference-2t');
    await bench.encoder.start();
    await bench.feed(0, 30);
    await bench.encoder.stop();
    const options = Object.fromEntries(x264Options(bench.packets[0]!.data) ?? []);
    expect(options).toMatchObject({
      threads: '2',
      lookahead_threads: '1',
      sliced_threads: '1',
      slices: '2',
      rc_lookahead: '10',
      aq: '2:0.90',
      direct: '3',
      me: 'hex',
      subme: '6',
      trellis: '1',
      deblock: '1:1:1',
      psy_rd: '0.80:0.80',
      ref: '1',
      scenecut: '0',
      rc: 'cbr',
      bitrate: '1500',
      vbv_maxrate: '1500',
      vbv_bufsize: '1500',
      filler: '1',
      nal_hrd: 'none',
      bframes: '3',
    });
    const sps = parseSps(parseAvcConfig(bench.configs[0]!.data).sps[0]!);
    expect(sps).toMatchObject({ profile: 100, level: 51, width, height, fps, isFullRange: false });
    expect(sps).toMatchObject({ primaries: 1, transfer: 1, matrix: 1 });
    expect(bench.warnings).toEqual([]);
  });

  it('comes back after kill -9 with a keyframe and rising times', async () => {
    const successors: (number | undefined)[] = [];
    const bench = new Bench(build, 'veryfast-2t', ({ code }) => {
      // The notice and the start of the next process are one step: without a pause there is nothing between them.
      if (code === 'ffmpeg-crashed') queueMicrotask(() => successors.push(bench.encoder.pid));
    });
    await bench.encoder.start();
    await bench.feed(0, 90);
    const before = bench.packets.length;
    const pid = bench.encoder.pid!;
    process.kill(pid, 'SIGKILL');
    let index = 90;
    // In real time, as the program goes on.
    const ticker = setInterval(() => bench.offer(index++), 1000 / fps);
    try {
      await until(() => bench.packets.some((packet) => packet.frameIndex >= 90), 'pictures after the crash');
    } finally {
      clearInterval(ticker);
    }
    const resumedAt = index;
    for (; index < resumedAt + 5 * fps; index++) await bench.feed(index, index + 1);
    await bench.encoder.stop();
    expect(before).toBeGreaterThan(0);
    expect(successors).toEqual([expect.any(Number)]);
    expect(successors).not.toContain(pid);
    const first = bench.packets.find((packet) => packet.frameIndex >= 90)!;
    // Of the program less than a second is missing; what was offered while the successor loaded has waited for it. In
    // frames, not by the clock: a machine under load is slow at ticking and at starting processes alike.
    expect(first.frameIndex - 90).toBeLessThan(fps);
    expect(first.isKeyframe).toBe(true);
    // From there on they are where they would have been, wherever the successor began.
    const keys = bench.packets.filter(
      ({ isKeyframe, frameIndex }) => isKeyframe && frameIndex > first.frameIndex,
    );
    expect(keys.length).toBeGreaterThanOrEqual(2);
    for (const { frameIndex } of keys) expect(frameIndex % (2 * fps)).toBe(0);
    expectRising(bench.packets.map((packet) => packet.dtsUs));
    // A successor that takes long to load may be behind for a moment, too.
    const crashes = bench.notices.filter((notice) => notice.code === 'ffmpeg-crashed');
    expect(crashes.map(({ details }) => details)).toMatchObject([{ exit: 'signal SIGKILL' }]);
    // Same profile, same parameter sets: nothing new to announce.
    expect(bench.configs).toHaveLength(1);
    expect(bench.frames).toMatchObject({ lent: 0, releasedTwice: 0 });
    const { encoded, skipped } = bench.encoder.counters;
    expect(encoded + skipped).toBe(index);
  });

  it('skips frames when FFmpeg stands still, and replaces one that hangs', async () => {
    const bench = new Bench(build, 'superfast-2t');
    await bench.encoder.start();
    await bench.feed(0, 60);
    process.kill(bench.encoder.pid!, 'SIGSTOP');
    let index = 60;
    const ticker = setInterval(() => bench.offer(index++), 1000 / fps);
    try {
      await until(() => bench.encoder.counters.skipped > 0, 'a skipped frame');
      expect(bench.encoder.counters.queue).toBeLessThanOrEqual(bench.encoder.setup.profile.delayFrames + 32);
      expect(bench.notices.map((notice) => notice.code)).toEqual(['encoder-behind']);
      await until(
        () => bench.notices.some((notice) => notice.code === 'ffmpeg-crashed'),
        'the hang to be noticed',
      );
      const resumedAt = index;
      await until(() => bench.packets.some((packet) => packet.frameIndex >= resumedAt), 'pictures again');
    } finally {
      clearInterval(ticker);
    }
    await bench.encoder.stop();
    expectRising(bench.packets.map((packet) => packet.dtsUs));
    expect(bench.frames).toMatchObject({ lent: 0, releasedTwice: 0 });
  });
});

/** The same FFmpeg, but its input reaches it no faster than this. */
function throttled(build: FfmpegBuild, folder: string, bytesPerSec: number): FfmpegBuild {
  const path = join(folder, 'slow-ffmpeg.mjs');
  const program = `#!${process.execPath}
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
const ffmpeg = spawn(${JSON.stringify(build.path)}, process.argv.slice(2), { stdio: ['pipe', 'inherit', 'inherit'] });
ffmpeg.once('exit', (code) => process.exit(code ?? 1));
ffmpeg.stdin.on('error', () => undefined);
const startedMs = performance.now();
let sent = 0;
for await (const chunk of process.stdin) {
  ffmpeg.stdin.write(chunk);
  sent += chunk.length;
  await sleep(Math.max(0, startedMs + (sent * 1000) / ${bytesPerSec} - performance.now()));
}
ffmpeg.stdin.end();
`;
  writeFileSync(path, program, { mode: 0o755 });
  return { ...build, path };
}

it('says once that it is behind, however long an FFmpeg is a little too slow', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'slow-ffmpeg-'));
  const bytesPerFrame = (width * height * 3) / 2;
  const bench = new Bench(throttled(builds[0]!, folder, bytesPerFrame * fps * 0.6), 'ultrafast-2t');
  let index = 0;
  const ticker = setInterval(() => bench.offer(index++), 1000 / fps);
  try {
    await bench.encoder.start();
    await until(() => bench.encoder.counters.skipped > 0, 'a skipped frame');
    const [skipped, encoded] = [bench.encoder.counters.skipped, bench.encoder.counters.encoded];
    await sleep(5000);
    // It went on taking some and leaving out others: every one of these would have been a spell of its own.
    expect(bench.encoder.counters.skipped - skipped).toBeGreaterThan(20);
    expect(bench.encoder.counters.encoded - encoded).toBeGreaterThan(20);
    expect(bench.notices.map((notice) => notice.code)).toEqual(['encoder-behind']);
    expect([500, 1000]).toContainEqual((bench.notices[0]!.details as { behindMs: number }).behindMs);
  } finally {
    clearInterval(ticker);
    await bench.encoder.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  expect(bench.frames).toMatchObject({ lent: 0, releasedTwice: 0 });
});

it('keeps trying, ever later, when FFmpeg cannot start, and holds no frame', async () => {
  const build: FfmpegBuild = { ...builds[0]!, path: '/nonexistent/ffmpeg' };
  const bench = new Bench(build, 'veryfast-2t');
  await bench.encoder.start();
  for (let index = 0; index < 5; index++) bench.offer(index);
  await until(() => bench.notices.length >= 3, 'three tries');
  await bench.encoder.stop();
  const tries = bench.notices.length;
  await sleep(600);
  expect(bench.notices).toHaveLength(tries);
  expect(bench.notices.every((notice) => notice.code === 'ffmpeg-crashed')).toBe(true);
  expect(bench.encoder.counters).toMatchObject({ encoded: 0, skipped: 5, queue: 0 });
  expect(bench.frames).toMatchObject({ lent: 0, releasedTwice: 0 });
});
