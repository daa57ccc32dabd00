import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FfmpegBuild } from '../../electron/streaming/interfaces/ffmpeg';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { EncoderSelection } from '../../electron/streaming/output/encoder-selection';
import type { EncoderSelectionOptions, Wish } from '../../electron/streaming/output/encoder-selection';
import type { CalibrationProgress } from '../../electron/streaming/output/calibration';
import type { EncoderCandidate } from '../../electron/streaming/output/encoder-candidates';
import { EncoderSession } from '../../electron/streaming/output/encoder-session';
import { tryEncoder } from '../../electron/streaming/output/encoder-trial';
import { profileByName } from '../../electron/streaming/output/profiles';
import type { VideoProfile } from '../../electron/streaming/output/profiles';
import { SyntheticFrames } from '../../electron/streaming/output/synthetic-frames';
import { userVideoProfile } from '../../electron/streaming/output/user-profiles';
import { x264Ladder } from '../../electron/streaming/output/x264-ladder';
import { testBuilds } from '../support/ffmpeg-builds';
import { requires } from '../support/requires';
import { waitFor } from '../support/wait-for';

const builds = await testBuilds();
const build = builds[0]!;
/** small enough that every profile holds it on any machine that runs tests, throttled or not */
const format = { width: 320, height: 180, fps: 10, bitrateKbps: 500 };
const cpu = { model: 'test', cores: 2, features: ['AVX2'] };
const { signal } = new AbortController();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'studio-selection-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** FFmpeg behind a pipe that lets only a trickle through, where the command line matches. */
async function throttled(name: string, pattern: RegExp): Promise<FfmpegBuild> {
  const path = join(folder, name);
  const script = `#!${process.execPath}
const { spawn } = require('node:child_process');
const args = process.argv.slice(2);
const isSlow = ${pattern.toString()}.test(args.join(' '));
const child = spawn(${JSON.stringify(build.path)}, args, { stdio: [isSlow ? 'pipe' : 'inherit', 'inherit', 'inherit'] });
child.on('close', (code) => process.exit(code ?? 1));
if (isSlow) {
  const bytesPerSec = ${format.width * format.height * 1.5 * 5};
  child.stdin.on('error', () => {});
  process.stdin.on('end', () => child.stdin.end());
  process.stdin.on('data', (chunk) => {
    process.stdin.pause();
    child.stdin.write(chunk);
    setTimeout(() => process.stdin.resume(), (chunk.length / bytesPerSec) * 1000);
  });
}
`;
  await writeFile(path, script);
  await chmod(path, 0o755);
  return { ...build, path };
}

/** Without hardware, whatever this machine has, unless a test brings some. */
const selection = (cacheFile: string, more: Partial<EncoderSelectionOptions> = {}): EncoderSelection =>
  new EncoderSelection({
    ...{ build, cpu, cacheFile: join(folder, cacheFile), logger: silentLogger, candidates: [] },
    ...{ isMachineBusy: () => false, drivers: () => Promise.resolve('driver 1') },
    ...more,
  });
const auto: Wish = { format, wanted: 'auto', signal };

/** A candidate with real x264 behind it: what there is to hardware, but the hardware. */
const fakeHardware = (name: string, more: Partial<EncoderCandidate> = {}): EncoderCandidate => ({
  ...profileByName('ultrafast-2t'),
  ...{ name, title: `Hardware ${name}`, platforms: [process.platform] },
  ...more,
});

