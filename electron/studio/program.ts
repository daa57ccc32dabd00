import { isKnownSource } from '../../shared/model/collection';
import type { Scene, SceneItem } from '../../shared/model/collection';
import type { WireError } from '../../shared/contract/errors';
import type { Snapshot } from '../../shared/contract/snapshot';
import { Mixer } from '../streaming/audio/mixer';
import { Compositor } from '../streaming/composition/compositor';
import { SceneView } from '../streaming/composition/scene-view';
import { TilePool } from '../streaming/composition/tile-pool';
import type { FfmpegBuild } from '../streaming/interfaces/ffmpeg';
import type { PreviewPicture, ProgramFrame } from '../streaming/interfaces/frame';
import { BaseComponent } from '../streaming/lib/component';
import { Emitter } from '../streaming/lib/emitter';
import { StudioError } from '../streaming/lib/errors';
import type { Logger } from '../streaming/lib/logger';
import { EncodePipeline } from '../streaming/output/pipeline';
import { createSource } from '../streaming/sources/registry';
import type { StudioSource } from '../streaming/sources/registry';
import type { LoadedCollection } from './collection-file';

export interface ProgramOptions {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly bitrateKbps: number;
  readonly profile: string;
  readonly clock: 'real' | 'max';
  readonly ffmpeg: FfmpegBuild;
  readonly logger: Logger;
}

/** Called on the frame path, in order, never awaited. */
export interface ProgramObserver {
  frame(frame: ProgramFrame): void;
  preview(picture: PreviewPicture): void;
}

interface ProgramEvents {
  scenes: undefined;
  sources: undefined;
  failed: WireError;
}

/** The program: scenes and sources composed, mixed and encoded, up to the packet hub. */
export class Program extends BaseComponent {
  readonly events = new Emitter<ProgramEvents>();
  readonly compositor: Compositor;
  readonly pipeline: EncodePipeline;
  readonly mixer: Mixer;
  readonly #options: ProgramOptions;
  readonly #observer: ProgramObserver;
  readonly #loaded: LoadedCollection;
  readonly #tiles: TilePool;
  readonly #view: SceneView;
  readonly #sources = new Map<string, StudioSource>();
  readonly #itemErrors = new Map<string, WireError>();
  #scenes: Scene[];
  #sceneId: string;

  constructor(options: ProgramOptions, loaded: LoadedCollection, scene: Scene, observer: ProgramObserver) {
    super();
    this.#options = options;
    this.#observer = observer;
    this.#loaded = loaded;
    this.#scenes = loaded.collection.scenes;
    this.#sceneId = scene.id;
    const { width, height, fps, clock, logger, ffmpeg, bitrateKbps, profile } = options;
    this.compositor = new Compositor({ width, height, fps, clock, logger });
    this.#tiles = new TilePool({ arena: this.compositor.arena, logger });
    this.#view = new SceneView({
      compositor: this.compositor,
      canvas: { width, height },
      onItemError: (_itemId, sourceId, error) => this.#reportItem(sourceId, error),
    });
    this.mixer = new Mixer({
      onInputError: (id, error) => logger.warn({ input: id, err: error }, 'an audio input failed'),
    });
    this.pipeline = new EncodePipeline({ ffmpeg, width, height, fps, bitrateKbps, profile, clock, logger });
  }

  get sceneId(): string {
    return this.#sceneId;
  }

  /** process ids of all media decoders, for CPU accounting */
  get decoderPids(): number[] {
    return [...this.#sources.values()].flatMap((source) => source.pids);
  }

  protected async onStart(signal: AbortSignal): Promise<void> {
    await this.compositor.start(signal);
    await this.#tiles.start(signal);
    await this.#createSources(signal);
    await this.pipeline.start(signal);
    await this.#view.start(signal);
    this.compositor.onFrame = (frame) => this.#deliver(frame);
    this.compositor.onPreview = (picture) => this.#observer.preview(picture);
    await this.#show();
  }

  /** The clock starts to tick. */
  run(): void {
    this.compositor.run();
  }

  protected async onStop(): Promise<void> {
    // Against the direction of the frames: nothing may be offered to a part that is gone.
    this.compositor.onFrame = (frame) => frame.release();
    await this.compositor.halt();
    await this.pipeline.stop();
    await this.#view.stop();
    await Promise.all([...this.#sources.values()].map((source) => source.stop()));
    await this.#tiles.stop();
    await this.compositor.stop();
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
    let isFound = false;
    this.#scenes = this.#scenes.map((scene) => ({
      ...scene,
      items: scene.items.map((item) => {
        if (item.id !== itemId) return item;
        isFound = true;
        const given = Object.fromEntries(
          Object.entries(patch).filter(([, value]) => value !== undefined),
        ) as Partial<SceneItem>;
        return { ...item, ...given };
      }),
    }));
    if (!isFound) throw new StudioError('item-not-found', { itemId });
    await this.#show();
    this.events.emit('scenes', undefined);
  }

  scenesView(): Snapshot['scenes'] {
    return this.#scenes.map(({ id, name, items }) => ({ id, name, items }));
  }

  sourcesView(): Snapshot['sources'] {
    return [...this.#sources].map(([id, source]) => {
      const itemError = this.#itemErrors.get(id);
      const { name, kind } = source.settings;
      if (source.state.state === 'failed')
        return { id, name, kind, state: 'failed', error: source.state.error };
      if (itemError) return { id, name, kind, state: 'failed', error: itemError };
      return { id, name, kind, state: source.state.state, error: null };
    });
  }

  async #createSources(signal: AbortSignal): Promise<void> {
    const { width, height, fps, ffmpeg, logger } = this.#options;
    for (const settings of this.#loaded.collection.sources) {
      const source = createSource(settings, {
        arena: this.compositor.arena,
        tiles: this.#tiles,
        ffmpeg,
        program: { width, height, fps, frameIndex: () => this.compositor.frameIndex },
        baseFolder: this.#loaded.baseFolder,
        logger: logger.child({ source: settings.id }),
      });
      source.onStateChanged(() => this.events.emit('sources', undefined));
      this.#sources.set(settings.id, source);
      if (!isKnownSource(settings))
        logger.warn({ source: settings.id, kind: settings.kind }, 'a source of an unknown kind is left out');
    }
    await Promise.all([...this.#sources.values()].map((source) => source.start(signal)));
  }

  async #show(): Promise<void> {
    const scene = this.#scenes.find(({ id }) => id === this.#sceneId);
    if (!scene) throw new StudioError('scene-not-found', { scene: this.#sceneId });
    // A source is heard where it is seen, once, however many items show it.
    const heard = new Set(scene.items.filter((item) => item.visible).map((item) => item.sourceId));
    for (const [id, source] of this.#sources) {
      if (!source.audio) continue;
      if (heard.has(id)) this.mixer.add(source.audio);
      else this.mixer.remove(source.audio.id);
    }
    await this.#view.show(scene, this.#sources);
  }

  #deliver(frame: ProgramFrame): void {
    this.#observer.frame(frame);
    this.pipeline.offerFrame(frame);
    this.pipeline.writeAudio(frame.index, this.mixer.mix(frame.index, this.#options.fps));
  }

  #reportItem(sourceId: string, error: WireError | null): void {
    if (error) this.#itemErrors.set(sourceId, error);
    else this.#itemErrors.delete(sourceId);
    this.events.emit('sources', undefined);
  }
}
