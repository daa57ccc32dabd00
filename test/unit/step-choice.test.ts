import { describe, expect, it } from 'vitest';
import { chooseStep, nextToMeasure } from '../../electron/streaming/output/step-choice';
import type { Measurement } from '../../electron/streaming/output/selection-cache';
import { x264Ladder, x264StepByName } from '../../electron/streaming/output/x264-ladder';

const format = { width: 1920, height: 1080, fps: 60, bitrateKbps: 6000 };
const ladder = x264Ladder(2);
const names = ladder.map(({ name }) => name);

const measurement = (profile: string, fps: number, ssim: number | null = null): Measurement => ({
  ...{ profile, fps, ssim, cpuMs: null, argvDigest: '' },
});

describe('x264Ladder', () => {
  it('has the documented profile first, then the presets from slow to fast, with a thread for every core but one', () => {
    expect(names).toEqual([
      ...['reference-2t', 'medium-2t', 'fast-2t', 'faster-2t', 'veryfast-2t', 'superfast-2t', 'ultrafast-2t'],
    ]);
    expect(x264Ladder(1).map(({ name }) => name)).toEqual(names);
    expect(x264Ladder(6)[1]).toMatchObject({ name: 'medium-5t', title: 'x264 medium, 5 frame threads' });
    expect(x264Ladder(64)[4]?.name).toBe('veryfast-8t');
    for (const profile of [...ladder, ...x264Ladder(6)]) {
      const { encoderArguments: args, name } = profile;
      expect(args).toContain(name.startsWith('reference') ? 'veryfast' : name.split('-')[0]);
      expect(args.at(-1)).toMatch(/^threads=\d.*:scenecut=0:filler=1:force-cfr=1$/);
      // The picture comes no later than with the preset that most streams use.
      expect(profile.delayFrames).toBeLessThanOrEqual(19);
    }
  });

  it('knows a step by its name on whatever machine, and no other', () => {
    expect(x264StepByName('faster-12t')).toMatchObject({ name: 'faster-12t', delayFrames: 25 });
    expect(x264StepByName('veryfast-2t')).toBe(ladder[4]);
    for (const name of ['turbo-2t', 'faster-1t', 'faster-99t', 'faster', 'reference-3t'])
      expect(x264StepByName(name)).toBeUndefined();
  });
});

describe('chooseStep', () => {
  const weak = { cores: 2, features: ['SSE4.2', 'AVX', 'AVX2'] };
  const old = { cores: 8, features: ['SSE4.2'] };
  const measured = (reference: number, veryfast: number, superfast = 200, ultrafast = 300) => [
    measurement('reference-2t', reference, 0.958),
    measurement('faster-2t', Math.round(veryfast / 1.3), 0.96),
    measurement('veryfast-2t', veryfast, 0.959),
    measurement('superfast-2t', superfast, 0.954),
    measurement('ultrafast-2t', ultrafast, 0.912),
  ];

  it.each([
    ['the best picture of those that hold', measured(80, 140), weak, 'faster-2t', true],
    ['the documented one is not the best, though it holds', measured(80, 90), weak, 'veryfast-2t', true],
    ['no AVX2: the documented one when it holds', measured(80, 140), old, 'reference-2t', true],
    [
      'one core: the documented one when it holds',
      measured(80, 140),
      { ...weak, cores: 1 },
      'reference-2t',
      true,
    ],
    ['just below the headroom: the next best', measured(71.9, 72), old, 'veryfast-2t', true],
    ['exactly the headroom holds', measured(72, 140), old, 'reference-2t', true],
    ['two steps down', measured(30, 60), weak, 'superfast-2t', true],
    ['the last step', measured(30, 50, 60, 80), weak, 'ultrafast-2t', true],
    ['nothing holds: the last step', measured(10, 20, 30, 29), weak, 'ultrafast-2t', false],
    ['nothing measured', [], weak, 'reference-2t', true],
    // Not by the preset's name: what was measured counts.
    [
      'a faster preset of the better picture',
      [measurement('fast-2t', 90, 0.95), measurement('superfast-2t', 150, 0.96)],
      weak,
      'superfast-2t',
      true,
    ],
    [
      'as good: the faster',
      [measurement('fast-2t', 90, 0.95), measurement('faster-2t', 100, 0.95)],
      weak,
      'faster-2t',
      true,
    ],
    [
      'looked at goes before not looked at',
      [measurement('medium-2t', 90), measurement('faster-2t', 100, 0.9)],
      weak,
      'faster-2t',
      true,
    ],
  ])('%s', (_, measurements, cpu, name, isFastEnough) => {
    const choice = chooseStep(ladder, measurements, cpu, format);
    expect(choice.profile.name).toBe(name);
    expect(choice.isFastEnough).toBe(isFastEnough);
    expect(choice.reason).toMatch(/^x264 .*\.$/);
  });

  it('goes by the order of the steps where no quality is known', () => {
    const unknown = measured(80, 140).map((one) => ({ ...one, ssim: null }));
    expect(chooseStep(ladder, unknown, weak, format).profile.name).toBe('reference-2t');
  });

  it('says what it found', () => {
    expect(chooseStep(ladder, measured(30, 140), weak, format).reason).toBe(
      'x264 faster, 2 frame threads: the best picture (SSIM 0.9600) of the 4 that hold, 108 pictures a second here, enough for 1920×1080 at 60 (72 pictures a second with 20 % to spare); the documented profile does only 30.',
    );
  });
});

describe('nextToMeasure', () => {
  /** what is measured one after the other, on a machine that does so many with veryfast */
  const order = (fps: Partial<Record<string, number>>): string[] => {
    const done: Measurement[] = [];
    for (let next = nextToMeasure(ladder, done, 60); next; next = nextToMeasure(ladder, done, 60))
      done.push(measurement(next.name, fps[next.name] ?? 0));
    return done.map(({ profile }) => profile);
  };

  it('goes down until a step holds, and up while there is room: no more than the first start has time for', () => {
    expect(order({ 'veryfast-2t': 60, 'superfast-2t': 120 })).toEqual([
      ...['reference-2t', 'veryfast-2t', 'superfast-2t'],
    ]);
    expect(order({})).toEqual(['reference-2t', 'veryfast-2t', 'superfast-2t', 'ultrafast-2t']);
    // 20 % to spare, but the next takes a quarter more.
    expect(order({ 'veryfast-2t': 80 })).toEqual(['reference-2t', 'veryfast-2t']);
    expect(order({ 'veryfast-2t': 120, 'faster-2t': 90, 'fast-2t': 80 })).toEqual([
      ...['reference-2t', 'veryfast-2t', 'faster-2t', 'fast-2t'],
    ]);
    expect(order({ 'veryfast-2t': 300, 'faster-2t': 250, 'fast-2t': 200 })).toEqual([
      ...['reference-2t', 'veryfast-2t', 'faster-2t', 'fast-2t', 'medium-2t'],
    ]);
  });
});
