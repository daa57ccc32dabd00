import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CalibrationView } from '../../shared/contract/encoder';
import type { UserProfile } from '../../shared/contract/user-profile';
import type { ProgramFrame } from '../../electron/streaming/interfaces/frame';
import type { CalibrationPictures } from '../../electron/streaming/output/calibration-pictures';
import { CapturedPictures, forthAndBack } from '../../electron/streaming/output/calibration-pictures';
import type { CalibrationWish } from '../../electron/streaming/output/encoder-selection';
import { userVideoProfile } from '../../electron/streaming/output/user-profiles';
import { x264Ladder } from '../../electron/streaming/output/x264-ladder';
import { DataFolder } from '../../electron/studio/data-folder';
import { EncoderDesk } from '../../electron/studio/encoder-desk';
import { profileViews } from '../../electron/studio/encoder-view';
import type { ProgramFormat } from '../../electron/studio/program-format';
import type { ProfileChoice, ProfileChooser } from '../../electron/studio/profile-choice';
import { SettingsStore } from '../../electron/studio/settings-store';
import type { StudioState } from '../../electron/studio/state';
import { waitFor } from '../support/wait-for';

const size = { width: 64, height: 36 };
const bytes = (size.width * size.height * 3) / 2;
const ladder = x264Ladder(2);

describe('CapturedPictures', () => {
  it('keeps copies within 64 MiB, of the announced size only, and shows them forth and back', () => {
    const large = (1920 * 1080 * 3) / 2;
    const captured = new CapturedPictures('scene', large);
    const shared = new Uint8Array(large);
    captured.add(new Uint8Array(12));
    for (let at = 0; !captured.isFull; at++) captured.add(shared.fill(at));
    expect(captured.count).toBe(Math.floor((64 * 2 ** 20) / large));
    // Whatever becomes of the frame afterwards.
    expect([captured.get(0)[5], captured.get(1)[5], captured.get(captured.count)[5]]).toEqual([0, 1, 19]);
    expect(Array.from({ length: 7 }, (_, index) => forthAndBack(index, 3))).toEqual([0, 1, 2, 1, 0, 1, 2]);
    expect(captured.unfitReason).toBeNull();
  });

  it('says why nothing can be learned from them', () => {
    const captured = new CapturedPictures('scene', bytes);
    captured.add(new Uint8Array(bytes));
    expect(captured.unfitReason).toBe('too few pictures came out of the program');
    while (!captured.isFull) captured.add(new Uint8Array(bytes).fill(90));
    expect(captured.unfitReason).toBe('the scene stands still');
  });
});

/** The desk over a program that is replaced at once, and a chooser that measures what the test says. */
class Bench implements AsyncDisposable {
  readonly folder = new DataFolder(mkdtempSync(join(tmpdir(), 'encoder-desk-')));
  readonly store = new SettingsStore(this.folder);
  isOnAir = false;
  replaced = 0;
  handedOver = 0;
  failure: Error | null = null;
  pictures: CalibrationPictures | undefined;
  readonly told: CalibrationView[] = [];
  measure: (calibration: CalibrationWish, signal: AbortSignal) => Promise<void> = () => Promise.resolve();
  format: ProgramFormat = {
    ...{ canvas: size, output: size, fps: 30, bitrateKbps: 500, codec: 'h264', profile: 'auto' },
  };
  readonly choice = {
    ...{ profile: ladder[0], reason: '', isFastEnough: true, measurements: [], measuredWith: null },
    ...{ candidates: [], cpu: { cores: 2 } },
  } as unknown as ProfileChoice;
  readonly desk = new EncoderDesk({
    state: {
      set: (_: string, { calibration }: { calibration: CalibrationView }) => this.told.push(calibration),
    } as unknown as StudioState,
    store: this.store,
    encoders: {
      profiles: ladder,
      isOwnName: (name: string) => name === 'auto' || ladder.some((profile) => profile.name === name),
      calibrate: async (_: unknown, signal: AbortSignal, calibration: CalibrationWish) => {
        this.pictures = calibration.pictures;
        await this.measure(calibration, signal);
        return this.choice;
      },
    } as unknown as ProfileChooser,
    host: this,
    settings: { whileSettled: (work) => Promise.resolve().then(work) },
    replaceProgram: async (format, choose) => {
      await choose?.(format, new AbortController().signal);
      if (this.failure) throw this.failure;
      this.replaced++;
    },
    handOver: () => {
      this.handedOver++;
      return this.failure ? Promise.reject(this.failure) : Promise.resolve(true);
    },
    isOnAir: () => this.isOnAir,
    sceneName: () => 'Games',
    stopping: new AbortController().signal,
  });

