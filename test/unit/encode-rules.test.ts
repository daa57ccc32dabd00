import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { FfmpegBuild } from '../../electron/streaming/interfaces/ffmpeg';
import { parseUsage, processUsage } from '../../electron/streaming/lib/process-usage';
import { parseCpuCapabilities } from '../../electron/streaming/output/cpu-features';
import { hasRecovered, noCrashes, onCrash } from '../../electron/streaming/output/crash-policy';
import {
  hasOption,
  missingEncoders,
  parseEncoders,
  parseVersion,
} from '../../electron/streaming/output/ffmpeg-probe';
import { parseSsim } from '../../electron/streaming/output/picture-quality';
import { profileByName, videoArguments } from '../../electron/streaming/output/profiles';
import { EncoderTimeline, frameUs } from '../../electron/streaming/output/timeline';

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/ffmpeg/${name}.txt`, import.meta.url), 'utf8');

const build: FfmpegBuild = {
  path: 'ffmpeg',
  origin: 'PATH',
  version: 'x',
  encoders: ['libx264', 'aac'],
  hasFpsMode: true,
};
const format = { width: 1920, height: 1080, fps: 60, bitrateKbps: 6000 };

describe('what real builds say about themselves', () => {
  it.each([
    ['debian-5.1', '5.1.9-0+deb12u1', true, 'h264_nvenc'],
    ['static-2018', 'N-47683-g0e8eb07980-static', false, 'libx264rgb'],
  ])('%s', (name, version, hasFpsMode, encoder) => {
    expect(parseVersion(fixture(`${name}-version`))).toBe(version);
    const encoders = parseEncoders(fixture(`${name}-encoders`));
    expect(encoders).toEqual(expect.arrayContaining(['libx264', 'aac', 'a64multi', encoder, 'libvpx-vp9']));
    // The legend above the list is no encoder, and nothing of the list is lost.
    expect(encoders).not.toContain('=');
    expect(encoders.length).toBe(fixture(`${name}-encoders`).trimEnd().split('\n').length - 10);
    expect(missingEncoders(encoders)).toBeNull();
    const help = fixture(`${name}-help`);
    expect(hasOption(help, 'fps_mode')).toBe(hasFpsMode);
    expect(hasOption(help, 'vsync')).toBe(true);
    expect(hasOption(help, 'fps')).toBe(false);
    expect(parseCpuCapabilities(fixture(`${name}-x264`))).toEqual(
      expect.arrayContaining(['SSE4.2', 'AVX', 'AVX2']),
    );
  });

  it('names what is missing', () => {
    expect(parseVersion('bash: ffmpeg: command not found')).toBeNull();
    expect(missingEncoders(['aac'])).toBe('an H.264 encoder');
    expect(missingEncoders(['h264_nvenc'])).toBe('the AAC encoder');
    expect(missingEncoders([])).toBe('an H.264 encoder and the AAC encoder');
    expect(parseCpuCapabilities('[libx264 @ 0x1] using cpu capabilities: none!')).toEqual([]);
    expect(parseCpuCapabilities('')).toEqual([]);
    expect(
      parseSsim('[Parsed_ssim_4 @ 0x5] SSIM Y:0.97 (15.9) U:0.9 (1) V:0.9 (1) All:0.975125 (16.1)'),
    ).toBe(0.9751);
    expect(parseSsim('Conversion failed!')).toBeNull();
  });
});

describe('profiles', () => {
  const after = (args: string[], flag: string): string | undefined => args[args.indexOf(flag) + 1];

  it('reference-2t is the documented one, word for word', () => {
    const args = videoArguments(build, profileByName('reference-2t'), format);
    expect(after(args, '-x264-params')).toBe(
      'threads=2:lookahead-threads=1:sliced-threads=1:sync-lookahead=0:rc-lookahead=10:aq-mode=2:direct=auto:' +
        'me=hex:subme=6:trellis=1:deblock=1,1:psy-rd=0.8,0.8:aq-strength=0.9:ref=1:' +
        'scenecut=0:filler=1:force-cfr=1',
    );
    expect(after(args, '-preset')).toBe('veryfast');
    expect(after(args, '-profile:v')).toBe('high');
    expect(after(args, '-level:v')).toBe('5.1');
    for (const flag of ['-b:v', '-maxrate', '-bufsize']) expect(after(args, flag)).toBe('6000k');
    expect(after(args, '-fps_mode')).toBe('passthrough');
  });

  it('spells what old builds do not know in their way', () => {
    const args = videoArguments({ ...build, hasFpsMode: false }, profileByName('veryfast-2t'), format);
    expect(after(args, '-vsync')).toBe('0');
    expect(args).not.toContain('-fps_mode');
  });

  it('refuses an unknown name with the known ones', () => {
    expect(() => profileByName('turbo')).toThrow(/reference-2t, veryfast-2t, superfast-2t, ultrafast-2t/);
  });
});

describe('EncoderTimeline', () => {
  it.each([24, 25, 30, 48, 50, 60, 120, 24_000 / 1001, 30_000 / 1001, 60_000 / 1001])(
    'finds every frame again through FLV milliseconds at %d fps',
    (fps) => {
      for (const first of [0, 1, 119, 5000, 10_000_001]) {
        const timeline = new EncoderTimeline(fps, first);
        expect(timeline.encoderUs(first)).toBeGreaterThanOrEqual((500 / fps) * 1e6);
        for (let index = first; index < first + 400; index++) {
          const ms = Math.round(timeline.encoderUs(index) / 1000);
          expect(timeline.index(ms)).toBe(index);
        }
      }
    },
  );

  it('keeps the keyframe grid of the program', () => {
    // Frame 1200 is on the grid at 60 fps; so is its time inside an FFmpeg that began at frame 1151.
    const timeline = new EncoderTimeline(60, 1151);
    expect(timeline.encoderUs(1200) % 2_000_000).toBe(0);
  });

  it('says when a frame is shown', () => {
    expect(frameUs(3, 60)).toBe(50_000);
  });
});

describe('onCrash', () => {
  it('restarts at once what had worked, backs off what never does, and never gives up', () => {
    expect(onCrash({ fruitless: 4, recentUs: [] }, true, 7)).toEqual({
      history: { fruitless: 0, recentUs: [7] },
      restartInMs: 0,
      isFailing: false,
    });
    let history = noCrashes;
    const waits: number[] = [];
    const failing: boolean[] = [];
    for (let turn = 0; turn < 8; turn++) {
      const verdict = onCrash(history, false, turn * 11_000_000);
      history = verdict.history;
      waits.push(verdict.restartInMs);
      failing.push(verdict.isFailing);
    }
    expect(waits).toEqual([0, 250, 500, 1000, 2000, 3000, 3000, 3000]);
    expect(failing).toEqual([false, false, false, false, true, true, true, true]);
  });

  it('is not taken in by one that delivers a picture and dies, again and again', () => {
    let history = noCrashes;
    const waits: number[] = [];
    const failing: boolean[] = [];
    for (let turn = 0; turn < 7; turn++) {
      const verdict = onCrash(history, true, turn * 500_000);
      history = verdict.history;
      waits.push(verdict.restartInMs);
      failing.push(verdict.isFailing);
    }
    expect(waits).toEqual([0, 0, 0, 250, 500, 1000, 2000]);
    expect(failing).toEqual([false, false, false, false, true, true, true]);
    expect(hasRecovered(history, 3_000_000)).toBe(false);
    expect(hasRecovered(history, 12_000_000)).toBe(true);
    // Ten calm seconds later it is a hiccup again.
    expect(onCrash(history, true, 20_000_000)).toMatchObject({ restartInMs: 0, isFailing: false });
  });
});

describe('processUsage', () => {
  it('reads times and memory past a name with spaces and parentheses', () => {
    const stat = '42 (a) b (c)) S 1 1 1 0 -1 4194560 9 0 0 0 150 50 7 7 20 5 1 0 9 9 9 18446744073709551615';
    expect(parseUsage(stat, 'Name:\ta\nVmRSS:\t    2048 kB\n')).toEqual({ cpuMs: 2000, rssBytes: 2_097_152 });
    expect(parseUsage(stat, 'State: Z\n')).toEqual({ cpuMs: 2000, rssBytes: 0 });
    expect(parseUsage('', '')).toBeNull();
  });

  it('knows itself, and nothing of who is gone', async () => {
    const own = await processUsage(process.pid);
    expect(own!.cpuMs).toBeGreaterThan(0);
    expect(own!.rssBytes).toBeGreaterThan(1e6);
    expect(await processUsage(2 ** 22 + 1)).toBeNull();
  });
});
