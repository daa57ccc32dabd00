import { describe, expect, it } from 'vitest';
import { limiterThreshold } from '../../electron/streaming/audio/limiter';
import { Mixer } from '../../electron/streaming/audio/mixer';
import { firstSampleOfFrame } from '../../electron/streaming/interfaces/audio-input';
import type { AudioInput } from '../../electron/streaming/interfaces/audio-input';

/** A known signal: what sample n holds depends on n alone. */
const signal = (id: string, value: (sample: number, channel: number) => number): AudioInput => ({
  id,
  render: (first, target) => {
    for (let at = 0; at < target.length; at += 1) target[at] = value(first + (at >> 1), at & 1);
  },
});
const noise = (seed: number) => (sample: number, channel: number) =>
  Math.fround(0.4 * Math.sin(sample * 12.9898 + channel * 78.233 + seed));
const newMixer = (failures: [string, unknown][] = []): Mixer =>
  new Mixer({ onInputFailed: (id, error) => failures.push([id, error]) });
const bytesOf = (block: Float32Array): Buffer =>
  Buffer.from(block.buffer, block.byteOffset, block.byteLength);
const copyOf = (block: Float32Array): Float32Array => Float32Array.from(block);
/** mixes past the 5 ms of fading in */
const settle = (mixer: Mixer, fps: number): void => void mixer.mix(0, fps);