  /** the program runs */
  readonly #timer = setInterval(() => this.show(), 2);
  #index = 0;
  isMoving = true;

  show(): void {
    const data = new Uint8Array(bytes).fill(this.isMoving ? this.#index++ % 200 : 7);
    this.desk.pass({ data, isLagged: false } as unknown as ProgramFrame);
  }

  get end(): Promise<CalibrationView> {
    return waitFor(() => this.told.at(-1)?.state === 'idle' && this.told.at(-1), 'the end of it');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.store.stop();
    rmSync(this.folder.path, { recursive: true, force: true });
  }
}

describe('a calibration', () => {
  let bench: Bench;
  beforeEach(() => (bench = new Bench()));
  afterEach(() => bench[Symbol.asyncDispose]());

  it('is done with the scene as it moves, tells how far it is, and leaves a program that runs', async () => {
    bench.measure = ({ onProgress }) => {
      onProgress({ profile: 'medium-2t', phase: 'speed', measurements: [] });
      onProgress({ profile: 'ultrafast-2t', phase: 'quality', measurements: [] });
      return Promise.resolve();
    };
    bench.desk.calibrate();
    expect(() => bench.desk.calibrate()).toThrow(
      expect.objectContaining({ code: 'calibration-running' }) as Error,
    );
    expect(await bench.end).toEqual({ state: 'idle', error: null });
    expect(bench.pictures?.title).toBe('your scene “Games”');
    expect(bench.pictures?.count).toBe(120);
    const phases = bench.told.flatMap((view) => (view.state === 'running' ? [view] : []));
    expect(phases.map(({ phase }) => phase)).toEqual(['capture', 'trials', 'speed', 'quality', 'restart']);
    const progress = phases.map((view) => view.progress);
    expect(progress).toEqual(progress.toSorted((one, other) => one - other));
    expect(bench.replaced).toBe(1);
  });

  it('takes test pictures for a scene that stands still, and says so', async () => {
    bench.isMoving = false;
    bench.desk.calibrate();
    await bench.end;
    expect(bench.pictures?.title).toBe('moving test pictures, since the scene stands still');
  });

  it('is refused on air, also when it went live while it waited', async () => {
    bench.isOnAir = true;
    expect(() => bench.desk.calibrate()).toThrow(expect.objectContaining({ code: 'on-air' }) as Error);
    expect(bench.told).toEqual([]);
    bench.isOnAir = false;
    bench.desk.calibrate();
    bench.isOnAir = true;
    expect(await bench.end).toMatchObject({ error: { code: 'on-air' } });
    expect(bench.replaced).toBe(0);
  });

  it('ends when it is cancelled, which is no error; another may follow', async () => {
    bench.measure = (_, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
    bench.desk.calibrate();
    await waitFor(() => bench.pictures, 'the measuring');
    bench.desk.cancelCalibration();
    expect(await bench.end).toEqual({ state: 'idle', error: null });
    bench.measure = () => Promise.reject(new Error('no disk'));
    bench.desk.calibrate();
    expect(await bench.end).toMatchObject({ error: { code: 'internal', details: { reason: 'no disk' } } });
  });
});

describe('profiles of a person', () => {
  const mine: UserProfile = { name: 'mine', preset: 'fast', threads: 2, options: { ref: '2' } };
  let bench: Bench;
  beforeEach(() => (bench = new Bench()));
  afterEach(() => bench[Symbol.asyncDispose]());

  it('are saved, changed and removed; those that cannot be are refused with the reason', async () => {
    const { desk, store } = bench;
    await desk.saveProfile(mine);
    await desk.saveProfile({ ...mine, threads: 3 });
    expect(store.settings.userProfiles).toEqual([{ ...mine, threads: 3 }]);
    const again = new SettingsStore(bench.folder);
    expect(again.load()).toBeNull();
    expect(again.settings.userProfiles).toEqual(store.settings.userProfiles);
    await expect(desk.saveProfile({ ...mine, options: { keyint: '9', ref: '77' } })).rejects.toMatchObject({
      code: 'profile-refused',
      details: { refused: [{ option: 'keyint' }, { option: 'ref' }] },
    });
    // It would hold two seconds of pictures: starts, stops and hand-overs would take as long.
    await expect(desk.saveProfile({ ...mine, options: { 'rc-lookahead': '60' } })).rejects.toMatchObject({
      code: 'profile-refused',
      details: { refused: [{ option: 'rc-lookahead' }] },
    });
    for (const name of ['auto', 'veryfast-2t'])
      await expect(desk.saveProfile({ ...mine, name })).rejects.toMatchObject({ code: 'profile-name-taken' });
    await expect(desk.removeProfile('theirs')).rejects.toMatchObject({ code: 'profile-unknown' });
    await desk.removeProfile('mine');
    expect(store.settings.userProfiles).toEqual([]);
    for (let at = 0; at < 20; at++) await desk.saveProfile({ ...mine, name: `mine-${at}` });
    await expect(desk.saveProfile(mine)).rejects.toMatchObject({ code: 'profiles-full' });
  });

  it('that run are handed over to, on air, too; and stay as they were when that fails', async () => {
    const { desk, store } = bench;
    await desk.saveProfile(mine);
    expect(bench.handedOver).toBe(0);
    bench.format = { ...bench.format, profile: 'mine' };
    await expect(desk.removeProfile('mine')).rejects.toMatchObject({ code: 'profile-in-use' });
    bench.isOnAir = true;
    await desk.saveProfile({ ...mine, threads: 4 });
    expect(bench.handedOver).toBe(1);
    bench.failure = new Error('no picture');
    await expect(desk.saveProfile({ ...mine, threads: 5 })).rejects.toThrow('no picture');
    expect(store.settings.userProfiles).toEqual([{ ...mine, threads: 4 }]);
    expect(bench.replaced).toBe(0);
  });
});

describe('profileViews', () => {
  it('explain the choice: what each does, and why it was taken or was not', () => {
    const mine: UserProfile = { name: 'mine', preset: 'fast', threads: 2, options: {} };
    const measured = (profile: string, fps: number, ssim: number | null, cpuMs: number | null = 20) => ({
      ...{ profile, fps, ssim, cpuMs, argvDigest: '' },
    });
    const views = profileViews({
      profiles: [...ladder, userVideoProfile(mine)],
      chosen: ladder[4]!,
      measurements: [
        measured('reference-2t', 45, 0.958),
        measured('fast-2t', 75, null),
        measured('faster-2t', 80, 0.9581),
        measured('veryfast-2t', 90, 0.959),
        measured('superfast-2t', 140, 0.959),
        measured('mine', 73, 0.9611, null),
      ],
      candidates: [],
      userProfiles: [mine],
      ...{ fps: 60, cores: 2 },
    });
    const told = Object.fromEntries(views.map(({ name, note }) => [name, note]));
    expect(told).toEqual({
      'reference-2t': 'too slow: 72 fps needed',
      'medium-2t': 'not measured at this size and rate',
      'fast-2t': 'holds',
      'faster-2t': 'holds, SSIM 0.0009 lower',
      'veryfast-2t': 'runs now',
      'superfast-2t': 'holds, with the same SSIM',
      'ultrafast-2t': 'not measured at this size and rate',
      mine: 'holds, SSIM 0.0021 higher',
    });
    expect(views[0]).toMatchObject({
      ...{ kind: 'documented', isChosen: false, delayMs: 200 },
      figures: { fps: 45, headroomPercent: -25, isHolding: false, cpuPercent: 60, ssim: 0.958 },
    });
    expect(views.at(-1)).toMatchObject({ kind: 'user', figures: { headroomPercent: 22, cpuPercent: null } });
    // One that was forced by a name this machine's ladder has not is listed all the same.
    const forced = { ...ladder[1]!, name: 'medium-12t' };
    const { profiles, fps, cores } = { profiles: ladder, fps: 60, cores: 2 };
    const rest = { measurements: [], candidates: [], userProfiles: [] };
    expect(profileViews({ profiles, fps, cores, ...rest, chosen: forced }).at(-1)).toMatchObject({
      ...{ name: 'medium-12t', kind: 'ladder', isChosen: true },
    });
  });
});
