import { setTimeout as delay } from 'node:timers/promises';
import type { CalibrationView } from '../../shared/contract/encoder';
import type { Snapshot } from '../../shared/contract/snapshot';
import { refusedOptions } from '../../shared/contract/user-profile';
import type { UserProfile } from '../../shared/contract/user-profile';
import type { ProgramFrame } from '../streaming/interfaces/frame';
import { StudioError, isCancelled, toWireError } from '../streaming/lib/errors';
import type { CalibrationProgress } from '../streaming/output/calibration';
import { CapturedPictures } from '../streaming/output/calibration-pictures';
import type { CalibrationPictures } from '../streaming/output/calibration-pictures';
import type { Measurement } from '../streaming/output/selection-cache';
import { SyntheticFrames } from '../streaming/output/synthetic-frames';
import { mostDelayFrames, userVideoProfile } from '../streaming/output/user-profiles';
import { profileViews } from './encoder-view';
import type { ProfileChooser } from './profile-choice';
import type { ProgramFormat } from './program-format';
import type { ProgramHost, ProgramHostOptions } from './program-host';
import type { SettingsDesk } from './settings-desk';
import type { SettingsStore } from './settings-store';
import type { StudioState } from './state';

export interface EncoderDeskOptions {
  readonly state: StudioState;
  readonly store: SettingsStore;
  readonly encoders: ProfileChooser;
  readonly host: Pick<ProgramHost, 'format' | 'choice'>;
  readonly settings: Pick<SettingsDesk, 'whileSettled'>;
  /** resolves when another program runs */
  readonly replaceProgram: (format: ProgramFormat, choose?: ProgramHostOptions['choose']) => Promise<void>;
  /** resolves when the program that runs is encoded so */
  readonly handOver: (format: ProgramFormat) => Promise<unknown>;
  /** live or recording: nothing may be measured */
  readonly isOnAir: () => boolean;
  /** on program */
  readonly sceneName: () => string;
  /** aborted when the studio stops */
  readonly stopping: AbortSignal;
}

const mostProfiles = 20;
const idle: CalibrationView = { state: 'idle', error: null };
/** pictures of the program come at its rate; where none come, test pictures do */
const captureMs = 3000;
const testPictures = 24;

/** The encoder as a person sees it: what there is and why, measuring it with their own scene, and profiles of their own. */
export class EncoderDesk {
  readonly #options: EncoderDeskOptions;
  #calibration: CalibrationView = idle;
  #running: AbortController | null = null;
  #captured: CapturedPictures | null = null;
  /** of the calibration that runs, as they come */
  #measured: readonly Measurement[] | null = null;

  constructor(options: EncoderDeskOptions) {
    this.#options = options;
  }

