import { isSoundOnly, soundOf } from '../../shared/model/source';
import type { PreflightCheck } from '../../shared/contract/preflight';
import type { SourceView } from '../../shared/contract/show';
import type { OutputView, Snapshot } from '../../shared/contract/snapshot';
import type { ProgramFrame } from '../streaming/interfaces/frame';
import { StudioError } from '../streaming/lib/errors';
import { audioKbps } from '../streaming/output/pipeline';
import { gridFrames } from '../streaming/output/profiles';
import type { BandwidthRecord } from './bandwidth-record';
import { diskLimits } from './disk-watch';
import { PictureProbe } from './picture-probe';
import { blockingError, isThisComputer, keyError, preflight } from './preflight';
import type { CheckedMicrophone, CheckedVideo, PreflightFacts } from './preflight';
import { testedConnections } from './preflight-bandwidth';
import type { ProgramHost } from './program-host';
import { UploadRecord } from './upload-record';

export interface PreflightDeskOptions {
  readonly host: ProgramHost;
  /** of a destination with this variant; null: the program */
  readonly videoOf: (variantId: string | null) => Omit<CheckedVideo, 'keyframeSec'> | null;
  readonly snapshot: () => Readonly<Snapshot>;
  /** dBFS by source id, the highest of the last seconds */
  readonly inputLevels: () => ReadonlyMap<string, { readonly peakDb: number }>;
  readonly uploadFile: string;
  /** tests of connections */
  readonly bandwidth: Pick<BandwidthRecord, 'results'>;
}

interface Reading {
  readonly atMs: number;
  readonly ticks: number;
  readonly lagged: number;
  readonly skipped: number;
}

/** what "just now" means, ms */
const recentMs = 10_000;
const leastMs = 3000;

/** Gathers what there is to know before going live, most of it while the program runs anyway. */
export class PreflightDesk {
  readonly #options: PreflightDeskOptions;
  readonly #picture = new PictureProbe();
  readonly #upload: UploadRecord;
  #readings: Reading[] = [];

  constructor(options: PreflightDeskOptions) {
    this.#options = options;
    this.#upload = new UploadRecord(options.uploadFile);
  }

  load(): void {
    this.#upload.load();
  }

  /** every frame, on its way to the encoder */
  pass(frame: ProgramFrame): void {
    this.#picture.pass(frame, this.#options.host.format.canvas);
  }

  /** about twice a second */
  sample(atMs: number): void {
    const { ticks, lagged, skipped } = this.#options.host.totals;
    this.#readings = this.#readings.filter((reading) => reading.atMs > atMs - recentMs);
    this.#readings.push({ atMs, ticks, lagged, skipped });
    this.#upload.sample(
      this.#options
        .snapshot()
        .outputs.filter(
          ({ kind, status, url }) =>
            kind === 'destination' && status.state === 'live' && !isThisComputer(url),
        ),
      atMs,
    );
  }

  /** What was measured of the connection outlives the studio. */
  async end(): Promise<void> {
    this.#upload.sample([], 0);
    await this.#upload.saved();
  }

  async run(): Promise<PreflightCheck[]> {
    const isBlack = await this.#picture.isNextBlack();
    return preflight(this.#facts(isBlack));
  }

  /**
   * What the page will not do, no program may either.
   * @param id of the only one that is to be started; all that go live together unless given
   * @throws StudioError `destination-missing`, `destination-none-enabled`, `key-missing`
   */
  refuseBlocked(id?: string): void {
    const one = this.#destinations.filter((destination) => destination.id === id);
    const error = id === undefined ? blockingError(this.#destinations) : keyError(one);
    if (error) throw new StudioError(error.code, error.details);
  }

  /** what all that go live together send, kbit/s */
  get wantedKbps(): number {
    const taken = this.#destinations.filter(({ isEnabled, url }) => isEnabled && !isThisComputer(url));
    const { host, videoOf } = this.#options;
    return taken.reduce((total, { variantId }) => {
      const videoKbps = videoOf(variantId)?.videoKbps ?? host.format.bitrateKbps;
      return total + videoKbps + audioKbps;
    }, 0);
  }

  get #destinations(): OutputView[] {
    return this.#options.snapshot().outputs.filter(({ kind }) => kind === 'destination');
  }

  #facts(isBlack: boolean | null): PreflightFacts {
    const { host, snapshot } = this.#options;
    const { sources, scenes, program, recording, settings } = snapshot();
    const { fps, bitrateKbps } = host.format;
    const { profile, reason, isFastEnough, measurements } = host.choice;
    const measured = measurements.find((measurement) => measurement.profile === profile.name);
    const scene = scenes.find(({ id }) => id === program.sceneId);
    const seen = new Set(scene?.items.flatMap(({ visible, sourceId }) => (visible ? sourceId : [])));
    return {
      destinations: this.#destinations.map((destination) => {
        const { variantId } = destination;
        const video = this.#options.videoOf(variantId);
        return {
          ...destination,
          video: video && { ...video, keyframeSec: keyframeSec(video.fps) },
          lostVariantId: video ? null : variantId,
        };
      }),
      program: { fps, videoKbps: bitrateKbps, audioKbps, codec: host.format.codec },
      keyframeSec: keyframeSec(fps),
      encoder: { profile: profile.name, reason, isFastEnough, measuredFps: measured?.fps ?? null },
      recent: this.#recent(),
      upload: this.#upload.figures,
      tested: testedConnections(this.#options.bandwidth.results, this.#destinations, Date.now()),
      disk: {
        path: settings.recordingFolderNow,
        freeBytes: recording.freeBytes,
        silentFolder: recording.silentFolder,
        lowBytes: diskLimits.lowBytes,
      },
      microphones: sources.filter(isMicrophone).map((source) => this.#microphone(source)),
      scene: {
        name: scene?.name ?? '',
        visibleItems: seen.size,
        failing: sources.flatMap(({ id, name, error }) => (error && seen.has(id) ? [{ name, error }] : [])),
        isBlack,
      },
    };
  }

  #microphone({ id, name, error, settings }: SourceView): CheckedMicrophone {
    const peakDb = this.#options.inputLevels().get(id)?.peakDb ?? null;
    return { name, error, peakDb, isMuted: soundOf(settings)?.isMuted ?? false };
  }

  #recent(): PreflightFacts['recent'] {
    const first = this.#readings[0];
    const last = this.#readings.at(-1);
    if (!first || !last || last.atMs - first.atMs < leastMs) return null;
    const ticks = Math.max(1, last.ticks - first.ticks);
    return {
      laggedShare: (last.lagged - first.lagged) / ticks,
      skippedShare: (last.skipped - first.skipped) / ticks,
    };
  }
}

const keyframeSec = (fps: number): number => gridFrames(fps) / fps;

const isMicrophone = ({ kind, settings }: SourceView): boolean =>
  kind !== 'desktop-sound' && isSoundOnly(settings);
