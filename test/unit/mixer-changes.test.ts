import { describe, expect, it } from 'vitest';
import { Mixer } from '../../electron/streaming/audio/mixer';
import { RecentLevels } from '../../electron/streaming/audio/recent-levels';
import type { AudioInput } from '../../electron/streaming/interfaces/audio-input';
import { Hearing } from '../../electron/studio/hearing';
import { defaultSound } from '../../shared/model/sound';
import { seededRandom } from '../support/seeded-random';
import { largestStep } from '../support/tone';

const newMixer = (): Mixer =>
  new Mixer({
    onInputFailed: (_id, error) => {
      throw error;
    },
  });
const steady = (id: string, value: number): AudioInput => ({
  id,
  render: (_first, target) => void target.fill(value),
});

/** Mixes frame after frame. */
class Run {
  readonly mixer = newMixer();
  readonly #fps: number;
  #frame = 0;

  constructor(fps = 60) {
    this.#fps = fps;
  }

  mix(seconds: number): Float32Array {
    const blocks: Float32Array[] = [];
    for (const until = this.#frame + Math.round(seconds * this.#fps); this.#frame < until; this.#frame += 1)
      blocks.push(this.mixer.mix(this.#frame, this.#fps).slice());
    const all = new Float32Array(blocks.reduce((sum, { length }) => sum + length, 0));
    blocks.reduce((at, block) => (all.set(block, at), at + block.length), 0);
    return all;
  }
}

describe('changes of the mix', () => {
  it.each([24, 60, 240])('never step further than a ramp of 5 ms, at %s fps', (fps) => {
    const run = new Run(fps);
    const random = seededRandom(fps);
    const inputs = ['a', 'b'].map((id) => steady(id, 0.25));
    const pieces: number[] = [];
    for (let turn = 0; turn < 300; turn += 1) {
      const input = inputs[turn % 2] ?? steady('', 0);
      const change = Math.floor(random() * 5);
      if (change === 0) run.mixer.add(input, { gain: random() * 1.5 }, random() < 0.5 ? 5 : 200);
      else if (change === 1) run.mixer.remove(input.id, random() < 0.5 ? 5 : 200);
      else if (change === 2) run.mixer.set(input.id, { isMuted: random() < 0.5 });
      else if (change === 3) run.mixer.set(input.id, { gain: random() * 1.5 });
      else run.mixer.set(input.id, { syncOffsetMs: Math.round(random() * 60) });
      pieces.push(...run.mix(Math.max(1 / fps, random() * 0.05)));
    }
    const sound = Float32Array.from(pieces);
    expect(sound.some((sample) => sample > 0.3)).toBe(true);
    // One ramp of fader and one of coming or going at once, each at most its level in 240 samples.
    expect(largestStep(sound)).toBeLessThan((2 * 0.25 * 1.5 * 2) / 240);
  });

  it('delays by exactly its sync offset, and not at all without one', () => {
    const run = new Run();
    const counting: AudioInput = {
      id: 'a',
      render: (first, target) => {
        for (let at = 0; at < target.length; at += 1) target[at] = ((first + (at >> 1)) % 48_000) / 96_000;
      },
    };
    run.mixer.add(counting, { syncOffsetMs: 100 });
    run.mix(1);
    expect(run.mix(0.5)[0]).toBe(Math.fround((48_000 - 4800) / 96_000));
    run.mixer.set('a', { syncOffsetMs: 2000 });
    run.mix(3.5);
    expect(run.mix(1)[2000]).toBe(Math.fround(1000 / 96_000));
    run.mixer.set('a', { syncOffsetMs: 0 });
    run.mix(1);
    expect(run.mix(1)[2000]).toBe(Math.fround(1000 / 96_000));
    expect(run.mix(0.1)[2 * 77]).toBe(Math.fround(77 / 96_000));
  });

  it('lets one scene sound into the next as long as the picture fades, as loud in the middle, and what stays untouched', () => {
    const run = new Run();
    const [before, after, both] = [steady('before', 0.2), steady('after', -0.2), steady('both', 0.25)];
    const hearing = new Hearing(run.mixer);
    const heard = (...inputs: AudioInput[]) =>
      new Map(inputs.map((input) => [input.id, { input, sound: defaultSound }]));
    hearing.hear(heard(before, both));
    run.mix(1);
    hearing.hear(heard(after, both), { kind: 'fade', durationMs: 500 });
    const sound = run.mix(1);
    const at = (ms: number): number => (sound[ms * 96] ?? NaN) - 0.25;
    expect(at(0)).toBeCloseTo(0.2, 3);
    // Each at −3 dB: of opposite sign they cancel, of one kind they would keep their power.
    expect(at(250)).toBeCloseTo(0, 3);
    expect(at(125)).toBeCloseTo(0.2 * (Math.cos(Math.PI / 8) - Math.sin(Math.PI / 8)), 3);
    expect(at(510)).toBeCloseTo(-0.2, 5);
    hearing.hear(heard(before, both), { kind: 'cut', durationMs: 500 });
    expect((run.mix(0.1)[960] ?? NaN) - 0.25).toBeCloseTo(0.2, 5);
  });

  it('brings one back that was leaving, asked once for each block', () => {
    const run = new Run();
    const asked: number[] = [];
    const input: AudioInput = {
      id: 'a',
      render: (first, target) => {
        asked.push(first);
        target.fill(0.5);
      },
    };
    run.mixer.add(input);
    run.mix(0.5);
    run.mixer.remove('a', 400);
    const leaving = run.mix(0.2);
    run.mixer.add(input, {}, 5);
    const back = run.mix(0.2);
    expect(new Set(asked).size).toBe(asked.length);
    expect(leaving.at(-1)).toBeLessThan(0.45);
    expect(back.at(-1)).toBe(0.5);
    expect(largestStep(Float32Array.from([...leaving, ...back]))).toBeLessThan(0.5 / 239);
  });
});

describe('readings of the mix', () => {
  it('show each input after its fader, also above full scale, and what the limiter held back', () => {
    const run = new Run();
    run.mixer.add(steady('loud', 0.8), { gain: 2 });
    run.mixer.add(steady('muted', 0.5), { isMuted: true });
    run.mix(0.5);
    run.mixer.readMeters();
    run.mix(0.5);
    const { peakDb, limiterDb, inputs } = run.mixer.readMeters();
    expect(inputs.map(({ sourceId }) => sourceId)).toEqual(['loud', 'muted']);
    expect(inputs[0]?.peakDb[0]).toBeCloseTo(20 * Math.log10(1.6), 3);
    expect(inputs[0]?.rmsDb[1]).toBeCloseTo(20 * Math.log10(1.6), 3);
    expect(inputs[1]?.peakDb).toEqual([-120, -120]);
    expect(limiterDb).toBeCloseTo(-1 - 20 * Math.log10(1.6), 1);
    expect(peakDb[0]).toBeLessThanOrEqual(0);
    run.mixer.remove('loud');
    run.mix(3);
    run.mixer.readMeters();
    run.mix(0.1);
    expect(run.mixer.readMeters()).toMatchObject({ limiterDb: 0, inputs: [{ sourceId: 'muted' }] });
  });

  it('say which input is at full scale before its fader, and whether the sum is before the limiter', () => {
    const run = new Run();
    // What a converter gives that clips: its highest value, which is a little below 1 for 16 bits.
    const clipped = 32_767 / 32_768;
    run.mixer.add(steady('turned down', clipped), { gain: 0.25 });
    run.mixer.add(steady('muted', -clipped), { isMuted: true });
    run.mixer.add(steady('sound', 0.3), { gain: 1.5 });
    const clipping = (): unknown[] => {
      run.mixer.readMeters();
      run.mix(0.1);
      const { isClipping, inputs } = run.mixer.readMeters();
      return [isClipping, ...inputs.filter((input) => input.isClipping).map(({ sourceId }) => sourceId)];
    };
    expect(clipping()).toEqual([false, 'turned down', 'muted']);
    // 0.25 + 0.3 × 2.5 is full scale.
    run.mixer.set('sound', { gain: 2.5 });
    run.mix(0.1);
    expect(clipping()).toEqual([true, 'turned down', 'muted']);
    run.mixer.remove('turned down');
    run.mixer.remove('muted');
    run.mix(0.1);
    expect(clipping()).toEqual([false]);
    // One sample is enough, and told once.
    run.mixer.add({ id: 'peak', render: (first, target) => target.fill(0).fill(first === 0 ? 0 : 1, 0, 1) });
    expect(clipping()).toEqual([true, 'peak']);
    run.mixer.remove('peak');
    run.mix(0.1);
    expect(clipping()).toEqual([false]);
  });

  it('tell what was reached in the last seconds', () => {
    let now = 0;
    const levels = new RecentLevels(4000, () => now);
    const reading = (peakDb: number) => [
      { sourceId: 'mic', peakDb: [peakDb, -90] as [number, number], rmsDb: [-90, -90] as [number, number] },
    ];
    levels.feed(reading(-12));
    for (; now < 1900; now += 50) levels.feed(reading(-80));
    expect(levels.read().get('mic')).toEqual({ peakDb: -12 });
    for (; now < 6000; now += 50) levels.feed(reading(-80));
    expect(levels.read().get('mic')).toEqual({ peakDb: -80 });
    for (; now < 12_000; now += 50) levels.feed([]);
    expect(levels.read().size).toBe(0);
  });
});
