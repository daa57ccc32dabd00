import { setTimeout } from 'node:timers/promises';
import type { CommandHandlers } from '../../shared/contract/commands';
import type { EventPayload } from '../../shared/contract/events';
import { RecentLevels } from '../streaming/audio/recent-levels';
import type { ProgramSound } from '../streaming/interfaces/audio-input';
import type { FfmpegBuild } from '../streaming/interfaces/ffmpeg';
import type { PreviewPicture, ProgramFrame } from '../streaming/interfaces/frame';
import type { PacketSource } from '../streaming/interfaces/packet';
import { systemClock } from '../streaming/lib/clock';
import { BaseComponent } from '../streaming/lib/component';
import { StudioError, toWireError } from '../streaming/lib/errors';
import type { Logger } from '../streaming/lib/logger';
import { BrowserFeedTable } from '../streaming/browser-feeds';
import { Metrics } from '../streaming/metrics';
import { findScene } from '../streaming/collection';
import { commandHandlers } from './command-handlers';
import type { DataFolder } from './data-folder';
import type { Destination } from './destinations-file';
import { Devices } from './devices';
import { DestinationStore } from './destination-store';
import { Egress } from './egress';
import { StateStreams } from './incoming-streams';
import { FileStore } from './file-store';
import { Ingest } from './ingest';
import { Notices } from './notices';
import type { EngineOptions } from './options';
import type { ProfileChoice } from './profile-choice';
import { Program } from './program';
import { ShowDesk } from './show-desk';
import type { OpenedShow, ShowFile } from './show-file';
import { initialSnapshot } from './snapshot';
import { StudioState } from './state';
import { Statistics } from './statistics';
import type { Totals } from './statistics';
import { summarise } from './summary';
import type { RunSummary } from './summary';
import { Usage } from './usage';

export interface StudioOptions {
  readonly engine: EngineOptions;
  readonly dataFolder: DataFolder;
  readonly ffmpeg: FfmpegBuild;
  readonly show: OpenedShow;
  readonly showFile: ShowFile;
  readonly destinations: readonly Destination[];
  readonly profile: ProfileChoice;
  readonly logger: Logger;
}

/** What leaves the studio towards the windows. */
export interface StudioAudience {
  stats(stats: EventPayload<'stats'>): void;
  meters(meters: EventPayload<'meters'>): void;
  preview(picture: PreviewPicture): void;
  sound(block: ProgramSound): void;
}

const statsIntervalMs = 500;
const metersIntervalMs = 50;
const previewFps = 30;
/** no tick for so long: no load explains that */
const standstillUs = 3_000_000;

/** The one place that wires the stages: program → hub → outputs, beside the RTMP server, the numbers and the state. */
export class Studio extends BaseComponent {
  readonly state: StudioState;
  readonly metrics = new Metrics();
  readonly handlers: CommandHandlers;
  readonly desk: ShowDesk;
  /** what pages capture for sources */
  readonly browserFeeds = new BrowserFeedTable();
  /** set before `start` */
  audience: StudioAudience = {
    stats: () => undefined,
    meters: () => undefined,
    preview: () => undefined,
    sound: () => undefined,
  };
  /** resolves when the wanted duration is over */
  readonly finished: Promise<void>;
  /** rejects when the program cannot go on: the process must be started anew */
  readonly failed: Promise<never>;
  readonly #options: StudioOptions;
  readonly #notices: Notices;
  readonly #devices: Devices;
  readonly #program: Program;
  readonly #egress: Egress;
  readonly #ingest: Ingest;
  readonly #saved: DestinationStore;
  readonly #usage: Usage;
  readonly #statistics: Statistics;
  readonly #levels = new RecentLevels();
  readonly #timers: NodeJS.Timeout[] = [];
  #finish: () => void = () => undefined;
  #fail: (error: Error) => void = () => undefined;
  #startedUs = 0;
  #tickedUs = 0;
  #stoppedUs = 0;
  #summary: RunSummary | null = null;

