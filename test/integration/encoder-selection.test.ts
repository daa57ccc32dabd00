import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FfmpegBuild } from '../../electron/streaming/interfaces/ffmpeg';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { forgetSelection, selectEncoder } from '../../electron/streaming/output/encoder-selection';
import type { SelectionOptions } from '../../electron/streaming/output/encoder-selection';
import { probeHardware } from '../../electron/streaming/output/hardware';
import { profileByName } from '../../electron/streaming/output/profiles';
import { testBuilds } from '../support/ffmpeg-builds';

const build = (await testBuilds())[0]!;
/** small enough that every profile holds it on any machine that runs tests, throttled or not */
const format = { width: 320, height: 180, fps: 10, bitrateKbps: 500 };
const weak = { model: 'test', cores: 2, features: ['AVX2'] };

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
  // No hardware here, whatever this machine has: the subject is the software steps.
  return { ...build, path, encoders: ['libx264', 'aac'] };
}

const options = (ffmpeg: FfmpegBuild, cacheFile: string): SelectionOptions => ({
  ...{ build: ffmpeg, format, cpu: weak, wanted: 'auto', cacheFile: join(folder, cacheFile) },
  ...{ logger: silentLogger, signal: new AbortController().signal, isMachineBusy: () => false },
});

describe('selectEncoder', () => {
  it('takes the documented profile where it holds, remembers it, and forgets when told', async () => {
    const budgetMs = 12_000;
    const wanted = { ...options(await throttled('free', /never matches/), 'free.json'), budgetMs };
    const startedAt = performance.now();
    const first = await selectEncoder(wanted);
    expect(performance.now() - startedAt).toBeLessThan(budgetMs * 1.5);
    expect(first.profile.name).toBe('reference-2t');
    expect(first.isFastEnough).toBe(true);
    expect(first.measurements.map((one) => one.profile)).toEqual([
      ...['reference-2t', 'veryfast-2t', 'superfast-2t', 'ultrafast-2t'],
    ]);
    for (const { ssim } of first.measurements) {
      expect(ssim).toBeGreaterThan(0.5);
      expect(ssim).toBeLessThan(1);
    }
    // A faster preset is no better in quality: the ruler measures the right way round.
    expect(first.measurements[3]!.ssim!).toBeLessThan(first.measurements[0]!.ssim!);

    // Again: from the file, without running anything.
    await rm(wanted.build.path);
    expect(await selectEncoder(wanted)).toEqual(first);
    // Other conditions are another question; on air nothing is measured.
    const other = { ...wanted, format: { ...format, fps: 12 }, mayMeasure: false };
    expect((await selectEncoder(other)).reason).toContain('nothing was measured');
    await forgetSelection(wanted);
    expect((await selectEncoder({ ...wanted, mayMeasure: false })).measurements).toEqual([]);
  });

  it('takes a faster step when the documented profile is too slow here', async () => {
    const slow = await throttled('slow', /sliced-threads=1/);
    const wanted = { ...options(slow, 'slow.json'), isMachineBusy: () => true };
    const choice = await selectEncoder(wanted);
    expect(choice.profile.name).not.toBe('reference-2t');
    expect(choice.isFastEnough).toBe(true);
    expect(choice.measurements[0]!.fps).toBeLessThan(12);
    expect(choice.measurements[0]!.ssim).toBeNull();
    expect(choice.reason).toContain('the documented profile does only');
    // What a busy machine said is not remembered.
    await expect(readFile(wanted.cacheFile)).rejects.toThrow();
  });

  it('takes a name at its word and refuses one that does not exist', async () => {
    const wanted = options(build, 'named.json');
    const named = await selectEncoder({ ...wanted, wanted: 'superfast-2t' });
    expect(named.profile.name).toBe('superfast-2t');
    await expect(selectEncoder({ ...wanted, wanted: 'turbo' })).rejects.toMatchObject({
      code: 'profile-unknown',
    });
    await expect(readFile(wanted.cacheFile)).rejects.toThrow();
  });

  it('measures anew over a broken cache, and stops when told to', async () => {
    const wanted = options(build, 'broken.json');
    await writeFile(wanted.cacheFile, '{"version":1,"entries":{"x":');
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 300);
    await expect(selectEncoder({ ...wanted, signal: abort.signal })).rejects.toThrow(/abort/i);
  });
});

describe('probeHardware', () => {
  const { signal } = new AbortController();

  it('passes an encoder that really encodes', async () => {
    const verdict = await probeHardware(build, profileByName('ultrafast-2t'), format, signal);
    expect(verdict).toEqual({ isUsable: true });
  });

  it('fails one that is only compiled in, with its own words', async () => {
    const absent = { ...profileByName('ultrafast-2t'), encoder: 'h264_none' };
    const verdict = await probeHardware(build, absent, format, signal);
    expect(verdict).toMatchObject({ isUsable: false, reason: expect.stringMatching(/./) as string });
  });
});
