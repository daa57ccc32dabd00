import { randomUUID } from 'node:crypto';
import type { CostBasis, Variant } from '../../shared/contract/variants';
import { mostVariants } from '../../shared/contract/variants';
import type { Snapshot } from '../../shared/contract/snapshot';
import { rateOf, ticksPerFrame } from '../../shared/model/variant-rate';
import { StudioError } from '../streaming/lib/errors';
import { costBasis } from './cost-basis';
import type { Egress } from './egress';
import { MachineIdle } from './machine-idle';
import type { Notices } from './notices';
import { RenditionMeter } from './rendition-meter';
import type { SettingsDesk } from './settings-desk';
import type { SettingsStore } from './settings-store';
import type { StudioState } from './state';
import type { RenditionTotals } from './statistics';
import type { Usage } from './usage';
import { VariantRuns } from './variant-runs';
import type { VariantRunsOptions } from './variant-runs';

/** the label that the program itself has where renditions are told apart */
export const programName = 'program';

export interface VariantDeskOptions {
  readonly state: StudioState;
  readonly store: SettingsStore;
  readonly settings: Pick<SettingsDesk, 'whileSettled'>;
  readonly host: VariantRunsOptions['host'];
  readonly usersOf: Egress['usersOf'];
  readonly usage: Pick<Usage, 'cpuMsOf'>;
  readonly notices: Notices;
}

/** The qualities that a person keeps beside the program's own, what each would take, and what it does. */
export class VariantDesk {
  readonly runs: VariantRuns;
  readonly #options: VariantDeskOptions;
  readonly #idle = new MachineIdle();
  #programMeter = new RenditionMeter();

  constructor(options: VariantDeskOptions) {
    this.#options = options;
    const { host, usage, notices } = options;
    this.runs = new VariantRuns({
      ...{ host, usage, notices },
      variants: () => this.#variants,
      onChanged: () => this.tell(),
    });
  }

