import type { Snapshot } from '../../shared/contract/snapshot';
import { StudioError, isCancelled } from '../streaming/lib/errors';
import { Turns } from '../streaming/lib/turns';
import type { VideoProfile } from '../streaming/output/profiles';
import { encoderSetup } from './profile-choice';
import type { ProfileChoice } from './profile-choice';
import type { Program } from './program';
import type { ProgramFormat } from './program-format';

/** Counted over every program since the engine started. */
export interface ProgramTotals {
  readonly ticks: number;
  readonly composed: number;
  readonly lagged: number;
  readonly encoded: number;
  readonly skipped: number;
  readonly videoBytes: number;
}

export interface ProgramHostOptions {
  readonly format: ProgramFormat;
  readonly choice: ProfileChoice;
  /** makes a program that is not started yet */
  readonly create: (format: ProgramFormat, choice: ProfileChoice) => Program;
  /** lets its clock tick, for what is left of the run */
  readonly run: (program: Program) => void;
  /** may measure for some seconds; never asked while a program runs */
  readonly choose: (format: ProgramFormat, signal: AbortSignal) => Promise<ProfileChoice>;
}

/** The program that runs now, and how another one takes its place: in another size, rate or encoder. */
export class ProgramHost {
  readonly #options: ProgramHostOptions;
  /** of what changes the encoder: a person and a network may want it at once */
  readonly #turns = new Turns();
  #program: Program;
  #format: ProgramFormat;
  #choice: ProfileChoice;
  #former: ProgramTotals = { ticks: 0, composed: 0, lagged: 0, encoded: 0, skipped: 0, videoBytes: 0 };
  #loweredKbps: number | null = null;
  #isChanging = false;
  #isLost = false;
  /** the program has ended, and is among the former ones */
  #isCounted = false;

  constructor(options: ProgramHostOptions) {
    this.#options = options;
    this.#format = options.format;
    this.#choice = options.choice;
    this.#program = options.create(options.format, options.choice);
  }

  get program(): Program {
    return this.#program;
  }
  /** of the program that runs, or is being started */
  get format(): ProgramFormat {
    return this.#format;
  }
  get choice(): ProfileChoice {
    return this.#choice;
  }
  /** what the pictures have instead of the bitrate that is set; null: that */
  get loweredKbps(): number | null {
    return this.#loweredKbps;
  }
  /** of the programs before this one */
  get formerTicks(): number {
    return this.#former.ticks;
  }
  /** neither the new program nor one like before could be started */
  get isLost(): boolean {
    return this.#isLost;
  }
  /** between two programs */
  get isChanging(): boolean {
    return this.#isChanging;
  }

