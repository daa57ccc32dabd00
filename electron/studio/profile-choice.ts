import type { UserProfile } from '../../shared/contract/user-profile';
import type { FfmpegBuild } from '../streaming/interfaces/ffmpeg';
import type { VideoCodec } from '../streaming/interfaces/packet';
import type { Logger } from '../streaming/lib/logger';
import { cpuModel, readCpuFeatures } from '../streaming/output/cpu-features';
import type { CpuFeatures } from '../streaming/output/cpu-features';
import { FfmpegFactsCache } from '../streaming/output/ffmpeg-facts';
import { EncoderSelection } from '../streaming/output/encoder-selection';
import type { CalibrationWish, Selection, Wish } from '../streaming/output/encoder-selection';
import type { EncoderSetup } from '../streaming/output/encoder-lane';
import type { TrialVerdict } from '../streaming/output/encoder-trial';
import type { VideoFormat, VideoProfile } from '../streaming/output/profiles';
import { vpxSelection } from '../streaming/output/vpx-selection';
import { userVideoProfile } from '../streaming/output/user-profiles';
import type { DataFolder } from './data-folder';
import type { ProgramFormat } from './program-format';

/** What FFmpeg builds said about themselves on this machine; may be deleted. */
export const ffmpegFacts = (folder: DataFolder): FfmpegFactsCache =>
  new FfmpegFactsCache(folder.file('ffmpeg-builds.json'), cpuModel());

/** What the encoder is given and what it makes of it. */
export const encoderFormat = ({
  canvas,
  output,
  fps,
  bitrateKbps,
}: Omit<ProgramFormat, 'codec' | 'profile'>): VideoFormat => ({
  ...output,
  fps,
  bitrateKbps,
  ...((canvas.width !== output.width || canvas.height !== output.height) && { canvas }),
});

/** Which encoder profile runs and why, and the processor it was chosen for. */
export interface ProfileChoice extends Selection {
  readonly cpu: CpuFeatures;
  /**
   * Its encoder has failed in use, and another profile goes on: the verdict on the failed one is dropped, and in this run
   * it is not taken again.
   * @param words the failed one's last
   */
  readonly fellBack: (to: VideoProfile, words: string) => ProfileChoice;
}

/** How a program is encoded, and with what it goes on when hardware fails in use. */
export const encoderSetup = (
  program: Omit<ProgramFormat, 'profile'>,
  { profile, fallback }: ProfileChoice,
): EncoderSetup => ({ profile, format: encoderFormat(program), ...(fallback && { fallback }) });

export interface ProfileChooserOptions {
  readonly build: FfmpegBuild;
  readonly folder: DataFolder;
  readonly logger: Logger;
  /** those that are saved now */
  readonly userProfiles: () => readonly UserProfile[];
}

/** Chooses encoder profiles for programs, on this machine and with this FFmpeg. */
export class ProfileChooser {
  readonly #selection: EncoderSelection;
  readonly #cpu: CpuFeatures;
  readonly #options: ProfileChooserOptions;

  private constructor(options: ProfileChooserOptions, cpu: CpuFeatures) {
    const { build, folder, logger } = options;
    const cacheFile = folder.file('encoder-selection.json');
    this.#options = options;
    this.#cpu = cpu;
    this.#selection = new EncoderSelection({ build, cpu, cacheFile, logger });
  }

  /** Asks the processor first, or remembers what it said. */
  static async create(options: ProfileChooserOptions): Promise<ProfileChooser> {
    const cpu = await readCpuFeatures(options.build, ffmpegFacts(options.folder));
    options.logger.info({ ...cpu }, 'processor');
    return new ProfileChooser(options, cpu);
  }

  /** Every profile for H.264 that can be forced here; the documented one first. */
  get profiles(): readonly VideoProfile[] {
    return this.#selection.profiles(this.#userProfiles);
  }

  /** Whether the studio itself brings a profile of this name. */
  isOwnName(name: string): boolean {
    try {
      return name === 'auto' || Boolean(this.#selection.profileByName(name));
    } catch {
      return false;
    }
  }

  /** @throws StudioError `profile-unknown` */
  check(name: string): void {
    if (name !== 'auto') this.#selection.profileByName(name, this.#userProfiles);
  }

  /** Whether this FFmpeg encodes it. @throws StudioError `codec-unavailable` */
  checkCodec(codec: VideoCodec): void {
    if (codec !== 'h264') vpxSelection(codec, this.#options.build, this.#cpu.cores);
  }

  /**
   * The profile asked for, or with `auto` the one this machine's measurements speak for. The first time `auto` is asked on
   * a machine, size and rate it measures for some seconds; that happens before the program starts, never on air.
   * @param mayMeasure false: only what is known already counts
   * @throws StudioError `profile-unknown`, `codec-unavailable`
   */
  async choose(program: ProgramFormat, signal: AbortSignal, mayMeasure = true): Promise<ProfileChoice> {
    const { codec, profile } = program;
    if (codec !== 'h264')
      return this.#choice(program, vpxSelection(codec, this.#options.build, this.#cpu.cores, profile));
    const wish = { ...this.#wish(program, signal), mayMeasure };
    return this.#choice(program, await this.#selection.select(wish));
  }

  /** Whether a hardware encoder does what is asked of it now. @throws the signal's reason when aborted */
  tryOut(profile: VideoProfile, program: ProgramFormat, signal: AbortSignal): Promise<TrialVerdict> {
    return this.#selection.tryOut(profile, encoderFormat(program), signal);
  }

  /** Measures all profiles with these pictures, then chooses. @throws the signal's reason when aborted */
  async calibrate(
    program: ProgramFormat,
    signal: AbortSignal,
    calibration: CalibrationWish,
  ): Promise<ProfileChoice> {
    const wish = this.#wish(program, signal);
    return this.#choice(program, await this.#selection.calibrate(wish, calibration));
  }

  get #userProfiles(): VideoProfile[] {
    return this.#options.userProfiles().map(userVideoProfile);
  }

  #wish(program: ProgramFormat, signal: AbortSignal): Wish {
    const userProfiles = this.#userProfiles;
    return { format: encoderFormat(program), wanted: program.profile, userProfiles, signal };
  }

  #choice(program: ProgramFormat, selection: Selection): ProfileChoice {
    const { logger } = this.#options;
    const { profile, reason } = selection;
    logger.info({ profile: profile.name, encoder: profile.encoder, reason }, 'encoder profile');
    const choice: ProfileChoice = {
      ...selection,
      cpu: this.#cpu,
      fellBack: (to, words) => ({
        ...choice,
        ...this.#selection.fellBack(selection, encoderFormat(program), to, words),
      }),
    };
    return choice;
  }
}