  tell(): void {
    const { state } = this.#options;
    state.set('variants', this.#view());
  }

  /** Another program runs. */
  programReplaced(): void {
    this.#programMeter = new RenditionMeter();
    this.runs.programReplaced();
  }

  /** About twice a second, after the processes were looked at. @param atMs monotonic */
  sample(atMs: number): void {
    const { host, usage } = this.#options;
    const { pids, counters } = host.program.pipeline;
    const cpuMs = usage.cpuMsOf(pids.video);
    const { encoded, videoBytes: bytes } = counters;
    this.#programMeter.add({ atMs, pid: pids.video, cpuMs, encoded, bytes });
    this.#idle.sample(atMs);
    this.runs.sample(atMs);
    this.tell();
  }

  /** The program and what runs beside it, each by its name. */
  get totals(): RenditionTotals[] {
    const { counters } = this.#options.host.program.pipeline;
    const own = this.#programMeter.figures;
    const { list } = this.#view();
    return [
      { name: programName, fps: own?.fps ?? 0, kbps: own?.bitrateKbps ?? 0, skipped: counters.skipped },
      ...list.flatMap(({ name, figures }) =>
        figures ? [{ name, fps: figures.fps, kbps: figures.bitrateKbps, skipped: figures.skipped }] : [],
      ),
    ];
  }

  /** What a destination with this variant gets; null: the program, or a variant that is not known. */
  videoOf(id: string | null): { readonly fps: number; readonly videoKbps: number } | null {
    const variant = this.#variants.find((each) => each.id === id);
    return variant ? { fps: this.#fpsOf(variant), videoKbps: variant.bitrateKbps } : null;
  }

  /**
   * A new one, or in place of the one of that id.
   * @returns its id
   * @throws StudioError `variant-not-found`, `variant-name-taken`, `variants-full`, `variant-larger`; `on-air` for another
   * size or rate while one of its destinations is on; `hand-over-failed`. Then nothing was changed
   */
  save(wanted: Omit<Variant, 'id'> & { readonly id?: string | undefined }): Promise<string> {
    return this.#options.settings.whileSettled(async () => {
      const before = this.#variants;
      const former = before.find(({ id }) => id === wanted.id);
      if (wanted.id !== undefined && !former) throw new StudioError('variant-not-found', { id: wanted.id });
      if (!former && before.length >= mostVariants)
        throw new StudioError('variants-full', { most: mostVariants });
      const variant: Variant = { ...wanted, id: wanted.id ?? randomUUID() };
      this.#claimName(variant);
      this.#refuseLarger(variant, former);
      if (former) await this.#change(former, variant);
      await this.#options.store.update({
        variants: former
          ? before.map((each) => (each.id === variant.id ? variant : each))
          : [...before, variant],
      });
      this.tell();
      return variant.id;
    });
  }

  /** @throws StudioError `variant-not-found`, `variant-in-use` */
  remove(id: string): Promise<void> {
    const { settings, store, usersOf } = this.#options;
    return settings.whileSettled(async () => {
      const variant = this.#variants.find((each) => each.id === id);
      if (!variant) throw new StudioError('variant-not-found', { id });
      const destinations = usersOf(id).map(({ name }) => name);
      if (destinations.length > 0)
        throw new StudioError('variant-in-use', { name: variant.name, destinations });
      this.runs.endLingering(id);
      await store.update({ variants: this.#variants.filter((each) => each.id !== id) });
      this.tell();
    });
  }

  get #variants(): readonly Variant[] {
    return this.#options.store.settings.variants;
  }

  #fpsOf({ maxFps }: Variant): number {
    const { fps } = this.#options.host.format;
    return rateOf(fps, ticksPerFrame(fps, maxFps));
  }

  #view(): Snapshot['variants'] {
    const list = this.#variants.map((variant) => ({
      ...variant,
      fps: this.#fpsOf(variant),
      ...this.runs.figures(variant.id),
    }));
    return { list, basis: this.#basis() };
  }

  /** In steps that a person would notice: it is told of with every change. */
  #basis(): CostBasis {
    const { format, choice } = this.#options.host;
    const { profile, measurements } = choice;
    const runningMs = this.#programMeter.figures?.pictureMs ?? null;
    const basis = costBasis({ format, profile, measurements, runningMs });
    const idle = this.#idle.corePercent;
    return {
      ...basis,
      msPerMegapixel: Math.round(basis.msPerMegapixel * 2) / 2,
      idleCorePercent: idle === null ? null : Math.round(idle / 10) * 10,
    };
  }

  #claimName({ id, name }: Variant): void {
    const isSame = (other: string): boolean => other.toLowerCase() === name.toLowerCase();
    const others = this.#variants.filter((variant) => variant.id !== id).map((variant) => variant.name);
    if ([programName, ...others].some(isSame)) throw new StudioError('variant-name-taken', { name });
  }

  /** One that was saved before the canvas became smaller may keep its size. */
  #refuseLarger({ width, height }: Variant, former: Variant | undefined): void {
    if (former?.width === width && former.height === height) return;
    const { canvas } = this.#options.host.format;
    if (width <= canvas.width && height <= canvas.height) return;
    const details = { width, height, canvasWidth: canvas.width, canvasHeight: canvas.height };
    throw new StudioError('variant-larger', details);
  }

  async #change(former: Variant, next: Variant): Promise<void> {
    const isSamePicture =
      former.width === next.width && former.height === next.height && former.maxFps === next.maxFps;
    if (!isSamePicture) {
      if (this.#options.usersOf(former.id).some(({ isWanted }) => isWanted))
        throw new StudioError('on-air', { what: `Changing size or rate of “${former.name}”` });
      this.runs.endLingering(former.id);
    } else if (former.bitrateKbps !== next.bitrateKbps) await this.runs.handOver(next);
  }
}
