import { loadavg } from 'node:os';
import type { Logger } from '../lib/logger';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import { calibrate } from './calibration';
import type { CalibrationProgress } from './calibration';
import type { CalibrationPictures } from './calibration-pictures';
import { candidateVerdicts } from './candidate-verdicts';
import type { CandidateVerdict } from './candidate-verdicts';
import type { CpuFeatures } from './cpu-features';
import { encoderCandidates } from './encoder-candidates';
import type { EncoderCandidate } from './encoder-candidates';
import type { TrialVerdict } from './encoder-trial';
import { stampOf } from './ffmpeg-facts';
import { HardwareTrials } from './hardware-trials';
import type { Trials } from './hardware-trials';
import { pictureSize, profileByName, softwareProfiles } from './profiles';
import type { VideoFormat, VideoProfile } from './profiles';
import { SelectionCache } from './selection-cache';
import type { Measurement, MeasuringRun } from './selection-cache';
import { chooseStep, holdsRate, nextToMeasure, sizeText } from './step-choice';
import type { StepChoice } from './step-choice';
import { SyntheticFrames } from './synthetic-frames';
import { argvDigest } from './trial-key';
import { x264Ladder, x264StepByName } from './x264-ladder';

export interface Selection extends StepChoice {
  /** what takes over when it fails in use; null: it is x264, and there is nothing safer */
  readonly fallback: VideoProfile | null;
  /** of profiles as they are run today, all with the same pictures */
  readonly measurements: readonly Measurement[];
  /** what was measured with, and when (Unix ms); null: nothing was measured */
  readonly measuredWith: Pick<MeasuringRun, 'content' | 'at'> | null;
  /** every encoder there could be, taken or not, and why */
  readonly candidates: readonly CandidateVerdict[];
}

export interface EncoderSelectionOptions {
  readonly build: FfmpegBuild;
  readonly cpu: CpuFeatures;
  readonly cacheFile: string;
  readonly logger: Logger;
  readonly candidates?: readonly EncoderCandidate[];
  readonly platform?: NodeJS.Platform;
  /** of the drivers; read from the system unless given */
  readonly drivers?: () => Promise<string>;
  /** whether something else needs the processor now; asked before measuring */
  readonly isMachineBusy?: (cores: number) => boolean;
}

export interface Wish {
  readonly format: VideoFormat;
  /** `auto` or the name of a profile */
  readonly wanted: string;
  /** the person's own */
  readonly userProfiles?: readonly VideoProfile[];
  readonly signal: AbortSignal;
  /** false while on air: then only what is known already counts */
  readonly mayMeasure?: boolean;
}

export interface CalibrationWish {
  readonly pictures: CalibrationPictures;
  readonly onProgress: (progress: CalibrationProgress) => void;
  /** for the speed of one profile, milliseconds */
  readonly speedMs?: number;
}

/** More waits for the processor than it has cores, by half, over the last minute. Windows does not say (0). */
const isLoadHigh = (cores: number): boolean => loadavg()[0]! > cores * 1.5;

const firstStartMs = 6000;
/** of the budget, for the speed of each of four steps */
const firstStartShare = 0.18;
const firstStartCompared = 24;
/** a person waits for it, and asked for it */
const calibrationSpeedMs = 1500;
/** beyond the first picture, which costs what all others save */
const calibrationCompared = 60;

/**
 * Which encoder to use, and why the others not. A name is taken at its word. `auto`: the best liked hardware encoder that
 * passed a trial, else the x264 profile that the measurements of this machine speak for. What was found out is kept in a
 * file; what fails on air is dropped from it and not taken again in this run.
 */
export class EncoderSelection {
  readonly #options: EncoderSelectionOptions;
  readonly #cache: SelectionCache;
  readonly #candidates: readonly EncoderCandidate[];
  readonly #ladder: readonly VideoProfile[];
  readonly #hardware: HardwareTrials;

