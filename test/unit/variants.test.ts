import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settingsSchema } from '../../shared/contract/settings';
import type { Variant } from '../../shared/contract/variants';
import { exactRate } from '../../shared/model/frame-rate';
import { carriageMs, variantCorePercent, x264MsPerMegapixel } from '../../shared/model/variant-cost';
import { rateOf, ticksPerFrame } from '../../shared/model/variant-rate';
import { frameShares } from '../../electron/streaming/output/frame-shares';
import { profileByName } from '../../electron/streaming/output/profiles';
import type { VideoProfile } from '../../electron/streaming/output/profiles';
import { frameUs } from '../../electron/streaming/output/timeline';
import { variantProfile } from '../../electron/streaming/output/variant-profile';
import { costBasis } from '../../electron/studio/cost-basis';
import { DataFolder } from '../../electron/studio/data-folder';
import { MachineIdle } from '../../electron/studio/machine-idle';
import { Notices } from '../../electron/studio/notices';
import { parseCommandLine } from '../../electron/studio/options';
import { programFormat } from '../../electron/studio/program-format';
import { RenditionMeter } from '../../electron/studio/rendition-meter';
import { SettingsStore } from '../../electron/studio/settings-store';
import { initialSnapshot } from '../../electron/studio/snapshot';
import { StudioState } from '../../electron/studio/state';
import { VariantDesk } from '../../electron/studio/variant-desk';
import { SyncFrames } from '../support/sync-frames';

describe('the rate of a variant', () => {
  it.each([
    [60, 30, 2, 30],
    [60, 60, 1, 60],
    [60, 29.97, 2, 30],
    [60, 25, 3, 20],
    [59.94, 30, 2, 29.97],
    [59.94, 24, 3, 19.98],
    [30, 30, 1, 30],
    [24, 30, 1, 24],
    [50, 30, 2, 25],
    [25, 10, 4, 6.25],
    [144, 60, 3, 48],
  ])('of a program at %d, at most %d: every picture of %d, %d a second', (program, most, ticks, fps) => {
    const exact = exactRate(program);
    expect(ticksPerFrame(exact, exactRate(most))).toBe(ticks);
    expect(rateOf(exact, ticks)).toBeCloseTo(fps, 2);
  });

  it('puts its pictures on the very microsecond of the program’s, after days as well', () => {
    for (const program of [60, 59.94, 50, 48, 23.976, 30].map(exactRate))
      for (const ticks of [2, 3, 4, 5]) {
        const fps = rateOf(program, ticks);
        if (Math.abs((fps * ticks) / program - 1) > 1e-12) continue;
        for (const index of [1, 7, 1799, 5_184_003, 31_104_000])
          expect(frameUs(index, fps)).toBe(frameUs(index * ticks, program));
      }
  });
});

it('gives a shared frame back with the last share, whichever that is', () => {
  const frames = new SyncFrames(64, 64, 60);
  const [first, second, third] = frameShares(frames.make(7), 3);
  expect(second).toMatchObject({ index: 7, data: first!.data });
  second!.release();
  first!.release();
  expect(frames.lent).toBe(1);
  third!.release();
  expect(frames).toMatchObject({ lent: 0, releasedTwice: 0 });
});

const hd = { width: 1280, height: 720 };
const fullHd = { width: 1920, height: 1080 };