  /** Something of it may have changed. */
  tell(): void {
    const { state } = this.#options;
    state.set('encoder', this.#view());
  }

  /** A frame of the program, before it is encoded. */
  pass({ data, isLagged }: ProgramFrame): void {
    if (this.#captured && data && !isLagged) this.#captured.add(data);
  }

  /**
   * Begins to measure every profile with pictures of the program; how it goes is in the slice.
   * @throws StudioError `on-air`, `calibration-running`, `codec-unmeasured`
   */
  calibrate(): void {
    const { settings, stopping } = this.#options;
    if (this.#running) throw new StudioError('calibration-running', {});
    this.#refuseOnAir();
    this.#refuseUnmeasured();
    const running = new AbortController();
    this.#running = running;
    this.#progress({ phase: 'capture', profile: null, progress: 0 });
    const signal = AbortSignal.any([running.signal, stopping]);
    settings
      .whileSettled(() => this.#calibrate(signal))
      .then(
        () => this.#end(null),
        (error: unknown) => this.#end(isCancelled(error) ? null : error),
      );
  }

  /** Ends a calibration; the program runs on as before. Nothing happens when there is none. */
  cancelCalibration(): void {
    this.#running?.abort();
  }

  /**
   * The one that runs is handed over to, on air, too.
   * @throws StudioError `profile-refused`, `profile-name-taken`, `profiles-full`, `hand-over-failed`; then all is as before
   */
  async saveProfile(profile: UserProfile): Promise<void> {
    const { encoders, settings, store, handOver, host } = this.#options;
    const refused = refusedOptions(profile.options);
    const { delayFrames } = userVideoProfile(profile);
    if (delayFrames > mostDelayFrames)
      refused.push({
        option: 'rc-lookahead',
        reason: `with these threads and B-frames ${delayFrames} pictures would lie inside, at most ${mostDelayFrames} may`,
      });
    if (refused.length > 0) throw new StudioError('profile-refused', { profile: profile.name, refused });
    if (encoders.isOwnName(profile.name))
      throw new StudioError('profile-name-taken', { profile: profile.name });
    await settings.whileSettled(async () => {
      const before = store.settings.userProfiles;
      const isKnown = before.some(({ name }) => name === profile.name);
      if (!isKnown && before.length >= mostProfiles)
        throw new StudioError('profiles-full', { most: mostProfiles });
      const after = isKnown
        ? before.map((each) => (each.name === profile.name ? profile : each))
        : [...before, profile];
      await store.update({ userProfiles: after });
      try {
        if (this.#wantedName === profile.name) await handOver(host.format);
      } catch (error) {
        // What does not run here must not be tried by the next start.
        await store.update({ userProfiles: before });
        throw error;
      }
    });
    this.tell();
  }

  /** @throws StudioError `profile-in-use`, `profile-unknown` */
  async removeProfile(name: string): Promise<void> {
    const { settings, store } = this.#options;
    await settings.whileSettled(async () => {
      const before = store.settings.userProfiles;
      const known = before.map((profile) => profile.name);
      if (!known.includes(name)) throw new StudioError('profile-unknown', { profile: name, known });
      if (this.#wantedName === name || store.settings.profile === name)
        throw new StudioError('profile-in-use', { profile: name });
      await store.update({ userProfiles: before.filter((profile) => profile.name !== name) });
    });
    this.tell();
  }

  get #wantedName(): string {
    return this.#options.host.format.profile;
  }

  #refuseOnAir(): void {
    if (this.#options.isOnAir()) throw new StudioError('on-air', { what: 'Measuring the encoder profiles' });
  }

  /** What has one profile needs no comparison. */
  #refuseUnmeasured(): void {
    const { codec } = this.#options.host.format;
    if (codec !== 'h264') throw new StudioError('codec-unmeasured', { codec });
  }

  async #calibrate(signal: AbortSignal): Promise<void> {
    const { host, encoders, replaceProgram } = this.#options;
    signal.throwIfAborted();
    // It may have gone live, or have another codec, while this waited for its turn.
    this.#refuseOnAir();
    this.#refuseUnmeasured();
    const { format } = host;
    const pictures = await this.#capture(format, signal);
    await replaceProgram(format, async (wanted, stopping) => {
      this.#progress({ phase: 'trials', profile: null, progress: 0.04 });
      const until = AbortSignal.any([signal, stopping]);
      const onProgress = (progress: CalibrationProgress): void => this.#follow(progress);
      const choice = await encoders.calibrate(wanted, until, { pictures, onProgress });
      this.#progress({ phase: 'restart', profile: null, progress: 0.97 });
      return choice;
    });
  }

  /** Of the scene as it moves now; of a still one nothing could be learned, so test pictures stand in for it. */
  async #capture({ canvas }: ProgramFormat, signal: AbortSignal): Promise<CalibrationPictures> {
    const scene = `your scene “${this.#options.sceneName()}”`;
    const captured = new CapturedPictures(scene, (canvas.width * canvas.height * 3) / 2);
    this.#captured = captured;
    try {
      const end = performance.now() + captureMs;
      while (!captured.isFull && performance.now() < end) await delay(20, undefined, { signal });
    } finally {
      this.#captured = null;
    }
    const reason = captured.unfitReason;
    if (reason === null) return captured;
    const stand = new SyntheticFrames(canvas.width, canvas.height, testPictures);
    return { title: `${stand.title}, since ${reason}`, count: stand.count, get: (index) => stand.get(index) };
  }

  #follow({ phase, profile, measurements }: CalibrationProgress): void {
    this.#measured = measurements;
    const { profiles } = this.#options.encoders;
    const software = profiles.filter(({ encoder }) => encoder === 'libx264');
    const done = phase === 'speed' ? measurements.length : software.findIndex(({ name }) => name === profile);
    const share = Math.min(1, Math.max(0, done) / software.length);
    this.#progress({
      phase,
      profile,
      progress: phase === 'speed' ? 0.08 + share * 0.5 : 0.58 + share * 0.38,
    });
  }

  #progress(running: Omit<Extract<CalibrationView, { state: 'running' }>, 'state'>): void {
    this.#calibration = { state: 'running', ...running };
    this.tell();
  }

  #end(error: unknown): void {
    this.#running = null;
    this.#measured = null;
    this.#calibration = { state: 'idle', error: error === null ? null : toWireError(error) };
    this.tell();
  }

  #view(): Snapshot['encoder'] {
    const { host, encoders, store } = this.#options;
    const { choice, format } = host;
    const { userProfiles } = store.settings;
    return {
      candidates: [...choice.candidates],
      profiles: profileViews({
        profiles: format.codec === 'h264' ? encoders.profiles : [choice.profile],
        chosen: choice.profile,
        measurements: this.#measured ?? choice.measurements,
        candidates: choice.candidates,
        userProfiles,
        fps: format.fps,
        cores: choice.cpu.cores,
      }),
      userProfiles,
      measuredWith: choice.measuredWith,
      calibration: this.#calibration,
    };
  }
}