describe('the mixer', () => {
  it.each([23.976, 24_000 / 1001, 25, 30, 50, 60_000 / 1001, 59.94, 60, 144])(
    'gives exactly the samples of each frame at %s fps, for ten minutes',
    (fps) => {
      const mixer = newMixer();
      const frames = Math.round(600 * fps);
      const lengths = new Set<number>();
      let total = 0;
      for (let frame = 0; frame < frames; frame += 1) {
        const block = mixer.mix(frame, fps);
        lengths.add(block.length / 2);
        total += block.length / 2;
      }
      expect(total).toBe(firstSampleOfFrame(frames, fps));
      expect(Math.abs(total - (frames * 48_000) / fps)).toBeLessThan(1);
      expect(lengths.size).toBeLessThanOrEqual(2);
    },
  );

  it('spreads 59.94 as 800.8: five frames are 4004 samples', () => {
    const fps = 60_000 / 1001;
    const lengths = new Set<number>();
    for (let frame = 0; frame < 100_000; frame += 5)
      lengths.add(firstSampleOfFrame(frame + 5, fps) - firstSampleOfFrame(frame, fps));
    expect([...lengths]).toEqual([4004]);
  });

  it('passes one input bit for bit', () => {
    const mixer = newMixer();
    const value = noise(1);
    mixer.add(signal('a', value));
    settle(mixer, 60);
    for (let frame = 1; frame < 20; frame += 1) {
      const block = mixer.mix(frame, 60);
      const expected = Float32Array.from(block, (_, at) => value(frame * 800 + (at >> 1), at & 1));
      expect(Buffer.compare(bytesOf(block), bytesOf(expected))).toBe(0);
    }
  });

  it('sums two inputs with their gains, sample for sample', () => {
    const mixer = newMixer();
    mixer.add(signal('a', noise(1)), { gain: 0.5 });
    mixer.add(signal('b', noise(2)), { gain: 0.25 });
    settle(mixer, 50);
    const block = mixer.mix(1, 50);
    for (let at = 0; at < block.length; at += 1) {
      const sample = 960 + (at >> 1);
      const expected = Math.fround(
        Math.fround(noise(1)(sample, at & 1) * 0.5) + noise(2)(sample, at & 1) * 0.25,
      );
      expect(block[at]).toBe(expected);
    }
  });

  it('moves a gain in a ramp over one block, and mute is such a move', () => {
    const mixer = newMixer();
    mixer.add(signal('a', () => 0.5));
    settle(mixer, 60);
    mixer.set('a', { isMuted: true });
    const falling = copyOf(mixer.mix(1, 60));
    for (let at = 2; at < falling.length; at += 2) {
      const step = (falling[at - 2] ?? 0) - (falling[at] ?? 0);
      expect(step).toBeGreaterThan(0);
      expect(step).toBeLessThan(0.5 / 700);
    }
    expect(falling.at(-1)).toBe(0);
    expect(mixer.mix(2, 60).every((sample) => sample === 0)).toBe(true);
    mixer.set('a', { isMuted: false });
    expect(mixer.mix(3, 60).at(-1)).toBe(0.5);
    expect(mixer.mix(4, 60)[0]).toBe(0.5);
  });

  it('lets inputs come and go in 5 ms without a step, and asks no more once gone', () => {
    const mixer = newMixer();
    let asked = 0;
    const input = signal('a', () => 0.5);
    mixer.add({ id: 'a', render: (first, target) => ((asked += 1), input.render(first, target)) });
    const rising = copyOf(mixer.mix(0, 60));
    expect(rising[0]).toBe(0);
    expect(rising[240 * 2]).toBe(0.5);
    mixer.remove('a');
    const falling = copyOf(mixer.mix(1, 60));
    expect(falling[0]).toBe(0.5);
    expect(falling[120 * 2]).toBeCloseTo(0.25, 5);
    expect(falling.subarray(240 * 2).every((sample) => sample === 0)).toBe(true);
    mixer.mix(2, 60);
    expect(asked).toBe(2);
  });

  it('silences an input that throws or gives NaN, reports it, keeps the others and asks again after a second', () => {
    const failures: [string, unknown][] = [];
    const mixer = newMixer(failures);
    let isBroken = true;
    mixer.add({
      id: 'bad',
      render: (_first, target) => {
        if (isBroken) throw new Error('no sound');
        target.fill(0.125);
      },
    });
    mixer.add(signal('nan', () => NaN));
    mixer.add(signal('good', () => 0.25));
    settle(mixer, 60);
    for (let frame = 1; frame < 60; frame += 1)
      expect(mixer.mix(frame, 60).every((sample) => sample === 0.25)).toBe(true);
    expect(failures.map(([id]) => id)).toEqual(['bad', 'nan']);
    isBroken = false;
    mixer.remove('nan');
    mixer.mix(60, 60);
    expect(mixer.mix(61, 60)[100]).toBe(0.375);
  });

  it('never exceeds full scale, holds a loud sum down smoothly and lets go again', () => {
    const mixer = newMixer();
    const tone = signal('a', (sample) => Math.sin((2 * Math.PI * 440 * sample) / 48_000));
    mixer.add(tone, { gain: 2 });
    settle(mixer, 60);
    for (let frame = 1; frame < 60; frame += 1)
      expect(mixer.mix(frame, 60).every((sample) => Math.abs(sample) <= 1)).toBe(true);
    // After the first moment it is a gain, not a bent wave: a sine of −1 dBFS stays a sine.
    const block = copyOf(mixer.mix(60, 60));
    let farthest = 0;
    block.forEach((sample, at) => {
      const pure = limiterThreshold * Math.sin((2 * Math.PI * 440 * (48_000 + (at >> 1))) / 48_000);
      farthest = Math.max(farthest, Math.abs(sample - pure));
    });
    expect(farthest).toBeLessThan(0.01);
    mixer.set('a', { gain: 0.5 });
    for (let frame = 61; frame < 200; frame += 1) mixer.mix(frame, 60);
    expect(mixer.mix(200, 60)[2]).toBe(
      Math.fround(0.5 * Math.fround(Math.sin((2 * Math.PI * 440 * 160_001) / 48_000))),
    );
  });

  it('meters peak and RMS per channel since the last reading', () => {
    const mixer = newMixer();
    mixer.add(
      signal('a', (sample, channel) => (channel === 0 ? 0.5 : 0.25 * Math.SQRT2 * Math.sin(sample * 0.1))),
    );
    settle(mixer, 60);
    mixer.readMeters();
    for (let frame = 1; frame < 30; frame += 1) mixer.mix(frame, 60);
    const reading = mixer.readMeters();
    expect(reading.peakDb[0]).toBeCloseTo(-6.02, 1);
    expect(reading.rmsDb[0]).toBeCloseTo(-6.02, 1);
    expect(reading.rmsDb[1]).toBeCloseTo(-12.04, 1);
    expect(newMixer().readMeters()).toMatchObject({ peakDb: [-120, -120], rmsDb: [-120, -120] });
  });
});