  constructor(options: StudioOptions) {
    super();
    this.#options = options;
    const { engine, dataFolder, ffmpeg, show, showFile, profile, logger } = options;
    const scene = findScene(show.collection, engine.scene);
    if (!scene) throw new StudioError('scene-not-found', { scene: engine.scene ?? '' });
    this.finished = new Promise((resolve) => (this.#finish = resolve));
    this.failed = new Promise((_, reject) => (this.#fail = reject));
    this.failed.catch(() => undefined);
    this.state = new StudioState(initialSnapshot(engine, dataFolder.path, ffmpeg));
    this.#notices = new Notices(this.state);
    this.#saved = new DestinationStore(dataFolder);
    this.#devices = new Devices({ ffmpeg, state: this.state, logger: logger.child({ part: 'devices' }) });
    const attached = {
      devices: this.#devices.directory,
      incoming: new StateStreams(this.state),
      browserFeeds: this.browserFeeds,
    };
    const shown = { ...engine, profile: profile.profile, ffmpeg, attached, logger };
    this.#program = new Program(shown, show, scene, {
      frame: (frame) => this.#ticked(frame),
      preview: (picture) => this.audience.preview(picture),
      sound: (block) => this.audience.sound(block),
      encoded: (packet, latencyMs) => this.#statistics.encoded(packet, latencyMs),
      trouble: (error) => this.#trouble(error),
      encoderFailing: () => profile.forget(),
    });
    this.desk = new ShowDesk({
      collection: show.collection,
      sceneId: scene.id,
      file: showFile,
      files: new FileStore({ folder: dataFolder.file('files') }),
      program: () => this.#program,
      state: this.state,
      notices: this.#notices,
    });
    this.#egress = new Egress(this.#program.pipeline.hub, logger.child({ part: 'output' }));
    this.#usage = new Usage(() => ({
      rtmp: [this.#ingest.server.pid].filter((pid) => pid !== undefined),
      encoder: Object.values(this.#program.pipeline.pids).filter((pid) => pid !== undefined),
      sources: this.#program.show.decoderPids,
    }));
    this.#statistics = new Statistics(this.metrics, this.#usage, () => systemClock.nowUs());
    this.#ingest = new Ingest({
      endpoint: engine.rtmp,
      dataDir: dataFolder.path,
      state: this.state,
      notices: this.#notices,
      statistics: this.#statistics,
      egress: this.#egress,
      logger: logger.child({ part: 'rtmp' }),
    });
    this.handlers = commandHandlers({
      desk: this.desk,
      egress: this.#egress,
      devices: this.#devices,
      server: this.#ingest.server,
      keys: this.#ingest.keys,
      saved: this.#saved,
      notices: this.#notices,
      recordingsFolder: dataFolder.file('recordings'),
      stopping: this.lifetime,
    });
  }

  get hub(): PacketSource {
    return this.#program.pipeline.hub;
  }

  /** the whole run in figures, once it has stopped */
  get summary(): RunSummary | null {
    return this.#summary;
  }

  /** where publishers and players go; null while the RTMP server is not to be had */
  get rtmpUrl(): string | null {
    return this.state.snapshot.engine.rtmpUrl;
  }

  notify(error: StudioError, severity: 'info' | 'warning' | 'error'): void {
    this.#notices.add(error.toWire(), severity);
  }

  /** What each source that can be heard reached in the last 2 to 4 seconds, after its fader; by source id. */
  inputLevels(): Map<string, { peakDb: number }> {
    return this.#levels.read();
  }

  /** Resolves when the first picture has been encoded. */
  async ready(signal: AbortSignal): Promise<void> {
    while (this.notReadyReason() !== null) await setTimeout(20, undefined, { signal });
  }

  /** @param width the widest preview that a window wants, null for none */
  wantPreview(width: number | null): void {
    this.#program.show.compositor
      .setPreview(width === null ? null : { width, fps: previewFps })
      // No room for its pictures: the show goes on unseen.
      .catch((error: unknown) => this.#options.logger.warn({ err: error }, 'there is no room for a preview'));
  }

  protected async onStart(signal: AbortSignal): Promise<void> {
    const { engine, destinations, profile } = this.#options;
    this.state.update('machine', (machine) => ({ ...machine, cpuFeatures: [...profile.cpu.features] }));
    this.#observe();
    if (!profile.isFastEnough)
      this.notify(
        new StudioError('profile-too-slow', { profile: profile.profile.name, reason: profile.reason }),
        'warning',
      );
    await this.#ingest.start(signal);
    await this.#devices.start(signal);
    await this.#program.start(signal);
    this.desk.tell();
    this.state.update('program', (program) => ({
      ...program,
      encoder: { name: profile.profile.encoder, profile: profile.profile.name, reason: profile.reason },
    }));
    for (const destination of destinations) this.#egress.addDestination(destination);
    this.#addSaved();
    if (engine.recordPath) this.#egress.startRecording(engine.recordPath);
    if (engine.isLive) this.#egress.goLive();
    await this.#ingest.feed();
    await this.#usage.reset();
    this.#startedUs = this.#tickedUs = systemClock.nowUs();
    this.#program.run(this.#wantedTicks);
    this.#timers.push(
      setInterval(() => void this.#readStats(), statsIntervalMs),
      setInterval(() => this.#readMeters(), metersIntervalMs),
    );
  }

  protected async onStop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#stoppedUs ||= systemClock.nowUs();
    await this.#usage.sample();
    // The states of the last moment of the run, with the counters of what still went out after it.
    const running = this.#egress.outputs();
    await this.#program.stop();
    await this.#devices.stop();
    const ended = new Map((await this.#egress.stop()).map((output) => [output.id, output]));
    const outputs = running.map((output) => ({ ...output, ...ended.get(output.id), status: output.status }));
    await this.#ingest.stop();
    await this.#options.showFile.stop();
    if (this.#startedUs > 0) this.#summary = this.#summarise(outputs);
  }

  #observe(): void {
    const { events } = this.#program.show;
    events.on('failed', (error) =>
      this.#fail(new Error(`the compositor ended: ${error.message}`, { cause: error })),
    );
    events.on('sources', () => this.state.set('sources', this.#program.show.sourcesView()));
    this.#egress.events.on('changed', () => this.#updateOutputs());
  }

  /** The destinations of the command line come first: one of the same name replaces the saved one for this run. */
  #addSaved(): void {
    const given = new Set(this.#options.destinations.map(({ name }) => name));
    const { destinations, error } = this.#saved.load();
    if (error) this.#notices.add(error.toWire(), 'error');
    for (const { id, ...destination } of destinations) {
      if (given.has(destination.name)) continue;
      try {
        this.#egress.addDestination(destination, id);
      } catch (reason) {
        // One that is wrong costs the others nothing.
        this.#notices.add(toWireError(reason), 'error');
      }
    }
  }

  #ticked(frame: ProgramFrame): void {
    this.#statistics.frame(frame);
    this.#tickedUs = systemClock.nowUs();
    if (frame.index + 1 < this.#wantedTicks) return;
    this.#stoppedUs ||= systemClock.nowUs();
    this.#finish();
  }

  get #wantedTicks(): number {
    const { durationSec, fps } = this.#options.engine;
    return durationSec === undefined ? Infinity : Math.max(1, Math.round(durationSec * fps));
  }

  #totals(): Totals {
    const { ticks, composed, lagged } = this.#program.show.compositor.counters;
    const { encoded, skipped, queue } = this.#program.pipeline.counters;
    const dropped = this.#egress
      .outputs()
      .map(({ name, droppedFrames }) => ({ output: name, frames: droppedFrames }));
    return { ticks, composed, lagged, encoded, skipped, encoderQueue: queue, dropped };
  }

  #readMeters(): void {
    const { peakDb, rmsDb, limiterDb, inputs } = this.#program.mixer.readMeters();
    this.#levels.feed(inputs);
    this.audience.meters({ peakDb, rmsDb, limiterDb, inputs: [...inputs] });
  }

  async #readStats(): Promise<void> {
    this.audience.stats(await this.#statistics.read(this.#totals()));
    this.#updateOutputs();
    this.#updateReadiness();
  }

  #updateOutputs(): void {
    this.state.set('live', this.#egress.live());
    this.state.set('outputs', this.#egress.outputs());
    const recording = this.#egress.recording();
    const { state: before } = this.state.snapshot.recording;
    this.state.set('recording', recording);
    if (recording.error && before !== 'failed') this.#notices.add(recording.error, 'error');
  }

  #trouble(error: StudioError): void {
    this.#notices.add(error.toWire(), 'warning');
    this.#updateReadiness();
  }

  #updateReadiness(): void {
    const { pipeline } = this.#program;
    const state = pipeline.isFailing
      ? 'failed'
      : pipeline.pids.video === undefined
        ? 'restarting'
        : pipeline.counters.encoded > 0
          ? 'running'
          : 'starting';
    this.state.update('program', (program) => ({ ...program, state }));
    const reason = this.notReadyReason();
    this.state.update('engine', (engine) => ({ ...engine, ready: reason === null, notReadyReason: reason }));
  }

  /** null: pictures are coming out of the encoder */
  notReadyReason(): string | null {
    if (this.lifetime.aborted) return 'the engine is stopping';
    if (this.#startedUs > 0 && this.#stoppedUs === 0 && systemClock.nowUs() - this.#tickedUs > standstillUs)
      return 'the compositor stands still';
    const { state } = this.state.snapshot.program;
    if (state === 'failed' || state === 'restarting') return 'the video encoder is being restarted';
    if (this.#program.pipeline.counters.encoded === 0) return 'no picture has been encoded yet';
    return null;
  }

  #summarise(outputs: ReturnType<Egress['outputs']>): RunSummary {
    const { engine, profile } = this.#options;
    const { ticks, composed, lagged, encoded, skipped } = this.#totals();
    return summarise({
      ...engine,
      wallSec: (this.#stoppedUs - this.#startedUs) / 1e6,
      encoder: profile.profile.encoder,
      profile: profile.profile.name,
      frames: { ticks, composed, lagged, encoded, skipped },
      cpuMs: this.#usage.cpuMs(),
      videoBytes: this.#program.pipeline.counters.videoBytes,
      composeMs: this.#statistics.composeMs,
      rtmpMs: this.#statistics.rtmpMs,
      rssMb: this.#usage.engineRssMb,
      outputs,
      recording: this.#egress.recordingSummary,
    });
  }
}
