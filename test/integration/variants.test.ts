import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { StreamUnit, VideoConfig, VideoPacket } from '../../electron/streaming/interfaces/packet';
import { firstSampleOfFrame } from '../../electron/streaming/interfaces/audio-input';
import type { FfmpegBuild } from '../../electron/streaming/interfaces/ffmpeg';
import { systemClock } from '../../electron/streaming/lib/clock';
import type { StudioError } from '../../electron/streaming/lib/errors';
import { silentLogger } from '../../electron/streaming/lib/logger';
import type { PacketHub } from '../../electron/streaming/output/packet-hub';
import { EncodePipeline } from '../../electron/streaming/output/pipeline';
import { profileByName } from '../../electron/streaming/output/profiles';
import type { Rendition } from '../../electron/streaming/output/rendition';
import { decodeCounters } from '../support/decode-counters';
import { testBuilds } from '../support/ffmpeg-builds';
import { SyncFrames } from '../support/sync-frames';
import { waitFor } from '../support/wait-for';

const [width, height, fps] = [640, 360, 60];
const half = { width: 320, height: 180 };
const builds = await testBuilds();

function makePipeline(build: FfmpegBuild, canSkip: boolean): EncodePipeline {
  return new EncodePipeline({
    ...{ build, profile: profileByName('superfast-2t'), clock: systemClock, logger: silentLogger, canSkip },
    format: { width, height, fps, bitrateKbps: 1500 },
    onNotice: (notice) => expect.unreachable(notice.message),
  });
}

const addHalf = (pipeline: EncodePipeline, notices: StudioError[] = []): Rendition =>
  pipeline.addVariant({
    profile: profileByName('veryfast-2t'),
    format: { ...half, canvas: { width, height }, fps: fps / 2, bitrateKbps: 800 },
    ticksPerFrame: 2,
    onNotice: (notice) => notices.push(notice),
  });

const silence = (index: number): Float32Array =>
  new Float32Array(2 * (firstSampleOfFrame(index + 1, fps) - firstSampleOfFrame(index, fps)));

/** all that comes out of a hub until it ends */
async function collect(hub: PacketHub): Promise<StreamUnit[]> {
  const reader = hub.subscribe({ name: 'test', from: 'next', dropMs: Infinity, flushMs: Infinity });
  const units: StreamUnit[] = [];
  const { signal } = new AbortController();
  for (let unit = await reader.next(signal); unit; unit = await reader.next(signal)) units.push(unit);
  return units;
}

const pictures = (units: readonly StreamUnit[]): VideoPacket[] =>
  units.filter((unit) => unit.kind === 'video');

it.each(builds)(
  'every second picture in half the size, at the same times and with the very same sound (FFmpeg $version)',
  async (build) => {
    const pipeline = makePipeline(build, false);
    await pipeline.start();
    const main = collect(pipeline.hub);
    const frames = new SyncFrames(width, height, fps);
    const run = async (from: number, to: number): Promise<void> => {
      for (let index = from; index < to; index++) {
        while (pipeline.counters.queue > 16 || frames.lent > 20) await sleep(1);
        pipeline.offerFrame(frames.make(index));
        pipeline.writeAudio(index, silence(index));
      }
    };
    await run(0, 35);
    const variant = addHalf(pipeline);
    const own = collect(variant.hub);
    await run(35, 300);
    await pipeline.stop();

    const [mainUnits, ownUnits] = await Promise.all([main, own]);
    const packets = pictures(ownUnits);
    const even = Array.from({ length: 132 }, (_, at) => 36 + 2 * at);
    const inOrder = packets.map(({ frameIndex }) => frameIndex).sort((one, other) => one - other);
    expect(inOrder).toEqual(even);
    // Decoded back from what is burnt into the pictures: these and no others, each once.
    const config = ownUnits.find((unit): unit is VideoConfig => unit.kind === 'video-config')!;
    expect(config).toMatchObject({ ...half, fps: 30, bitrateKbps: 800 });
    expect(decodeCounters(build, config, packets, half)).toEqual(even);
    const timesOfMain = new Map(pictures(mainUnits).map(({ frameIndex, ptsUs }) => [frameIndex, ptsUs]));
    for (const { frameIndex, ptsUs } of packets) expect(ptsUs).toBe(timesOfMain.get(frameIndex));
    const keyframes = packets.filter(({ isKeyframe }) => isKeyframe).map(({ frameIndex }) => frameIndex);
    expect(keyframes).toEqual([36, 120, 240]);
    // By reference: encoded once.
    const sound = ownUnits.filter(({ kind }) => kind === 'audio');
    expect(sound.length).toBeGreaterThan(150);
    const soundOfMain = new Set<StreamUnit>(mainUnits);
    expect(sound.every((unit) => soundOfMain.has(unit))).toBe(true);
    expect(ownUnits.some(({ kind }) => kind === 'audio-config')).toBe(true);
    expect(frames).toMatchObject({ lent: 0, releasedTwice: 0 });
  },
);

it('costs the program no frame when its encoder hangs, which is replaced while its readers stay', async () => {
  const pipeline = makePipeline(builds[0]!, true);
  await pipeline.start();
  const main = collect(pipeline.hub);
  const notices: StudioError[] = [];
  const variant = addHalf(pipeline, notices);
  const own = collect(variant.hub);
  const frames = new SyncFrames(width, height, fps);
  let [index, most] = [0, 0];
  const startedMs = performance.now();
  const timer = setInterval(() => {
    for (; index <= ((performance.now() - startedMs) * fps) / 1000; index++) {
      pipeline.offerFrame(frames.make(index));
      pipeline.writeAudio(index, silence(index));
      most = Math.max(most, frames.lent);
    }
  }, 4);
  await waitFor(() => variant.counters.encoded > 5 && pipeline.counters.encoded > 20, 'pictures of both');
  const skippedBefore = pipeline.counters.skipped;
  const stopped = variant.pid!;
  process.kill(stopped, 'SIGSTOP');
  await waitFor(() => variant.counters.skipped > 10, 'pictures that it leaves out');
  // A quarter of a second, and what the program itself has under way; the pool has 36.
  expect(most).toBeLessThanOrEqual(15 + 12);
  const encodedBefore = variant.counters.encoded;
  await waitFor(() => variant.counters.encoded > encodedBefore + 10, 'pictures of another encoder');
  expect(variant.pid).not.toBe(stopped);
  clearInterval(timer);
  await pipeline.removeVariant(variant);
  await pipeline.stop();
  expect(pipeline.counters.skipped).toBe(skippedBefore);
  expect(pictures(await main)).toHaveLength(index - skippedBefore);
  expect(notices.map(({ code }) => code)).toEqual(['encoder-behind', 'ffmpeg-crashed']);
  const times = pictures(await own).map(({ dtsUs }) => dtsUs);
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  expect(frames).toMatchObject({ lent: 0, releasedTwice: 0 });
});
