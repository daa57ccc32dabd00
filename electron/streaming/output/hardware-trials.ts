import type { Logger } from '../lib/logger';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import type { CalibrationPictures } from './calibration-pictures';
import { driverStamp } from './driver-stamp';
import { drivableCandidates } from './encoder-candidates';
import type { EncoderCandidate } from './encoder-candidates';
import { tryEncoder } from './encoder-trial';
import type { TrialVerdict } from './encoder-trial';
import { stampOf } from './ffmpeg-facts';
import { pictureSize } from './profiles';
import type { VideoFormat, VideoProfile } from './profiles';
import type { KnownTrial, SelectionCache } from './selection-cache';
import { holdsRate } from './step-choice';
import { SyntheticFrames } from './synthetic-frames';
import { trialKey } from './trial-key';

export interface HardwareTrialsOptions {
  readonly build: FfmpegBuild;
  readonly candidates: readonly EncoderCandidate[];
  readonly cache: SelectionCache;
  readonly logger: Logger;
  readonly platform?: NodeJS.Platform;
  /** of the drivers; read from the system unless given */
  readonly drivers?: () => Promise<string>;
}

/** name → outcome, of those that were tried at a size and rate */
export type Trials = ReadonlyMap<string, KnownTrial>;

/** What hardware encoders have shown in trials, kept by exact arguments, size, FFmpeg and drivers, and in this run in use. */
export class HardwareTrials {
  readonly #options: HardwareTrialsOptions;
  /** name → FFmpeg's last words in use, in this run */
  readonly #failed = new Map<string, string>();

  constructor(options: HardwareTrialsOptions) {
    this.#options = options;
  }

  /** Those that FFmpeg could drive here, the best liked first. */
  get drivable(): EncoderCandidate[] {
    const { build, platform, candidates } = this.#options;
    return drivableCandidates(build, platform, candidates);
  }

  get failed(): ReadonlyMap<string, string> {
    return this.#failed;
  }

  /** The best liked of those that passed and did not fail since. */
  usable(trials: Trials): EncoderCandidate | undefined {
    return this.drivable.find(({ name }) => trials.get(name)?.isUsable === true && !this.#failed.has(name));
  }

  async known(format: VideoFormat): Promise<Trials> {
    const trials = new Map<string, KnownTrial>();
    for (const candidate of this.drivable) {
      const trial = await this.#options.cache.trial(await this.#key(candidate, format));
      if (trial) trials.set(candidate.name, trial);
    }
    return trials;
  }

  /** Tries those of which nothing is known. @throws the signal's reason when aborted */
  async tryMissing(known: Trials, format: VideoFormat, signal: AbortSignal): Promise<Trials> {
    const missing = this.drivable.filter(({ name }) => !known.has(name) && !this.#failed.has(name));
    if (missing.length === 0) return known;
    const { width, height } = pictureSize(format);
    const pictures = new SyntheticFrames(width, height, 4);
    return new Map([...known, ...(await this.#try(missing, format, pictures, signal))]);
  }

  /** Tries all anew, also what failed in use. @throws the signal's reason when aborted */
  async tryAll(format: VideoFormat, pictures: CalibrationPictures, signal: AbortSignal): Promise<Trials> {
    const trials = await this.#try(this.drivable, format, pictures, signal);
    // One that was cancelled has found out nothing.
    this.#failed.clear();
    return trials;
  }

  /** Whether one does what is asked of it now, whatever it did before. @throws the signal's reason when aborted */
  tryOut(profile: VideoProfile, format: VideoFormat, signal: AbortSignal): Promise<TrialVerdict> {
    const { width, height } = pictureSize(format);
    const pictures = new SyntheticFrames(width, height, 4);
    const holds = (fps: number): boolean => holdsRate(fps, format.fps);
    return tryEncoder({ build: this.#options.build, profile, format, pictures, signal, holds });
  }

  /** One failed in use: in this run it is not usable, and what is remembered of it is dropped. */
  drop(running: VideoProfile, format: VideoFormat, words: string): void {
    const { logger, cache } = this.#options;
    this.#failed.set(running.name, words);
    logger.warn({ encoder: running.encoder, words }, 'an encoder failed in use');
    this.#key(running, format)
      .then((key) => cache.dropTrial(key))
      .catch((error: unknown) => logger.warn({ err: error }, 'a verdict on an encoder could not be dropped'));
  }

  /** All at once, as most are refused within moments; one that was only too slow beside the others again alone. */
  async #try(
    candidates: readonly EncoderCandidate[],
    format: VideoFormat,
    pictures: CalibrationPictures,
    signal: AbortSignal,
  ): Promise<Trials> {
    const { build, logger, cache } = this.#options;
    const holds = (fps: number): boolean => holdsRate(fps, format.fps);
    const attempt = (profile: EncoderCandidate) =>
      tryEncoder({ build, profile, format, pictures, signal, holds });
    const first = await Promise.all(candidates.map(attempt));
    const trials = new Map<string, KnownTrial>();
    const kept: Record<string, KnownTrial> = {};
    for (const [index, candidate] of candidates.entries()) {
      let verdict = first[index]!;
      const isCrowded = candidates.length > 1 && !verdict.isUsable && verdict.isSlow;
      if (isCrowded) verdict = await attempt(candidate);
      const trial: KnownTrial = verdict.isUsable ? verdict : { isUsable: false, words: verdict.words };
      trials.set(candidate.name, trial);
      kept[await this.#key(candidate, format)] = trial;
    }
    await cache.keepTrials(kept);
    if (trials.size > 0)
      logger.info({ format, trials: Object.fromEntries(trials) }, 'hardware encoders tried');
    return trials;
  }

  async #key(profile: VideoProfile, format: VideoFormat): Promise<string> {
    const { build, drivers = driverStamp } = this.#options;
    return trialKey(build, profile, format, [(await stampOf(build.path)) ?? '', await drivers()]);
  }
}
