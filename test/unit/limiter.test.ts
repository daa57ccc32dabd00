import { describe, expect, it } from 'vitest';
import { Limiter, limiterThreshold } from '../../electron/streaming/audio/limiter';
import { seededRandom } from '../support/seeded-random';
import { largestStep } from '../support/tone';

const sampleRate = 48_000;

/** @param value of both channels at a sample @returns what came out, and what went in */
function limited(
  blocks: number,
  frames: number,
  value: (sample: number) => number,
): { before: Float32Array; after: Float32Array } {
  const limiter = new Limiter(sampleRate);
  const before = Float32Array.from({ length: blocks * frames * 2 }, (_, at) => value(at >> 1));
  const after = before.slice();
  for (let block = 0; block < blocks; block += 1)
    limiter.process(after.subarray(block * frames * 2, (block + 1) * frames * 2));
  return { before, after };
}

const peakOf = (sound: Float32Array): number =>
  sound.reduce((peak, value) => Math.max(peak, Math.abs(value)), 0);

/** Beside the sound's own steps there is only the gain's, which takes 64 samples for its fall. */
function expectNoClick({ before, after }: { before: Float32Array; after: Float32Array }, what: string): void {
  const peak = peakOf(before);
  expect(peakOf(after), what).toBeLessThanOrEqual(1);
  expect(largestStep(after), what).toBeLessThanOrEqual(
    largestStep(before) + (peak - limiterThreshold) / 64 + 1e-6,
  );
}

describe('the limiter', () => {
  it.each([200, 800, 2000])('does not click where it sets in, in blocks of %s samples', (frames) => {
    for (const peak of [1, 2.5, 4])
      for (const offset of [0, 1, 13, 63, 64, 65, frames - 65, frames - 1]) {
        const onset = 2 * frames + offset;
        const rise = (sample: number): number => Math.min(1, Math.max(0, (sample - onset + 1) / 240));
        const quiet = limiterThreshold - 0.001;
        const level = (sample: number): number => quiet + (peak - quiet) * rise(sample);
        expectNoClick(limited(6, frames, level), `a level that rises to ${peak} from sample ${offset} on`);
        const tone = (sample: number): number =>
          sample < onset ? 0 : peak * Math.sin((2 * Math.PI * 440 * (sample - onset)) / sampleRate);
        expectNoClick(limited(6, frames, tone), `a tone of ${peak} from sample ${offset} on`);
      }
  });

  it('holds whatever comes within full scale, without steps of its own', () => {
    const random = seededRandom(11);
    for (let run = 0; run < 20; run += 1) {
      const frames = 200 + Math.floor(random() * 1800);
      const hz = 30 + random() * 400;
      // Loud and quiet in turns, each reached within 10 ms.
      const levels = Array.from({ length: 40 }, () => random() * 4);
      const loudness = (sample: number): number => {
        const at = sample / 480;
        const [from = 0, to = 0] = [levels[Math.floor(at) % 40], levels[(Math.floor(at) + 1) % 40]];
        return from + (to - from) * (at % 1);
      };
      const tone = (sample: number): number =>
        loudness(sample) * Math.sin((2 * Math.PI * hz * sample) / sampleRate);
      expectNoClick(limited(Math.ceil(19_200 / frames), frames, tone), `run ${run}`);
    }
  });
});
