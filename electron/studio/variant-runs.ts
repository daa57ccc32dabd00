import { ticksPerFrame, rateOf } from '../../shared/model/variant-rate';
import type { WireError } from '../../shared/contract/errors';
import type { Variant, VariantView } from '../../shared/contract/variants';
import { StudioError } from '../streaming/lib/errors';
import { audioKbps } from '../streaming/output/pipeline';
import type { EncodePipeline } from '../streaming/output/pipeline';
import type { Rendition } from '../streaming/output/rendition';
import type { EncoderSetup } from '../streaming/output/encoder-lane';
import { variantProfile } from '../streaming/output/variant-profile';
import type { RenditionFeed, VariantSource } from './feeds';
import type { Notices } from './notices';
import { encoderFormat } from './profile-choice';
import type { ProgramHost } from './program-host';
import { RenditionMeter } from './rendition-meter';
import type { Usage } from './usage';

/** one destination after the other is switched: the encoder need not begin anew in between */
const lingerMs = 2000;

export interface VariantRunsOptions {
  readonly host: Pick<ProgramHost, 'program' | 'format'> & {
    readonly choice: Pick<ProgramHost['choice'], 'profile' | 'measurements'>;
  };
  readonly variants: () => readonly Variant[];
  readonly notices: Pick<Notices, 'add'>;
  readonly usage: Pick<Usage, 'cpuMsOf'>;
  /** one has begun or ended */
  readonly onChanged: () => void;
}

interface Run {
  readonly pipeline: EncodePipeline;
  readonly rendition: Rendition;
  readonly meter: RenditionMeter;
  users: number;
  /** skipped before its first picture came, when it was only starting; null: none has come yet */
  skippedAtStart: number | null;
  ending: NodeJS.Timeout | undefined;
}

type Figures = Pick<VariantView, 'state' | 'figures'>;

/** The variants that are encoded now: each from when somebody wants it until shortly after nobody does any more. */
export class VariantRuns implements VariantSource {
  readonly #options: VariantRunsOptions;
  #runs = new Map<string, Run>();

  constructor(options: VariantRunsOptions) {
    this.#options = options;
  }

  kbps(id: string): number {
    return this.#variant(id).bitrateKbps + audioKbps;
  }

  take(id: string): RenditionFeed {
    const variant = this.#variant(id);
    let run = this.#runs.get(id);
    if (!run) {
      run = this.#begin(variant);
      this.#runs.set(id, run);
      this.#options.onChanged();
    }
    clearTimeout(run.ending);
    const own = run;
    own.users++;
    return {
      hub: own.rendition.hub,
      release: () => {
        own.users--;
        if (own.users === 0) own.ending = setTimeout(() => this.#end(id, own), lingerMs).unref();
      },
    };
  }

  /** Another program runs: the variants of the former one have ended with it. */
  programReplaced(): void {
    for (const { ending } of this.#runs.values()) clearTimeout(ending);
    this.#runs = new Map();
    this.#options.onChanged();
  }

  /** Another bitrate, taken over to without a picture lost. @throws StudioError `hand-over-failed`; then it is as before */
  async handOver(variant: Variant): Promise<void> {
    const run = this.#runs.get(variant.id);
    if (!run) return;
    if (run.users === 0) return this.endLingering(variant.id);
    await run.rendition.handOver(this.#setup(variant)).catch((error: unknown) => {
      // Nobody wants it any more: the next one begins with what is set.
      if (this.#runs.get(variant.id) === run) throw error;
    });
  }

  /** Ends one that lingers: it is to be another, or gone. */
  endLingering(id: string): void {
    const run = this.#runs.get(id);
    if (run?.users !== 0) return;
    clearTimeout(run.ending);
    this.#end(id, run);
  }

  /** @param atMs monotonic */
  sample(atMs: number): void {
    for (const run of this.#runs.values()) {
      const { rendition, meter } = run;
      const { encoded } = rendition.counters;
      if (encoded === 0) continue;
      const { pid, videoBytes } = rendition;
      meter.add({ atMs, pid, cpuMs: this.#options.usage.cpuMsOf(pid), encoded, bytes: videoBytes });
    }
  }

  figures(id: string): Figures {
    const run = this.#runs.get(id);
    if (!run) return { state: 'off', figures: null };
    const { rendition, meter, skippedAtStart } = run;
    const { encoded, skipped } = rendition.counters;
    const running = encoded > 0 ? 'running' : 'starting';
    const state = rendition.isFailing ? 'failing' : running;
    const read = meter.figures;
    if (!read) return { state, figures: null };
    const { fps, bitrateKbps, corePercent } = read;
    return { state, figures: { fps, bitrateKbps, corePercent, skipped: skipped - (skippedAtStart ?? 0) } };
  }

  #variant(id: string): Variant {
    const found = this.#options.variants().find((variant) => variant.id === id);
    if (!found) throw new StudioError('variant-not-found', { id });
    return found;
  }

  #setup({ width, height, maxFps, bitrateKbps }: Variant): EncoderSetup & { ticksPerFrame: number } {
    const { format, choice } = this.#options.host;
    const ticks = ticksPerFrame(format.fps, maxFps);
    const own = { output: { width, height }, fps: rateOf(format.fps, ticks), bitrateKbps };
    return {
      profile: variantProfile(choice.profile),
      format: encoderFormat({ canvas: format.canvas, ...own }),
      ticksPerFrame: ticks,
    };
  }

  #begin(variant: Variant): Run {
    const { pipeline } = this.#options.host.program;
    const rendition: Rendition = pipeline.addVariant({
      ...this.#setup(variant),
      // What is late before its first picture is only starting.
      onNotice: (error) =>
        (error.code !== 'encoder-behind' || rendition.counters.encoded > 0) && this.#notice(variant, error),
      onEncoded: () => (run.skippedAtStart ??= rendition.counters.skipped),
    });
    // Its destinations are outputs like the others where their waiting is counted.
    rendition.hub.onTaken = pipeline.hub.onTaken;
    const run: Run = {
      ...{ pipeline, rendition, meter: new RenditionMeter() },
      ...{ users: 0, skippedAtStart: null, ending: undefined },
    };
    return run;
  }

  #end(id: string, run: Run): void {
    if (this.#runs.get(id) !== run) return;
    this.#runs.delete(id);
    void run.pipeline.removeVariant(run.rendition);
    this.#options.onChanged();
  }

  #notice({ name }: Variant, error: StudioError): void {
    const { notices } = this.#options;
    const wire: WireError = error.toWire();
    if (wire.code === 'encoder-behind') notices.add({ code: 'variant-behind', details: { name } }, 'warning');
    else if (wire.code === 'ffmpeg-crashed')
      notices.add({ ...wire, details: { ...wire.details, role: `encoder of “${name}”` } }, 'warning');
    else notices.add(wire, 'warning');
  }
}
