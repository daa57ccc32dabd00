import type { SoundSettings } from '../../shared/model/sound';
import { isKnownSource, isSoundOnly } from '../../shared/model/source';
import type { AnySource } from '../../shared/model/source';
import type { Collection } from '../../shared/model/collection';
import type { Scene, Transition } from '../../shared/model/scene';
import type { WireError } from '../../shared/contract/errors';
import type { Snapshot } from '../../shared/contract/snapshot';
import type { LoadedCollection } from './collection';
import { Compositor } from './composition/compositor';
import { SceneView } from './composition/scene-view';
import { TilePool } from './composition/tile-pool';
import { setTimeout as delay } from 'node:timers/promises';
import type { AudioInput } from './interfaces/audio-input';
import type { FfmpegBuild } from './interfaces/ffmpeg';
import { BaseComponent } from './lib/component';
import { Emitter } from './lib/emitter';
import { StudioError, toWireError } from './lib/errors';
import type { Logger } from './lib/logger';
import { fileLooker } from './sources/file-looker';
import { nothingAttached } from './sources/nothing-attached';
import type { AttachedInputs } from './sources/nothing-attached';
import { createSource } from './sources/registry';
import { sourceDeviceId } from './sources/source-device';
import type { DeviceDirectory, Playback, StudioSource } from './sources/source';
import { ShowSources } from './show-sources';

export interface ShowOptions {
  /** canvas pixels, even */
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** in real time, or as fast as frames are taken */
  readonly clock: 'real' | 'max';
  readonly ffmpeg: FfmpegBuild;
  /** devices, incoming streams and pages that sources may draw from; none of them unless given */
  readonly attached?: Partial<AttachedInputs>;
  readonly logger: Logger;
}

interface ShowEvents {
  /** what people see of the sources: settings, states, errors, sizes, positions */
  sources: undefined;
  /** other sources may be heard, or sound otherwise */
  audible: undefined;
  /** the compositor is gone: no picture will come any more */
  failed: Error;
}

/** A change is shown complete if its new sources are there by then; those that come later are shown when they come. */
const startPatienceMs = 250;
/** The same for the first picture of all. */
const firstPatienceMs = 2000;
/** Sources have much to tell (sizes, states, positions); people need not be told more often. */
const tellIntervalMs = 100;

/** The scenes and sources of a collection and the compositor that draws the chosen scene: frames, but no sound and no encoder. */
export class Show extends BaseComponent {
  readonly events = new Emitter<ShowEvents>();
  readonly compositor: Compositor;
  readonly #options: ShowOptions;
  readonly #baseFolder: string;
  readonly #tiles: TilePool;
  readonly #view: SceneView;
  readonly #sources: ShowSources;
  /** item id → why it cannot be drawn */
  readonly #itemErrors = new Map<string, WireError>();
  #collection: Collection;
  #sceneId: string;
  #isRunning = false;
  #stopListening: () => void = () => undefined;
  #tellTimer: NodeJS.Timeout | undefined;

