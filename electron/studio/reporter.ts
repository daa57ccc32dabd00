import { RecentLevels } from '../streaming/audio/recent-levels';
import { BaseComponent } from '../streaming/lib/component';
import { StudioError } from '../streaming/lib/errors';
import type { HandOver } from '../streaming/output/hand-over';
import type { Egress } from './egress';
import type { Notices } from './notices';
import type { PreflightDesk } from './preflight-desk';
import type { ProgramHost } from './program-host';
import type { RecordingDesk } from './recording-desk';
import type { Run } from './run';
import type { StudioState } from './state';
import type { Statistics, Totals } from './statistics';
import type { StudioAudience } from './studio-options';
import type { VariantDesk } from './variant-desk';

const statsIntervalMs = 500;
const metersIntervalMs = 50;

/** marked on the charts */
const rememberedHandOvers = 20;

export interface ReporterOptions {
  readonly state: StudioState;
  readonly notices: Notices;
  readonly host: ProgramHost;
  readonly egress: Egress;
  readonly recordings: RecordingDesk;
  readonly preflight: PreflightDesk;
  readonly variants: VariantDesk;
  readonly statistics: Statistics;
  readonly run: Run;
  readonly audience: () => StudioAudience;
  /** of the engine */
  readonly stopping: AbortSignal;
}

/** Tells the windows how the run goes: what outputs and recording do, the numbers, the meters, and whether it is ready. */
export class Reporter extends BaseComponent {
  readonly #options: ReporterOptions;
  readonly #levels = new RecentLevels();
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(options: ReporterOptions) {
    super();
    this.#options = options;
  }

  protected onStart(): Promise<void> {
    this.#timers.push(
      setInterval(() => void this.#readStats(), statsIntervalMs),
      setInterval(() => this.#readMeters(), metersIntervalMs),
    );
    return Promise.resolve();
  }

  protected onStop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    return Promise.resolve();
  }

  /** What each source that can be heard reached in the last 2 to 4 seconds, after its fader; by source id. */
  inputLevels(): Map<string, { peakDb: number }> {
    return this.#levels.read();
  }

  /** null: pictures are coming out of the encoder */
  notReadyReason(): string | null {
    const { host, run, stopping } = this.#options;
    if (stopping.aborted) return 'the engine is stopping';
    if (!host.isChanging && run.isStandingStill) return 'the compositor stands still';
    return host.notReadyReason();
  }

  tellFormat(): void {
    const { state, notices, host } = this.#options;
    const { canvas, output, fps, bitrateKbps, codec } = host.format;
    const { profile, reason, isFastEnough } = host.choice;
    const encoder = { name: profile.encoder, profile: profile.name, reason };
    const form = { ...canvas, output, fps, bitrateKbps, codec, encoder };
    state.update('program', (program) => ({ ...program, ...form }));
    this.tellLowered(null);
    notices.clear('profile-too-slow');
    if (isFastEnough) return;
    const error = new StudioError('profile-too-slow', { profile: profile.name, reason });
    notices.add(error.toWire(), 'warning');
  }

  /** @param id of the destination whose network asked for it; null: none asks for less any more */
  tellLowered(id: string | null): void {
    const { state, host, egress } = this.#options;
    const kbps = host.loweredKbps;
    state.update('program', (program) => {
      const name = id === null ? undefined : egress.outputs().find((output) => output.id === id)?.name;
      // On the way up it is still the one that asked last.
      const destination = name ?? program.lowered?.destination ?? null;
      return { ...program, lowered: kbps === null ? null : { kbps, destination } };
    });
  }

  /** The newest come last. */
  tellHandOver({ cause, from, to, gapMs, lostFrames }: HandOver): void {
    const told = {
      ...{ at: Date.now(), cause, gapMs: Math.round(gapMs), lostFrames },
      ...{ from: from.profile.name, to: to.profile.name, bitrateKbps: to.format.bitrateKbps },
    };
    this.#options.state.update('program', (program) => ({
      ...program,
      handOvers: [...program.handOvers, told].slice(-rememberedHandOvers),
    }));
  }

  tellOutputs(): void {
    const { state, notices, egress, recordings } = this.#options;
    state.set('live', egress.live());
    state.set('outputs', egress.outputs());
    const { freeBytes, silentFolder, alarm } = recordings;
    const recording = { ...egress.recording(), freeBytes, silentFolder, alarm };
    const wasFailed = state.snapshot.recording.state === 'failed';
    state.set('recording', recording);
    if (recording.error && !wasFailed) notices.add(recording.error, 'error');
  }

  tellReadiness(): void {
    const { state, host } = this.#options;
    state.update('program', (program) => ({ ...program, state: host.state }));
    const reason = this.notReadyReason();
    state.update('engine', (engine) => ({ ...engine, ready: reason === null, notReadyReason: reason }));
  }

  #totals(): Totals {
    const { host, egress } = this.#options;
    const { ticks, composed, lagged, encoded, skipped } = host.totals;
    const { queue } = host.program.pipeline.counters;
    const dropped = egress
      .outputs()
      .map(({ name, droppedFrames }) => ({ output: name, frames: droppedFrames }));
    return { ticks, composed, lagged, encoded, skipped, encoderQueue: queue, dropped };
  }

  #readMeters(): void {
    const { host, audience } = this.#options;
    const { inputs, ...program } = host.program.mixer.readMeters();
    this.#levels.feed(inputs);
    audience().meters({ ...program, inputs: [...inputs] });
  }

  async #readStats(): Promise<void> {
    const { audience, statistics, preflight, variants } = this.#options;
    audience().stats(await statistics.read(this.#totals()));
    variants.sample(performance.now());
    statistics.renditions(variants.totals);
    this.tellOutputs();
    this.tellReadiness();
    preflight.sample(Date.now());
  }
}