describe('what a variant costs', () => {
  it('grows with its pixels and its rate; the program’s size alone needs no scaling', () => {
    const at = (size: typeof hd, fps: number): number => variantCorePercent({ ...size, fps }, fullHd, 12.5);
    expect(at(hd, 60)).toBeCloseTo(2 * at(hd, 30));
    expect(at(hd, 30)).toBeGreaterThan(40);
    expect(at(hd, 30)).toBeLessThan(70);
    expect(at(fullHd, 30)).toBeGreaterThan(at(hd, 30) * 1.4);
    expect(carriageMs(fullHd, fullHd)).toBeLessThan(carriageMs(fullHd, hd));
  });

  const facts = { format: { canvas: fullHd, output: fullHd }, runningMs: null, measurements: [] };
  const measured = (profile: string, cpuMs: number | null) => ({
    ...{ profile, cpuMs, argvDigest: '', fps: 80, ssim: null },
  });
  const hardware: VideoProfile = { ...profileByName('veryfast-2t'), name: 'nvenc', encoder: 'h264_nvenc' };

  it('is reckoned from what the program’s encoder takes now, else from measurements, else from a table', () => {
    const profile = profileByName('superfast-2t');
    const running = costBasis({
      ...facts,
      profile,
      runningMs: 16,
      measurements: [measured('veryfast-2t', 99)],
    });
    expect(running).toMatchObject({ profile: 'superfast-2t', origin: 'running' });
    expect(running.msPerMegapixel).toBeCloseTo((16 - carriageMs(fullHd, fullHd)) / 2.0736, 1);
    // What the documented profile takes says what veryfast would.
    const other = costBasis({ ...facts, profile: profileByName('reference-2t'), runningMs: 40 });
    expect(other.profile).toBe('veryfast-2t');
    expect(other.msPerMegapixel / ((40 - carriageMs(fullHd, fullHd)) / 2.0736)).toBeCloseTo(12.5 / 18, 2);
    // Hardware takes no CPU, so that it says nothing of x264.
    const before = [measured('faster-2t', 40), measured('veryfast-2t', 27)];
    const calibrated = costBasis({ ...facts, profile: hardware, runningMs: 1, measurements: before });
    expect(calibrated.origin).toBe('measured');
    expect(calibrated.msPerMegapixel).toBeCloseTo((27 - carriageMs(fullHd, fullHd)) / 2.0736, 1);
    const unknown = costBasis({ ...facts, profile: hardware, measurements: [measured('veryfast-2t', null)] });
    expect(unknown).toMatchObject({ origin: 'table', msPerMegapixel: x264MsPerMegapixel.veryfast });
  });

  it('is for a step that this computer holds', () => {
    const nameFor = (name: string): string => variantProfile(profileByName(name)).name;
    expect(['reference-2t', 'veryfast-2t', 'superfast-2t', 'ultrafast-2t'].map(nameFor)).toEqual([
      ...['veryfast-2t', 'veryfast-2t', 'superfast-2t', 'ultrafast-2t'],
    ]);
    expect(variantProfile(hardware).name).toBe('veryfast-2t');
  });

  it('is measured while it runs, of one process at a time', () => {
    const meter = new RenditionMeter();
    const add = (atMs: number, pid: number, cpuMs: number, encoded: number): void =>
      meter.add({ atMs, pid, cpuMs, encoded, bytes: encoded * 10_000 });
    add(0, 1, 1000, 0);
    expect(meter.figures).toBeNull();
    for (let sec = 1; sec <= 10; sec++) add(sec * 1000, 1, 1000 + sec * 400, sec * 30);
    expect(meter.figures).toEqual({ fps: 30, bitrateKbps: 2400, corePercent: 40, pictureMs: 400 / 30 });
    add(11_000, 2, 10, 330);
    expect(meter.figures).toMatchObject({ fps: 30, corePercent: null });
  });

  it('is compared with what nobody on the computer uses', () => {
    let totalMs = 0;
    const idle = new MachineIdle(() => ({ totalMs, idleMs: totalMs / 4, cores: 8 }));
    idle.sample(0);
    expect(idle.corePercent).toBeNull();
    totalMs = 40_000;
    idle.sample(5000);
    expect(idle.corePercent).toBe(200);
  });
});

