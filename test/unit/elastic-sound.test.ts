import { describe, expect, it } from 'vitest';
import { ElasticSound } from '../../electron/streaming/sources/elastic-sound';
import { seededRandom } from '../support/seeded-random';
import { channelOf, largestStep, measureTone } from '../support/tone';

const programFps = 60;
const programFrames = 800;

/** A device that writes a tone in blocks, and a program that renders it, on one simulated time. */
class Bench {
  readonly sound: ElasticSound;
  readonly #random = seededRandom(7);
  readonly #device: {
    rate: number;
    blockFrames: number;
    jitterMs: number;
    toneHz: number;
    amplitude: number;
  };
  #nowMs = 0;
  #blocks = 0;
  #ticks = 0;
  #isWriting = true;
  #stalledUntilMs = 0;

  constructor(
    latencyMs: number,
    device: Partial<{
      sampleRate: number;
      ppm: number;
      blockFrames: number;
      jitterMs: number;
      toneHz: number;
      amplitude: number;
      mostLatencyMs: number;
    }> = {},
  ) {
    const { sampleRate = 48_000, ppm = 0, blockFrames = 480, jitterMs = 4 } = device;
    const { mostLatencyMs = latencyMs } = device;
    this.sound = new ElasticSound('mic', { latencyMs, mostLatencyMs, nowMs: () => this.#nowMs });
    this.sound.begin(sampleRate);
    // Seen from the program, a fast device makes more samples in a second.
    const rate = sampleRate * (1 + ppm / 1e6);
    this.#device = {
      ...{ rate, blockFrames, jitterMs },
      ...{ toneHz: (device.toneHz ?? 1000) / sampleRate, amplitude: device.amplitude ?? 0.5 },
    };
  }

  /** The device stands still (its cable is out): what it would have played is lost. */
  pause(): void {
    this.#isWriting = false;
  }

  resume(): void {
    this.#isWriting = true;
  }

  /** The machine is busy: what the device plays in this time arrives at its end, all at once. */
  stall(ms: number): void {
    this.#stalledUntilMs = this.#nowMs + ms;
  }

  burst(seconds: number): void {
    for (let frames = seconds * 48_000; frames > 0; frames -= 480) this.#write(480);
  }

  /** Runs for so long; what was rendered in it goes to `onBlock`, which must not keep it. */
  run(seconds: number, onBlock: (block: Float32Array) => void = () => undefined): void {
    const { rate, blockFrames, jitterMs } = this.#device;
    const block = new Float32Array(programFrames * 2);
    const last = this.#ticks + Math.round(seconds * programFps);
    const arrives = (): number =>
      Math.max(
        ((this.#blocks * blockFrames) / rate) * 1000 + this.#random() * jitterMs,
        this.#stalledUntilMs,
      );
    let arrival = arrives();
    while (this.#ticks < last) {
      const tickMs = (this.#ticks * 1000) / programFps;
      if (arrival <= tickMs) {
        this.#nowMs = Math.max(this.#nowMs, arrival);
        this.#blocks += 1;
        if (this.#isWriting) this.#write(blockFrames);
        arrival = arrives();
        continue;
      }
      this.#nowMs = Math.max(this.#nowMs, tickMs + this.#random() * 3);
      this.sound.render(this.#ticks * programFrames, block);
      onBlock(block);
      this.#ticks += 1;
    }
  }

  /** The same, all of it. */
  record(seconds: number): Float32Array {
    const pieces: Float32Array[] = [];
    this.run(seconds, (block) => pieces.push(block.slice()));
    const all = new Float32Array(pieces.length * programFrames * 2);
    pieces.forEach((piece, index) => all.set(piece, index * piece.length));
    return all;
  }

  #frame = 0;

  #write(frames: number): void {
    const { toneHz, amplitude } = this.#device;
    const samples = new Float32Array(frames * 2);
    for (let frame = 0; frame < frames; frame += 1) {
      const value = amplitude * Math.sin(2 * Math.PI * toneHz * this.#frame++);
      samples[frame * 2] = value;
      samples[frame * 2 + 1] = value / 2;
    }
    this.sound.write(samples);
  }
}

/** a tone's own steepest step, and 5 ms of ramp over its amplitude */
const allowedStep = (amplitude: number, toneHz: number): number =>
  ((2 * Math.PI * toneHz) / 48_000) * amplitude + amplitude / 240;

describe('elastic sound', () => {
  it.each([
    { ppm: 300, blockFrames: 480 },
    { ppm: -300, blockFrames: 1024 },
  ])(
    'follows a clock that is off by $ppm ppm for three minutes, blocks of $blockFrames',
    (device) => {
      const bench = new Bench(80, device);
      bench.run(2);
      let [least, most] = [Infinity, 0];
      for (let turn = 0; turn < 18; turn += 1) {
        // The mean over a second: a single look falls anywhere between two blocks.
        let [sum, looks] = [0, 0];
        bench.run(9);
        bench.run(1, () => {
          sum += bench.sound.latencyMs;
          looks += 1;
        });
        least = Math.min(least, sum / looks);
        most = Math.max(most, sum / looks);
      }
      expect(bench.sound.counters).toEqual({ underruns: 0, overruns: 0 });
      expect(least).toBeGreaterThan(70);
      expect(most).toBeLessThan(90);
      expect((bench.sound.ratio - 1) * 1e6).toBeCloseTo(device.ppm, -2);
      const left = channelOf(bench.record(0.2), 0);
      const tone = measureTone(left, 1000);
      expect(tone.restDb).toBeLessThan(-70);
      expect(20 * Math.log10(tone.amplitude / 0.5)).toBeCloseTo(0, 1);
      expect(tone.frequencyHz).toBeCloseTo(1000, 0);
    },
    60_000,
  );

  it.each([44_100, 96_000, 16_000, 192_000])('renders %s Hz at 48 kHz, cleanly', (sampleRate) => {
    const bench = new Bench(80, { sampleRate, blockFrames: sampleRate / 100 });
    bench.run(10);
    const block = bench.record(0.2);
    for (const [channel, amplitude] of [
      [0, 0.5],
      [1, 0.25],
    ] as const) {
      const tone = measureTone(channelOf(block, channel), 1000);
      expect(tone.amplitude).toBeCloseTo(amplitude, 3);
      expect(tone.restDb).toBeLessThan(-70);
    }
    expect(bench.sound.counters).toEqual({ underruns: 0, overruns: 0 });
  });

  it('keeps out what 48 kHz cannot hold', () => {
    const bench = new Bench(80, { sampleRate: 96_000, blockFrames: 960, toneHz: 30_000 });
    bench.run(2);
    expect(Math.max(...bench.record(0.2).map(Math.abs))).toBeLessThan(0.5 * 10 ** (-70 / 20));
  });

  it('falls silent without a click when nothing comes, and sounds again without one', () => {
    const bench = new Bench(80, { toneHz: 300 });
    bench.run(1);
    bench.pause();
    const stopping = bench.record(0.5);
    bench.resume();
    const again = bench.record(0.5);
    expect(bench.sound.counters.underruns).toBe(1);
    expect(stopping.subarray(-48_000 / 5).every((sample) => sample === 0)).toBe(true);
    expect(bench.sound.latencyMs).toBeGreaterThan(60);
    const all = Float32Array.from([...stopping, ...again]);
    expect(largestStep(all)).toBeLessThan(allowedStep(0.5, 300));
    expect(measureTone(channelOf(again.subarray(-9600), 0), 300).amplitude).toBeCloseTo(0.5, 2);
  });

  it('leaps over a burst that came late, without a click, and is at its target again', () => {
    const bench = new Bench(80, { toneHz: 300 });
    bench.run(1);
    bench.burst(0.4);
    const sound = bench.record(4);
    expect(bench.sound.counters).toEqual({ underruns: 0, overruns: 1 });
    expect(bench.sound.latencyMs).toBeLessThan(100);
    expect(largestStep(sound)).toBeLessThan(2 * allowedStep(0.5, 300));
  });

  it('waits longer each time it runs dry, as long as is needed and no longer than it may', () => {
    const stalled = (bench: Bench, ms: number, times: number): number => {
      const { underruns } = bench.sound.counters;
      for (let turn = 0; turn < times; turn += 1) {
        bench.stall(ms);
        bench.run(1);
      }
      return bench.sound.counters.underruns - underruns;
    };
    const fixed = new Bench(80);
    fixed.run(1);
    expect(stalled(fixed, 100, 10)).toBe(10);

    const bench = new Bench(80, { mostLatencyMs: 240, toneHz: 300 });
    bench.run(1);
    expect(stalled(bench, 100, 10)).toBeLessThanOrEqual(3);
    expect(bench.sound.latencyMs).toBeGreaterThan(100);
    expect(bench.sound.latencyMs).toBeLessThan(160);
    // Longer than it may ever wait: each one is heard, and the latency stays bounded.
    expect(stalled(bench, 500, 12)).toBe(12);
    expect(bench.sound.latencyMs).toBeGreaterThan(225);
    expect(bench.sound.latencyMs).toBeLessThan(255);
    // It begins to come back, unheard.
    const { overruns } = bench.sound.counters;
    const calm = bench.record(45);
    expect(bench.sound.latencyMs).toBeLessThan(239);
    expect(largestStep(calm.subarray(48_000))).toBeLessThan(allowedStep(0.5, 300));
    expect(bench.sound.counters.overruns).toBe(overruns);
  });

  it('waits no longer for a device that was pulled out', () => {
    const bench = new Bench(80, { mostLatencyMs: 240 });
    for (let turn = 0; turn < 6; turn += 1) {
      bench.resume();
      bench.run(1);
      bench.pause();
      bench.run(0.5);
      bench.sound.end();
    }
    bench.resume();
    bench.run(1);
    expect(bench.sound.counters.underruns).toBe(6);
    expect(bench.sound.latencyMs).toBeLessThan(95);
  });

  it('plays the present after nobody listened for a while', () => {
    const bench = new Bench(80);
    bench.run(1);
    const { sound } = bench;
    const silent = { ...sound.counters };
    // Seconds in which the program shows another scene: written, not rendered.
    const block = new Float32Array(960);
    for (let turn = 0; turn < 3000; turn += 1) sound.write(block);
    const target = new Float32Array(1600);
    sound.render(10_000_000, target);
    expect(sound.latencyMs).toBeLessThan(100);
    expect(sound.counters).toEqual(silent);
  });

  it('takes another target, another feed and another rate without a click', () => {
    const bench = new Bench(60, { toneHz: 300 });
    bench.run(1);
    bench.sound.setTarget(200);
    const later = bench.record(1);
    expect(bench.sound.latencyMs).toBeGreaterThan(180);
    bench.sound.setTarget(60);
    const sooner = bench.record(1);
    expect(bench.sound.latencyMs).toBeLessThan(80);
    bench.sound.begin(44_100);
    const other = bench.record(1);
    const all = Float32Array.from([...later, ...sooner, ...other]);
    expect(largestStep(all)).toBeLessThan(2 * allowedStep(0.5, 330));
    expect(bench.sound.counters).toEqual({ underruns: 0, overruns: 0 });
    expect(() => bench.sound.begin(100)).toThrow(RangeError);
  });

  it('turns what is no number into silence', () => {
    const bench = new Bench(60, { amplitude: NaN });
    bench.run(1);
    expect(bench.record(0.5).every((sample) => sample === 0)).toBe(true);
  });
});
