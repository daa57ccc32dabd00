import { describe, expect, it } from 'vitest';
import { exactRate, rateFraction } from '../../shared/model/frame-rate';
import { Mixer } from '../../electron/streaming/audio/mixer';
import { FrameClock } from '../../electron/streaming/composition/frame-clock';
import { audioSampleRate, firstSampleOfFrame } from '../../electron/streaming/interfaces/audio-input';
import type { VideoConfig, VideoPacket } from '../../electron/streaming/interfaces/packet';
import { flvTimeMs } from '../../electron/streaming/media/flv';
import { Mp4FragmentWriter } from '../../electron/streaming/media/fmp4';
import { gridFrames, keyframeIntervalSec } from '../../electron/streaming/output/profiles';
import { EncoderTimeline, frameUs } from '../../electron/streaming/output/timeline';

const rates = [23.976, 24, 25, 29.97, 30, 47.952, 48, 50, 59.94, 60].map(exactRate);
const hourUs = 3600e6;
/** how far anything may be from the monotonic clock after an hour */
const mostUs = 1000;

/** How late the worker is woken, µs: mostly little, at times by more than a frame; the same in every run. */
function* wakeups(): Generator<number, never> {
  for (let seed = 1; ; seed = (seed * 48_271) % 2_147_483_647) {
    const share = seed / 2_147_483_647;
    yield share < 0.001 ? 40_000 : share * 2000;
  }
}

describe.each(rates)('an hour of simulated time at %d pictures a second', (fps) => {
  const { num, den } = rateFraction(fps);
  /** the truth, in whole numbers: when frame `index` falls due, µs since the start */
  const dueUs = (index: number): number => (index * den * 1e6) / num;

  it('ticks, times and samples stay within a millisecond of the clock', () => {
    // An engine that has been up for a month: large numbers must cost no precision.
    const originUs = 30 * 24 * hourUs;
    const clock = new FrameClock(fps, originUs);
    const timeline = new EncoderTimeline(fps, 0);
    const late = wakeups();
    let nowUs = originUs;
    let frames = 0;
    const worst = { tick: 0, frame: 0, encoder: 0, flv: 0, sample: 0 };
    const note = (name: keyof typeof worst, offUs: number): void => {
      worst[name] = Math.max(worst[name], Math.abs(offUs));
    };
    for (;;) {
      const step = clock.step(nowUs);
      if (step.type === 'wait') {
        nowUs += step.us + late.next().value;
        continue;
      }
      if (step.dueUs - originUs >= hourUs) break;
      const trueUs = dueUs(step.index);
      note('tick', step.dueUs - originUs - trueUs);
      note('frame', frameUs(step.index, fps) - trueUs);
      note('encoder', timeline.encoderUs(step.index) - timeline.encoderUs(0) - trueUs);
      note('flv', flvTimeMs(frameUs(step.index, fps)) * 1000 - trueUs);
      note('sample', (firstSampleOfFrame(step.index, fps) * 1e6) / audioSampleRate - trueUs);
      frames++;
    }
    // Not one too many, and not one too few.
    expect(frames).toBe(Math.ceil((3600 * num) / den));
    expect(worst.tick).toBeLessThan(1);
    for (const offUs of Object.values(worst)) expect(offUs).toBeLessThan(mostUs);
  });

  it('the sound that is mixed for the frames is as long as the frames, at any moment', () => {
    const mixer = new Mixer({ onInputFailed: () => undefined });
    let samples = 0;
    // The lengths repeat after 1001 frames at most.
    const frames = den === 1 ? 100 : 1001;
    for (let index = 0; index < frames; index++) {
      samples += mixer.mix(index, fps).length / 2;
      expect(Math.abs(samples - (dueUs(index + 1) * audioSampleRate) / 1e6)).toBeLessThan(1);
    }
  });

  it('the keyframe grid is one of time, and the same for all rates of a family', () => {
    const gridUs = dueUs(gridFrames(fps));
    // Two seconds, to a picture: of NTSC 2.002, at 24 000/1001 and its multiples alike, so that variants can be switched.
    expect(gridUs).toBe(den === 1001 ? 2_002_000 : keyframeIntervalSec * 1e6);
  });

  it('a recording of an hour is an hour long', () => {
    const video: VideoConfig = {
      ...{ kind: 'video-config', codec: 'h264', width: 64, height: 36, fps, bitrateKbps: 100 },
      data: Uint8Array.of(1, 100, 0, 31, 0xff, 0xe0, 0),
    };
    const writer = new Mp4FragmentWriter(video, null, new Uint8Array(8));
    const data = Uint8Array.of(1);
    const packet: VideoPacket = {
      ...{ kind: 'video', codec: 'h264', isKeyframe: false, isDisposable: false, data },
      ...{ ptsUs: 0, dtsUs: 0, frameIndex: 0 },
    };
    // Every tenth frame stands for the ten of its time: times are rounded singly, so nothing can add up between.
    const frames = Math.ceil((3600 * num) / den);
    for (let index = 0; index < frames; index += 10) {
      const us = frameUs(index, fps);
      writer.push({ ...packet, ptsUs: us, dtsUs: us, frameIndex: index, isKeyframe: index === 0 });
      writer.written();
    }
    writer.close();
    writer.written();
    const last = Math.floor((frames - 1) / 10) * 10;
    expect(Math.abs(writer.durationSec * 1e6 - dueUs(last + 1))).toBeLessThan(mostUs);
  });
});