  constructor(options: EncoderSelectionOptions) {
    this.#options = options;
    this.#cache = new SelectionCache(options.cacheFile);
    this.#candidates = options.candidates ?? encoderCandidates;
    this.#ladder = x264Ladder(options.cpu.cores);
    const { build, logger, platform, drivers } = options;
    this.#hardware = new HardwareTrials({
      ...{ build, logger, candidates: this.#candidates, cache: this.#cache },
      ...(platform && { platform }),
      ...(drivers && { drivers }),
    });
  }

  /** What can be forced by name: the steps for this machine, the person's own, and hardware that FFmpeg could drive here. */
  profiles(userProfiles: readonly VideoProfile[] = []): VideoProfile[] {
    return [...this.#ladder, ...userProfiles, ...this.#hardware.drivable];
  }

  /** A profile by its name; other steps of x264's presets are known, too. @throws StudioError profile-unknown */
  profileByName(name: string, userProfiles: readonly VideoProfile[] = []): VideoProfile {
    const known = this.profiles(userProfiles);
    if (known.some((profile) => profile.name === name)) return profileByName(name, known);
    const documented = softwareProfiles.find((profile) => profile.name === name);
    return documented ?? x264StepByName(name) ?? profileByName(name, known);
  }

  /**
   * Takes up to 6 s the first time (the trials of hardware included), no time afterwards.
   * @throws StudioError profile-unknown, the signal's reason when aborted
   */
  async select(wish: Wish): Promise<Selection> {
    const { wanted, mayMeasure = true, format } = wish;
    const named = wanted === 'auto' ? null : this.profileByName(wanted, wish.userProfiles);
    let trials = await this.#hardware.known(format);
    let run = await this.#cache.run(await this.#runKey(format));
    if (!named && mayMeasure) {
      const startedAt = performance.now();
      const isBusy = (this.#options.isMachineBusy ?? isLoadHigh)(this.#options.cpu.cores);
      trials = await this.#hardware.tryMissing(trials, format, wish.signal);
      if (!this.#hardware.usable(trials) && !this.#isKnown(run, format))
        run = await this.#measureFirst(wish, isBusy, performance.now() - startedAt);
    }
    wish.signal.throwIfAborted();
    return this.#conclude(wish, named, trials, run);
  }

  /**
   * Measures every step and the person's own profiles with these pictures, and tries all hardware anew, also what failed
   * on air. For a quiet moment: never on air.
   * @throws the signal's reason when aborted; StudioError profile-unknown
   */
  async calibrate(wish: Wish, calibration: CalibrationWish): Promise<Selection> {
    const { wanted, userProfiles = [], signal, format } = wish;
    const named = wanted === 'auto' ? null : this.profileByName(wanted, userProfiles);
    const { pictures, onProgress, speedMs = calibrationSpeedMs } = calibration;
    const trials = await this.#hardware.tryAll(format, pictures, signal);
    signal.throwIfAborted();
    const profiles = [...this.#ladder, ...userProfiles];
    if (named?.encoder === 'libx264' && !profiles.some(({ name }) => name === named.name))
      profiles.push(named);
    const measurements = await calibrate({
      ...{ build: this.#options.build, format, pictures, signal, onProgress, speedMs },
      next: (done) => profiles[done.length] ?? null,
      ...{ isCompared: () => true, comparedPictures: calibrationCompared },
      // As long as it takes: nobody wants a table with holes.
      budgetMs: profiles.length * speedMs * 5,
    });
    const run = { content: pictures.title, at: Date.now(), measurements };
    await this.#cache.keepRun(await this.#runKey(format), run);
    this.#options.logger.info({ ...run, format }, 'encoders calibrated');
    return this.#conclude(wish, named, trials, run);
  }

  /** Whether a hardware encoder does what is asked of it now. @throws the signal's reason when aborted */
  tryOut(profile: VideoProfile, format: VideoFormat, signal: AbortSignal): Promise<TrialVerdict> {
    return this.#hardware.tryOut(profile, format, signal);
  }

  /**
   * The chosen encoder has failed in use, and another profile goes on (pure but for what is remembered): its verdict is
   * dropped, and it is not taken again in this run.
   * @param words the failed one's last
   */
  fellBack(before: Selection, format: VideoFormat, to: VideoProfile, words: string): Selection {
    const { profile } = before;
    this.#hardware.drop(profile, format, words);
    const candidates = before.candidates.map((candidate): CandidateVerdict => {
      if (candidate.id === profile.name)
        return { ...candidate, verdict: 'refused', words: `failed in use: ${words}` };
      if (candidate.id !== 'x264') return candidate;
      return { ...candidate, verdict: 'chosen', words: `${to.name}, since ${profile.title} failed` };
    });
    const reason = `${profile.title} ended while it was in use (${words}), and ${to.title} took over.`;
    return { ...before, profile: to, reason, fallback: null, candidates };
  }

  #conclude(
    { format, userProfiles = [] }: Wish,
    named: VideoProfile | null,
    trials: Trials,
    run: MeasuringRun | undefined,
  ): Selection {
    const { build, cpu, platform = process.platform } = this.#options;
    const profiles = [...this.#ladder, ...userProfiles, ...(named ? [named] : [])];
    const measurements = (run?.measurements ?? []).filter((one) => {
      const profile = profiles.find(({ name }) => name === one.profile);
      return profile !== undefined && argvDigest(build, profile, format) === one.argvDigest;
    });
    const usable = this.#hardware.usable(trials);
    const choice: StepChoice = named
      ? { profile: named, reason: `${named.title} was chosen by name.`, isFastEnough: true }
      : usable
        ? {
            profile: usable,
            reason: `${usable.title} encodes ${sizeText(format)} in hardware here.`,
            isFastEnough: true,
          }
        : chooseStep(this.#ladder, measurements, cpu, format);
    const isHardware = this.#candidates.some(({ name }) => name === choice.profile.name);
    return {
      ...choice,
      fallback: isHardware ? this.#fallback(measurements, format) : null,
      measurements,
      measuredWith: run && measurements.length > 0 ? { content: run.content, at: run.at } : null,
      candidates: candidateVerdicts({
        ...{ candidates: this.#candidates, build, platform, trials, failed: this.#hardware.failed },
        ...{ chosen: choice.profile, isNamed: named !== null },
      }),
    };
  }

  /** Nothing measured: one that most machines hold. A stream that stutters is worse than a coarser one. */
  #fallback(measurements: readonly Measurement[], format: VideoFormat): VideoProfile {
    const isKnown = measurements.some(({ profile }) => this.#ladder.some(({ name }) => name === profile));
    if (isKnown) return chooseStep(this.#ladder, measurements, this.#options.cpu, format).profile;
    return this.#ladder.find(({ name }) => name.startsWith('superfast'))!;
  }

  /** The steps are still those that were measured. */
  #isKnown(run: MeasuringRun | undefined, format: VideoFormat): boolean {
    return (run?.measurements ?? []).some(({ profile, argvDigest: digest }) => {
      const step = this.#ladder.find(({ name }) => name === profile);
      return step !== undefined && argvDigest(this.#options.build, step, format) === digest;
    });
  }

  async #measureFirst(wish: Wish, isBusy: boolean, spentMs: number): Promise<MeasuringRun> {
    const { build, logger } = this.#options;
    const { format, signal } = wish;
    const startedAt = performance.now();
    const { width, height } = pictureSize(format);
    const pictures = new SyntheticFrames(width, height, 24);
    const preparedMs = performance.now() - startedAt;
    const measurements = await calibrate({
      ...{ build, format, pictures, signal },
      next: (done) => nextToMeasure(this.#ladder, done, format.fps),
      isCompared: ({ fps }) => holdsRate(fps, format.fps),
      comparedPictures: firstStartCompared,
      budgetMs: firstStartMs - Math.min(spentMs, firstStartMs / 4) - preparedMs,
      speedMs: firstStartMs * firstStartShare,
    });
    const run = { content: pictures.title, at: Date.now(), measurements };
    logger.info({ ...run, format, isBusy }, 'encoders measured');
    // Measured beside something else: good for now, but not to be remembered.
    if (!isBusy) await this.#cache.keepRun(await this.#runKey(format), run);
    return run;
  }

  /** Everything a measurement depends on, besides the arguments. */
  async #runKey({ width, height, fps, bitrateKbps, canvas }: VideoFormat): Promise<string> {
    const { build, cpu } = this.#options;
    const scaling = canvas ? ` from ${canvas.width}x${canvas.height}` : '';
    return [
      `${cpu.model} x${cpu.cores}`,
      `${width}x${height}@${fps} ${bitrateKbps}k${scaling}`,
      `${build.path} ${build.version} ${(await stampOf(build.path)) ?? ''}`,
    ].join(' | ');
  }
}
