import { spawnSync } from 'node:child_process';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { audioSampleRate, firstSampleOfFrame } from '../../electron/streaming/interfaces/audio-input';
import { systemClock } from '../../electron/streaming/lib/clock';
import type { StudioError } from '../../electron/streaming/lib/errors';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { flvFileHeader, flvTag } from '../../electron/streaming/media/flv';
import { FlvStream } from '../../electron/streaming/media/flv-stream';
import type { HandOver } from '../../electron/streaming/output/hand-over';
import { EncodePipeline } from '../../electron/streaming/output/pipeline';
import { profileByName } from '../../electron/streaming/output/profiles';
import { testBuilds } from '../support/ffmpeg-builds';
import { SyncFrames } from '../support/sync-frames';
import { measureTone } from '../support/tone';
import { waitFor } from '../support/wait-for';

const [width, height, fps] = [320, 180, 60];
const toneHz = 997;
const builds = await testBuilds();

function tone(frameIndex: number): Float32Array {
  const from = firstSampleOfFrame(frameIndex, fps);
  return Float32Array.from({ length: 2 * (firstSampleOfFrame(frameIndex + 1, fps) - from) }, (_, at) => {
    const sample = from + Math.floor(at / 2);
    return 0.5 * Math.sin((2 * Math.PI * toneHz * sample) / audioSampleRate);
  });
}

it.each(builds)(
  'a tone goes through three hand-overs without a click or a shift (FFmpeg $version)',
  async (build) => {
    const notices: StudioError[] = [];
    const handOvers: HandOver[] = [];
    const setup = (profile: string, bitrateKbps: number) => ({
      profile: profileByName(profile),
      format: { width, height, fps, bitrateKbps },
    });
    const pipeline = new EncodePipeline({
      ...{ build, ...setup('veryfast-2t', 800), clock: systemClock, logger: silentLogger },
      canSkip: false,
      onNotice: (notice) => notices.push(notice),
      onHandOver: (handOver) => handOvers.push(handOver),
    });
    await pipeline.start();
    const reading = { from: 'next', dropMs: Infinity, flushMs: Infinity } as const;
    const reader = pipeline.hub.subscribe({ name: 'test', ...reading });
    const frames = new SyncFrames(width, height, fps);
    let index = 0;
    let isOver = false;
    const feed = async (): Promise<void> => {
      for (; !isOver; index++) {
        while (pipeline.counters.queue > pipeline.setup.profile.delayFrames + 8) await sleep(1);
        // An encoder that has just died takes everything at once: its end must be heard of.
        await nextTurn();
        pipeline.offerFrame(frames.make(index));
        pipeline.writeAudio(index, tone(index));
      }
    };
    const feeding = feed();
    const steps = [setup('veryfast-2t', 500), setup('ultrafast-2t', 800)];
    for (const step of steps) await pipeline.handOver(step);
    process.kill(pipeline.pids.video!, 'SIGKILL');
    await waitFor(() => handOvers.length === 3, 'another encoder');
    const from = index;
    await waitFor(() => index > from + fps, 'a second after it');
    isOver = true;
    await feeding;
    await pipeline.stop();
    expect(handOvers.map(({ cause }) => cause)).toEqual(['planned', 'planned', 'crash']);
    expect(notices).toMatchObject([{ code: 'ffmpeg-crashed', details: { role: 'video encoder' } }]);

    const stream = new FlvStream('test', 'program');
    const file: Uint8Array[] = [flvFileHeader({ video: true, audio: true })];
    const { signal } = new AbortController();
    for (let unit = await reader.next(signal); unit; unit = await reader.next(signal))
      for (const { typeId, timestampMs, parts } of stream.push(unit))
        file.push(...flvTag(typeId, timestampMs, parts));
    // No resampling to the timestamps: a unit missing or twice is a step in the tone.
    const { stdout } = spawnSync(
      build.path,
      ['-v', 'error', '-i', 'pipe:0', '-f', 'f32le', '-ac', '1', '-ar', String(audioSampleRate), 'pipe:1'],
      { input: Buffer.concat(file), maxBuffer: 1e9 },
    );
    const heard = new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length));
    const seconds = heard.length / audioSampleRate;
    expect(seconds).toBeGreaterThan(index / fps - 0.2);
    // The first and last unit fade in and out of nothing.
    const middle = heard.subarray(4096, heard.length - 4096);
    // Windows that overlap: one sample left out anywhere is -25 dB in some of them.
    for (let at = 0; at + 2400 <= middle.length; at += 1200)
      expect(measureTone(middle.subarray(at, at + 2400), toneHz).restDb).toBeLessThan(-40);
  },
);