describe('saved variants', () => {
  let folder: DataFolder;
  beforeEach(() => {
    folder = new DataFolder(mkdtempSync(join(tmpdir(), 'variants-')));
  });
  afterEach(() => rmSync(folder.path, { recursive: true, force: true }));
  const read = (content: unknown): { store: SettingsStore; isFine: boolean } => {
    writeFileSync(folder.file('settings.json'), JSON.stringify(content));
    const store = new SettingsStore(folder);
    return { isFine: store.load() === null, store };
  };
  const variant: Variant = { id: 'a', name: '720p30', ...hd, maxFps: 30, bitrateKbps: 2500 };

  it('are none in files of before, and stay over a start', async () => {
    const { store, isFine } = read({ fps: 50 });
    expect([isFine, store.settings.variants]).toEqual([true, []]);
    await store.update({ variants: [variant] });
    const again = new SettingsStore(folder);
    expect([again.load(), again.settings.variants, again.settings.fps]).toEqual([null, [variant], 50]);
  });

  it.each([
    ['an odd size', { width: 1281 }],
    ['too small', { height: 8 }],
    ['no bitrate', { bitrateKbps: 0 }],
    ['no rate', { maxFps: 0 }],
    ['no name', { name: ' ' }],
  ])('of %s are refused and cost the other settings nothing', (_, wrong) => {
    const { store, isFine } = read({ fps: 50, variants: [{ ...variant, ...wrong }] });
    expect([isFine, store.settings.variants, store.settings.fps]).toEqual([false, [], 50]);
  });
});

describe('the desk of variants', () => {
  const hd30 = { name: '720p30', ...hd, maxFps: 30, bitrateKbps: 2500 };
  let folder: DataFolder;
  let desk: VariantDesk;
  beforeEach(() => {
    folder = new DataFolder(mkdtempSync(join(tmpdir(), 'variants-')));
    const line = parseCommandLine([]);
    if (line.command !== 'run') throw new Error('no options');
    const format = programFormat(settingsSchema.parse({}), {});
    const ffmpeg = { path: '/f', origin: 'PATH', version: '5', encoders: [], hasFpsMode: true } as const;
    const state = new StudioState(initialSnapshot(line.options, format, folder.path, ffmpeg));
    const choice = { profile: profileByName('veryfast-2t'), measurements: [] };
    desk = new VariantDesk({
      ...{ state, store: new SettingsStore(folder), notices: new Notices(state) },
      settings: { whileSettled: async (work) => work() },
      host: {
        ...{ format, choice },
        get program(): never {
          throw new Error('nothing runs here');
        },
      },
      usersOf: () => [],
      usage: { cpuMsOf: () => null },
    });
  });
  afterEach(() => rmSync(folder.path, { recursive: true, force: true }));

  it('keeps up to four, each under a name of its own, and none larger than the canvas', async () => {
    const id = await desk.save(hd30);
    expect(desk.videoOf(id)).toEqual({ fps: 30, videoKbps: 2500 });
    const refused = (wanted: Parameters<VariantDesk['save']>[0], code: string): Promise<void> =>
      expect(desk.save(wanted)).rejects.toMatchObject({ code });
    await refused({ ...hd30, bitrateKbps: 900 }, 'variant-name-taken');
    await refused({ ...hd30, name: 'Program' }, 'variant-name-taken');
    await refused({ ...hd30, name: '4K', width: 3840, height: 2160 }, 'variant-larger');
    await refused({ ...hd30, id: 'gone' }, 'variant-not-found');
    for (const name of ['b', 'c', 'd']) await desk.save({ ...hd30, name });
    await refused({ ...hd30, name: 'e' }, 'variants-full');
    expect(await desk.save({ ...hd30, id, name: 'Small', bitrateKbps: 900 })).toBe(id);
    expect(desk.videoOf(id)).toEqual({ fps: 30, videoKbps: 900 });
    await desk.remove(id);
    expect(desk.videoOf(id)).toBeNull();
    const again = new SettingsStore(folder);
    again.load();
    expect(again.settings.variants.map(({ name }) => name)).toEqual(['b', 'c', 'd']);
  });
});