describe('without hardware', () => {
  it('measures, remembers, and measures anew for another size or after a change of the steps', async () => {
    const own = await throttled('free', /never matches/);
    const wanted = selection('free.json', { build: own });
    const first = await wanted.select(auto);
    const names = first.measurements.map((one) => one.profile);
    expect(names.slice(0, 2)).toEqual(['reference-2t', 'veryfast-2t']);
    expect(first.measuredWith?.content).toBe('moving test pictures');
    const looked = first.measurements.flatMap(({ ssim }) => ssim ?? []);
    expect(looked.length).toBeGreaterThanOrEqual(1);
    for (const ssim of looked) expect(ssim > 0.5 && ssim < 1, String(ssim)).toBe(true);
    // Of all that hold, the best picture.
    const taken = first.measurements.find((one) => one.profile === first.profile.name);
    expect(taken?.ssim).toBe(Math.max(...looked));
    expect(first.isFastEnough).toBe(true);

    // Again, also by another run: from the file, without running anything.
    expect(await selection('free.json', { build: own }).select(auto)).toEqual(first);
    // Other conditions are another question; on air nothing is measured.
    const unmeasured = await wanted.select({
      ...auto,
      format: { ...format, bitrateKbps: 501 },
      mayMeasure: false,
    });
    expect(unmeasured.reason).toContain('nothing was measured');
    // Under the same name other arguments may be meant by then: what was measured is not theirs.
    const kept = await readFile(join(folder, 'free.json'), 'utf8');
    await writeFile(join(folder, 'free.json'), kept.replaceAll(/"argvDigest": "./g, '"argvDigest": "x'));
    expect((await wanted.select({ ...auto, mayMeasure: false })).measurements).toEqual([]);
  });

  it('takes a faster step when the others are too slow here, and does not remember what a busy machine said', async () => {
    const slow = await throttled('slow', /-preset (veryfast|faster|fast|medium) /);
    const choice = await selection('slow.json', { build: slow, isMachineBusy: () => true }).select(auto);
    expect(choice.profile.name).toBe('superfast-2t');
    expect(choice.isFastEnough).toBe(true);
    expect(choice.measurements.map((one) => one.profile)).toEqual([
      ...['reference-2t', 'veryfast-2t', 'superfast-2t'],
    ]);
    expect(choice.measurements[0]!.fps).toBeLessThan(12);
    expect(choice.measurements[0]!.ssim).toBeNull();
    expect(choice.reason).toContain('the documented profile does only');
    expect(
      JSON.parse(await readFile(join(folder, 'slow.json'), 'utf8').catch(() => '{"runs":{}}')),
    ).toMatchObject({
      runs: {},
    });
  });

  it('takes a name at its word, other steps and one’s own among them, and refuses one that does not exist', async () => {
    const wanted = selection('named.json');
    const own = userVideoProfile({ name: 'mine', preset: 'fast', threads: 1, options: {} });
    const named = async (name: string): Promise<string> =>
      (await wanted.select({ ...auto, wanted: name, userProfiles: [own] })).profile.title;
    expect(await named('superfast-2t')).toBe('x264 superfast, 2 frame threads');
    expect(await named('faster-6t')).toBe('x264 faster, 6 frame threads');
    expect(await named('mine')).toBe('x264 fast, 1 thread, your own');
    await expect(named('turbo')).rejects.toMatchObject({ code: 'profile-unknown' });
    await expect(readFile(join(folder, 'named.json'))).rejects.toThrow();
  });

  it('measures anew over a broken cache, and stops when told to', async () => {
    await writeFile(join(folder, 'broken.json'), '{"version":2,"runs":{"x":');
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 300);
    await expect(selection('broken.json').select({ ...auto, signal: abort.signal })).rejects.toThrow(
      /abort/i,
    );
  });
});

describe('a calibration', () => {
  it('measures every step and the person’s own with the pictures it is given, telling each figure as it comes', async () => {
    const wanted = selection('calibrated.json');
    const own = userVideoProfile({
      name: 'mine',
      preset: 'ultrafast',
      threads: 1,
      options: { bframes: '2' },
    });
    const told: CalibrationProgress[] = [];
    const pictures = {
      ...{ title: 'your scene', count: 24 },
      get: (index: number) => synthetic.get(index),
    };
    const tiny = { ...format, width: 160, height: 90 };
    const synthetic = new SyntheticFrames(tiny.width, tiny.height, 24);
    const wish = { ...auto, format: tiny, userProfiles: [own] };
    const choice = await wanted.calibrate(wish, {
      ...{ pictures, speedMs: 500 },
      onProgress: (progress) => told.push(progress),
    });
    const steps = [...x264Ladder(2).map(({ name }) => name), 'mine'];
    expect(choice.measurements.map(({ profile }) => profile)).toEqual(steps);
    expect(told.map(({ phase, profile }) => `${phase} ${profile}`)).toEqual([
      ...steps.map((name) => `speed ${name}`),
      ...steps.map((name) => `quality ${name}`),
    ]);
    expect(told.map(({ measurements }) => measurements.length).slice(0, 4)).toEqual([0, 1, 2, 3]);
    const of = (name: string) => choice.measurements.find(({ profile }) => profile === name)!;
    for (const name of steps) {
      expect(of(name).fps, name).toBeGreaterThan(12);
      expect(of(name).ssim, name).toBeGreaterThan(0.5);
      if (process.platform === 'linux') expect(of(name).cpuMs, name).toBeGreaterThanOrEqual(0);
    }
    // The ruler measures the right way round.
    expect(of('ultrafast-2t').ssim!).toBeLessThan(of('medium-2t').ssim!);
    const best = Math.max(...steps.filter((name) => name !== 'mine').map((name) => of(name).ssim!));
    expect(of(choice.profile.name).ssim).toBe(best);
    expect(choice.measuredWith?.content).toBe('your scene');
    // Kept, and a profile that has changed since has no figures.
    const changed = userVideoProfile({ name: 'mine', preset: 'ultrafast', threads: 2, options: {} });
    const again = await wanted.select({ ...wish, userProfiles: [changed], mayMeasure: false });
    expect(again.measurements.map(({ profile }) => profile)).toEqual(steps.slice(0, -1));
  });
});

describe('hardware', () => {
  it('is taken when it passed, with each other’s fate told; what fails on air is dropped, and x264 takes over', async () => {
    const broken = fakeHardware('broken', { encoderArguments: ['-preset', 'none-such'] });
    const [first, second] = [fakeHardware('first'), fakeHardware('second')];
    const elsewhere = fakeHardware('elsewhere', { platforms: ['aix'] });
    const candidates = [broken, first, second, elsewhere, fakeHardware('absent', { encoder: 'h264_none' })];
    const wanted = selection('hardware.json', { candidates });
    const verdicts = (of: Awaited<ReturnType<EncoderSelection['select']>>): string[] =>
      of.candidates.map(({ id, verdict }) => `${id} ${verdict}`);
    const chosen = await wanted.select(auto);
    expect(chosen.profile.name).toBe('first');
    expect(chosen.reason).toBe('Hardware first encodes 320×180 at 10 in hardware here.');
    expect(verdicts(chosen)).toEqual([
      ...['broken refused', 'first chosen', 'second usable', 'elsewhere other-system', 'absent absent'],
      'x264 usable',
    ]);
    expect(chosen.candidates[0]?.words).toMatch(/preset/);
    // No time for the steps of x264 where hardware works.
    expect(chosen.measurements).toEqual([]);
    // From the file; with another driver nothing of it counts.
    expect(await selection('hardware.json', { candidates }).select({ ...auto, mayMeasure: false })).toEqual(
      chosen,
    );
    const updated = selection('hardware.json', { candidates, drivers: () => Promise.resolve('driver 2') });
    expect(verdicts(await updated.select({ ...auto, mayMeasure: false }))).toContain('first untried');

    // Nothing is known of this processor, and on air there is no time to find out.
    expect(chosen.fallback?.name).toBe('superfast-2t');
    expect(chosen.fallback).not.toBeNull();
    const after = wanted.fellBack(chosen, format, chosen.fallback!, 'device lost');
    expect(after).toMatchObject({ fallback: null, profile: { name: 'superfast-2t' } });
    expect(after.reason).toBe(
      'Hardware first ended while it was in use (device lost), and x264 superfast, 2 frame threads took over.',
    );
    expect(verdicts(after)).toEqual([
      ...['broken refused', 'first refused', 'second usable', 'elsewhere other-system', 'absent absent'],
      'x264 chosen',
    ]);
    expect(after.candidates[1]?.words).toBe('failed in use: device lost');
    // In this run it stays out: another one is taken, until somebody asks for all to be looked at again.
    const known = { ...auto, mayMeasure: false };
    expect((await wanted.select(known)).profile.name).toBe('second');
    // Dropped from the file: another run has to try it again.
    const later = await waitFor(async () => {
      const found = await selection('hardware.json', { candidates }).select(known);
      return verdicts(found).includes('first untried') && found;
    }, 'the verdict to be dropped');
    expect(later.profile.name).toBe('second');
  });

  it('that is too slow is refused with its figure', async () => {
    const verdict = await tryEncoder({
      ...{ build, profile: fakeHardware('slow'), format, signal },
      ...{ pictures: new SyntheticFrames(format.width, format.height, 4), holds: () => false },
    });
    expect(verdict).toMatchObject({
      ...{ isUsable: false, isSlow: true },
      words: expect.stringMatching(/^only \d+ pictures a second$/) as string,
    });
  });

  it('that makes no keyframe where one is asked for is refused, as viewers could not join', async () => {
    const { encoderArguments } = profileByName('ultrafast-2t');
    const at = encoderArguments.indexOf('-x264-params') + 1;
    const deaf = fakeHardware('deaf', {
      // Of several, the last counts: keyframes are asked for, and x264 hears nothing of it.
      encoderArguments: [...encoderArguments.with(at, 'threads=2'), '-force_key_frames', '1000'],
    });
    const options = {
      ...{ build, format, signal, holds: () => true },
      pictures: new SyntheticFrames(format.width, format.height, 4),
    };
    expect(await tryEncoder({ ...options, profile: deaf })).toEqual({
      ...{ isUsable: false, isSlow: false, words: 'it makes no keyframe where one is asked for' },
    });
    expect(await tryEncoder({ ...options, profile: fakeHardware('hears') })).toMatchObject({
      isUsable: true,
    });
  });

  // FFmpeg as Debian builds it has these encoders, and no machine that runs tests has the hardware.
  it.skipIf(!requires('ffmpeg') || process.platform !== 'linux')(
    'that is only compiled in is refused, in FFmpeg’s own words',
    async () => {
      const options = {
        candidates: undefined,
        drivers: undefined,
      } as unknown as Partial<EncoderSelectionOptions>;
      const { candidates } = await selection('real.json', options).calibrate(
        { ...auto, wanted: 'ultrafast-2t' },
        { pictures: new SyntheticFrames(320, 180, 4), onProgress: () => undefined, speedMs: 1 },
      );
      const words = Object.fromEntries(
        candidates.map(({ id, verdict, words: said }) => [id, `${verdict}: ${said}`]),
      );
      const compiledIn = ['nvenc', 'qsv', 'vaapi'].filter((name) => build.encoders.includes(`h264_${name}`));
      expect(compiledIn.length).toBeGreaterThan(0);
      for (const name of compiledIn) expect(words[name]).toMatch(/^(refused: .{8,}|usable: it does)/);
      if (words['nvenc']?.startsWith('refused')) expect(words['nvenc']).toMatch(/libcuda|nvenc|device/i);
      if (words['vaapi']?.startsWith('refused'))
        expect(words['vaapi']).toMatch(/renderD128|VA display|vaapi/i);
      expect(words['videotoolbox']).toBe('other-system: only on macOS');
      expect(words['x264']).toBe('chosen: ultrafast-2t, chosen by name');
    },
  );
});

describe('the pictures that x264 holds back', () => {
  const own = (name: string, preset: string, threads: number, options: Record<string, string> = {}) =>
    userVideoProfile({ name, preset, threads, options });
  // Each of these has its own reason: lookahead, threads, B-frames, reordering, slices.
  const profiles = [
    ...x264Ladder(2).slice(1),
    ...x264Ladder(4).slice(-2),
    own('one-thread', 'faster', 1),
    own('reordering', 'fast', 4, { 'b-adapt': '2', bframes: '8', 'rc-lookahead': '20' }),
    own('no-delay', 'veryfast', 2, { tune: 'zerolatency' }),
    own('sliced', 'veryfast', 2, { 'sliced-threads': '1' }),
    own('animation', 'veryfast', 2, { tune: 'animation' }),
  ];

  it.each(builds)('are as many as every profile says ($version)', async (each) => {
    const tiny = { width: 64, height: 64, fps: 60, bitrateKbps: 500 };
    const pictures = new SyntheticFrames(64, 64, 4);
    const count = 100;
    const held = async (profile: VideoProfile): Promise<string> => {
      let received = 0;
      const said: string[] = [];
      const session = new EncoderSession({
        ...{ build: each, profile, format: tiny, onConfig: () => undefined },
        ...{ onPicture: () => received++, onWarning: (line) => said.push(line) },
      });
      for (let index = 0; index < count; index++) session.write(index, pictures.get(index), () => undefined);
      // It gives all it will give, and no more.
      let last = -1;
      await waitFor(
        () => {
          const isStill = received > 0 && received === last;
          last = received;
          return isStill;
        },
        `pictures of ${profile.name}`,
        { pollMs: 150 },
      );
      session.kill('seen');
      await session.exited;
      return `${profile.name} ${count - received} ${said.join(' ')}`;
    };
    const found = await Promise.all(profiles.map(held));
    expect(found).toEqual(profiles.map(({ name, delayFrames }) => `${name} ${delayFrames} `));
  });
});
