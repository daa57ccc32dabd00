import { exactRate } from '../../../shared/model/frame-rate';
import { findScene, readCollection } from '../collection';
import { compileKernels, instantiateKernels } from '../composition/kernels-module';
import type { Kernels } from '../composition/kernels-module';
import type { ProgramFrame } from '../interfaces/frame';
import type { ArenaBlock } from '../interfaces/layer';
import { Emitter } from '../lib/emitter';
import { StudioError } from '../lib/errors';
import { createLogger } from '../lib/logger';
import type { Logger } from '../lib/logger';
import { paths } from '../lib/paths';
import { resolveFfmpeg } from '../output/ffmpeg';
import { Show } from '../show';
import { announced } from './announced';

export interface CompositionOptions {
  /** canvas pixels, even, 16…8192 */
  readonly width: number;
  readonly height: number;
  /** 1…240; 29.97 and its like are made exact */
  readonly fps: number;
  /** a scene collection's file; the demo without it */
  readonly collection?: string;
  /** id or name; the collection's program scene without it */
  readonly scene?: string;
  readonly logger?: Logger;
}

interface CompositionEvents {
  /** RGBA, width × height × 4 bytes, the receiver's own */
  frame: Buffer;
  error: Error;
}

/**
 * A show as a stream of RGBA pictures: an adapter for programs that want to see frames. It ticks from the first `frame`
 * listener (or `start`) until `stop`. The studio itself never converts to RGBA.
 */
export class Composition {
  readonly #options: CompositionOptions;
  readonly #logger: Logger;
  readonly #emitter = new Emitter<CompositionEvents>();
  #show: Show | null = null;
  #kernels: Kernels | null = null;
  #rgba: ArenaBlock | null = null;
  #starting: Promise<void> | null = null;
  #isStopped = false;

  constructor(options: CompositionOptions) {
    this.#options = { ...options, fps: exactRate(options.fps) };
    this.#logger = options.logger ?? createLogger('warn');
  }

  on<Name extends keyof CompositionEvents>(
    name: Name,
    listener: (payload: CompositionEvents[Name]) => unknown,
  ): this {
    this.#emitter.on(name, (payload) => {
      // An async listener's failure must not vanish: it is an error of this composition's user, told where they listen.
      Promise.resolve(listener(payload)).catch((error: unknown) => {
        if (name !== 'error')
          this.#emitter.emit('error', error instanceof Error ? error : new Error(String(error)));
      });
    });
    if (name === 'frame') void this.start();
    return this;
  }

  /** Need not be awaited: a failure is an `error` event, too. */
  start(): Promise<void> {
    return (this.#starting ??= announced(
      this.#start(),
      {
        exist: () => this.#emitter.hasListeners('error'),
        tell: (error) => this.#emitter.emit('error', error),
      },
      this.#logger,
    ));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#starting?.catch(() => undefined);
    await this.#show?.stop();
  }

  async #start(): Promise<void> {
    const { width, height, fps, collection, scene } = this.#options;
    const logger = this.#logger;
    const loaded = readCollection(collection ?? paths.demoCollection);
    const chosen = findScene(loaded.collection, scene);
    if (!chosen) throw new StudioError('scene-not-found', { scene: scene ?? '' });
    const ffmpeg = await resolveFfmpeg({ env: process.env, logger });
    const show = new Show({ width, height, fps, clock: 'real', ffmpeg, logger }, loaded, chosen);
    const { compositor } = show;
    this.#show = show;
    this.#kernels = instantiateKernels(await compileKernels(), compositor.arena.memory);
    this.#rgba = compositor.arena.allocate(width * height * 4);
    compositor.onFrame = (frame) => this.#emit(frame);
    await show.start();
    if (!this.#isStopped) compositor.run();
  }

  #emit(frame: ProgramFrame): void {
    const { width, height } = this.#options;
    if (frame.data && this.#kernels && this.#rgba) {
      const y = frame.data.byteOffset;
      const u = y + width * height;
      this.#kernels.i420ToRgba(this.#rgba.offset, y, u, u + (width * height) / 4, width, height);
      const picture = Buffer.allocUnsafeSlow(this.#rgba.byteLength);
      picture.set(new Uint8Array(frame.data.buffer, this.#rgba.offset, this.#rgba.byteLength));
      this.#emitter.emit('frame', picture);
    }
    frame.release();
  }
}
