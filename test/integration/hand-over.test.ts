import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { VideoConfig, VideoPacket } from '../../electron/streaming/interfaces/packet';
import { systemClock } from '../../electron/streaming/lib/clock';
import type { StudioError } from '../../electron/streaming/lib/errors';
import { silentLogger } from '../../electron/streaming/lib/logger';
import type { HandOver } from '../../electron/streaming/output/hand-over';
import { profileByName } from '../../electron/streaming/output/profiles';
import { VideoEncoder } from '../../electron/streaming/output/video-encoder';
import { decodeCounters } from '../support/decode-counters';
import { testBuilds } from '../support/ffmpeg-builds';
import { SyncFrames } from '../support/sync-frames';
import { waitFor } from '../support/wait-for';

const [width, height, fps] = [640, 360, 60];
const size = { width, height };
const builds = await testBuilds();
const setup = (profile: string, bitrateKbps = 1500) => ({
  profile: profileByName(profile),
  format: { ...size, fps, bitrateKbps },
});

/** An encoder in real time, as a program runs it. */
class RealTime {
  readonly packets: { packet: VideoPacket; atMs: number }[] = [];
  readonly configs: { config: VideoConfig; before: number }[] = [];
  readonly handOvers: HandOver[] = [];
  readonly notices: StudioError[] = [];
  readonly frames = new SyncFrames(width, height, fps);
  readonly accepted: number[] = [];
  readonly encoder: VideoEncoder;
  #index = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: Partial<ConstructorParameters<typeof VideoEncoder>[0]> = {}) {
    this.encoder = new VideoEncoder({
      ...{ build: builds[0]!, ...setup('veryfast-2t'), clock: systemClock, logger: silentLogger },
      onConfig: (config) => this.configs.push({ config, before: this.packets.length }),
      onPacket: (packet) => this.packets.push({ packet, atMs: performance.now() }),
      onNotice: (notice) => this.notices.push(notice),
      onHandOver: (handOver) => this.handOvers.push(handOver),
      ...options,
    });
  }

  async start(): Promise<void> {
    await this.encoder.start();
    const startedMs = performance.now();
    this.#timer = setInterval(() => {
      while (this.#index <= ((performance.now() - startedMs) * fps) / 1000) {
        const index = this.#index++;
        if (this.encoder.offer(this.frames.make(index)) === 'accepted') this.accepted.push(index);
      }
    }, 4);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.encoder.stop();
  }

  /** the counters of all decoded pictures, over every set of parameters */
  counters(): (number | null)[] {
    return this.configs.flatMap(({ config, before }, at) => {
      const packets = this.packets.slice(before, this.configs[at + 1]?.before).map(({ packet }) => packet);
      return decodeCounters(builds[0]!, config, packets, size);
    });
  }
}

it('takes over by plan without a frame lost or repeated, with times that rise', async () => {
  const steps = [
    setup('veryfast-2t', 800),
    setup('ultrafast-2t', 800),
    setup('veryfast-2t'),
    setup('reference-2t'),
    setup('superfast-2t'),
  ];
  // Beside other suites an encoder may fall behind: here it may be waited for.
  const benches = builds.map((build) => new RealTime({ build, canSkip: false }));
  const run = async (bench: RealTime): Promise<void> => {
    await bench.start();
    await waitFor(() => bench.packets.length > 0, 'pictures');
    for (const step of steps) await bench.encoder.handOver(step);
    await bench.stop();
  };
  await Promise.all(benches.map(run));
  for (const bench of benches) {
    expect(bench.notices).toEqual([]);
    const packets = bench.packets.map(({ packet }) => packet);
    expect(bench.handOvers.map(({ cause, lostFrames }) => [cause, lostFrames])).toEqual(
      steps.map(() => ['planned', 0]),
    );
    expect(packets.map(({ frameIndex }) => frameIndex).sort((a, b) => a - b)).toEqual(bench.accepted);
    // Every frame, decoded back from its burnt-in counter, in order.
    expect(bench.counters()).toEqual(bench.accepted);
    packets.forEach(({ dtsUs, ptsUs }, at) => {
      expect(dtsUs).toBeLessThanOrEqual(ptsUs);
      if (at > 0) expect(Math.round(dtsUs / 1000)).toBeGreaterThan(Math.round(packets[at - 1]!.dtsUs / 1000));
    });
    for (const { isKeyframe, frameIndex } of packets) if (isKeyframe) expect(frameIndex % (2 * fps)).toBe(0);
    // A change of the rate alone announces nothing new to a decoder.
    const announced = bench.configs.map(({ config }) => config.data.toString());
    expect(announced[1]).toBe(announced[0]);
    expect(bench.frames).toMatchObject({ lent: 0, releasedTwice: 0 });
  }
});

it('goes on as before when the successor ends before its frame has come, and loses nothing', async () => {
  const bench = new RealTime({ ...setup('ultrafast-2t') });
  await bench.start();
  await sleep(300);
  const bad = setup('superfast-2t');
  const unknown = { ...bad.profile, encoderArguments: ['-no-such-option', '1'] };
  await expect(bench.encoder.handOver({ ...bad, profile: unknown })).rejects.toMatchObject({
    code: 'hand-over-failed',
  });
  await sleep(300);
  await bench.stop();
  expect(bench.counters()).toEqual(bench.accepted);
  expect(bench.encoder.setup.profile.name).toBe('ultrafast-2t');
  expect([bench.notices, bench.handOvers]).toEqual([[], []]);
});

