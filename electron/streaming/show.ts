import type { SoundSettings } from '../../shared/model/sound';
import { isKnownSource, isSoundOnly } from '../../shared/model/source';
import type { Scene, SceneItem } from '../../shared/model/scene';
import type { WireError } from '../../shared/contract/errors';
import type { Snapshot } from '../../shared/contract/snapshot';
import type { LoadedCollection } from './collection';
import { Compositor } from './composition/compositor';
import { SceneView } from './composition/scene-view';
import { TilePool } from './composition/tile-pool';
import type { AudioInput } from './interfaces/audio-input';
import type { FfmpegBuild } from './interfaces/ffmpeg';
import { BaseComponent } from './lib/component';
import { Emitter } from './lib/emitter';
import { StudioError, toWireError } from './lib/errors';
import type { Logger } from './lib/logger';
import { nothingAttached } from './sources/nothing-attached';
import type { AttachedInputs } from './sources/nothing-attached';
import { createSource } from './sources/registry';
import type { StudioSource } from './sources/source';

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
  scenes: undefined;
  sources: undefined;
  /** the compositor is gone: no picture will come any more */
  failed: Error;
}

/** The scenes and sources of a collection and the compositor that draws the chosen scene: frames, but no sound and no encoder. */
export class Show extends BaseComponent {
  readonly events = new Emitter<ShowEvents>();
  readonly compositor: Compositor;
  readonly #options: ShowOptions;
  readonly #loaded: LoadedCollection;
  readonly #tiles: TilePool;
  readonly #view: SceneView;
  readonly #sources = new Map<string, StudioSource>();
  readonly #itemErrors = new Map<string, WireError>();
  #scenes: readonly Scene[];
  #sceneId: string;

  constructor(options: ShowOptions, loaded: LoadedCollection, scene: Scene) {
    super();
    this.#options = options;
    this.#loaded = loaded;
    this.#scenes = loaded.collection.scenes;
    this.#sceneId = scene.id;
    this.compositor = new Compositor(options);
    this.#tiles = new TilePool({ arena: this.compositor.arena, logger: options.logger });
    this.#view = new SceneView({
      canvas: { width: options.width, height: options.height },
      setLayers: (layers, hiddenRings) => this.compositor.setLayers(layers, hiddenRings),
      onItemError: (_itemId, sourceId, error) =>
        this.#reportItem(sourceId, error === null ? null : toWireError(error)),
    });
  }

  /** the scene on program */
  get sceneId(): string {
    return this.#sceneId;
  }

  /** process ids of all media decoders, for CPU accounting */
  get decoderPids(): number[] {
    return [...this.#sources.values()].flatMap((source) => source.pids);
  }

  protected async onStart(signal: AbortSignal): Promise<void> {
    this.compositor.onError = (error) => this.events.emit('failed', error);
    await this.compositor.start(signal);
    await this.#tiles.start(signal);
    await this.#createSources(signal);
    await this.#view.start(signal);
    await this.#show();
  }

  protected async onStop(): Promise<void> {
    // The reader of the shared memory goes first, then those who write into it.
    await this.compositor.stop();
    await this.#view.stop();
    await Promise.all([...this.#sources.values()].map((source) => source.stop()));
    await this.#tiles.stop();
  }

  /** What is heard now, by source id: what is seen in the scene on program, and what has no picture to be seen. */
  audible(): Map<string, { input: AudioInput; sound: SoundSettings }> {
    const inputs = new Map<string, { input: AudioInput; sound: SoundSettings }>();
    const seen = new Set(this.#scene().items.flatMap((item) => (item.visible ? item.sourceId : [])));
    for (const [id, source] of this.#sources) {
      const isHeard = seen.has(id) || isSoundOnly(source.settings);
      if (isHeard && source.audio && source.sound)
        inputs.set(id, { input: source.audio, sound: source.sound });
    }
    return inputs;
  }

  /** @throws StudioError `scene-not-found` */
  async switchScene(sceneId: string): Promise<void> {
    if (!this.#scenes.some((scene) => scene.id === sceneId))
      throw new StudioError('scene-not-found', { scene: sceneId });
    this.#sceneId = sceneId;
    await this.#show();
    this.events.emit('scenes', undefined);
  }

  /** @throws StudioError `item-not-found` */
  async updateItem(
    itemId: string,
    patch: { [Key in keyof SceneItem]?: SceneItem[Key] | undefined },
  ): Promise<void> {
    const given = Object.fromEntries(
      Object.entries(patch).filter(([, value]) => value !== undefined),
    ) as Partial<SceneItem>;
    let isFound = false;
    const changed = (item: SceneItem): SceneItem => {
      if (item.id !== itemId) return item;
      isFound = true;
      return { ...item, ...given };
    };
    this.#scenes = this.#scenes.map((scene) => ({ ...scene, items: scene.items.map(changed) }));
    if (!isFound) throw new StudioError('item-not-found', { itemId });
    await this.#show();
    this.events.emit('scenes', undefined);
  }

  scenesView(): Snapshot['scenes'] {
    return this.#scenes.map(({ id, name, items }) => ({ id, name, items }));
  }

  sourcesView(): Snapshot['sources'] {
    return [...this.#sources].map(([id, source]) => {
      const { name, kind } = source.settings;
      const error = source.state.state === 'failed' ? source.state.error : (this.#itemErrors.get(id) ?? null);
      return {
        ...{ id, name, kind, error, settings: source.settings, size: source.size },
        playback: source.playback?.position ?? null,
        state: error ? 'failed' : source.state.state,
      };
    });
  }

  async #createSources(signal: AbortSignal): Promise<void> {
    const { width, height, fps, ffmpeg, attached, logger } = this.#options;
    for (const settings of this.#loaded.collection.sources) {
      const source = createSource(settings, {
        arena: this.compositor.arena,
        tiles: this.#tiles,
        ffmpeg,
        program: { width, height, fps, frameIndex: () => this.compositor.nextIndex },
        ...nothingAttached,
        ...attached,
        baseFolder: this.#loaded.baseFolder,
        logger,
        now: Date.now,
        random: Math.random,
      });
      source.onStateChanged(() => this.events.emit('sources', undefined));
      this.#sources.set(settings.id, source);
      if (!isKnownSource(settings))
        logger.warn({ source: settings.id, kind: settings.kind }, 'a source of an unknown kind is left out');
    }
    await Promise.all([...this.#sources.values()].map((source) => source.start(signal)));
  }

  #scene(): Scene {
    const scene = this.#scenes.find(({ id }) => id === this.#sceneId);
    if (!scene) throw new StudioError('scene-not-found', { scene: this.#sceneId });
    return scene;
  }

  #show(): Promise<void> {
    return this.#view.show(this.#scene(), this.#sources);
  }

  #reportItem(sourceId: string, error: WireError | null): void {
    if (error) this.#itemErrors.set(sourceId, error);
    else this.#itemErrors.delete(sourceId);
    this.events.emit('sources', undefined);
  }
}