  constructor(options: ShowOptions, loaded: LoadedCollection, scene: Scene) {
    super();
    this.#options = options;
    this.#baseFolder = loaded.baseFolder;
    this.#collection = loaded.collection;
    this.#sceneId = scene.id;
    this.compositor = new Compositor(options);
    this.#tiles = new TilePool({ arena: this.compositor.arena, logger: options.logger });
    this.#view = new SceneView({
      canvas: { width: options.width, height: options.height },
      program: { fps: options.fps, frameIndex: () => this.compositor.nextIndex },
      setLayers: (...lists) => this.compositor.setLayers(...lists),
      onItemError: (itemId, _sourceId, error) =>
        this.#reportItem(itemId, error === null ? null : toWireError(error)),
    });
    this.#sources = new ShowSources({
      create: (settings) => this.#createSource(settings),
      onReady: () => this.#sourceReady(),
      onState: () => this.#tellSoon(),
      logger: options.logger,
    });
  }

  /** the scene on program */
  get sceneId(): string {
    return this.#sceneId;
  }

  get #devices(): DeviceDirectory {
    return this.#options.attached?.devices ?? nothingAttached.devices;
  }

  /** process ids of all media decoders, for CPU accounting */
  get decoderPids(): number[] {
    return this.#sources.all.flatMap((source) => source.pids);
  }

  protected async onStart(signal: AbortSignal): Promise<void> {
    this.compositor.onError = (error) => this.events.emit('failed', error);
    this.compositor.onFaded = (id) => this.#view.faded(id);
    await Promise.all([this.compositor.start(signal), this.#tiles.start(signal)]);
    await this.#view.start(signal);
    this.#isRunning = true;
    // Which device a source has may be another one, though nothing is captured.
    this.#stopListening = this.#devices.onListed(() => this.#tellSoon());
    const started = this.#sources.apply(this.#collection.sources, this.lifetime);
    await patiently(started, firstPatienceMs, signal);
    await this.#show();
  }

  protected async onStop(): Promise<void> {
    this.#stopListening();
    clearTimeout(this.#tellTimer);
    // The reader of the shared memory goes first, then those who write into it.
    await this.compositor.stop();
    await this.#view.stop();
    await this.#sources.stop();
    await this.#tiles.stop();
  }

  /** What is heard now, by source id: what is seen in the scene on program, and what has no picture to be seen. */
  audible(): Map<string, { input: AudioInput; sound: SoundSettings }> {
    const inputs = new Map<string, { input: AudioInput; sound: SoundSettings }>();
    const seen = new Set(this.#scene().items.flatMap((item) => (item.visible ? item.sourceId : [])));
    for (const [id, source] of this.#sources.ready()) {
      const isHeard = seen.has(id) || isSoundOnly(source.settings);
      if (isHeard && source.audio && source.sound)
        inputs.set(id, { input: source.audio, sound: source.sound });
    }
    return inputs;
  }

  /**
   * Show this from now on. Sources that are the same run on undisturbed; one that fails or is slow costs the others
   * nothing. The sources are told of at once; resolves when the change is on the canvas.
   * @param sceneId on program; one of the collection's
   */
  async apply(collection: Collection, sceneId = this.#sceneId): Promise<void> {
    const before = this.#collection;
    this.#collection = collection;
    this.#sceneId = sceneId;
    if (!this.#isRunning || this.lifetime.aborted) return;
    const started =
      collection.sources === before.sources ? null : this.#sources.apply(collection.sources, this.lifetime);
    if (started) this.#tell();
    this.events.emit('audible', undefined);
    const kept = new Set(collection.scenes.map(({ id }) => id));
    for (const { id } of before.scenes) if (!kept.has(id)) this.#view.forget(id);
    if (started) await patiently(started, startPatienceMs, this.lifetime);
    await this.#show();
  }

  /** the collection's own */
  get transition(): Transition {
    return this.#collection.transition;
  }

  /** @throws StudioError `scene-not-found` */
  async switchScene(sceneId: string, transition: Transition = this.#collection.transition): Promise<void> {
    if (!this.#collection.scenes.some((scene) => scene.id === sceneId))
      throw new StudioError('scene-not-found', { scene: sceneId });
    this.#sceneId = sceneId;
    await this.#show(transition);
  }

  /** @throws StudioError `source-not-found`, `nothing-to-play` */
  playbackOf(sourceId: string): Playback {
    const source = this.#sources.get(sourceId);
    if (!source) throw new StudioError('source-not-found', { sourceId });
    if (!source.playback) throw new StudioError('nothing-to-play', { name: source.settings.name });
    return source.playback;
  }

  /** In the order of the collection. */
  sourcesView(): Snapshot['sources'] {
    return this.#collection.sources.map((settings) => {
      const { id, name, kind } = settings;
      const source = this.#sources.get(id);
      const state = source?.state ?? { state: 'idle', error: null };
      const trouble = this.#sources.startErrorOf(id) ?? this.#itemErrorOf(id);
      const error = state.error ?? trouble;
      return {
        ...{ id, name, kind, error, settings, size: source?.size ?? null },
        playback: source?.playback?.position ?? null,
        deviceId: sourceDeviceId(this.#devices, settings),
        // A source that is ok may have a warning.
        state: trouble ? 'failed' : state.state,
      };
    });
  }

  #createSource(settings: AnySource): StudioSource {
    const { width, height, fps, ffmpeg, attached, logger } = this.#options;
    if (!isKnownSource(settings))
      logger.warn({ source: settings.id, kind: settings.kind }, 'a source of an unknown kind is left out');
    return createSource(settings, {
      arena: this.compositor.arena,
      tiles: this.#tiles,
      ffmpeg,
      program: { width, height, fps, frameIndex: () => this.compositor.nextIndex },
      ...nothingAttached,
      ...attached,
      files: fileLooker,
      baseFolder: this.#baseFolder,
      logger,
      now: Date.now,
      random: Math.random,
    });
  }

  #scene(): Scene {
    const scene = this.#collection.scenes.find(({ id }) => id === this.#sceneId);
    if (!scene) throw new StudioError('scene-not-found', { scene: this.#sceneId });
    return scene;
  }

  #show(transition?: Transition): Promise<void> {
    const frames =
      transition?.kind === 'fade'
        ? Math.max(1, Math.round((transition.durationMs / 1000) * this.#options.fps))
        : 0;
    return this.#view.show(this.#scene(), this.#sources.ready(), frames);
  }

  #sourceReady(): void {
    if (this.lifetime.aborted) return;
    this.#tellSoon();
    this.events.emit('audible', undefined);
    this.#show().catch((error: unknown) =>
      this.#options.logger.error({ err: error }, 'a source that came later could not be shown'),
    );
  }

  #reportItem(itemId: string, error: WireError | null): void {
    if (error) this.#itemErrors.set(itemId, error);
    else this.#itemErrors.delete(itemId);
    this.#tellSoon();
  }

  /** Of the items that are to be seen now: what went wrong with others may be mended meanwhile. */
  #itemErrorOf(sourceId: string): WireError | null {
    const items = this.#scene().items.filter((item) => item.visible && item.sourceId === sourceId);
    for (const { id } of items) {
      const error = this.#itemErrors.get(id);
      if (error) return error;
    }
    return null;
  }

  #tell(): void {
    clearTimeout(this.#tellTimer);
    this.#tellTimer = undefined;
    this.events.emit('sources', undefined);
  }

  #tellSoon(): void {
    this.#tellTimer ??= setTimeout(() => this.#tell(), tellIntervalMs);
  }
}

/** Waits for it, but not longer than that. */
async function patiently(work: Promise<void>, ms: number, signal: AbortSignal): Promise<void> {
  const impatience = new AbortController();
  const patience = delay(ms, undefined, { signal: AbortSignal.any([signal, impatience.signal]) });
  await Promise.race([work, patience.catch(() => undefined)]);
  impatience.abort();
}