it('returns to what ran before when the successor fails at its first frame, within a second', async () => {
  const bench = new RealTime({ ...setup('ultrafast-2t') });
  await bench.start();
  await sleep(300);
  const bad = setup('superfast-2t');
  // It is looked at when the first picture has come.
  const unopenable = { ...bad.profile, encoderArguments: ['-profile:v', 'no-such-profile'] };
  await expect(bench.encoder.handOver({ ...bad, profile: unopenable })).rejects.toMatchObject({
    code: 'hand-over-failed',
  });
  const failedAt = bench.packets.at(-1)!.packet.frameIndex;
  await waitFor(() => bench.handOvers.length > 0, 'pictures again');
  await bench.stop();
  const [back] = bench.handOvers;
  expect(back).toMatchObject({ to: { profile: { name: 'ultrafast-2t' } } });
  expect(back!.lostFrames).toBeLessThan(fps);
  expect(bench.packets.at(-1)!.packet.frameIndex).toBeGreaterThan(failedAt);
  expect(bench.counters()).toEqual(bench.packets.map(({ packet }) => packet.frameIndex));
  expect(bench.frames).toMatchObject({ lent: 0, releasedTwice: 0 });
});

it('lets a successor that waits begin at once when what runs crashes, and settles what a stop leaves open', async () => {
  const bench = new RealTime({ ...setup('ultrafast-2t') });
  await bench.start();
  await waitFor(() => bench.packets.length > 10, 'pictures');
  const waiting = bench.encoder.handOver(setup('superfast-2t'));
  process.kill(bench.encoder.pid!, 'SIGKILL');
  await waiting;
  expect(bench.handOvers).toMatchObject([{ cause: 'crash', to: { profile: { name: 'superfast-2t' } } }]);
  expect(bench.handOvers[0]!.gapMs).toBeLessThan(1500);
  expect(bench.notices.map(({ code }) => code)).toEqual(['ffmpeg-crashed']);
  const took = bench.packets.at(-1)!.packet.frameIndex;
  const open = bench.encoder.handOver(setup('ultrafast-2t'));
  await waitFor(() => bench.encoder.setup.profile.name === 'ultrafast-2t', 'the frame of the hand-over');
  await Promise.all([bench.stop(), open.catch(() => undefined)]);
  // The grid is the program's, wherever the successor began.
  const keys = bench.packets.filter(({ packet }) => packet.isKeyframe && packet.frameIndex > took);
  for (const { packet } of keys) expect(packet.frameIndex % (2 * fps)).toBe(0);
  expect(bench.counters()).toEqual(bench.packets.map(({ packet }) => packet.frameIndex));
  expect(bench.frames).toMatchObject({ lent: 0, releasedTwice: 0 });
});

it('gives a change up for the fallback when it runs the hardware that has just failed', async () => {
  const { profile, format } = setup('superfast-2t');
  const hardware = { ...profile, name: 'fake-hw', encoder: 'libx264', title: 'Fake hardware' };
  const fallback = profileByName('ultrafast-2t');
  const bench = new RealTime({ profile: hardware, format, fallback });
  await bench.start();
  await waitFor(() => bench.packets.length > 10, 'pictures');
  const lowered = bench.encoder.handOver({
    profile: hardware,
    format: { ...format, bitrateKbps: 700 },
    fallback,
  });
  process.kill(bench.encoder.pid!, 'SIGKILL');
  await expect(lowered).rejects.toMatchObject({ code: 'hand-over-failed' });
  await waitFor(() => bench.handOvers.length > 0, 'pictures of the fallback');
  await bench.stop();
  expect(bench.handOvers).toMatchObject([{ cause: 'fall-back', to: { profile: { name: 'ultrafast-2t' } } }]);
  expect(bench.notices.map(({ code }) => code)).toEqual(['encoder-fell-back']);
});

it('falls back when an encoder of hardware fails in use, at once and once', async () => {
  const { profile, format } = setup('superfast-2t');
  const fallback = profileByName('ultrafast-2t');
  const hardware = { ...profile, name: 'fake-hw', title: 'Fake hardware' };
  const bench = new RealTime({ profile: hardware, format, fallback });
  await bench.start();
  await waitFor(() => bench.packets.length > 20, 'pictures');
  process.kill(bench.encoder.pid!, 'SIGKILL');
  await waitFor(() => bench.handOvers.length > 0, 'pictures of the other');
  expect(bench.notices).toMatchObject([
    { code: 'encoder-fell-back', details: { from: 'Fake hardware', reason: 'signal SIGKILL' } },
  ]);
  expect(bench.handOvers).toMatchObject([{ cause: 'fall-back', to: { profile: { name: 'ultrafast-2t' } } }]);
  expect(bench.handOvers[0]!.gapMs).toBeLessThan(1000);
  // What it fell back to is no hardware: it is restarted as itself.
  process.kill(bench.encoder.pid!, 'SIGKILL');
  await waitFor(() => bench.handOvers.length > 1, 'pictures after another crash');
  await bench.stop();
  expect(bench.handOvers[1]).toMatchObject({ cause: 'crash', to: { profile: { name: 'ultrafast-2t' } } });
  expect(bench.notices.at(-1)?.code).toBe('ffmpeg-crashed');
  expect(bench.counters()).toEqual(bench.packets.map(({ packet }) => packet.frameIndex));
});
