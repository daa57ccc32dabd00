import { setTimeout } from 'node:timers/promises';
import type { CommandHandlers } from '../../shared/contract/commands';
import type { ProgramFrame } from '../streaming/interfaces/frame';
import { systemClock } from '../streaming/lib/clock';
import { BaseComponent } from '../streaming/lib/component';
import { StudioError } from '../streaming/lib/errors';
import { soundInFiles } from '../streaming/output/sound-codec';
import { BrowserFeedTable } from '../streaming/browser-feeds';
import type { HandOver } from '../streaming/output/hand-over';
import { Metrics } from '../streaming/metrics';
import { findScene } from '../streaming/collection';
import { commandHandlers } from './command-handlers';
import { createProgram } from './create-program';
import { addDestinations } from './destination-commands';
import { AdaptiveDesk } from './adaptive-desk';
import { Devices } from './devices';
import { DestinationStore } from './destination-store';
import { Egress } from './egress';
import { EncoderDesk } from './encoder-desk';
import { StateStreams } from './incoming-streams';
import { FileStore } from './file-store';
import { Ingest } from './ingest';
import { LanPreviewDesk } from './lan-preview-desk';
import { Links } from './links';
import { NetworkWatch } from './network-watch';
import { Notices } from './notices';
import type { ProfileChoice } from './profile-choice';
import type { Program } from './program';
import type { ProgramFormat } from './program-format';
import { ProgramHandOver } from './program-hand-over';
import { ProgramHost } from './program-host';
import { ProgramReplacement } from './program-replacement';
import type { ViewedProgram } from './program-viewers';
import { PreflightDesk } from './preflight-desk';
import { Recorders } from './recorders';
import type { RecordingPlayback } from './recording-playback';
import { Reporter } from './reporter';
import { Run } from './run';
import { SettingsDesk } from './settings-desk';
import { ShowDesk } from './show-desk';
import { initialSnapshot } from './snapshot';
import { StudioState } from './state';
import { Statistics } from './statistics';
import type { StudioAudience, StudioOptions } from './studio-options';
import { summariseRun } from './summary';
import type { RunSummary } from './summary';
import { Usage } from './usage';
import { VariantDesk } from './variant-desk';

/** The one place that wires the stages: program → hub → outputs, beside the RTMP server, the numbers and the state. */
export class Studio extends BaseComponent {
  readonly state: StudioState;
  readonly metrics = new Metrics();
  readonly handlers: CommandHandlers;
  /** recordings over HTTP */
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
  readonly run: Run;
  readonly #options: StudioOptions;
  readonly #notices: Notices;
  readonly #devices: Devices;
  readonly #host: ProgramHost;
  readonly #replacement: ProgramReplacement;
  readonly #settings: SettingsDesk;
  readonly #encoders: EncoderDesk;
  readonly #recorders: Recorders;
  readonly #preflight: PreflightDesk;
  readonly #adaptive: AdaptiveDesk;
  readonly #links: Links;
  readonly #egress: Egress;
  readonly #network: NetworkWatch;
  readonly #ingest: Ingest;
  readonly #lanPreview: LanPreviewDesk;
  readonly #saved: DestinationStore;
  readonly #usage: Usage;
  readonly #statistics: Statistics;
  readonly #variants: VariantDesk;
  readonly #reporter: Reporter;
  #summary: RunSummary | null = null;
  #previewWidth: number | null = null;

