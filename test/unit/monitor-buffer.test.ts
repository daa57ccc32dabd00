import { describe, expect, it } from 'vitest';
import { MonitorBuffer } from '../../renderer/sound/monitor-buffer';
import { measureTone } from '../support/tone';

const block = 800;
const quantum = 128;

/** An engine that sends a tone and an audio thread that plays it, each by its own clock. */
class Listening {
  readonly buffer = new MonitorBuffer();
  readonly #ppm: number;
  #sent = 0;
  #played = 0;

  constructor(ppm = 0) {
    this.#ppm = ppm;
  }

  /** @param arrives whether the block beginning with this sample does */
  run(seconds: number, arrives: (firstSample: number) => boolean = () => true): Float32Array {
    const quanta = Math.round((seconds * 48_000) / quantum);
    const heard = new Float32Array(quanta * quantum);
    const right = new Float32Array(quantum);
    for (let at = 0; at < quanta; at += 1) {
      for (; this.#sent <= this.#played * (1 + this.#ppm / 1e6); this.#sent += block)
        if (arrives(this.#sent)) this.buffer.push(this.#sent, this.#tone(this.#sent));
      this.buffer.pull(heard.subarray(at * quantum, (at + 1) * quantum), right);
      this.#played += quantum;
    }
    return heard;
  }

  #tone(first: number): Float32Array {
    const samples = new Float32Array(block * 2);
    for (let frame = 0; frame < block; frame += 1)
      samples.fill(0.5 * Math.sin((2 * Math.PI * 400 * (first + frame)) / 48_000), frame * 2, frame * 2 + 2);
    return samples;
  }
}

const largestStep = (sound: Float32Array): number =>
  sound.reduce((largest, sample, at) => Math.max(largest, Math.abs(sample - (sound[at - 1] ?? sample))), 0);
/** the tone's own steepest step, and a ramp of 5 ms over its height */
const allowedStep = (2 * Math.PI * 400 * 0.5) / 48_000 + 0.5 / 230;

describe('what a window hears of the program', () => {
  it.each([200, -200])('goes on for minutes beside an engine whose clock is off by %s ppm', (ppm) => {
    const listening = new Listening(ppm);
    listening.run(1);
    const sound = listening.run(60);
    expect(largestStep(sound)).toBeLessThan(allowedStep);
    expect(listening.buffer.targetMs).toBe(60);
    expect(listening.buffer.waitingMs).toBeGreaterThan(30);
    expect(listening.buffer.waitingMs).toBeLessThan(140);
    const tone = measureTone(sound.subarray(-9600), 400);
    expect(tone.amplitude).toBeCloseTo(0.5, 2);
    expect(tone.restDb).toBeLessThan(-45);
  });

  it('waits longer after it ran dry, and ends and begins without a click', () => {
    const listening = new Listening();
    const sound = [...listening.run(1), ...listening.run(0.5, () => false), ...listening.run(1)];
    expect(largestStep(Float32Array.from(sound))).toBeLessThan(allowedStep);
    expect(sound.slice(1.2 * 48_000, 1.4 * 48_000).every((sample) => sample === 0)).toBe(true);
    expect(listening.buffer.targetMs).toBe(80);
    expect(measureTone(Float32Array.from(sound.slice(-9600)), 400).amplitude).toBeCloseTo(0.5, 2);
  });

  it('passes over blocks that were left out, and over a burst that came late, without a click', () => {
    const listening = new Listening();
    listening.run(1);
    const gap = listening.run(0.5, (first) => first < 60_000 || first >= 61_600);
    expect(largestStep(gap)).toBeLessThan(allowedStep);
    const late: number[] = [];
    for (let first = 0; first < 24_000; first += block) late.push(first);
    for (const first of late) listening.buffer.push(10_000_000 + first, new Float32Array(block * 2));
    listening.run(0.5);
    expect(listening.buffer.waitingMs).toBeLessThan(150);
  });
});