  get state(): Snapshot['program']['state'] {
    const { pipeline } = this.#program;
    if (this.#isChanging) return 'restarting';
    if (pipeline.isFailing) return 'failed';
    if (pipeline.pids.video === undefined) return 'restarting';
    return pipeline.counters.encoded > 0 ? 'running' : 'starting';
  }

  /** null: pictures are coming out of the encoder */
  notReadyReason(): string | null {
    if (this.#isChanging) return 'another program is being started';
    if (this.state === 'failed' || this.state === 'restarting') return 'the video encoder is being restarted';
    return this.#program.pipeline.counters.encoded === 0 ? 'no picture has been encoded yet' : null;
  }

  get totals(): ProgramTotals {
    return this.#isCounted ? this.#former : plus(this.#former, totalsOf(this.#program));
  }

  /**
   * Ends the program and runs one of another format until a picture of it is encoded. When that does not come to be, one
   * like before runs.
   * @param choose its encoder, in place of the usual way
   * @throws StudioError `program-unstartable`, or what the choice of the encoder failed with; without a program (`isLost`)
   * the error of the one like before
   */
  change(
    format: ProgramFormat,
    signal: AbortSignal,
    choose: ProgramHostOptions['choose'] = this.#options.choose,
  ): Promise<void> {
    return this.#turns.take(() => this.#change(format, signal, choose));
  }

  async #change(
    format: ProgramFormat,
    signal: AbortSignal,
    choose: ProgramHostOptions['choose'],
  ): Promise<void> {
    const before = { format: this.#format, choice: this.#choice };
    this.#isChanging = true;
    try {
      await this.#program.stop();
      this.#count(this.#program);
      this.#isCounted = true;
      const choice = await choose(format, signal);
      this.#format = format;
      const program = await this.#begin(format, choice, signal);
      this.#keep(program, asItRuns(program, choice));
    } catch (error) {
      signal.throwIfAborted();
      this.#isLost = true;
      // It has delivered before: that it does again is not waited for, its encoder is restarted for as long as it takes.
      this.#format = before.format;
      this.#keep(await this.#launch(before.format, before.choice, signal), before.choice);
      this.#isLost = false;
      throw asReason(error);
    } finally {
      this.#isChanging = false;
    }
  }

  /**
   * Another bitrate, profile or encoder for the program that runs: outputs stay, no frame is lost.
   * @throws StudioError hand-over-failed; then it goes on as before
   */
  handOver(format: ProgramFormat, choice: ProfileChoice): Promise<void> {
    return this.#turns.take(async () => {
      const bitrateKbps = Math.min(format.bitrateKbps, this.#loweredKbps ?? Infinity);
      await this.#program.pipeline.handOver(encoderSetup({ ...format, bitrateKbps }, choice));
      if (bitrateKbps === format.bitrateKbps) this.#loweredKbps = null;
      this.#format = format;
      this.#choice = choice;
    });
  }

  /** Less than is set, for a network's sake, or as it is set again. @throws StudioError hand-over-failed */
  lower(kbps: number): Promise<void> {
    return this.#turns.take(async () => {
      const bitrateKbps = Math.min(kbps, this.#format.bitrateKbps);
      await this.#program.pipeline.handOver(encoderSetup({ ...this.#format, bitrateKbps }, this.#choice));
      this.#loweredKbps = bitrateKbps === this.#format.bitrateKbps ? null : bitrateKbps;
    });
  }

  /** Its encoder has failed, and another one goes on. @param words the last ones of the former */
  fellBack(profile: VideoProfile, words: string): void {
    this.#choice = this.#choice.fellBack(profile, words);
  }

  async #begin(format: ProgramFormat, choice: ProfileChoice, signal: AbortSignal): Promise<Program> {
    const program = await this.#launch(format, choice, signal);
    try {
      await program.untilEncoded(signal);
      return program;
    } catch (error) {
      await program.stop();
      this.#count(program);
      throw error;
    }
  }

  async #launch(format: ProgramFormat, choice: ProfileChoice, signal: AbortSignal): Promise<Program> {
    const program = this.#options.create(format, choice);
    await program.start(signal);
    this.#options.run(program);
    return program;
  }

  #keep(program: Program, choice: ProfileChoice): void {
    this.#program = program;
    this.#loweredKbps = null;
    this.#isCounted = false;
    this.#choice = choice;
  }

  #count(program: Program): void {
    this.#former = plus(this.#former, totalsOf(program));
  }
}

/** Hardware may have failed as the program began, and its fallback have given the first picture. */
function asItRuns({ pipeline }: Program, choice: ProfileChoice): ProfileChoice {
  const { profile } = pipeline.setup;
  return profile.name === choice.profile.name
    ? choice
    : choice.fellBack(profile, 'it ended as the program began');
}

/** What a person is told of a program that did not start: whatever it was, nothing was changed. */
function asReason(error: unknown): unknown {
  if (error instanceof StudioError || isCancelled(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new StudioError('program-unstartable', { reason }, { cause: error });
}

function totalsOf({ show, pipeline }: Program): ProgramTotals {
  const { ticks, composed, lagged } = show.compositor.counters;
  const { encoded, skipped, videoBytes } = pipeline.counters;
  return { ticks, composed, lagged, encoded, skipped, videoBytes };
}

const plus = (one: ProgramTotals, other: ProgramTotals): ProgramTotals => ({
  ticks: one.ticks + other.ticks,
  composed: one.composed + other.composed,
  lagged: one.lagged + other.lagged,
  encoded: one.encoded + other.encoded,
  skipped: one.skipped + other.skipped,
  videoBytes: one.videoBytes + other.videoBytes,
});