  constructor(options: StudioOptions) {
    super();
    this.#options = options;
    const { engine, dataFolder, ffmpeg, show, showFile, format, profile, logger } = options;
    const scene = findScene(show.collection, engine.scene);
    if (!scene) throw new StudioError('scene-not-found', { scene: engine.scene ?? '' });
    this.run = new Run(engine.durationSec);
    this.state = new StudioState(initialSnapshot(engine, format, dataFolder.path, ffmpeg));
    this.#notices = new Notices(this.state);
    this.#saved = new DestinationStore(dataFolder, options.secret);
    this.#devices = new Devices({ ffmpeg, state: this.state, logger: logger.child({ part: 'devices' }) });
    this.desk = new ShowDesk({
      collection: show.collection,
      sceneId: scene.id,
      file: showFile,
      files: new FileStore({ folder: dataFolder.file('files') }),
      program: () => this.#program,
      state: this.state,
      notices: this.#notices,
    });
    this.#host = new ProgramHost({
      ...{ format, choice: profile },
      choose: (wanted, signal) => options.encoders.choose(wanted, signal),
      create: (wanted, choice) => this.#createProgram(wanted, choice),
      run: (program) => program.run(this.#wantedTicks - this.#host.totals.ticks),
    });
    this.#replacement = new ProgramReplacement({
      ...{ host: this.#host, desk: this.desk, state: this.state, stopping: this.lifetime },
      onReplaced: () => this.#feedAnew(),
      onLost: (error) => this.run.fail(error),
    });
    const handOver = new ProgramHandOver({
      ...{ host: this.#host, encoders: options.encoders, stopping: this.lifetime },
      onDone: () => this.#reporter.tellFormat(),
    });
    this.#settings = new SettingsDesk({
      store: options.settings,
      given: engine.given,
      encoders: options.encoders,
      dataFolder: dataFolder.path,
      isOnAir: () => this.#egress.isOnAir,
      changeProgram: (wanted) => this.#replacement.replace(wanted),
      handOver: (wanted) => handOver.take(wanted),
      onChanged: () => this.#settingsChanged(),
      notices: this.#notices,
    });
    this.#encoders = new EncoderDesk({
      ...{ state: this.state, store: options.settings, encoders: options.encoders, host: this.#host },
      ...{ settings: this.#settings, stopping: this.lifetime, isOnAir: () => this.#egress.isOnAir },
      replaceProgram: (wanted, choose) => this.#replacement.replace(wanted, choose),
      handOver: (wanted) => handOver.take(wanted),
      sceneName: () => this.desk.names.scene,
    });
    this.#usage = new Usage(() => ({
      rtmp: [this.#ingest.server.pid, this.#lanPreview.pid].filter((pid) => pid !== undefined),
      encoder: this.#program.pipeline.allPids,
      sources: this.#program.show.decoderPids,
    }));
    this.#variants = new VariantDesk({
      ...{ state: this.state, store: options.settings, settings: this.#settings, host: this.#host },
      ...{ usage: this.#usage, notices: this.#notices },
      usersOf: (id) => this.#egress.usersOf(id),
    });
    this.#links = new Links({
      ...{ dataFolder, egress: () => this.#egress, state: this.state, stopping: this.lifetime },
      wantedKbps: () => this.#preflight.wantedKbps,
    });
    this.#egress = new Egress(this.#program.pipeline.hub, logger.child({ part: 'output' }), {
      videoKbps: () => this.#host.format.bitrateKbps,
      variants: this.#variants.runs,
      servers: this.#links.servers,
      codec: () => this.#host.format.codec,
    });
    this.#network = new NetworkWatch({ onChanged: () => this.#egress.networkChanged() });
    this.#adaptive = new AdaptiveDesk({
      ...{ egress: this.#egress, host: this.#host, logger },
      onChanged: (id) => this.#reporter.tellLowered(id),
    });
    this.#preflight = new PreflightDesk({
      host: this.#host,
      videoOf: (id) => this.#variants.videoOf(id),
      snapshot: () => this.state.snapshot,
      inputLevels: () => this.inputLevels(),
      uploadFile: dataFolder.file('upload.json'),
      bandwidth: this.#links.record,
    });
    this.#recorders = new Recorders({
      ...{ egress: this.#egress, notices: this.#notices, state: this.state, logger },
      journalFile: dataFolder.file('recordings.json'),
      wanted: () => this.#settings.recordings,
      facts: () => this.desk.names,
      onChanged: () => this.#reporter.tellOutputs(),
      hub: () => this.#program.pipeline.hub,
      sound: () => soundInFiles[this.#host.format.codec],
      wantedSec: () => this.#settings.settings.replaySec,
    });
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
    this.#lanPreview = new LanPreviewDesk(options, this.state, this.#notices, this.#statistics);
    this.#reporter = new Reporter({
      ...{ state: this.state, notices: this.#notices, host: this.#host, egress: this.#egress },
      ...{ recordings: this.#recorders.recordings, preflight: this.#preflight, statistics: this.#statistics },
      variants: this.#variants,
      ...{ run: this.run, audience: () => this.audience, stopping: this.lifetime },
    });
    this.handlers = commandHandlers({
      ...{ desk: this.desk, egress: this.#egress, devices: this.#devices, saved: this.#saved },
      ...{ server: this.#ingest.server, keys: this.#ingest.keys, notices: this.#notices },
      ...{ settings: this.#settings, encoders: this.#encoders, variants: this.#variants },
      ...{ recorders: this.#recorders, preflight: this.#preflight, links: this.#links },
      lanPreview: this.#lanPreview,
      stopping: this.lifetime,
    });
  }

  get #program(): Program {
    return this.#host.program;
  }

  /** what plays recordings in a window */
  get playback(): RecordingPlayback {
    return this.#recorders.playback;
  }

  /** what players are given */
  get viewed(): ViewedProgram {
    return { hub: this.#program.pipeline.hub, codec: this.#host.format.codec };
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
    return this.#reporter.inputLevels();
  }

  /** Resolves when the first picture has been encoded. */
  async ready(signal: AbortSignal): Promise<void> {
    while (this.notReadyReason() !== null) await setTimeout(20, undefined, { signal });
  }

  /** @param width the widest preview that a window wants, null for none */
  wantPreview(width: number | null): void {
    this.#previewWidth = width;
    this.#program.wantPreview(width);
  }

  protected async onStart(signal: AbortSignal): Promise<void> {
    const { engine, destinations, profile } = this.#options;
    const found = { cpuFeatures: [...profile.cpu.features], keyStore: this.#options.secret.place };
    this.state.update('machine', (machine) => ({ ...machine, ...found }));
    this.desk.tell();
    this.state.set('settings', this.#settings.view());
    this.#encoders.tell();
    this.#egress.events.on('changed', () => this.#reporter.tellOutputs());
    // Processes and threads take their time to come up, most of it on other cores.
    await Promise.all([
      this.#ingest.start(signal),
      this.#devices.start(signal).then(() => this.#program.start(signal)),
    ]);
    this.desk.tell();
    this.#reporter.tellFormat();
    this.#settingsChanged();
    await Promise.all([this.#recorders.start(signal), this.#lanPreview.start(signal)]);
    this.#preflight.load();
    this.#links.bandwidth.load();
    for (const error of addDestinations(this.#egress, destinations, this.#saved))
      this.#notices.add(error, 'error');
    if (engine.recordPath) this.#recorders.recordings.record(engine.recordPath);
    if (engine.isLive) this.#egress.goLive(this.#options.wasOn);
    await this.#ingest.feed();
    await this.#usage.reset();
    this.run.begin();
    this.#program.run(this.#wantedTicks);
    await Promise.all([this.#reporter, this.#network, this.#adaptive].map((part) => part.start(signal)));
  }

  protected async onStop(): Promise<void> {
    const { showFile } = this.#options;
    // The last edits depend on nothing else: their saving begins first, and has its end whatever fails or hangs meanwhile.
    void showFile.flush();
    try {
      await this.#end();
    } finally {
      await Promise.all([this.#options.settings.stop(), showFile.stop(), this.#recorders.journal.stop()]);
    }
  }

  async #end(): Promise<void> {
    this.run.end();
    await Promise.all([this.#adaptive.stop(), this.#reporter.stop(), this.#network.stop()]);
    await this.#usage.sample();
    // What is being saved may end beside the rest.
    const aside = [this.#recorders.replay, this.#lanPreview, this.#links.bandwidth];
    const saved = Promise.all([this.#preflight.end(), ...aside.map((part) => part.stop())]);
    await this.#recorders.recordings.stop();
    await this.#replacement.settled;
    // The states of the last moment of the run, with the counters of what still went out after it.
    const running = this.#egress.outputs();
    await this.#program.stop();
    await this.#devices.stop();
    const ended = new Map((await this.#egress.stop()).map((output) => [output.id, output]));
    const outputs = running.map((output) => ({ ...output, ...ended.get(output.id), status: output.status }));
    await Promise.all([this.#ingest.stop(), saved]);
    const figures = { wallSec: this.run.wallSec, outputs, recording: this.#egress.recordingSummary };
    const parts = { host: this.#host, statistics: this.#statistics, usage: this.#usage };
    if (this.run.hasBegun) this.#summary = summariseRun(parts, figures);
  }

  #createProgram(format: ProgramFormat, choice: ProfileChoice): Program {
    const { engine, ffmpeg, show, logger } = this.#options;
    const shown = { ...show, collection: this.desk.editor.collection };
    const attached = {
      devices: this.#devices.directory,
      incoming: new StateStreams(this.state),
      browserFeeds: this.browserFeeds,
    };
    const program: Program = createProgram(
      format,
      shown,
      { choice, clock: engine.clock, ffmpeg, attached, logger },
      {
        frame: (frame) => this.#ticked(frame),
        preview: (picture) => this.audience.preview(picture),
        sound: (block) => this.audience.sound(block),
        encoded: (packet, latencyMs) => this.#statistics.encoded(packet, latencyMs),
        // Of one that is still to prove itself, whoever asked for it is told.
        trouble: (error) => program === this.#program && this.#trouble(error),
        handOver: (handOver) => program === this.#program && this.#handedOver(handOver),
      },
    );
    program.pipeline.hub.onTaken = (output, waitedMs) => this.#statistics.taken(output, waitedMs);
    program.show.events.on('failed', (error) =>
      this.run.fail(new Error(`the compositor ended: ${error.message}`, { cause: error })),
    );
    program.show.events.on('sources', () => {
      if (program === this.#program) this.state.set('sources', program.show.sourcesView());
    });
    return program;
  }

  async #feedAnew(): Promise<void> {
    this.#reporter.tellFormat();
    this.#encoders.tell();
    this.#variants.programReplaced();
    this.#egress.feedFrom(this.#program.pipeline.hub);
    this.#recorders.replay.look();
    await this.#ingest.feedAnew();
    this.wantPreview(this.#previewWidth);
    this.run.resume();
  }

  #settingsChanged(): void {
    this.state.set('settings', this.#settings.view());
    this.#encoders.tell();
    this.#variants.tell();
    this.#recorders.look();
  }

  #ticked(frame: ProgramFrame): void {
    this.#statistics.frame(frame);
    this.#preflight.pass(frame);
    this.#encoders.pass(frame);
    this.run.tick(this.#host.formerTicks + frame.index + 1 >= this.#wantedTicks);
  }

  get #wantedTicks(): number {
    return this.run.ticks(this.#host.format.fps);
  }

  #handedOver(handOver: HandOver): void {
    const { cause, to } = handOver;
    if (cause === 'fall-back') {
      this.#host.fellBack(to.profile, handOver.words);
      this.#reporter.tellFormat();
      this.#settingsChanged();
    }
    this.#reporter.tellHandOver(handOver);
  }

  #trouble(error: StudioError): void {
    this.#notices.add(error.toWire(), 'warning');
    this.#reporter.tellReadiness();
  }

  /** null: pictures are coming out of the encoder */
  notReadyReason(): string | null {
    return this.#reporter.notReadyReason();
  }
}
